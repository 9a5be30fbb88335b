from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.mapping import codes
from service.mapping.translate import translate
from service.model.coded import CodedItem, Coding, Dropped, ItemKind, Source, Value
from service.model.finding import Finding, State
from tests.unit.mapping.items import (
    COLLAPSE_QUESTION,
    CORD_COMPRESSION,
    MRI,
    T12,
    coded,
    component,
    interpretation,
    item,
    local,
    mappings,
    member,
    number,
    radlex,
    reading,
    refused,
    said,
    text,
    true,
    understood,
)

FINDING = Coding(codes.SNOMED, "404684003", "Clinical finding")
ASSERTION = Coding(codes.ACT_CODE, "ASSERTION")
COMPRESSED = [("cord-compression", State.PRESENT, "present")]


def test_a_finding_keeps_its_source_study_observer_and_code() -> None:
    source = Source(
        reference="Observation/7",
        version="3",
        path="Bundle.entry[2].resource",
        from_other_report=True,
        said_at=datetime(2026, 1, 2, tzinfo=UTC),
    )
    stated = item(CORD_COMPRESSION, sites=(T12,), method=(MRI,), study="24980-5", observer="Practitioner/1")
    (found,) = understood(replace(stated, source=source)).findings
    assert found.source == source
    assert (found.study, found.observer, found.modality) == ("24980-5", "Practitioner/1", ("mri",))
    assert found.code == "http://snomed.info/sct|71286001"


@pytest.mark.parametrize(
    "wrapper",
    [
        FINDING,
        ASSERTION,
        Coding("http://hl7.org/fhir/v3/ActCode", "ASSERTION"),
        Coding(codes.CATEGORY, "ASSERTION"),
        Coding("http://snomed.info/sct/900000000000207008/version/20240101", "404684003"),
    ],
)
def test_the_finding_may_stand_in_the_value(wrapper: Coding) -> None:
    assert said(item(wrapper, value=coded(CORD_COMPRESSION))) == COMPRESSED


def test_an_interpretation_denies_the_finding_in_the_value() -> None:
    denied = item(ASSERTION, value=coded(CORD_COMPRESSION), interpretation=(interpretation("NEG"),))
    assert said(denied) == [("cord-compression", State.ABSENT, None)]


def test_a_finding_in_the_value_that_is_unknown_is_listed_at_its_item() -> None:
    (unmapped,) = understood(item(FINDING, value=coded(Coding("http://hospital.example", "x")), name="Observation/3")).unmapped
    assert (unmapped.code, unmapped.path, unmapped.reason) == ("x", "Observation-3", "unknown-system")


@pytest.mark.parametrize("value", [None, true(), text("spinal cord compression"), number("3"), coded(text="x")])
def test_a_wrapper_without_code_in_its_value_says_nothing(value: Value | None) -> None:
    assert refused(item(FINDING, value=value)) == [("unknown-answer", None)]


def test_a_wrapper_may_be_the_heading_of_its_components() -> None:
    heading = item(FINDING, members=1)
    assert said(heading, component(heading, CORD_COMPRESSION)) == COMPRESSED


def test_a_wrapper_in_the_value_of_a_wrapper_says_nothing() -> None:
    assert refused(item(FINDING, value=coded(ASSERTION))) == [("unknown-answer", None)]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (Coding(codes.SNOMED, "195967001", "Asthma"), "unknown-code"),
        (Coding("http://www.radlex.org", "RID1"), "unknown-code"),
        (Coding("http://hospital.example", "x"), "unknown-system"),
        (Coding(None, "71286001"), "unknown-system"),
        (Coding(codes.SNOMED, "274152003"), "excluded"),
        (local("lytic"), "unknown-code"),
        (T12, "unknown-code"),
        (Coding(codes.SNOMED, "52101004"), "unknown-code"),
    ],
)
def test_every_code_that_says_nothing_has_its_reason(code: Coding, reason: str) -> None:
    (unmapped,) = understood(item(code)).unmapped
    assert (unmapped.system, unmapped.code, unmapped.display, unmapped.reason) == (code.system, code.code, code.display, reason)


def test_every_coding_of_an_item_that_is_not_understood_is_listed() -> None:
    found = understood(item(Coding("http://hospital.example", "x"), Coding(codes.SNOMED, "274152003"))).unmapped
    assert [(each.code, each.reason) for each in found] == [("x", "unknown-system"), ("274152003", "excluded")]
    assert (
        found[1].why
        == "degenerative or isthmic slip is common at the same levels; 4 SINS points need an explicit alignment statement"
    )


def test_an_item_without_any_code_is_listed_unless_it_is_a_heading() -> None:
    assert [(each.system, each.code, each.reason) for each in understood(item()).unmapped] == [(None, None, "unknown-system")]
    assert understood(item(members=2)).unmapped == ()


def test_a_container_of_a_score_is_refused_and_its_members_are_read() -> None:
    group = item(Coding(codes.RADELEMENT, "RDES21"), members=1)
    translation = understood(group, member(group, CORD_COMPRESSION))
    assert [each.finding for each in translation.findings] == ["cord-compression"]
    assert [(each.reason, each.why) for each in translation.unmapped] == [
        ("excluded", "container of a score: read its members, never the container")
    ]


def test_a_question_in_a_conclusion_asks_nothing() -> None:
    assert refused(item(local("cord-compression"), kind=ItemKind.CONCLUSION)) == [("unknown-code", None)]


def test_the_patient_is_read_elsewhere() -> None:
    translation = understood(item(local("sex"), kind=ItemKind.PATIENT))
    assert (translation.findings, translation.unmapped) == ((), ())


def test_what_intake_left_out_is_listed_with_its_reason() -> None:
    dropped = (
        Dropped(codings=(CORD_COMPRESSION,), path="Bundle.entry[4].resource", reason="not-for-this-patient"),
        Dropped(codings=(), path="Bundle.entry[5].resource", reason="excluded-status"),
    )
    unmapped = translate(reading(dropped=dropped), mappings()).unmapped
    assert [(each.code, each.path, each.reason) for each in unmapped] == [
        ("71286001", "Bundle.entry[4].resource", "not-for-this-patient"),
        (None, "Bundle.entry[5].resource", "excluded-status"),
    ]


QUESTIONS = (COLLAPSE_QUESTION, Coding(codes.OIFM, "OIFMA_CDE_000155"), local("vertebral-collapse"))
ANSWERS = (
    Coding(codes.RADELEMENT, "RDE155.2", "more than 50 percent collapse"),
    Coding(codes.OIFM, "OIFMA_CDE_000155.2"),
    local("over-50"),
)
SITES = (T12, Coding("http://www.radlex.org/RID/", "RID29209"), local("Th12"), radlex(7769))
NOISE = Coding("http://hospital.example", "x1", "local words")


def content(found: Iterable[Finding]) -> set[tuple[object, ...]]:
    return {(each.finding, each.state, each.value, each.place.levels) for each in found}


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_one_content_in_every_spelling_and_order_means_the_same(data: st.DataObject) -> None:
    def some(known: tuple[Coding, ...]) -> tuple[Coding, ...]:
        chosen = data.draw(st.lists(st.sampled_from(known), min_size=1, unique=True))
        return tuple(data.draw(st.permutations([*chosen, *data.draw(st.sampled_from(([], [NOISE])))])))

    stated = item(*some(QUESTIONS), value=coded(*some(ANSWERS)), sites=some(SITES))
    expected = {("vertebral-collapse", State.PRESENT, "over-50", ("T12",))}
    assert content(understood(stated).findings) == expected
    parent = item(Coding(codes.RADELEMENT, "RDES21"), sites=some(SITES), members=1)
    assert content(understood(parent, component(parent, *stated.code, value=stated.value)).findings) == expected


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            (
                item(CORD_COMPRESSION),
                item(COLLAPSE_QUESTION, value=coded(ANSWERS[0]), sites=(T12,)),
                item(COLLAPSE_QUESTION),
                item(NOISE, CORD_COMPRESSION),
                item(NOISE),
                item(radlex(4658)),
                item(CORD_COMPRESSION, status="cancelled"),
                item(local("vertebral-collapse-percent"), value=number("120")),
                item(FINDING, value=coded(CORD_COMPRESSION)),
            )
        ),
        max_size=8,
    )
)
def test_every_item_is_used_or_listed_and_never_both(chosen: list[CodedItem]) -> None:
    named = [
        replace(each, source=replace(each.source, path=f"Bundle.entry[{place}]", reference=f"Observation/{place}"))
        for place, each in enumerate(chosen)
    ]
    translation = understood(*named)
    used = {each.source.path for each in translation.findings}
    listed = {each.path for each in translation.unmapped}
    assert used | listed == {each.source.path for each in named}
    assert not used & listed


def test_a_finding_in_the_value_places_its_group_like_any_other() -> None:
    group = item(FINDING, members=2)
    compressed = member(group, FINDING, value=coded(CORD_COMPRESSION), name="Observation/2")
    size = member(group, radlex(13432, "diameter"), value=number("2", unit="cm"), name="Observation/3")
    assert [each.finding for each in understood(group, compressed, size).findings] == ["cord-compression", "lesion-diameter"]
