"""Deliver the newest assessment of a report to its EHR; no transaction spans the HTTP call."""

from collections.abc import Collection
from typing import Any

import orjson

from service.ehr.body import json_object
from service.ehr.deliver import Delivered, deliver
from service.ehr.held import TYPE
from service.model.caller import OURSELVES
from service.model.hospital import Hospital
from service.parts import Parts
from service.pipeline import provenance
from service.resources.identity import ASSESSMENT_IDENTIFIER
from service.storage.assessments import StoredAssessment
from service.storage.jobs import Claim
from service.storage.terms import AuditAction, DeliveryState, JobId, SeriesId


def deliver_series(parts: Parts, hospital: Hospital, series: SeriesId, claim: Claim, job_ids: Collection[JobId]) -> None:
    """Write the newest RiskAssessment of a series to the EHR and keep its answer.

    Raises:
        EhrUnavailableError: tried again later.
        EhrConflictError, EhrRefusedError: no repeat can mend it.
    """
    with parts.database.read() as uow:
        row = uow.assessments.latest(series)
        known = uow.deliveries.ehr_resource(series)
    if row is None or (known is not None and _is_delivered(parts, row)):
        _complete(parts, claim, job_ids)
        return
    done = deliver(
        parts.ehr(hospital),
        parts.conformance(hospital).of(TYPE),
        series=series,
        identifier_system=ASSESSMENT_IDENTIFIER,
        resource=orjson.loads(row.resource),
        known=None if known is None else (known.ehr_id, known.ehr_version),
        ours=lambda found: _is_ours(parts, series, found),
    )
    _keep(parts, hospital, row, done, claim=claim, job_ids=job_ids)


def _is_delivered(parts: Parts, row: StoredAssessment) -> bool:
    with parts.database.read() as uow:
        found = uow.deliveries.get(row.id)
    return found is not None and found.state == DeliveryState.DELIVERED


def _is_ours(parts: Parts, series: SeriesId, found: dict[str, Any]) -> bool:
    """Tell whether what the EHR holds is a version that we wrote: one we sent, or one as this EHR answered that it keeps it."""
    held = _content(found)
    with parts.database.read() as uow:
        rows = uow.assessments.history(series)
        answers = [delivery.answer for row in rows if (delivery := uow.deliveries.get(row.id)) is not None and delivery.answer]
    return any(_content(json_object(body)) == held for body in (*(row.resource for row in rows), *answers))


def _content(resource: dict[str, Any]) -> dict[str, Any]:
    """Return what of a RiskAssessment only its author decides: everything but server metadata and the narrative."""
    return {key: value for key, value in resource.items() if key not in {"id", "meta", "text"}}


def _keep(
    parts: Parts, hospital: Hospital, row: StoredAssessment, done: Delivered, *, claim: Claim, job_ids: Collection[JobId]
) -> None:
    with parts.database.write() as uow:
        uow.deliveries.plan(row.id, row.series, row.hospital)  # the newest is sent, also where only an older one was to be
        uow.deliveries.mark(
            row.id,
            DeliveryState.DELIVERED,
            ehr_reference=f"{TYPE}/{done.ehr_id}",
            ehr_version=done.ehr_version,
            method=done.method,
            http_status=done.http_status,
            answer=done.answer,
        )
        uow.deliveries.supersede_older(row.series, row.id)
        uow.deliveries.remember(row.series, done.ehr_id, done.ehr_version)
        provenance.plan(uow, parts, hospital, row)
        uow.audit.add(
            parts.fact(
                OURSELVES,
                AuditAction.UPDATE,
                "update",
                entity=f"{TYPE}/{done.ehr_id}",
                patient=row.subject,
                hospital=hospital.slug,
                detail=row.id,
            )
        )
        uow.jobs.complete(claim, job_ids)


def _complete(parts: Parts, claim: Claim, job_ids: Collection[JobId]) -> None:
    with parts.database.write() as uow:
        uow.jobs.complete(claim, job_ids)
