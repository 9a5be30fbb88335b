"""Every case file, sentence by sentence: what must hold of the outcome, and nothing else."""

from pathlib import Path
from typing import Final

import pytest

from service.assessment.assess import assess
from service.evidence.load import load as load_evidence
from service.mapping.mapfile import load as load_mappings
from tests.cases.expectation import CHECKS, check
from tests.cases.written_case import WrittenCase, build_case, written_cases

_CASES: Final = written_cases()
_TABLES: Final = load_evidence()
_OUTCOMES: Final = load_mappings(Path(__file__).parents[2] / "mappings", snomed_affiliate=False).outcomes
_QUESTIONS: Final = {(each.instrument, each.outcome): each.question for each in _OUTCOMES}


def test_every_case_has_its_own_name() -> None:
    names = [case.id for case in _CASES]
    assert len(names) == len(set(names))


def test_every_expectation_of_the_files_is_one_that_the_runner_knows() -> None:
    assert {key for case in _CASES for wanted in case.expected.values() for key in wanted} <= CHECKS


@pytest.mark.parametrize("case", _CASES, ids=lambda case: case.id)
def test_case(case: WrittenCase) -> None:
    built = build_case(case)
    assessed = assess(built.case, _TABLES)
    of_lesion = assessed.lesion_outcomes[built.first] if built.first is not None else ()
    outcomes = {outcome.instrument: outcome for outcome in (*of_lesion, *assessed.patient_outcomes)}
    for instrument, wanted in case.expected.items():
        outcome = outcomes[instrument]
        check(outcome, wanted, {verdict: question for (key, verdict), question in _QUESTIONS.items() if key == instrument})
        if "refused" in wanted:
            assert wanted["refused"] in built.refused
            assert "invalid-input" in outcome.flags
            assert all(reason.value == "not-assessed" for reason in outcome.reasons if reason.finding == wanted["refused"])
