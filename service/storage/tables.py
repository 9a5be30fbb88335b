"""Every table of the service: one schema for SQLite and PostgreSQL.

Instants of the outside world are `Instant`s; due times, leases and waiting times are seconds since 1970 by the database's
clock, because only the database compares them. Content that retention removed is empty, with `purged_at` set.
"""

from enum import StrEnum
from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Double,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    literal_column,
)

from service.storage.clock import Instant
from service.storage.packed import Packed
from service.storage.terms import AuditAction, AuditOutcome, DeliveryState, JobState, ReceiptKind, ReceiptState

METADATA: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite counts rows by itself only in a column of exactly this type
_COUNTED: Final = BigInteger().with_variant(Integer, "sqlite")


def _words(vocabulary: type[StrEnum]) -> Enum:
    """Return a text column type of a closed vocabulary; Python checks the words, so that a new one needs no migration."""
    return Enum(vocabulary, native_enum=False, length=16, values_callable=lambda words: [word.value for word in words])


receipt: Final = Table(
    "receipt",
    METADATA,
    Column("id", String, primary_key=True),
    Column("hospital", String, nullable=False),
    Column("kind", _words(ReceiptKind), nullable=False),
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
    Column("state", _words(ReceiptState), nullable=False),
    Column("reason", String),
    Column("assessment_id", ForeignKey("assessment.id")),
    Column("repeats", Integer, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("purged_at", Instant),
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
    Column("state", _words(DeliveryState), nullable=False),
    Column("method", String),
    Column("ehr_reference", String),
    Column("ehr_version", String),
    Column("http_status", Integer),
    Column("sent", Packed),
    Column("answer", Packed),
    Column("planned_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

ehr_resource: Final = Table(
    "ehr_resource",
    METADATA,
    Column("series", String, primary_key=True),
    Column("ehr_id", String, nullable=False),
    Column("ehr_version", String),
)

stream: Final = Table(
    "stream",
    METADATA,
    Column("key", String, primary_key=True),
    Column("open_n", Integer, nullable=False),
    # NULL = idle; else claimable from then on: work is due, a backoff or a lease ends
    Column("due_at", Double),
    # how far ahead due_at lay when it was set: tells a clock that jumped back
    Column("span", Double),
    # due_at is never pushed beyond it by further work
    Column("run_by", Double),
    # order among due streams; lies ahead while a backoff runs
    Column("waiting_since", Double),
    Column("fence", BigInteger, nullable=False),
    # NULL = nobody holds a lease
    Column("owner", String),
    sqlite_with_rowid=False,
)
IS_BUSY: Final = stream.c.due_at.is_not(None)
Index("ix_stream_waiting", stream.c.waiting_since, sqlite_where=IS_BUSY, postgresql_where=IS_BUSY)

job: Final = Table(
    "job",
    METADATA,
    Column("id", _COUNTED, primary_key=True),
    # checked at commit: the job is written first, because its dedupe key decides whether the stream is touched
    Column("key", ForeignKey("stream.key", deferrable=True, initially="DEFERRED"), nullable=False),
    Column("dedupe_key", String, nullable=False, unique=True),
    Column("kind", String, nullable=False),
    Column("payload", JSON, nullable=False),
    Column("enqueued_at", Double, nullable=False),
    Column("not_before", Double, nullable=False),
    Column("run_by", Double, nullable=False),
    # seconds of the running backoff; NULL = none
    Column("backoff", Double),
    Column("state", _words(JobState), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("last_error", String),
    sqlite_autoincrement=True,
)
# words written out, because neither database matches a bound parameter with the condition of a partial index
IS_OPEN: Final = job.c.state == literal_column(f"'{JobState.OPEN}'")
IS_DEAD: Final = job.c.state == literal_column(f"'{JobState.DEAD}'")
Index("ix_job_open", job.c.key, job.c.id, sqlite_where=IS_OPEN, postgresql_where=IS_OPEN)
Index("ix_job_dead", job.c.id, sqlite_where=IS_DEAD, postgresql_where=IS_DEAD)

audit_fact: Final = Table(
    "audit_fact",
    METADATA,
    Column("id", _COUNTED, primary_key=True),
    Column("at", Instant, nullable=False, index=True),
    Column("hospital", String),
    Column("action", _words(AuditAction), nullable=False),
    Column("subtype", String, nullable=False),
    Column("outcome", _words(AuditOutcome), nullable=False),
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
    Column("id", _COUNTED, primary_key=True),
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
