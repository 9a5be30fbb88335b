"""Conditions, Procedures and conclusions: what the status of a resource makes of a code."""

from dataclasses import replace

import pytest

from service.mapping import codes
from service.model.coded import CodedItem, Coding, ItemKind
from service.model.finding import State
from tests.unit.mapping.items import CORD_COMPRESSION, item, only_finding, only_unmapped, refused, said

METASTASIS = Coding(codes.SNOMED, "94602001")


@pytest.mark.parametrize(
    ("fields", "state", "flags"),
    [
        ({}, State.PRESENT, ()),
        ({"verification": "confirmed", "clinical": "active"}, State.PRESENT, ()),
        ({"verification": "refuted"}, State.ABSENT, ()),
        ({"verification": "unconfirmed"}, State.NOT_ASSESSED, ("uncertain-input",)),
        ({"verification": "provisional"}, State.NOT_ASSESSED, ("uncertain-input",)),
        ({"verification": "differential"}, State.NOT_ASSESSED, ("uncertain-input",)),
        ({"verification": "refuted", "clinical": "resolved"}, State.ABSENT, ()),
    ],
)
def test_a_condition_says_what_its_verification_says(fields: dict[str, str], state: State, flags: tuple[str, ...]) -> None:
    condition = item(CORD_COMPRESSION, kind=ItemKind.CONDITION, status="")
    finding = only_finding(replace(condition, verification=fields.get("verification"), clinical=fields.get("clinical")))
    assert (finding.state, finding.flags) == (state, flags)


@pytest.mark.parametrize(("verification", "status"), [("entered-in-error", ""), (None, "entered-in-error")])
def test_a_condition_entered_in_error_is_not_used(verification: str | None, status: str) -> None:
    condition = item(CORD_COMPRESSION, kind=ItemKind.CONDITION, verification=verification, status=status)
    assert refused(condition) == [("excluded-status", None)]


def over(code: Coding, clinical: str) -> CodedItem:
    return item(code, kind=ItemKind.CONDITION, status="", clinical=clinical)


@pytest.mark.parametrize("clinical", ["inactive", "remission", "resolved"])
def test_a_condition_that_is_over_states_the_history_only(clinical: str) -> None:
    assert refused(over(CORD_COMPRESSION, clinical)) == [("excluded-status", "cord-compression")]
    assert said(over(Coding(codes.SNOMED, "363346000"), clinical)) == [("known-malignancy", State.PRESENT, "present")]
    assert said(over(Coding(codes.SNOMED, "93880001"), clinical)) == [("primary-cancer", State.PRESENT, "lung")]


@pytest.mark.parametrize(
    ("status", "state"), [("completed", State.PRESENT), ("in-progress", State.PRESENT), ("not-done", State.ABSENT)]
)
def test_a_procedure_says_what_was_done(status: str, state: State) -> None:
    chemotherapy = item(Coding(codes.SNOMED, "367336001"), kind=ItemKind.PROCEDURE, status=status)
    assert only_finding(chemotherapy).state is state


@pytest.mark.parametrize("status", ["preparation", "on-hold", "stopped", "unknown", "entered-in-error"])
def test_a_procedure_that_is_not_done_says_nothing(status: str) -> None:
    assert refused(item(Coding(codes.SNOMED, "367336001"), kind=ItemKind.PROCEDURE, status=status)) == [("excluded-status", None)]


def test_an_examination_named_by_a_procedure_is_not_that_of_the_report() -> None:
    unmapped = only_unmapped(item(Coding(codes.SNOMED, "113091000"), kind=ItemKind.PROCEDURE, status="completed"))
    assert (unmapped.reason, unmapped.code) == ("condition-not-met", "113091000")


def test_a_finding_code_in_a_procedure_is_not_used() -> None:
    assert refused(item(CORD_COMPRESSION, kind=ItemKind.PROCEDURE, status="completed")) == [("unknown-code", None)]


@pytest.mark.parametrize("status", ["final", "partial", "preliminary", "unknown", "appended"])
def test_a_conclusion_code_is_an_assertion(status: str) -> None:
    assert said(item(METASTASIS, kind=ItemKind.CONCLUSION, status=status)) == [("spinal-metastasis", State.PRESENT, "present")]
