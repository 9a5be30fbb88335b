"""Task: what became of a trigger, as a view of its receipt.

Source: interfaces section 2 (`GET /fhir/Task/{id}`); FHIR R4 Task (inv-1: not modified before it was authored).
"""

from dataclasses import dataclass
from enum import StrEnum

from service.resources.element import Element, device


class TaskStatus(StrEnum):
    """How far a trigger has come: the codes of FHIR task-status that we use."""

    REQUESTED = "requested"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class EhrAnswer:
    """What the EHR said to the delivery.

    Attributes:
        http_status: of its answer; None = it did not answer.
        reference: the resource it now holds, with version where it gives one; None = none.
    """

    http_status: int | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskView:
    """What is known of one receipt.

    Attributes:
        id: of the receipt.
        status: as above.
        hospital: who sent the trigger.
        authored_at: FHIR instant of the receipt.
        modified_at: FHIR instant of the last change; not before `authored_at`.
        focus: what was sent, absolute where its EHR has a base (`https://ehr/fhir/DiagnosticReport/7`); None = it names nothing.
        stage: one word for how it stands (`assessed`, `delivered`, `superseded`, `ignored`, `unchanged`); None = not yet.
        reason: sentence without patient data for why it failed or nothing was done; None = nothing to explain.
        risk_assessment: id of the RiskAssessment; None = none came of it.
        answer: what the EHR said; None = nothing was delivered.
    """

    id: str
    status: TaskStatus
    hospital: str
    authored_at: str
    modified_at: str
    focus: str | None = None
    stage: str | None = None
    reason: str | None = None
    risk_assessment: str | None = None
    answer: EhrAnswer | None = None


def build(view: TaskView) -> Element:
    """Return the Task as a plain dictionary."""
    task: Element = {
        "resourceType": "Task",
        "id": view.id,
        "status": view.status.value,
        "intent": "order",
        "code": {"text": "Assess spinal lesions"},
        "authoredOn": view.authored_at,
        "lastModified": view.modified_at,
        "requester": {"display": view.hospital},
        "owner": device(),
    }
    if view.reason is not None:
        task["statusReason"] = {"text": view.reason}
    if view.stage is not None:
        task["businessStatus"] = {"text": view.stage}
    if view.focus is not None:
        task["focus"] = {"reference": view.focus}
    if output := _output(view):
        task["output"] = output
    return task


def _output(view: TaskView) -> list[Element]:
    found: list[Element] = []
    if view.risk_assessment is not None:
        found.append(_part("RiskAssessment", "Reference", {"reference": f"RiskAssessment/{view.risk_assessment}"}))
    if view.answer is not None and view.answer.reference is not None:
        found.append(_part("Resource in the EHR", "Reference", {"reference": view.answer.reference}))
    if view.answer is not None and view.answer.http_status is not None:
        found.append(_part("HTTP status of the EHR", "Integer", view.answer.http_status))
    return found


def _part(name: str, kind: str, value: object) -> Element:
    return {"type": {"text": name}, f"value{kind}": value}
