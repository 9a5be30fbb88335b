"""RiskAssessment of section 4 of the interfaces."""

from dataclasses import replace
from typing import Any

from service.model.case import Case
from service.model.coded import Coding
from service.model.finding import Unmapped
from service.model.lesion import Site
from service.model.outcome import Applicability
from service.resources.identity import ASSESSMENT_IDENTIFIER, DEVICE_IDENTIFIER, INSTRUMENT_SYSTEM
from service.resources.risk_assessment import build
from tests.unit.resources.example import SERVED, assessment, emission, lesion, open_sins, outcome, report, withdrawn


def _build(made: Any = None) -> Any:  # noqa: ANN401 - JSON
    return build(assessment() if made is None else made, emission(), served=SERVED)


def test_it_is_identified_by_its_series() -> None:
    built = _build()
    assert built["id"] == "sls-0123456789abcdef"
    assert built["identifier"] == [{"system": ASSESSMENT_IDENTIFIER, "value": "sls-0123456789abcdef"}]


def test_method_is_the_ruleset_with_its_version_and_code_is_assessment_of_risk() -> None:
    built = _build()
    assert built["method"] == {"coding": [{"system": INSTRUMENT_SYSTEM, "version": "3", "code": "ruleset"}]}
    assert [(each["system"], each["code"]) for each in built["code"]["coding"]] == [("http://snomed.info/sct", "709510001")]


def test_subject_encounter_time_and_performer_are_those_of_report_and_service() -> None:
    built = _build()
    assert built["subject"] == {"reference": "Patient/9"}
    assert built["encounter"] == {"reference": "Encounter/4"}
    assert built["occurrenceDateTime"] == "2026-03-01T09:00:00+01:00"
    assert built["performer"]["identifier"] == {"system": DEVICE_IDENTIFIER, "value": "spinal-lesion-service"}


def test_what_the_report_does_not_state_is_not_invented() -> None:
    built = _build(assessment(report=report(subject=None, encounter=None, effective=None)))
    assert built["subject"] == {"display": "not stated"}
    assert "encounter" not in built
    assert built["occurrenceDateTime"] == "2026-03-01T10:00:05.000Z"


def test_it_carries_the_strictest_label_of_the_inputs() -> None:
    label = Coding("http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "R", "restricted")
    built = _build(assessment(report=report(security=(label,))))
    assert built["meta"] == {"security": [{"system": label.system, "code": "R", "display": "restricted"}]}
    assert "meta" not in _build()


def test_each_lesion_and_instrument_has_exactly_one_prediction() -> None:
    second = lesion(id="lesion-2", site=Site(levels=("L3",), text="L3"), source=None)
    made = assessment(case=Case(lesions=(lesion(), second), study={}, patient={}))
    made = replace(made, lesion_outcomes={**made.lesion_outcomes, "lesion-2": (outcome("sins", "stable"),)})
    texts = [each["outcome"]["text"] for each in _build(made)["prediction"]]
    assert [text.partition(": ")[0] for text in texts] == ["T12", "T12", "L3"]
    assert texts[2] == "L3: Stable (SINS 0-6)"


def test_the_lesion_is_said_to_come_from_what_the_ehr_serves() -> None:
    nested = _build()["prediction"][0]["extension"][0]["extension"]
    assert nested[0] == {"url": "source", "valueReference": {"reference": "Observation/1/_history/3"}}


def test_recommendations_are_mitigation_and_note_and_never_predictions() -> None:
    built = _build()
    assert built["mitigation"] == "T12: Surgical consultation (SINS)."
    assert built["note"] == [
        {"text": "T12, SINS: Recommended: Surgical consultation. Asked for: Pain missing."},
        {"text": "SINS, caveats: Points are never added over lesions."},
    ]
    codes = [code["code"] for each in built["prediction"] for code in each["outcome"]["coding"]]
    assert codes == ["sins-category-open", "escc-grade-1b", "OIFMA_CDE_001998.2"]


def test_a_pointer_without_verdict_is_a_note_with_its_flags_and_caveats() -> None:
    pointer = outcome("next-imaging", recommendations=("mri",), flags=("conflicting-input",), caveats=("X-ray never excludes.",))
    built = _build(assessment(outcome("sins", "stable"), patient_outcomes=(pointer,)))
    assert built["note"] == [
        {"text": "Patient, Next imaging: Recommended: MRI. Take note: Conflicting input."},
        {"text": "Next imaging, caveats: X-ray never excludes."},
    ]
    assert len(built["prediction"]) == 1


def test_what_was_not_understood_is_a_note_that_names_twenty_codes_and_counts_the_rest() -> None:
    unmapped = tuple(
        Unmapped(system=None, code=f"C{n}", display=None, path="Observation", reason="unknown-code") for n in range(22)
    )
    said = _build(assessment(unmapped=unmapped))["note"][-1]["text"]
    assert said.startswith("Not understood or not used: C0 (unknown-code), C1")
    assert said.endswith("C19 (unknown-code) and 2 more.")


def test_the_same_recommendation_of_the_same_lesion_is_said_once() -> None:
    built = _build(assessment(open_sins(), open_sins()))
    assert built["mitigation"] == "T12: Surgical consultation (SINS)."


def test_nothing_to_say_leaves_no_empty_element() -> None:
    built = _build(assessment(outcome("sins", applicability=Applicability.NOT_APPLICABLE), statements=()))
    assert {"prediction", "mitigation", "note"}.isdisjoint(built)


def test_a_withdrawn_assessment_has_no_prediction_and_says_withdrawn() -> None:
    built = _build(withdrawn())
    assert built["status"] == "entered-in-error"
    assert "prediction" not in built
    assert "Withdrawn" in built["text"]["div"]
    assert built["basis"] == [{"reference": "DiagnosticReport/7/_history/2"}]


def test_the_same_assessment_gives_the_same_resource() -> None:
    assert _build() == _build()
