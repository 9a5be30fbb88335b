"""What is asked: one transaction each, read and audit facts together; and the one renderer of failures."""

from dataclasses import dataclass
from datetime import UTC
from email.utils import format_datetime

import orjson

from service import __released__, __version__
from service.errors import NotFoundError, ServiceError, StorageDownError
from service.model.caller import Caller
from service.model.coded import Issue, Severity
from service.model.hospital import HospitalSlug
from service.parts import Parts, utc_text
from service.resources import bundle, capability
from service.resources import operation_outcome as outcome_resource
from service.resources import problem as problem_json
from service.resources import task as task_resource
from service.resources.task import EhrAnswer, TaskStatus, TaskView
from service.storage.assessments import StoredAssessment
from service.storage.deliveries import Delivery
from service.storage.receipts import Receipt
from service.storage.terms import AssessmentId, AuditAction, AuditOutcome, DeliveryState, ReceiptId, ReceiptState, SeriesId
from service.storage.unit_of_work import UnitOfWork


def assessment(parts: Parts, assessment_id: str, caller: Caller) -> bytes:
    """Return one stored assessment with `superseded_by` as of now.

    Raises:
        NotFoundError: there is none under this id that the caller may see.
    """
    with parts.database.write() as uow:
        row = in_sight(uow, parts, caller, f"Assessment/{assessment_id}", uow.assessments.get(AssessmentId(assessment_id)))
        successor = uow.assessments.successor(row.id) if row is not None else None
    if row is None:
        raise NotFoundError("There is no assessment under this id.")
    content = orjson.loads(row.content)
    content["superseded_by"] = successor
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A stored resource as served: bytes, version number, HTTP date."""

    content: bytes
    version: int
    last_modified: str


def risk_assessment(parts: Parts, resource_id: str, caller: Caller) -> Resource:
    """Return the newest version of a RiskAssessment by its own id, or by the id of any of its assessments.

    Raises:
        NotFoundError: there is none that the caller may see.
    """
    with parts.database.write() as uow:
        row = uow.assessments.latest(SeriesId(resource_id))
        if row is None and (named := uow.assessments.get(AssessmentId(resource_id))) is not None:
            row = uow.assessments.latest(named.series)
        row = in_sight(uow, parts, caller, f"RiskAssessment/{resource_id}", row)
    if row is None:
        raise NotFoundError("There is no RiskAssessment under this id.")
    return _served(row)


def _served(row: StoredAssessment) -> Resource:
    resource = orjson.loads(row.resource)
    assessed_at = row.assessed_at
    resource["meta"] = {**resource.get("meta", {}), "versionId": str(row.version), "lastUpdated": utc_text(assessed_at)}
    return Resource(
        content=orjson.dumps(resource),
        version=row.version,
        last_modified=format_datetime(assessed_at.astimezone(UTC), usegmt=True),
    )


def task(parts: Parts, task_id: str, caller: Caller) -> bytes:
    """Return what became of a trigger, as a Task.

    Raises:
        NotFoundError: there is none under this id that the caller may see.
    """
    with parts.database.write() as uow:
        receipt = uow.receipts.get(ReceiptId(task_id))
        row = uow.assessments.get(receipt.assessment_id) if receipt is not None and receipt.assessment_id else None
        delivery = uow.deliveries.get(row.id) if row is not None else None
        hospital, patient = receipt.hospital if receipt else None, row.subject if row else None
        is_in_sight = _is_in_sight(uow, parts, caller, f"Task/{task_id}", hospital=hospital, patient=patient)
    if receipt is None or not is_in_sight:
        raise NotFoundError("There is no Task under this id.")
    return orjson.dumps(task_resource.build(_view(parts, receipt, row, delivery)))


def _view(parts: Parts, receipt: Receipt, row: StoredAssessment | None, delivery: Delivery | None) -> TaskView:
    """Join a receipt with the delivery of what came of it: a Task is done when the EHR has answered, where one is to answer."""
    status, stage = _progress(receipt, delivery)
    focus = f"{receipt.resource_type}/{receipt.resource_id}" if receipt.resource_id else None
    hospital = parts.hospitals.get(receipt.hospital)
    base = hospital.ehr_base if hospital else None
    return TaskView(
        id=receipt.id,
        status=status,
        hospital=receipt.hospital,
        authored_at=utc_text(receipt.received_at),
        modified_at=utc_text(max(receipt.updated_at, receipt.received_at)),
        focus=f"{base}/{focus}" if base and focus else focus,
        stage=stage,
        reason=receipt.reason,
        risk_assessment=row.series if row else None,
        answer=_ehr_answer(delivery, base),
    )


def _progress(receipt: Receipt, delivery: Delivery | None) -> tuple[TaskStatus, str | None]:
    """Return the Task's status and one word for how it stands."""
    if receipt.state != ReceiptState.COMPLETED:
        return TaskStatus(receipt.state), None
    if delivery is None or delivery.state == DeliveryState.NONE:
        return TaskStatus.COMPLETED, receipt.reason or ("assessed" if receipt.assessment_id else "ignored")
    match delivery.state:
        case DeliveryState.PENDING:
            return TaskStatus.IN_PROGRESS, "assessed"
        case DeliveryState.DEAD:
            return TaskStatus.FAILED, "dead-letter"
        case other:
            return TaskStatus.COMPLETED, other.value


def _ehr_answer(delivery: Delivery | None, base: str | None) -> EhrAnswer | None:
    if delivery is None or delivery.http_status is None:
        return None
    version = f"/_history/{delivery.ehr_version}" if delivery.ehr_version else ""
    reference = f"{base}/{delivery.ehr_reference}{version}" if base and delivery.ehr_reference else None
    return EhrAnswer(http_status=delivery.http_status, reference=reference)


def accepted(task_id: str) -> bytes:
    """Return the OperationOutcome that answers an accepted trigger."""
    said = Issue(severity=Severity.INFORMATION, code="informational", text=f"Accepted as Task/{task_id}.")
    return orjson.dumps(outcome_resource.build((said,)))


def collection(resource: bytes, issues: tuple[Issue, ...]) -> bytes:
    """Return the Bundle that answers `$assess`."""
    return orjson.dumps(bundle.collection((orjson.loads(resource), outcome_resource.build(issues))))


def capabilities(parts: Parts) -> bytes:
    """Return the CapabilityStatement of this instance."""
    return orjson.dumps(capability.build(version=__version__, released_on=__released__, needs_token=parts.tokens is not None))


def operation_outcome(error: ServiceError, *, reference: str | None = None) -> bytes:
    """Render a failure as OperationOutcome."""
    return orjson.dumps(outcome_resource.from_error(error, reference=reference))


def problem(error: ServiceError, *, reference: str | None = None) -> bytes:
    """Render a failure as problem JSON (RFC 9457)."""
    return orjson.dumps(problem_json.build(error, reference=reference))


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """Whether the service can take work, and a JSON report that says why not."""

    ready: bool
    content: bytes


def readiness(parts: Parts) -> Readiness:
    """Ask the database and compare its schema with the one this release needs."""
    try:
        state = parts.database.check()
    except StorageDownError:
        return Readiness(ready=False, content=orjson.dumps({"status": "not-ready", "database": "down"}))
    word = "current" if state.at_head else "outdated"
    return Readiness(
        ready=state.at_head,
        content=orjson.dumps({"status": "ready" if state.at_head else "not-ready", "database": "up", "schema": word}),
    )


def in_sight(
    uow: UnitOfWork,
    parts: Parts,
    caller: Caller,
    entity: str,
    row: StoredAssessment | None,
    *,
    does: AuditAction = AuditAction.READ,
) -> StoredAssessment | None:
    """Return the row where the caller may see it; that it was asked for is audited.

    Args:
        uow: the transaction; it is committed even where nothing is found.
        parts: clock.
        caller: who asks.
        entity: what was asked for.
        row: what there is; None = nothing.
        does: what the caller does with it.
    """
    hospital, patient = (row.hospital, row.subject) if row else (None, None)
    return row if _is_in_sight(uow, parts, caller, entity, hospital=hospital, patient=patient, does=does) else None


def _is_in_sight(
    uow: UnitOfWork,
    parts: Parts,
    caller: Caller,
    entity: str,
    *,
    hospital: HospitalSlug | None,
    patient: str | None,
    does: AuditAction = AuditAction.READ,
) -> bool:
    """Tell whether there is something (hospital None = nothing) that the caller may see, and audit the read.

    What belongs to another hospital is answered as if it were not there; the audit tells the two apart.
    """
    outcome, why = AuditOutcome.SUCCESS, None
    if hospital is None:
        outcome, why = AuditOutcome.MINOR_FAILURE, "not-found"
    elif not caller.sees(hospital):
        outcome, why = AuditOutcome.SERIOUS_FAILURE, "other-hospital"
    uow.audit.add(
        parts.fact(
            caller,
            does,
            "read" if does is AuditAction.READ else "operation",
            entity=entity,
            patient=patient,
            hospital=hospital,
            outcome=outcome,
            outcome_desc=why,
            detail=caller.token_id if why == "other-hospital" else None,
        )
    )
    return outcome is AuditOutcome.SUCCESS
