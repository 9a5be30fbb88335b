"""The records of the service: one schema for SQLite and PostgreSQL; the tables of the queue stand in `job_tables`.

Instants are of the outside world. Content that retention removed is empty, with `purged_at` set.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from service.storage.clock import Instant
from service.storage.metadata import COUNTED, METADATA, words
from service.storage.packed import Packed
from service.storage.terms import AuditAction, AuditOutcome, DeliveryState, ReceiptKind, ReceiptState

receipt: Final = Table(
    "receipt",
    METADATA,
    Column("id", String, primary_key=True),
    Column("hospital", String, nullable=False),
    Column("kind", words(ReceiptKind), nullable=False),
    Column("method", String, nullable=False),
    Column("resource_type", String, nullable=False),
    Column("resource_id", String),
    Column("resource_version", String),
    Column("content_hash", String, nullable=False),
    Column("dedupe_key", String, nullable=False, unique=True),
    Column("body", Packed, nullable=False),
    Column("media_type", String, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("request_id", String),
    Column("state", words(ReceiptState), nullable=False),
    Column("reason", String),
    Column("assessment_id", ForeignKey("assessment.id")),
    Column("repeats", Integer, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("purged_at", Instant),
    # what the EHR answered where its refusal ended the work
    Column("http_status", Integer),
    Column("answer", Packed),
)

# a trigger that names no report (an Observation): what became of each report that it concerns
receipt_report: Final = Table(
    "receipt_report",
    METADATA,
    Column("receipt_id", ForeignKey("receipt.id"), primary_key=True),
    Column("report", String, primary_key=True),
    Column("state", words(ReceiptState), nullable=False),
    Column("reason", String),
    Column("assessment_id", ForeignKey("assessment.id")),
    Column("http_status", Integer),
    Column("answer", Packed),
    Column("updated_at", Instant, nullable=False),
    sqlite_with_rowid=False,
)

dossier: Final = Table(
    "dossier",
    METADATA,
    Column("id", String, primary_key=True),
    Column("content", Packed, nullable=False),
    Column("purged_at", Instant),
)

assessment: Final = Table(
    "assessment",
    METADATA,
    Column("id", String, primary_key=True),
    Column("series", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("hospital", String, nullable=False),
    Column("subject", String),
    Column("encounter", String),
    Column("report_reference", String),
    Column("report_identity", String, nullable=False),
    Column("report_version", String),
    Column("report_last_updated", String),
    Column("report_said_at", Instant),
    Column("status", String, nullable=False),
    # unique: the chain of versions never forks
    Column("supersedes", ForeignKey("assessment.id"), unique=True),
    Column("input_hash", String, nullable=False),
    Column("dossier_id", ForeignKey("dossier.id"), nullable=False),
    Column("ruleset", String, nullable=False),
    Column("mappings_release", String, nullable=False),
    Column("assessed_at", Instant, nullable=False),
    Column("content", Packed, nullable=False),
    Column("resource", Packed, nullable=False),
    # NULL until the sealer numbers the committed row
    Column("feed_position", BigInteger, unique=True),
    Column("purged_at", Instant),
    UniqueConstraint("series", "version"),
    Index(None, "hospital", "subject"),
    Index(None, "hospital", "report_reference"),
    Index(None, "hospital", "assessed_at"),
)

assessment_outcome: Final = Table(
    "assessment_outcome",
    METADATA,
    Column("assessment_id", ForeignKey("assessment.id"), primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("lesion", String),
    Column("instrument", String, nullable=False),
    Column("outcome", String, nullable=False),
    Index(None, "instrument", "outcome"),
    sqlite_with_rowid=False,
)

assessment_read: Final = Table(
    "assessment_read",
    METADATA,
    Column("assessment_id", ForeignKey("assessment.id"), primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("reference", String, nullable=False),
    Column("version", String),
    Index(None, "reference"),
    sqlite_with_rowid=False,
)

answer: Final = Table(
    "answer",
    METADATA,
    Column("id", String, primary_key=True),
    Column("series", String, nullable=False),
    Column("place", Integer, nullable=False),
    Column("hospital", String, nullable=False),
    Column("answered", ForeignKey("assessment.id"), nullable=False),
    Column("made", ForeignKey("assessment.id"), nullable=False),
    Column("content_hash", String, nullable=False),
    # names a person: NULL after a purge
    Column("who", String),
    Column("said_at", Instant, nullable=False),
    Column("body", Packed, nullable=False),
    Column("given_at", Instant, nullable=False),
    Column("purged_at", Instant),
    UniqueConstraint("series", "place"),
    UniqueConstraint("series", "content_hash"),
)

delivery: Final = Table(
    "delivery",
    METADATA,
    Column("assessment_id", ForeignKey("assessment.id"), primary_key=True),
    Column("series", String, nullable=False, index=True),
    Column("hospital", String, nullable=False),
    Column("state", words(DeliveryState), nullable=False),
    Column("method", String),
    Column("ehr_reference", String),
    Column("ehr_version", String),
    Column("http_status", Integer),
    Column("sent", Packed),
    Column("answer", Packed),
    Column("planned_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("reason", String),
)

provenance: Final = Table(
    "provenance",
    METADATA,
    Column("assessment_id", ForeignKey("assessment.id"), primary_key=True),
    Column("state", words(DeliveryState), nullable=False),
    Column("reason", String),
    # Provenance.recorded: the same on every repeat
    Column("recorded_at", Instant, nullable=False),
    Column("ehr_reference", String),
    Column("method", String),
    Column("http_status", Integer),
    Column("answer", Packed),
    Column("updated_at", Instant, nullable=False),
)

ehr_resource: Final = Table(
    "ehr_resource",
    METADATA,
    Column("series", String, primary_key=True),
    Column("ehr_id", String, nullable=False),
    Column("ehr_version", String),
)

audit_fact: Final = Table(
    "audit_fact",
    METADATA,
    Column("id", COUNTED, primary_key=True),
    Column("at", Instant, nullable=False, index=True),
    Column("hospital", String),
    Column("action", words(AuditAction), nullable=False),
    Column("subtype", String, nullable=False),
    Column("outcome", words(AuditOutcome), nullable=False),
    Column("outcome_desc", String),
    # what may name a person is NULL after a purge, and so is the salt; the digest stays
    Column("agent", String),
    Column("agent_address", String),
    Column("patient", String, index=True),
    Column("entity", String, index=True),
    Column("query", String),
    Column("request_id", String),
    Column("detail", String),
    Column("salt", LargeBinary),
    Column("digest", LargeBinary, nullable=False),
    # both NULL until the sealer numbers the committed row
    Column("seq", BigInteger, unique=True),
    Column("seal", LargeBinary),
    sqlite_autoincrement=True,
)

release: Final = Table(
    "release",
    METADATA,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("content", Packed, nullable=False),
    Column("stored_at", Instant, nullable=False),
)

subscription: Final = Table(
    "subscription",
    METADATA,
    Column("hospital", String, primary_key=True),
    Column("reference", String, primary_key=True),
    Column("last_event", BigInteger, nullable=False),
    Column("heard_at", Instant, nullable=False),
)

subscription_gap: Final = Table(
    "subscription_gap",
    METADATA,
    Column("id", COUNTED, primary_key=True),
    Column("hospital", String, nullable=False),
    Column("reference", String, nullable=False),
    Column("first_event", BigInteger, nullable=False),
    Column("last_event", BigInteger, nullable=False),
    Column("noticed_at", Instant, nullable=False),
    Column("filled_at", Instant),
    ForeignKeyConstraint(["hospital", "reference"], ["subscription.hospital", "subscription.reference"]),
)

sweep: Final = Table(
    "sweep",
    METADATA,
    Column("hospital", String, primary_key=True),
    Column("resource_type", String, primary_key=True),
    Column("watermark", Instant, nullable=False),
    Column("swept_at", Instant, nullable=False),
)
