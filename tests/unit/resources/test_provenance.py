"""Provenance of a RiskAssessment."""

from typing import Any

from service.model.assessment import Assessment
from service.model.coded import Coding
from service.resources import risk_assessment
from service.resources.provenance import build
from tests.unit.resources.example import SERVED, assessment, emission, report, withdrawn

_AT = "2026-03-01T10:00:06.000Z"


def _build(made: Assessment, *, is_first: bool = True) -> Any:  # noqa: ANN401 - JSON
    resource = risk_assessment.build(made, emission(), served=SERVED)
    return build(
        resource, target="RiskAssessment/5/_history/2", recorded=_AT, assessed_at="2026-03-01T10:00:05.000Z", is_first=is_first
    )


def test_it_points_at_the_written_version_and_at_every_input_at_its_version() -> None:
    built = _build(assessment())
    assert built["target"] == [{"reference": "RiskAssessment/5/_history/2"}]
    assert [each["what"]["reference"] for each in built["entity"]] == [
        "DiagnosticReport/7/_history/2",
        "Observation/1/_history/3",
        "Observation/2",
        "Patient/9/_history/1",
    ]
    assert {each["role"] for each in built["entity"]} == {"source"}


def test_it_says_when_it_was_computed_and_when_it_was_recorded() -> None:
    built = _build(assessment())
    assert (built["occurredDateTime"], built["recorded"]) == ("2026-03-01T10:00:05.000Z", _AT)


def test_the_agent_is_our_device() -> None:
    (agent,) = _build(assessment())["agent"]
    assert agent["who"]["identifier"]["value"] == "spinal-lesion-service"


def test_a_first_assessment_is_created_and_a_later_one_updates() -> None:
    assert _build(assessment())["activity"]["coding"][0]["code"] == "CREATE"
    assert _build(assessment(), is_first=False)["activity"]["coding"][0]["code"] == "UPDATE"


def test_a_withdrawal_rests_on_the_report_alone() -> None:
    assert [each["what"]["reference"] for each in _build(withdrawn())["entity"]] == ["DiagnosticReport/7/_history/2"]


def test_it_carries_the_security_labels_of_what_it_is_about() -> None:
    label = Coding("http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "R", "restricted")
    [carried] = _build(assessment(report=report(security=(label,))))["meta"]["security"]
    assert (carried["system"], carried["code"]) == (label.system, label.code)
    assert "meta" not in _build(assessment())
