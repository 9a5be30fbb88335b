"""Every case file, sentence by sentence: what must hold of the outcome, and nothing else."""

from collections.abc import Mapping
from typing import Any, Final

import pytest

from service.assessment.assess import assess
from service.evidence.load import load
from service.model.outcome import Outcome
from tests.cases.written_case import WrittenCase, build_case, written_cases

_CASES: Final = written_cases()
_TABLES: Final = load()
_BANDS: Final = frozenset({"low-grade", "high-grade"})
_EXACTLY: Final = ("missing", "decisive", "requests")
_AT_LEAST: Final = ("flags", "recommendations")
_CHECKS: Final = frozenset(
    {"applicability", "score", "verdicts", "refused", "not_flags", "not_recommendations", "attainable", *_EXACTLY, *_AT_LEAST}
)


def test_every_case_has_its_own_name() -> None:
    names = [case.id for case in _CASES]
    assert len(names) == len(set(names))


def test_every_expectation_of_the_files_is_one_that_the_runner_knows() -> None:
    assert {key for case in _CASES for wanted in case.expected.values() for key in wanted} <= _CHECKS


@pytest.mark.parametrize("case", _CASES, ids=lambda case: case.id)
def test_case(case: WrittenCase) -> None:
    built = build_case(case)
    outcomes = {outcome.instrument: outcome for outcome in assess(built.case, _TABLES).lesion_outcomes[built.first]}
    for instrument, wanted in case.expected.items():
        outcome = outcomes[instrument]
        _check_figures(outcome, wanted)
        _check_codes(outcome, wanted)
        if "refused" in wanted:
            assert wanted["refused"] in built.refused
            assert "invalid-input" in outcome.flags
            assert all(reason.value == "not-assessed" for reason in outcome.reasons if reason.finding == wanted["refused"])


def _check_figures(outcome: Outcome, wanted: Mapping[str, Any]) -> None:
    if "applicability" in wanted:
        assert outcome.applicability.value == wanted["applicability"]
    if "score" in wanted:
        assert outcome.score is not None
        assert {"low": outcome.score.low, "high": outcome.score.high} == wanted["score"]
    if "attainable" in wanted:
        assert outcome.score is not None
        assert list(outcome.score.attainable) == wanted["attainable"]


def _check_codes(outcome: Outcome, wanted: Mapping[str, Any]) -> None:
    if "verdicts" in wanted:
        assert _of_the_same_questions(outcome, wanted["verdicts"]) == wanted["verdicts"]
    for field in _EXACTLY:
        if field in wanted:
            assert [list(each) if isinstance(each, tuple) else each for each in getattr(outcome, field)] == wanted[field]
    for field in _AT_LEAST:
        assert set(wanted.get(field, ())) <= set(getattr(outcome, field))
        assert not set(wanted.get(f"not_{field}", ())) & set(getattr(outcome, field))


def _of_the_same_questions(outcome: Outcome, wanted: list[str]) -> list[str]:
    """Return the verdicts that answer the questions of the expected ones: ESCC answers two, grade and band."""
    asks_band, asks_grade = bool(_BANDS & set(wanted)), bool(set(wanted) - _BANDS) or not wanted
    return [verdict for verdict in outcome.verdicts if (asks_band if verdict in _BANDS else asks_grade)]
