"""What a patient's record says: history without limit of time, everything else from around the report, nothing listed in floods."""

from dataclasses import replace

import pytest

from service.mapping import codes
from service.model.coded import CodedItem, Coding, ItemKind
from service.model.finding import State
from tests.unit.mapping.items import ABSENT, CORD_COMPRESSION, T12, coded, component, item, local, refused, said, true, understood
from tests.unit.mapping.rows import as_condition, as_procedure

HYPERTENSION = Coding("http://hospital.example/codes", "I10")
LUNG_CANCER = Coding(codes.SNOMED, "93880001")
BACKACHE = Coding(codes.SNOMED, "161891005")


def old(said_then: CodedItem) -> CodedItem:
    return replace(said_then, is_recent=False)


def found(said_then: CodedItem) -> CodedItem:
    return replace(said_then, is_searched=True)


@pytest.mark.parametrize(
    ("code", "finding", "value"),
    [
        (LUNG_CANCER, "primary-cancer", "lung"),
        (Coding(codes.SNOMED, "363346000"), "known-malignancy", "present"),
        (Coding(codes.SNOMED, "94602001"), "spinal-metastasis", "present"),
        (Coding(codes.SNOMED, "367336001"), "chemotherapy", "present"),
    ],
)
def test_the_history_of_cancer_and_treatment_has_no_limit_of_time(code: Coding, finding: str, value: str) -> None:
    assert said(old(as_condition(item(code)))) == [(finding, State.PRESENT, value)]


def test_treatment_has_none_as_a_procedure_either() -> None:
    assert said(old(as_procedure(item(Coding(codes.SNOMED, "367336001"))))) == [("chemotherapy", State.PRESENT, "present")]


def test_everything_else_counts_around_the_report_only_and_is_listed_with_the_reason() -> None:
    assert said(as_condition(item(BACKACHE)))[0] == ("axial-pain", State.PRESENT, "present")
    [unmapped] = understood(old(as_condition(item(BACKACHE)))).unmapped
    assert (unmapped.reason, unmapped.finding) == ("condition-not-met", "axial-pain")
    assert unmapped.why is not None
    assert "outside the context window" in unmapped.why
    assert refused(old(as_condition(item(CORD_COMPRESSION)))) == [("condition-not-met", "cord-compression")]


@pytest.mark.parametrize(
    "nothing_of_ours",
    [
        item(HYPERTENSION, value=coded(ABSENT)),
        item(HYPERTENSION, members=2),
        item(HYPERTENSION, status="cancelled"),
        item(),
        as_condition(item(HYPERTENSION)),
        as_procedure(item(HYPERTENSION)),
        as_procedure(item(Coding(codes.SNOMED, "113091000"))),
        replace(as_procedure(item(Coding(codes.SNOMED, "113091000"))), status="unknown"),
        replace(item(HYPERTENSION), kind=ItemKind.CONCLUSION),
    ],
)
def test_what_was_found_and_is_in_no_table_is_counted(nothing_of_ours: CodedItem) -> None:
    translation = understood(found(nothing_of_ours))
    assert (translation.findings, translation.unmapped, translation.foreign_codes) == ((), (), 1)
    assert understood(nothing_of_ours).foreign_codes == 0
    assert understood(nothing_of_ours).unmapped != () or nothing_of_ours.members or not nothing_of_ours.code


def test_what_was_found_and_is_ours_is_used_or_listed() -> None:
    assert said(found(item(local("spinal-pain"), value=coded(local("mechanical")), sites=(T12,)))) == [
        ("spinal-pain", State.PRESENT, "mechanical")
    ]
    assert refused(found(item(local("spinal-pain"), value=coded(HYPERTENSION)))) == [("unknown-answer", "spinal-pain")]
    assert refused(found(item(CORD_COMPRESSION, status="cancelled"))) == [("excluded-status", None)]
    assert refused(found(item(Coding(codes.SNOMED, "161891005", "Spinal cord compression")))) == [("display-mismatch", None)]
    assert refused(found(as_procedure(item(Coding(codes.SNOMED, "367401004"))))) == [("excluded", "modality")]


def test_what_hangs_below_a_foreign_heading_is_read() -> None:
    panel = item(HYPERTENSION, name="Observation/panel", members=1)
    translation = understood(found(panel), found(component(panel, CORD_COMPRESSION, value=true())))
    assert [each.finding for each in translation.findings] == ["cord-compression"]
    assert translation.foreign_codes == 1
