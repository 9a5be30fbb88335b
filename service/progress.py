"""How far a trigger has come: its receipt joined with the deliveries and Provenances of everything that came of it.

A trigger is done when the EHR has answered, where one is to answer; a Provenance that the EHR refuses does not undo that.
"""

from dataclasses import dataclass

from service.parts import Parts, utc_text
from service.resources.task import EhrAnswer, PartView, ProvenanceView, TaskStatus, TaskView
from service.storage.deliveries import Delivery
from service.storage.provenances import PlannedProvenance
from service.storage.receipts import ConcernedReport, Receipt
from service.storage.terms import DeliveryState, ReceiptState
from service.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What a Task says, and whose it is.

    Attributes:
        view: the Task.
        patient: the patient of what came of it (`Patient/9`); None = nothing yet, or not stated.
    """

    view: TaskView
    patient: str | None


def progress_of(uow: UnitOfWork, parts: Parts, receipt: Receipt) -> Progress:
    """Join a receipt with everything that came of it."""
    hospital = parts.hospitals.get(receipt.hospital)
    base = hospital.ehr_base if hospital else None
    reports = uow.receipts.reports(receipt.id)
    found = [_part(uow, each, base) for each in reports] or [_part(uow, receipt, base)]
    focus = f"{receipt.resource_type}/{receipt.resource_id}" if receipt.resource_id else None
    view = TaskView(
        id=receipt.id,
        hospital=receipt.hospital,
        authored_at=utc_text(receipt.received_at),
        modified_at=utc_text(max(receipt.updated_at, receipt.received_at)),
        parts=tuple(part for part, _ in found),
        focus=_absolute(base, focus),
    )
    return Progress(view=view, patient=next((patient for _, patient in found if patient is not None), None))


def _part(uow: UnitOfWork, settled: Receipt | ConcernedReport, base: str | None) -> tuple[PartView, str | None]:
    """Return what became of one report, and its patient."""
    assessment_id = settled.assessment_id
    row = uow.assessments.get(assessment_id) if assessment_id is not None else None
    delivery = uow.deliveries.get(assessment_id) if assessment_id is not None else None
    provenance = uow.provenances.get(assessment_id) if assessment_id is not None else None
    status, stage = _stage(settled, delivery)
    part = PartView(
        status=status,
        report=_absolute(base, settled.report) if isinstance(settled, ConcernedReport) else None,
        stage=stage,
        reason=settled.reason or (delivery.reason if delivery is not None else None),
        risk_assessment=row.series if row is not None else None,
        answer=_refused_read(settled) or _delivered(delivery, base),
        provenance=_provenance(provenance, base),
    )
    return part, row.subject if row is not None else None


def _stage(settled: Receipt | ConcernedReport, delivery: Delivery | None) -> tuple[TaskStatus, str | None]:
    """Return the Task's status and one word for how it stands."""
    if settled.state != ReceiptState.COMPLETED:
        return TaskStatus(settled.state), None
    if delivery is None or delivery.state == DeliveryState.NONE:
        return TaskStatus.COMPLETED, settled.reason or ("assessed" if settled.assessment_id else "ignored")
    match delivery.state:
        case DeliveryState.PENDING:
            return TaskStatus.IN_PROGRESS, "assessed"
        case DeliveryState.DEAD:
            return TaskStatus.FAILED, "dead-letter"
        case other:
            return TaskStatus.COMPLETED, other.value


def _refused_read(settled: Receipt | ConcernedReport) -> EhrAnswer | None:
    """Return the answer of the EHR that ended the work before there was anything to deliver."""
    if settled.http_status is None:
        return None
    return EhrAnswer(http_status=settled.http_status, refusal=settled.answer)


def _delivered(delivery: Delivery | None, base: str | None) -> EhrAnswer | None:
    if delivery is None or delivery.http_status is None:
        return None
    version = f"/_history/{delivery.ehr_version}" if delivery.ehr_version else ""
    return EhrAnswer(
        http_status=delivery.http_status,
        reference=f"{base}/{delivery.ehr_reference}{version}" if base and delivery.ehr_reference else None,
        refusal=delivery.answer if delivery.state == DeliveryState.DEAD else None,
    )


def _provenance(planned: PlannedProvenance | None, base: str | None) -> ProvenanceView | None:
    if planned is None:
        return None
    is_refused = planned.state == DeliveryState.DEAD
    answer = EhrAnswer(
        http_status=planned.http_status,
        reference=_absolute(base, planned.ehr_reference),
        refusal=planned.answer if is_refused else None,
    )
    words = {DeliveryState.DEAD: "refused", DeliveryState.NONE: "not-offered"}
    return ProvenanceView(state=words.get(planned.state, planned.state.value), reason=planned.reason, answer=answer)


def _absolute(base: str | None, reference: str | None) -> str | None:
    """Return a reference as it stands at the hospital's EHR, where it has one; None stays None."""
    return f"{base}/{reference}" if base and reference else reference
