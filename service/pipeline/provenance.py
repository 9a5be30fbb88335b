"""The Provenance that follows a delivered RiskAssessment: work of its own, so that no refusal of it holds up a result.

It is planned in the transaction that notes the delivery, and written by a job of its own stream. What became of it is kept beside
the delivery: a Task stays completed when a Provenance is refused, and says so.
"""

import hashlib
from collections.abc import Collection
from typing import Final

import orjson
import structlog

from service.ehr.deliver import Delivered
from service.ehr.provenance import TYPE, is_offered, write_provenance
from service.errors import NotFoundError
from service.model.caller import OURSELVES
from service.model.hospital import Hospital
from service.parts import Parts, utc_text
from service.resources import provenance
from service.resources.element import Element
from service.storage.assessments import StoredAssessment
from service.storage.jobs import Claim
from service.storage.terms import AssessmentId, AuditAction, DeliveryState, JobId, StreamKey
from service.storage.unit_of_work import UnitOfWork

NOT_OFFERED: Final = "The EHR does not offer to take a Provenance."
_LOG = structlog.get_logger("service.work")


def plan(uow: UnitOfWork, parts: Parts, hospital: Hospital, row: StoredAssessment) -> None:
    """Plan the Provenance of what was just delivered, where the hospital's settings ask for one."""
    if not hospital.provenance:
        return
    uow.provenances.plan(row.id, parts.clock())
    uow.jobs.enqueue(
        StreamKey(f"provenance|{hospital.slug}|{row.series}"),
        "provenance",
        {"assessment": row.id, "hospital": hospital.slug},
        f"provenance|{row.id}",
    )


def record_provenance(
    parts: Parts, hospital: Hospital, assessment_id: AssessmentId, claim: Claim, job_ids: Collection[JobId]
) -> None:
    """Write the planned Provenance of a delivered assessment to the EHR and keep its answer.

    Raises:
        EhrUnavailableError: tried again later.
        EhrConflictError, EhrRefusedError: no repeat can mend it.
        NotFoundError: retention removed what it would say.
    """
    conformance = parts.conformance(hospital)
    if not is_offered(conformance):
        _LOG.warning("provenance_not_offered", hospital=hospital.slug)
        with parts.database.write() as uow:
            uow.provenances.mark(assessment_id, DeliveryState.NONE, reason=NOT_OFFERED)
            uow.jobs.complete(claim, job_ids)
        return
    row, resource = _planned(parts, assessment_id)
    done = write_provenance(parts.ehr(hospital), conformance.of(TYPE), resource, own_id=_own_id(assessment_id))
    with parts.database.write() as uow:
        _keep(uow, parts, hospital, row, done)
        uow.jobs.complete(claim, job_ids)


def _planned(parts: Parts, assessment_id: AssessmentId) -> tuple[StoredAssessment, Element]:
    """Return a delivered assessment with its Provenance: about the version that the EHR returned."""
    with parts.database.read() as uow:
        row, delivery = uow.assessments.get(assessment_id), uow.deliveries.get(assessment_id)
        planned = uow.provenances.get(assessment_id)
    if row is None or not row.resource or delivery is None or planned is None:
        raise NotFoundError("The assessment of this Provenance was removed by retention.")
    version = f"/_history/{delivery.ehr_version}" if delivery.ehr_version else ""
    return row, provenance.build(
        orjson.loads(row.resource),
        target=f"{delivery.ehr_reference}{version}",
        recorded=utc_text(planned.recorded_at),
        assessed_at=utc_text(row.assessed_at),
        is_first=row.supersedes is None,
    )


def _keep(uow: UnitOfWork, parts: Parts, hospital: Hospital, row: StoredAssessment, done: Delivered) -> None:
    reference = f"{TYPE}/{done.ehr_id}"
    uow.provenances.mark(
        row.id,
        DeliveryState.DELIVERED,
        ehr_reference=reference,
        method=done.method,
        http_status=done.http_status,
        answer=done.answer,
    )
    uow.audit.add(
        parts.fact(
            OURSELVES, AuditAction.CREATE, "create", entity=reference, patient=row.subject, hospital=hospital.slug, detail=row.id
        )
    )


def _own_id(assessment_id: AssessmentId) -> str:
    """Return the id of the Provenance where the EHR lets us choose it; a FHIR id, the same for every repeat."""
    return "slsp-" + hashlib.sha256(f"provenance|{assessment_id}".encode()).hexdigest()[:32]
