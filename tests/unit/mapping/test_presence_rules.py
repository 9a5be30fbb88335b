"""The nine rules for present, absent and unknown, one after the other. Source: terminology/README, "Presence, absence, unknown"."""

from dataclasses import replace
from typing import Final

import pytest

from service.mapping import codes
from service.model.coded import CodedItem, Coding, ItemKind
from service.model.finding import State
from tests.unit.mapping.items import (
    ABSENT,
    CORD_COMPRESSION,
    PRESENT,
    T12,
    coded,
    component,
    false,
    interpretation,
    item,
    local,
    only_finding,
    radlex,
    reading,
    refused,
    said,
    true,
    understood,
)

ASKED: Final = local("cord-compression")
UNKNOWN: Final = Coding(codes.SNOMED, "261665006")


def state_of(stated: CodedItem) -> tuple[State, tuple[str, ...]]:
    """Return what one Observation says, with its flags."""
    found = only_finding(stated)
    return found.state, found.flags


def snomed(code: int) -> Coding:
    return Coding(codes.SNOMED, str(code))


# 1: status


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled", "registered", "unknown"])
def test_1_what_has_no_value_by_its_status_is_listed_and_says_nothing(status: str) -> None:
    assert refused(item(CORD_COMPRESSION, value=true(), status=status)) == [("excluded-status", None)]
    assert refused(item(CORD_COMPRESSION, status=status)) == [("excluded-status", None)]


@pytest.mark.parametrize("status", ["final", "amended", "corrected"])
def test_1_what_is_final_is_used(status: str) -> None:
    assert state_of(item(CORD_COMPRESSION, value=true(), status=status)) == (State.PRESENT, ())


def test_1_what_is_preliminary_is_used_and_flagged() -> None:
    assert state_of(item(CORD_COMPRESSION, value=true(), status="preliminary")) == (State.PRESENT, ("preliminary-input",))
    assert state_of(item(CORD_COMPRESSION, value=coded(snomed(82334004)), status="preliminary")) == (
        State.NOT_ASSESSED,
        ("uncertain-input", "preliminary-input"),
    )
    metastasis = item(snomed(94602001), kind=ItemKind.CONCLUSION, status="partial")
    assert only_finding(metastasis).flags == ("preliminary-input",)
    exam = item(Coding(codes.LOINC, "24980-5"), kind=ItemKind.EXAM, status="preliminary")
    assert only_finding(exam).flags == ()


# 2: dataAbsentReason


@pytest.mark.parametrize("reason", ["unknown", "asked-unknown", "not-asked", "not-performed", "masked", "error", "not-applicable"])
def test_2_an_absent_reason_is_unknown_and_never_absent(reason: str) -> None:
    why = (Coding(codes.ABSENT_REASON, reason),)
    assert state_of(item(CORD_COMPRESSION, absent_reason=why)) == (State.NOT_ASSESSED, ())
    assert only_finding(item(ASKED, absent_reason=why)).state is State.NOT_ASSESSED
    group = item(local("lesion-margin"), members=1)
    assert understood(group, component(group, CORD_COMPRESSION, absent_reason=why)).findings[0].state is State.NOT_ASSESSED


# 3: coded and boolean values


def test_3_false_is_absent_and_true_is_present() -> None:
    assert state_of(item(CORD_COMPRESSION, value=false())) == (State.ABSENT, ())
    assert state_of(item(CORD_COMPRESSION, value=true())) == (State.PRESENT, ())


@pytest.mark.parametrize(
    ("numbers", "state", "flags"),
    [
        ((2667000, 410516002, 410594000, 260415000, 260385009), State.ABSENT, ()),
        ((52101004, 410515003, 410605003, 260373001, 10828004), State.PRESENT, ()),
        (
            (82334004, 42425007, 419984006, 373068000, 415684004, 410592001, 410593006),
            State.NOT_ASSESSED,
            ("uncertain-input",),
        ),
        ((261665006, 385660001, 385432009), State.NOT_ASSESSED, ()),
    ],
)
def test_3_the_words_of_snomed_ct(numbers: tuple[int, ...], state: State, flags: tuple[str, ...]) -> None:
    for number in numbers:
        assert state_of(item(CORD_COMPRESSION, value=coded(snomed(number)))) == (state, flags), number


@pytest.mark.parametrize(
    ("number", "state", "flags"),
    [
        (28473, State.ABSENT, ()),
        (28472, State.PRESENT, ()),
        (39110, State.NOT_ASSESSED, ("uncertain-input",)),
        (5655, State.NOT_ASSESSED, ()),
    ],
)
def test_3_the_words_of_radlex(number: int, state: State, flags: tuple[str, ...]) -> None:
    assert state_of(item(CORD_COMPRESSION, value=coded(radlex(number)))) == (state, flags)


# 4: DICOM-derived feeds


def test_4_the_words_that_dicom_feeds_use_are_read() -> None:
    assert state_of(item(CORD_COMPRESSION, value=coded(snomed(272519000)))) == (State.ABSENT, ())
    assert state_of(item(CORD_COMPRESSION, value=coded(snomed(373121007)))) == (State.NOT_ASSESSED, ())


# 5: interpretation


@pytest.mark.parametrize(
    ("code", "state", "flags"),
    [
        ("NEG", State.ABSENT, ()),
        ("ND", State.ABSENT, ()),
        ("POS", State.PRESENT, ()),
        ("DET", State.PRESENT, ()),
        ("IND", State.NOT_ASSESSED, ("uncertain-input",)),
        ("E", State.NOT_ASSESSED, ("uncertain-input",)),
        ("A", State.PRESENT, ()),
        ("N", State.NOT_ASSESSED, ("uncertain-input",)),
    ],
)
def test_5_an_interpretation_beside_a_code_without_value(code: str, state: State, flags: tuple[str, ...]) -> None:
    assert state_of(item(CORD_COMPRESSION, interpretation=(interpretation(code),))) == (state, flags)


@pytest.mark.parametrize("code", ["A", "N"])
def test_5_abnormal_and_normal_alone_answer_no_question(code: str) -> None:
    assert refused(item(ASKED, interpretation=(interpretation(code),))) == [("unknown-answer", "cord-compression")]


def test_5_a_value_and_an_interpretation_that_disagree_are_both_kept() -> None:
    stated = said(item(CORD_COMPRESSION, value=coded(PRESENT), interpretation=(interpretation("NEG"),)))
    assert {state for _, state, _ in stated} == {State.PRESENT, State.ABSENT}


# 6: a code without anything


def test_6_a_finding_code_alone_is_present_and_our_question_alone_is_incomplete() -> None:
    assert state_of(item(CORD_COMPRESSION)) == (State.PRESENT, ())
    assert refused(item(ASKED)) == [("unknown-answer", "cord-compression")]


def test_6_nothing_said_is_nothing_found() -> None:
    assert understood() == understood(*reading().items)
    assert understood().findings == ()


# 7: Condition and Procedure


def condition(verification: str, clinical: str | None = None) -> CodedItem:
    said_so = item(CORD_COMPRESSION, kind=ItemKind.CONDITION, status="")
    return replace(said_so, verification=verification, clinical=clinical)


def test_7_a_condition_says_what_its_statuses_say() -> None:
    assert only_finding(condition("refuted")).state is State.ABSENT
    for doubted in ("provisional", "differential", "unconfirmed"):
        assert only_finding(condition(doubted)).flags == ("uncertain-input",)
    assert refused(condition("entered-in-error")) == [("excluded-status", None)]
    for over in ("inactive", "remission", "resolved"):
        assert refused(condition("confirmed", over)) == [("excluded-status", "cord-compression")]


def test_7_what_was_not_done_was_not_performed() -> None:
    irradiation = item(snomed(108290001), kind=ItemKind.PROCEDURE, status="not-done", sites=(T12,))
    assert {(finding, state) for finding, state, _ in said(irradiation)} == {
        ("spinal-irradiation", State.ABSENT),
        ("lesion-treatment", State.ABSENT),
    }
    beam = item(snomed(33195004), kind=ItemKind.PROCEDURE, status="not-done", sites=(T12,))
    [(reason, _)] = refused(beam)
    assert reason == "condition-not-met"  # one kind of radiotherapy: the others stay possible


# 8: situations


def test_8_the_history_of_a_family_is_nothing_of_the_patient() -> None:
    family = snomed(429011007)
    for each in (item(family), item(family, value=true()), item(family, kind=ItemKind.CONDITION, status="")):
        assert refused(each) == [("unknown-code", None)]


def test_8_a_history_of_something_is_history() -> None:
    assert said(item(snomed(161653008))) == [("chemotherapy", State.PRESENT, "present")]
    assert said(item(snomed(266987004))) == [("known-malignancy", State.PRESENT, "present")]
    assert said(item(snomed(415082004))) == [("primary-cancer", State.PRESENT, "lung")]


# 9: text


@pytest.mark.parametrize("words", ["Spinal cord compression absent", "No spinal cord compression", "keine Myelonkompression"])
def test_9_the_coded_value_decides_whatever_the_text_says(words: str) -> None:
    assert state_of(item(CORD_COMPRESSION, value=coded(PRESENT), code_text=words)) == (State.PRESENT, ())
    assert state_of(item(CORD_COMPRESSION, value=coded(ABSENT, text="present"), code_text="Spinal cord compression")) == (
        State.ABSENT,
        (),
    )
    assert state_of(item(CORD_COMPRESSION, value=coded(UNKNOWN, text="absent"))) == (State.NOT_ASSESSED, ())
