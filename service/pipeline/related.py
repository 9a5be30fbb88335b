"""An Observation does not name its report: find the reports that a piece of context can change."""

from datetime import date, timedelta
from http import HTTPStatus

import orjson

from service.ehr.body import json_object, matches, text
from service.ehr.fetch import fetch
from service.model.dossier import Document, Wanted
from service.model.hospital import Hospital
from service.parts import Parts
from service.pipeline.compute import series_of
from service.storage.jobs import Claim, Job
from service.storage.receipts import Settlement
from service.storage.terms import AssessmentId, ReceiptId, ReceiptState, SeriesId
from service.storage.unit_of_work import UnitOfWork

_MAX_UPWARD = 8


def enqueue_related(parts: Parts, hospital: Hospital, claim: Claim, jobs: tuple[Job, ...]) -> None:
    """Enqueue an assessment for every report that the triggering resource belongs to or is context of.

    Reports come from the EHR (`DiagnosticReport?result=`, upward by `Observation?has-member=`) and from our own assessments of
    the same patient within the context window. A report whose newest assessment was made with just this version of the resource
    is done: a report and its Observations that arrive in one burst are one run.
    """
    affected = [(job, _named_by_ehr(parts, hospital, job) | _assessed_before(parts, hospital, job)) for job in jobs]
    with parts.database.write() as uow:
        for job, found in affected:
            _follow(uow, hospital, job, sorted(found))
        uow.jobs.complete(claim, tuple(job.id for job in jobs))


def _follow(uow: UnitOfWork, hospital: Hospital, job: Job, reports: list[str]) -> None:
    """Enqueue the assessment of each report, and note in the trigger which reports it concerns."""
    receipt_id = ReceiptId(job.payload["receipt"])
    if not reports or hospital.ehr_base is None:
        reason = "no-report-known" if not reports else "no-ehr-to-read-from"
        uow.receipts.settle(receipt_id, Settlement(state=ReceiptState.COMPLETED, reason=reason))
        return
    uow.receipts.concern(receipt_id, reports)
    for report in reports:
        if (known := _made_with_it(uow, hospital, job, report)) is not None:
            done = Settlement(state=ReceiptState.COMPLETED, reason="unchanged", assessment_id=known)
            uow.receipts.settle(receipt_id, done, report=report)
        else:
            payload = {**job.payload, "reference": report}
            uow.jobs.enqueue(job.key, "assess", payload, f"assess|{receipt_id}|{report}")


def _made_with_it(uow: UnitOfWork, hospital: Hospital, job: Job, report: str) -> AssessmentId | None:
    """Return the newest assessment of a report where it was made with the version of the resource that the trigger speaks of."""
    receipt = uow.receipts.get(ReceiptId(job.payload["receipt"]))
    latest = uow.assessments.latest(SeriesId(series_of(hospital.slug, report)))
    if receipt is None or receipt.resource_version is None or latest is None:
        return None
    is_same = uow.assessments.versions_read(latest.id, job.payload["reference"]) == {receipt.resource_version}
    return latest.id if is_same else None


def _named_by_ehr(parts: Parts, hospital: Hospital, job: Job) -> set[str]:
    """Ask the EHR which reports hold this Observation, directly or through groups."""
    reference = str(job.payload.get("reference") or "")
    if hospital.ehr_base is None or not reference.startswith("Observation/"):
        return set()
    client = parts.ehr(hospital)
    reports, seen, ahead = set[str](), set[str](), {reference}
    for _ in range(_MAX_UPWARD):
        if not (ahead := ahead - seen):
            break
        seen |= ahead
        asked = tuple(Wanted(request=f"DiagnosticReport?result={each}", needed=False) for each in sorted(ahead))
        upward = tuple(Wanted(request=f"Observation?has-member={each}", needed=False) for each in sorted(ahead))
        reports |= _references(fetch(client, asked), "DiagnosticReport")
        ahead = _references(fetch(client, upward), "Observation")
    return reports


def _references(documents: tuple[Document, ...], resource_type: str) -> set[str]:
    found = set[str]()
    for document in documents:
        if document.status == HTTPStatus.OK:
            resources = matches(json_object(document.body))
            found |= {each["id"] for each in resources if text(each, "resourceType") == resource_type and text(each, "id")}
    return {f"{resource_type}/{each}" for each in found}


def _assessed_before(parts: Parts, hospital: Hospital, job: Job) -> set[str]:
    """Return the reports that were assessed with the triggering resource, and those of its patient whose window holds it.

    A deletion names no patient, but the assessments know what they read.
    An undated resource may be context of every one of them: an assessment that it does not change is not stored again.
    """
    subject = job.payload.get("subject")
    with parts.database.read() as uow:
        rows = uow.assessments.having_read(hospital.slug, job.payload.get("reference", ""))
        if subject is not None:
            rows += uow.assessments.of_subject(hospital.slug, subject)
            rows += uow.assessments.having_read(hospital.slug, subject)  # merged patients: of whichever it speaks
        receipt = uow.receipts.get(ReceiptId(job.payload["receipt"]))
    said_on = _said_on(receipt.body) if receipt is not None else None
    reach = timedelta(days=hospital.context_days + 1)
    return {
        row.report_reference
        for row in rows
        if row.report_reference is not None
        and row.report_reference.startswith("DiagnosticReport/")
        and (said_on is None or row.report_said_at is None or abs(row.report_said_at.date() - said_on) <= reach)
    }


def _said_on(body: bytes) -> date | None:
    """Return the day of a posted Observation; None = it has none (a period is no day), or no window holds for its kind."""
    try:
        resource = orjson.loads(body or b"{}")
        said = resource.get("effectiveDateTime") or resource.get("effectiveInstant")
        return date.fromisoformat(said[:10]) if resource.get("resourceType") == "Observation" and said else None
    except (orjson.JSONDecodeError, ValueError, TypeError, AttributeError):
        return None
