"""Storing what was written plainly: the rows that the service stores, through the same repositories, in one transaction."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from service.model.assessment import Assessment
from service.model.caller import Caller
from service.model.hospital import HospitalSlug
from service.parts import Parts
from service.storage.assessments import NewAssessment
from service.storage.receipts import NewReceipt, Settlement
from service.storage.terms import AssessmentId, AuditAction, DossierId, ReceiptId, ReceiptKind, ReceiptState, ReleaseId, SeriesId


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What was stored: Assessment JSON and RiskAssessment JSON."""

    content: bytes
    resource: bytes


def store(parts: Parts, assessment: Assessment, body: bytes, written: Written, caller: Caller) -> None:
    """Store dossier, assessment and what it is found by, audit fact and receipt."""
    now, content_hash = parts.clock(), hashlib.sha256(body).hexdigest()
    row = _row(assessment, written, content_hash, now)
    receipt = _receipt(assessment, content_hash, now)
    entity = f"RiskAssessment/{row.series}/_history/1"
    fact = parts.fact(
        caller, AuditAction.CREATE, "create", entity=entity, patient=row.subject, hospital=row.hospital, detail=row.id
    )
    with parts.database.write() as uow:
        uow.dossiers.add(row.dossier_id, body)
        uow.assessments.add(row)
        uow.audit.add(fact)
        uow.receipts.add(receipt, Settlement(state=ReceiptState.COMPLETED, assessment_id=row.id))


def _row(assessment: Assessment, written: Written, content_hash: str, assessed_at: datetime) -> NewAssessment:
    report = assessment.report
    return NewAssessment(
        id=AssessmentId(assessment.id),
        series=SeriesId(assessment.series),
        version=1,
        hospital=HospitalSlug(assessment.hospital),
        subject=report.subject,
        encounter=report.encounter,
        report_reference=report.reference,
        report_identity=report.identity or "",
        report_version=report.version,
        report_last_updated=report.last_updated,
        report_said_at=report.said_at,
        status=assessment.status,
        supersedes=None,
        input_hash=hashlib.sha256(written.content).hexdigest(),
        dossier_id=DossierId(content_hash),
        ruleset=assessment.versions.ruleset,
        mappings_release=ReleaseId(assessment.versions.mappings),
        assessed_at=assessed_at,
        content=written.content,
        resource=written.resource,
        outcomes=_outcomes(assessment),
        read=assessment.read,
    )


def _outcomes(assessment: Assessment) -> tuple[tuple[str | None, str, str], ...]:
    placed = [(lesion, each) for lesion, outcomes in assessment.lesion_outcomes.items() for each in outcomes]
    everything = [*placed, *((None, each) for each in assessment.patient_outcomes)]
    return tuple((lesion, each.instrument, verdict) for lesion, each in everything for verdict in each.verdicts)


def _receipt(assessment: Assessment, content_hash: str, received_at: datetime) -> NewReceipt:
    report = assessment.report
    return NewReceipt(
        id=ReceiptId(f"receipt of {assessment.id}"),
        hospital=HospitalSlug(assessment.hospital),
        kind=ReceiptKind.DIRECT,
        method="POST",
        resource_type="DiagnosticReport",
        resource_id=None if report.reference is None else report.reference.rpartition("/")[2],
        resource_version=report.version,
        content_hash=content_hash,
        dedupe_key=f"plain|{content_hash}",
        body=b"",
        media_type="application/fhir+json",
        received_at=received_at,
        request_id=None,
    )
