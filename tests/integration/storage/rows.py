"""Rows that are valid by default; a test overrides what it is about. And the passing of time, without waiting for it."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import update

from service.model.hospital import HospitalSlug
from service.storage.assessments import NewAssessment
from service.storage.audit import AuditFact
from service.storage.database import Database
from service.storage.job_tables import job, stream
from service.storage.jobs import Claim, Jobs
from service.storage.receipts import NewReceipt
from service.storage.terms import (
    AssessmentId,
    AuditAction,
    AuditOutcome,
    DossierId,
    JobId,
    ReceiptId,
    ReceiptKind,
    ReleaseId,
    SeriesId,
    StreamKey,
)
from service.storage.unit_of_work import UnitOfWork

HOSPITAL = HospitalSlug("st-elsewhere")
SERIES = SeriesId("series-1")
NOON = datetime(2026, 1, 31, 12, 0, 0, 123456, tzinfo=UTC)

RECEIPT = NewReceipt(
    id=ReceiptId("receipt-1"),
    hospital=HOSPITAL,
    kind=ReceiptKind.WEBHOOK,
    method="PUT",
    resource_type="DiagnosticReport",
    resource_id="7",
    resource_version="1",
    content_hash="ab12",
    dedupe_key="st-elsewhere|DiagnosticReport|7|1|ab12",
    body=b'{"resourceType": "DiagnosticReport"}',
    media_type="application/fhir+json",
    received_at=NOON,
    request_id=None,
)

FACT = AuditFact(
    at=NOON,
    hospital=HOSPITAL,
    action=AuditAction.CREATE,
    subtype="create",
    outcome=AuditOutcome.SUCCESS,
    agent="ehr",
    agent_address="192.0.2.1",
    patient="Patient/9",
    entity="DiagnosticReport/7",
    detail="receipt-1",
)

ASSESSMENT = NewAssessment(
    id=AssessmentId("assessment-1"),
    series=SERIES,
    version=1,
    hospital=HOSPITAL,
    subject="Patient/9",
    report_reference="DiagnosticReport/7",
    report_identity="https://ehr.example.org/fhir/DiagnosticReport/7",
    report_version="1",
    report_last_updated="2026-01-31T11:59:00Z",
    report_said_at=NOON,
    status="final",
    supersedes=None,
    input_hash="input-1",
    dossier_id=DossierId("dossier-1"),
    ruleset="1",
    mappings_release=ReleaseId("release-1"),
    assessed_at=NOON,
    content=b'{"id": "assessment-1"}',
    resource=b'{"resourceType": "RiskAssessment"}',
    outcomes=(("lesion-1", "sins", "potentially-unstable"), (None, "next-imaging", "mri")),
    read=(("DiagnosticReport/7", "1"), ("Observation/8", None)),
)


def add_assessment(unit: UnitOfWork, version: int = 1, *, series: SeriesId = SERIES, subject: str = "Patient/9") -> NewAssessment:
    """Store the n-th version of a series, superseding the one before, with its own dossier."""
    content = f"{series} {version}".encode()
    dossier = DossierId(hashlib.sha256(content).hexdigest())
    unit.dossiers.add(dossier, content)
    row = replace(
        ASSESSMENT,
        id=AssessmentId(f"{series}/{version}"),
        series=series,
        version=version,
        subject=subject,
        supersedes=None if version == 1 else AssessmentId(f"{series}/{version - 1}"),
        input_hash=f"input-{version}",
        dossier_id=dossier,
    )
    unit.assessments.add(row)
    return row


def enqueue(
    jobs: Jobs, key: str = "assess|h|p", name: str = "a", *, delay_seconds: float = 0.0, max_wait_seconds: float | None = None
) -> JobId:
    """Add a job whose dedupe key was not used before."""
    added = jobs.enqueue(
        StreamKey(key), "assess", {"receipt": name}, name, delay_seconds=delay_seconds, max_wait_seconds=max_wait_seconds
    )
    assert added is not None
    return added


def claim(database: Database, owner: str = "worker-1", lease_seconds: float = 30.0) -> Claim:
    """Take the next due stream; there must be one."""
    with database.write() as unit:
        taken = unit.jobs.claim(owner, lease_seconds)
    assert taken is not None
    return taken


def nothing_is_due(database: Database) -> bool:
    """Tell whether no stream can be claimed."""
    with database.write() as unit:
        return unit.jobs.claim("probe", 0.0) is None


def names(taken: Claim) -> list[str]:
    """Return the names given to `enqueue`, in the order of the claim."""
    return [item.payload["receipt"] for item in taken.jobs]


def ids(taken: Claim) -> list[JobId]:
    """Return the numbers of the claimed jobs."""
    return [item.id for item in taken.jobs]


def let_pass(database: Database, seconds: float) -> None:
    """Move every stored time back, so that for the database `seconds` have passed; negative = its clock jumped back."""
    streams = ("due_at", "run_by", "waiting_since")
    jobs = ("enqueued_at", "not_before", "run_by")
    with database._transaction() as connection:
        connection.execute(update(stream).values({name: stream.c[name] - seconds for name in streams}))
        connection.execute(update(job).values({name: job.c[name] - seconds for name in jobs}))
