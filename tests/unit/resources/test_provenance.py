"""Provenance of a written RiskAssessment."""

from dataclasses import replace
from typing import Any

from service.resources.provenance import build
from tests.unit.resources.example import SERVED, assessment


def _build(made: Any) -> Any:  # noqa: ANN401 - JSON
    return build(made, target="RiskAssessment/5/_history/2", recorded="2026-03-01T10:00:06.000Z", served=SERVED)


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


def test_the_agent_is_our_device() -> None:
    (agent,) = _build(assessment())["agent"]
    assert agent["who"]["identifier"]["value"] == "spinal-lesion-service"


def test_a_first_assessment_is_created_and_a_later_one_updates() -> None:
    assert _build(assessment())["activity"]["coding"][0]["code"] == "CREATE"
    assert _build(replace(assessment(), supersedes="older"))["activity"]["coding"][0]["code"] == "UPDATE"
