"""Task: what became of a trigger."""

import json
from typing import Any

import pytest

from service.resources.task import EhrAnswer, PartView, ProvenanceView, TaskStatus, TaskView, build

_AT = "2026-03-01T10:00:00.000Z"
_REFUSAL = json.dumps(
    {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "invalid", "diagnostics": "No such status."}]}
).encode()


def task(*parts: PartView, **elements: Any) -> Any:  # noqa: ANN401 - JSON
    return build(TaskView(id="r1", hospital="general", authored_at=_AT, modified_at=_AT, parts=parts, **elements))


def test_a_new_trigger_is_requested_and_has_no_output() -> None:
    made = task(PartView(status=TaskStatus.REQUESTED))
    assert (made["status"], made["intent"], made["id"]) == ("requested", "order", "r1")
    assert {"output", "focus", "statusReason", "businessStatus", "contained"}.isdisjoint(made)


def test_a_delivered_one_names_our_resource_and_the_ehrs_answer() -> None:
    made = task(
        PartView(
            status=TaskStatus.COMPLETED,
            stage="delivered",
            risk_assessment="sls-1",
            answer=EhrAnswer(http_status=201, reference="https://ehr.example/fhir/RiskAssessment/5/_history/1"),
        ),
        focus="https://ehr.example/fhir/DiagnosticReport/7",
    )
    assert made["businessStatus"] == {"text": "delivered"}
    assert made["output"] == [
        {"type": {"text": "RiskAssessment"}, "valueReference": {"reference": "RiskAssessment/sls-1"}},
        {
            "type": {"text": "Resource in the EHR"},
            "valueReference": {"reference": "https://ehr.example/fhir/RiskAssessment/5/_history/1"},
        },
        {"type": {"text": "HTTP status of the EHR"}, "valueInteger": 201},
    ]


def test_a_failed_one_says_why_and_what_the_ehr_said() -> None:
    made = task(PartView(status=TaskStatus.FAILED, reason="The EHR refused.", answer=EhrAnswer(http_status=422, refusal=_REFUSAL)))
    assert made["statusReason"] == {"text": "The EHR refused."}
    assert made["contained"] == [
        {
            "resourceType": "OperationOutcome",
            "id": "answer-1",
            "issue": [{"severity": "error", "code": "invalid", "diagnostics": "No such status."}],
        }
    ]
    assert made["output"] == [
        {"type": {"text": "HTTP status of the EHR"}, "valueInteger": 422},
        {"type": {"text": "Answer of the EHR"}, "valueReference": {"reference": "#answer-1"}},
    ]


def test_an_ehr_that_did_not_answer_leaves_no_output() -> None:
    assert "output" not in task(PartView(status=TaskStatus.FAILED, reason="The EHR did not answer.", answer=EhrAnswer()))


@pytest.mark.parametrize(
    ("provenance", "said"),
    [
        (
            ProvenanceView(state="delivered", answer=EhrAnswer(http_status=201, reference="https://ehr.example/fhir/Provenance/1")),
            {"type": {"text": "Provenance in the EHR"}, "valueReference": {"reference": "https://ehr.example/fhir/Provenance/1"}},
        ),
        (ProvenanceView(state="pending"), {"type": {"text": "Provenance"}, "valueString": "pending"}),
        (
            ProvenanceView(state="not-offered", reason="It takes none."),
            {"type": {"text": "Provenance"}, "valueString": "not-offered: It takes none."},
        ),
    ],
    ids=["delivered", "pending", "not offered"],
)
def test_what_became_of_the_provenance_is_said(provenance: ProvenanceView, said: object) -> None:
    made = task(PartView(status=TaskStatus.COMPLETED, provenance=provenance))
    assert (made["status"], made["output"]) == ("completed", [said])


def test_a_provenance_that_was_refused_is_shown_beside_a_completed_delivery() -> None:
    refused = ProvenanceView(state="refused", reason="The EHR refuses.", answer=EhrAnswer(http_status=422, refusal=_REFUSAL))
    made = task(PartView(status=TaskStatus.COMPLETED, stage="delivered", provenance=refused))
    assert made["status"] == "completed"
    assert [each["id"] for each in made["contained"]] == ["provenance-answer-1"]
    assert [each["type"]["text"] for each in made["output"]] == ["Provenance", "Answer of the EHR to the Provenance"]
    assert made["output"][1]["valueReference"] == {"reference": "#provenance-answer-1"}


def part(number: int, status: TaskStatus, **more: Any) -> PartView:  # noqa: ANN401 - fields
    return PartView(status=status, report=f"https://ehr.example/fhir/DiagnosticReport/{number}", **more)


def test_every_report_that_a_trigger_concerns_has_outputs_that_name_it() -> None:
    made = task(
        part(7, TaskStatus.COMPLETED, stage="delivered", risk_assessment="sls-7"),
        part(8, TaskStatus.FAILED, stage="dead-letter", reason="Refused.", answer=EhrAnswer(http_status=422, refusal=_REFUSAL)),
        part(9, TaskStatus.REQUESTED),
    )
    told = [
        (
            each["extension"][0]["valueReference"]["reference"].rpartition("/")[2],
            each["type"]["text"],
            next(value for name, value in each.items() if name.startswith("value")),
        )
        for each in made["output"]
    ]
    assert told == [
        ("7", "Stage", "delivered"),
        ("7", "RiskAssessment", {"reference": "RiskAssessment/sls-7"}),
        ("8", "Stage", "dead-letter"),
        ("8", "HTTP status of the EHR", 422),
        ("8", "Answer of the EHR", {"reference": "#answer-2"}),
        ("9", "Stage", "requested"),
    ]
    assert made["businessStatus"] == {"text": "delivered, dead-letter"}
    assert made["statusReason"] == {"text": "Refused."}


@pytest.mark.parametrize(
    ("states", "together"),
    [
        ("completed completed", "completed"),
        ("completed in-progress", "in-progress"),
        ("completed requested", "in-progress"),
        ("requested requested", "requested"),
        ("failed requested", "failed"),
        ("completed failed", "failed"),
    ],
)
def test_it_is_completed_when_every_report_is_and_failed_when_one_is(states: str, together: str) -> None:
    made = task(*(part(number, TaskStatus(state)) for number, state in enumerate(states.split())))
    assert made["status"] == together
