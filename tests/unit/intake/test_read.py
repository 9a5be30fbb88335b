from collections.abc import Iterator

import pytest

from service.intake.read import MAX_FAULTS
from service.model.coded import CodedValue, Reading, Severity
from tests.builders import (
    ANSWERS,
    BASE,
    BUNDLE_TYPES,
    FORMS,
    Form,
    bundle,
    coding,
    concept,
    lesion,
    observation,
    parameters,
    patient,
    read_document,
    reference,
    report,
    spine_report,
)
from tests.unit.intake.readings import findings, read_all, refused, texts


def _answers(reading: Reading) -> Iterator[tuple[str, str, str]]:
    for item in findings(reading):
        if isinstance(item.value, CodedValue):
            yield item.code[0].code, item.value.codings[0].code, item.sites[0].code


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", BUNDLE_TYPES)
def test_the_same_content_is_read_from_every_form_in_every_bundle(form: Form, kind: str) -> None:
    lesions = {"T12": ANSWERS, "L3": {"bone-lesion": "mixed", "escc-grade": "1b"}}
    reading = read_all(spine_report(form, lesions, kind=kind))
    assert sorted(_answers(reading)) == sorted(
        [
            ("RDE153", "RDE153.2", "RID29209"),
            ("RDE154", "RDE154.0", "RID29209"),
            ("RDE155", "RDE155.1", "RID29209"),
            ("RDE156", "RDE156.1", "RID29209"),
            ("RDE153", "RDE153.1", "RID29195"),
            ("RDE1998", "RDE1998.2", "RID29195"),
        ]
    )
    assert reading.issues == ()
    assert not reading.withdrawn


@pytest.mark.parametrize("wrap", [parameters, lambda each: each])
def test_a_report_is_read_from_parameters_and_alone(wrap: object) -> None:
    assert callable(wrap)
    inside = report(*lesion("contained"), contained=True)
    assert len(findings(read_all(wrap(bundle(inside))))) == len(findings(read_all(inside))) == 5


def test_items_stand_in_the_order_of_the_document() -> None:
    first, second = observation(id="a"), observation(id="b")
    reading = read_all(
        bundle(second, report(result=[reference(first), reference(second)], conclusionCode=[concept(coding("1"))]), first)
    )
    assert [item.source.path for item in reading.items] == [
        "Bundle.entry[0].resource",
        "Bundle.entry[1].resource.code",
        "Bundle.entry[1].resource.conclusionCode[0]",
        "Bundle.entry[2].resource",
    ]
    assert reading.read == (("Observation/b", None), ("DiagnosticReport/r1", "1"), ("Observation/a", None))


def test_strict_handling_names_every_fault_of_every_entry() -> None:
    spoiled = bundle(report(observation()), observation(status="bogus"), patient(gender="?"), kind="bag")
    assert [fault.path for fault in refused(spoiled).faults] == [
        "Bundle.type",
        "Bundle.entry[1].resource.status",
        "Bundle.entry[2].resource.gender",
    ]


def test_a_refusal_names_a_bounded_number_of_faults() -> None:
    many = [observation(id=str(number), status="bogus") for number in range(MAX_FAULTS + 5)]
    error = refused(bundle(report(), *many))
    assert len(error.faults) == MAX_FAULTS
    assert str(MAX_FAULTS + 5) in error.text


def test_lenient_handling_leaves_out_one_broken_observation_among_good_ones() -> None:
    good, bad = observation(), observation(id="bad", valueInteger="12")
    reading = read_all(bundle(report(good, bad), good, bad), strict=False)
    assert [item.source.reference for item in findings(reading)] == ["Observation/o1"]
    assert ("Bundle.entry[2].resource.value", Severity.WARNING) in [(issue.path, issue.severity) for issue in reading.issues]


def test_a_broken_report_cannot_be_assessed_in_any_handling() -> None:
    for strict in (True, False):
        assert [fault.path for fault in refused(report(issued="2026"), strict=strict).faults] == ["DiagnosticReport.issued"]


def test_a_broken_patient_is_left_out_in_lenient_handling() -> None:
    reading = read_all(bundle(report(observation()), observation(), patient(gender="?")), strict=False)
    assert (reading.gender, len(findings(reading))) == (None, 1)


def test_older_versions_are_listed_as_superseded() -> None:
    old, new = observation(meta={"versionId": "1"}), observation(meta={"versionId": "2"}, status="amended")
    reading = read_all(bundle(report(new), new, old, kind="history"))
    assert [item.status for item in findings(reading)] == ["amended"]
    assert [(row.reason, row.path) for row in reading.dropped] == [("superseded", "Bundle.entry[2].resource")]


def test_a_broken_answer_to_a_search_never_refuses_the_input() -> None:
    answer = bundle(observation(id="x", status="bogus"), observation(id="y", subject={"reference": "Patient/p2"}), kind="searchset")
    spoiled = {**answer, "type": "bag"}
    reading = read_all(report(), read_document("Observation?patient=p1", spoiled), ehr_base=BASE)
    assert {issue.path for issue in reading.issues} == {"Bundle.type", None}
    assert "1 resource(s) that a search of the EHR brought break FHIR R4" in texts(reading)
    assert "1 resource(s) that a search of the EHR brought belong to another patient" in texts(reading)
    assert reading.dropped == ()


def test_every_item_has_a_path_of_its_own_however_it_was_read() -> None:
    group, *members = lesion("hasMember")
    each_by_itself = [read_document(reference(one)["reference"], one) for one in (group, *members)]
    whole = read_all(report(group, *members), *each_by_itself, ehr_base=BASE)
    assert len({item.source.path for item in whole.items}) == len(whole.items) == 2 + len(members)
    assert [item.parents for item in findings(whole)[1:]] == [("Observation/lesion",)] * len(members)


def test_the_same_dossier_gives_the_same_reading() -> None:
    posted_json = spine_report("hasMember", {"T12": ANSWERS, "L1": ANSWERS})
    assert read_all(posted_json) == read_all(posted_json)
