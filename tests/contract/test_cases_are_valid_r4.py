"""Every written case as a RiskAssessment: valid R4, one prediction for each question that has something to say."""

from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import Any, Final

import orjson
import pytest
from fhir.resources.R4B.riskassessment import RiskAssessment

from service.assessment.assess import assess
from service.assessment.assessed import Assessed
from service.assessment.statements import say
from service.evidence.load import load as load_evidence
from service.mapping.mapfile import load as load_mappings
from service.model.assessment import Assessment
from service.model.outcome import Applicability, Outcome
from service.pipeline.language import emission_of
from service.resources import risk_assessment
from service.resources.canonical import canonical
from service.resources.identity import OUTCOME_SYSTEM
from tests.cases.written_case import BuiltCase, WrittenCase, build_case, written_cases
from tests.unit.assessment.any_case import any_case
from tests.unit.resources.example import SERVED, assessment

TABLES: Final = load_evidence()
MAPPINGS: Final = load_mappings(Path(__file__).parents[2] / "mappings", snomed_affiliate=True)
EMISSION: Final = emission_of(MAPPINGS)
IN_RATIONALE: Final = {("escc", "band")}


def made_of(built: BuiltCase) -> tuple[Assessment, Assessed]:
    assessed = assess(built.case, TABLES)
    made = assessment(
        case=built.case,
        lesion_outcomes=assessed.lesion_outcomes,
        patient_outcomes=assessed.patient_outcomes,
        statements=say(built.case, assessed),
    )
    return made, assessed


def spoken(assessed: Assessed) -> Iterable[Outcome]:
    outcomes = [outcome for of_lesion in assessed.lesion_outcomes.values() for outcome in of_lesion]
    return [outcome for outcome in (*outcomes, *assessed.patient_outcomes) if not outcome.is_silent]


def questions(outcome: Outcome) -> set[str]:
    asked = {EMISSION.questions[outcome.instrument, verdict] for verdict in outcome.verdicts}
    return {question for question in asked if (outcome.instrument, question) not in IN_RATIONALE}


@pytest.mark.parametrize("written", written_cases(), ids=lambda case: case.id)
def test_a_case_is_a_valid_risk_assessment_that_says_each_answer_once(written: WrittenCase) -> None:
    made, assessed = made_of(build_case(written))
    sent: Any = orjson.loads(canonical(risk_assessment.build(made, EMISSION, served=SERVED)))
    read = RiskAssessment.model_validate_json(orjson.dumps(sent))
    assert orjson.loads(read.model_dump_json()) == sent
    assert len(sent.get("prediction", ())) == sum(len(questions(outcome)) for outcome in spoken(assessed))


def test_any_case_is_a_valid_risk_assessment() -> None:
    random = Random(6)  # noqa: S311 - no secret
    for _ in range(150):
        made, _assessed = made_of(build_case(any_case(random)))
        sent: Any = orjson.loads(canonical(risk_assessment.build(made, EMISSION, served=SERVED)))
        read = RiskAssessment.model_validate_json(orjson.dumps(sent))
        assert orjson.loads(read.model_dump_json()) == sent


@pytest.mark.parametrize("written", written_cases(), ids=lambda case: case.id)
def test_what_merely_favours_carries_no_foreign_code_where_its_applicability_is_unknown(written: WrittenCase) -> None:
    made, assessed = made_of(build_case(written))
    withheld = {
        (outcome.instrument, verdict)
        for outcome in spoken(assessed)
        for verdict in outcome.verdicts
        if outcome.applicability is Applicability.UNKNOWN and "favours-" in verdict
    }
    sent: Any = orjson.loads(canonical(risk_assessment.build(made, EMISSION, served=SERVED)))
    for prediction in sent.get("prediction", ()):
        codings = prediction["outcome"].get("coding", ())
        ours = {coding["code"] for coding in codings if coding["system"] == OUTCOME_SYSTEM}
        if ours & {f"{instrument}-{verdict}" for instrument, verdict in withheld}:
            assert all(coding["system"] == OUTCOME_SYSTEM for coding in codings)
