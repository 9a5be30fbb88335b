"""Task: what became of a trigger."""

from service.resources.task import EhrAnswer, TaskStatus, TaskView, build

_AT = "2026-03-01T10:00:00.000Z"


def test_a_new_trigger_is_requested_and_has_no_output() -> None:
    view = TaskView(id="r1", status=TaskStatus.REQUESTED, hospital="general", authored_at=_AT, modified_at=_AT)
    task = build(view)
    assert (task["status"], task["intent"], task["id"]) == ("requested", "order", "r1")
    assert {"output", "focus", "statusReason", "businessStatus"}.isdisjoint(task)


def test_a_delivered_one_names_our_resource_and_the_ehrs_answer() -> None:
    view = TaskView(
        id="r1",
        status=TaskStatus.COMPLETED,
        hospital="general",
        authored_at=_AT,
        modified_at=_AT,
        focus="https://ehr.example/fhir/DiagnosticReport/7",
        stage="delivered",
        risk_assessment="sls-1",
        answer=EhrAnswer(http_status=201, reference="https://ehr.example/fhir/RiskAssessment/5/_history/1"),
    )
    task = build(view)
    assert task["businessStatus"] == {"text": "delivered"}
    assert task["output"] == [
        {"type": {"text": "RiskAssessment"}, "valueReference": {"reference": "RiskAssessment/sls-1"}},
        {
            "type": {"text": "Resource in the EHR"},
            "valueReference": {"reference": "https://ehr.example/fhir/RiskAssessment/5/_history/1"},
        },
        {"type": {"text": "HTTP status of the EHR"}, "valueInteger": 201},
    ]


def test_a_failed_one_says_why() -> None:
    view = TaskView(
        id="r1",
        status=TaskStatus.FAILED,
        hospital="general",
        authored_at=_AT,
        modified_at=_AT,
        reason="The EHR refused.",
        answer=EhrAnswer(),
    )
    task = build(view)
    assert task["statusReason"] == {"text": "The EHR refused."}
    assert "output" not in task
