"""'SINS alone does not call for consultation' is said only when nothing else can call for it."""

import pytest

from service.assessment.assessed import Assessed
from service.assessment.pointers.consultation import qualify
from service.model.lesion import Known
from service.model.outcome import Applicability, Outcome
from tests.unit.instruments.known import case_of, denied, stated, unknown

INTACT = denied("neurological-deficit")


def sins(*verdicts: str, applicability: Applicability = Applicability.APPLICABLE) -> Outcome:
    return Outcome(instrument="sins", version="1", applicability=applicability, verdicts=verdicts, flags=("spans-location-bins",))


def escc(*verdicts: str) -> Outcome:
    return Outcome(instrument="escc", version="1", applicability=Applicability.APPLICABLE, verdicts=verdicts)


def is_said(*outcomes: Outcome, deficit: Known = INTACT) -> bool:
    return "no-surgical-consultation" in qualified(*outcomes, deficit=deficit)[0].flags


def qualified(*outcomes: Outcome, deficit: Known = INTACT) -> tuple[Outcome, ...]:
    assessed = Assessed(lesion_outcomes={"lesion-1": outcomes}, patient_outcomes=())
    return qualify(case_of(patient=[deficit]), assessed).lesion_outcomes["lesion-1"]


def test_it_is_said_of_a_stable_spine_with_low_grade_disease_and_no_deficit() -> None:
    assert is_said(sins("stable"), escc("grade-0", "low-grade"))


def test_it_is_a_flag_among_flags_and_never_a_recommendation() -> None:
    (first, second) = qualified(sins("stable"), escc("grade-1a", "low-grade"))
    assert first.flags == ("no-surgical-consultation", "spans-location-bins")
    assert first.recommendations == ()
    assert second == escc("grade-1a", "low-grade")


@pytest.mark.parametrize(
    "verdicts",
    [("grade-1c", "grade-2", "low-grade", "high-grade"), ("grade-2", "high-grade"), ()],
    ids=["open", "high", "not applicable"],
)
def test_it_is_not_said_when_escc_is_high_or_open(verdicts: tuple[str, ...]) -> None:
    assert not is_said(sins("stable"), escc(*verdicts))


def test_it_is_not_said_without_an_escc() -> None:
    assert not is_said(sins("stable"))


@pytest.mark.parametrize(
    "deficit", [stated("neurological-deficit", "present"), unknown("neurological-deficit")], ids=["present", "unknown"]
)
def test_it_is_not_said_when_a_deficit_is_present_or_unknown(deficit: Known) -> None:
    assert not is_said(sins("stable"), escc("grade-0", "low-grade"), deficit=deficit)


@pytest.mark.parametrize("verdicts", [("stable", "potentially-unstable"), ("unstable",)])
def test_it_is_not_said_when_a_total_of_seven_is_attainable(verdicts: tuple[str, ...]) -> None:
    assert not is_said(sins(*verdicts), escc("grade-0", "low-grade"))


@pytest.mark.parametrize("applicability", [Applicability.UNKNOWN, Applicability.NOT_APPLICABLE])
def test_it_is_not_said_of_a_score_that_may_not_be_read(applicability: Applicability) -> None:
    assert not is_said(sins("stable", applicability=applicability), escc("grade-0", "low-grade"))
