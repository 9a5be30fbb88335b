"""Written cases once more, as FHIR through the whole service: the form must not change the result."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from fhir.resources.R4B.riskassessment import RiskAssessment

from service.mapping.mapfile import load
from tests.cases.as_report import as_report, is_sayable
from tests.cases.expectation import check
from tests.cases.read_outcome import read_outcome
from tests.cases.written_case import WrittenCase, written_cases
from tests.integration.scene import Scene
from tests.stand_in_ehr import StandInEhr

Json = dict[str, Any]
INSTRUMENTS: Final = frozenset({"fracture-cause", "fracture-risk", "lesion-nature", "iesl", "origin"})
CASES: Final = [case for case in written_cases() if INSTRUMENTS.issuperset(case.expected) and is_sayable(case)]
OF_MIMICS: Final = frozenset({"mimics", "intramedullary", "treatment-response", "leptomeningeal", "cord-astrocytoma"})
CASES_OF_MIMICS: Final = [case for case in written_cases() if OF_MIMICS.issuperset(case.expected) and is_sayable(case)]
MAPPINGS: Final = load(Path(__file__).resolve().parents[2] / "mappings", snomed_affiliate=False)
QUESTIONS: Final = {(each.instrument, each.outcome): each.question for each in MAPPINGS.outcomes}
LENIENT: Final = {"Prefer": "handling=lenient"}
every_form = pytest.mark.parametrize("case", [*CASES, *CASES_OF_MIMICS], ids=lambda case: case.id)
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("cases")
    opened = Scene.open(folder, f"sqlite:///{folder}/service.db", StandInEhr())
    yield opened
    opened.parts.database.close()
    opened.ehr.stop()


def asked(scene: Scene, route: str, case: WrittenCase) -> Json:
    body = json.dumps(as_report(case, MAPPINGS.vocabulary)).encode()
    prior = "" if case.prior is None else f"&prior={case.prior}"
    answer = scene.post(f"{route}?store=false{prior}", body, **LENIENT)
    assert answer.status_code == 200, answer.text
    found = answer.get_json(force=True)
    assert isinstance(found, dict)
    return found


def of_first_lesion(content: Json, case: WrittenCase) -> list[Json]:
    """Return the outcomes of the first lesion that the case writes; empty = it writes none."""
    level = next((each["vertebral-level"] for each in case.lesions), None)
    return next((each["outcomes"] for each in content["lesions"] if each["site"]["level"] == level), [])


@every_form
def test_a_case_written_as_fhir_gives_the_same_outcome(scene: Scene, case: WrittenCase) -> None:
    content = asked(scene, "/assessments", case)
    outcomes = {each["instrument"]: each for each in (*of_first_lesion(content, case), *content["patient_outcomes"])}
    for instrument, wanted in case.expected.items():
        refused = wanted.get("refused")
        check(read_outcome(outcomes[instrument]), wanted, {v: q for (key, v), q in QUESTIONS.items() if key == instrument})
        if refused is not None:
            assert "out-of-range" in [row["reason"] for row in content["unmapped"]]
            assert "invalid-input" in outcomes[instrument]["flags"]


@every_case
def test_its_risk_assessment_is_valid_and_holds_one_prediction_for_each_question(scene: Scene, case: WrittenCase) -> None:
    content = asked(scene, "/assessments", case)
    entries = asked(scene, "/fhir/$assess", case)["entry"]
    [resource] = [each["resource"] for each in entries if each["resource"]["resourceType"] == "RiskAssessment"]
    RiskAssessment.model_validate_json(json.dumps(resource))
    outcomes = [*(each for lesion in content["lesions"] for each in lesion["outcomes"]), *content["patient_outcomes"]]
    spoken = [each for each in outcomes if each["reasons"] and each["instrument"] in INSTRUMENTS]
    asked_for = sorted(each["instrument"] for each in spoken for _ in _questions(each))
    predicted = [
        (extension["valueCode"], prediction)
        for prediction in resource.get("prediction", ())
        for extension in prediction["extension"]
        if extension["url"].endswith("/instrument") and extension["valueCode"] in INSTRUMENTS
    ]
    assert sorted(instrument for instrument, _ in predicted) == asked_for
    for _, prediction in predicted:
        assert prediction["outcome"]["text"].partition(": ")[0] == prediction["rationale"].partition(": ")[0]
    said = {each["instrument"] for each in content["statements"]} & INSTRUMENTS
    assert said == {each["instrument"] for each in spoken}


def _questions(outcome: Json) -> set[str]:
    """Return the questions that an outcome answers."""
    return {QUESTIONS[outcome["instrument"], verdict] for verdict in outcome["verdicts"]}


def test_high_risk_carries_the_word_that_its_source_prints(scene: Scene) -> None:
    case = next(each for each in CASES if each.id == "cortex-75")
    entries = asked(scene, "/fhir/$assess", case)["entry"]
    [resource] = [each["resource"] for each in entries if each["resource"]["resourceType"] == "RiskAssessment"]
    [high] = [each for each in resource["prediction"] if "qualitativeRisk" in each]
    assert high["outcome"]["text"] == "T7: High risk of pathologic fracture"
    assert high["qualitativeRisk"]["coding"][0]["code"] == "high"
    assert "probabilityDecimal" not in high
