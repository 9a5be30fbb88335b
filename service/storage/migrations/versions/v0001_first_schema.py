"""The first schema: receipts, dossiers, assessments, deliveries, streams and jobs, audit facts, releases, sweeps.

Frozen: a later change of the tables is a later revision. Constraints get their names from the naming convention.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

COUNTED = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")
WORD = sa.String(16)


def upgrade() -> None:
    """Create every table."""
    _create_assessments()
    _create_traffic()
    _create_jobs()
    _create_audit()
    if op.get_context().dialect.name == "postgresql":
        _compress_quickly()


def downgrade() -> None:
    """Refuse: there is nothing before the first schema, and dropping it would drop the records."""
    raise RuntimeError("the first schema is never taken back")


def _create_assessments() -> None:
    op.create_table(
        "release",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("stored_at", INSTANT, nullable=False),
    )
    op.create_table(
        "dossier",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("purged_at", INSTANT),
    )
    op.create_table(
        "assessment",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("series", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("hospital", sa.String, nullable=False),
        sa.Column("subject", sa.String),
        sa.Column("encounter", sa.String),
        sa.Column("report_reference", sa.String),
        sa.Column("report_identity", sa.String, nullable=False),
        sa.Column("report_version", sa.String),
        sa.Column("report_last_updated", sa.String),
        sa.Column("report_said_at", INSTANT),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("supersedes", sa.String, sa.ForeignKey("assessment.id"), unique=True),
        sa.Column("input_hash", sa.String, nullable=False),
        sa.Column("dossier_id", sa.String, sa.ForeignKey("dossier.id"), nullable=False),
        sa.Column("ruleset", sa.String, nullable=False),
        sa.Column("mappings_release", sa.String, nullable=False),
        sa.Column("assessed_at", INSTANT, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("resource", sa.LargeBinary, nullable=False),
        sa.Column("feed_position", sa.BigInteger, unique=True),
        sa.Column("purged_at", INSTANT),
        sa.UniqueConstraint("series", "version"),
    )
    op.create_index("ix_assessment_hospital_subject", "assessment", ["hospital", "subject"])
    op.create_index("ix_assessment_hospital_report_reference", "assessment", ["hospital", "report_reference"])
    op.create_index("ix_assessment_hospital_assessed_at", "assessment", ["hospital", "assessed_at"])
    op.create_table(
        "assessment_outcome",
        sa.Column("assessment_id", sa.String, sa.ForeignKey("assessment.id"), primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("lesion", sa.String),
        sa.Column("instrument", sa.String, nullable=False),
        sa.Column("outcome", sa.String, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_assessment_outcome_instrument_outcome", "assessment_outcome", ["instrument", "outcome"])
    op.create_table(
        "assessment_read",
        sa.Column("assessment_id", sa.String, sa.ForeignKey("assessment.id"), primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("reference", sa.String, nullable=False),
        sa.Column("version", sa.String),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_assessment_read_reference", "assessment_read", ["reference"])


def _create_traffic() -> None:
    op.create_table(
        "receipt",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("hospital", sa.String, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("method", sa.String, nullable=False),
        sa.Column("resource_type", sa.String, nullable=False),
        sa.Column("resource_id", sa.String),
        sa.Column("resource_version", sa.String),
        sa.Column("content_hash", sa.String, nullable=False),
        sa.Column("dedupe_key", sa.String, nullable=False, unique=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("media_type", sa.String, nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("request_id", sa.String),
        sa.Column("state", WORD, nullable=False),
        sa.Column("reason", sa.String),
        sa.Column("assessment_id", sa.String, sa.ForeignKey("assessment.id")),
        sa.Column("repeats", sa.Integer, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("purged_at", INSTANT),
    )
    op.create_table(
        "delivery",
        sa.Column("assessment_id", sa.String, sa.ForeignKey("assessment.id"), primary_key=True),
        sa.Column("series", sa.String, nullable=False),
        sa.Column("hospital", sa.String, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("method", sa.String),
        sa.Column("ehr_reference", sa.String),
        sa.Column("ehr_version", sa.String),
        sa.Column("http_status", sa.Integer),
        sa.Column("sent", sa.LargeBinary),
        sa.Column("answer", sa.LargeBinary),
        sa.Column("planned_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
    )
    op.create_index("ix_delivery_series", "delivery", ["series"])
    op.create_table(
        "ehr_resource",
        sa.Column("series", sa.String, primary_key=True),
        sa.Column("ehr_id", sa.String, nullable=False),
        sa.Column("ehr_version", sa.String),
    )
    op.create_table(
        "subscription",
        sa.Column("hospital", sa.String, primary_key=True),
        sa.Column("reference", sa.String, primary_key=True),
        sa.Column("last_event", sa.BigInteger, nullable=False),
        sa.Column("heard_at", INSTANT, nullable=False),
    )
    op.create_table(
        "subscription_gap",
        sa.Column("id", COUNTED, primary_key=True),
        sa.Column("hospital", sa.String, nullable=False),
        sa.Column("reference", sa.String, nullable=False),
        sa.Column("first_event", sa.BigInteger, nullable=False),
        sa.Column("last_event", sa.BigInteger, nullable=False),
        sa.Column("noticed_at", INSTANT, nullable=False),
        sa.Column("filled_at", INSTANT),
        sa.ForeignKeyConstraint(["hospital", "reference"], ["subscription.hospital", "subscription.reference"]),
    )
    op.create_table(
        "sweep",
        sa.Column("hospital", sa.String, primary_key=True),
        sa.Column("resource_type", sa.String, primary_key=True),
        sa.Column("watermark", INSTANT, nullable=False),
        sa.Column("swept_at", INSTANT, nullable=False),
    )


def _create_jobs() -> None:
    op.create_table(
        "stream",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("open_n", sa.Integer, nullable=False),
        sa.Column("due_at", sa.Double),
        sa.Column("span", sa.Double),
        sa.Column("run_by", sa.Double),
        sa.Column("waiting_since", sa.Double),
        sa.Column("fence", sa.BigInteger, nullable=False),
        sa.Column("owner", sa.String),
        sqlite_with_rowid=False,
    )
    busy = sa.text("due_at IS NOT NULL")
    op.create_index("ix_stream_waiting", "stream", ["waiting_since"], sqlite_where=busy, postgresql_where=busy)
    op.create_table(
        "job",
        sa.Column("id", COUNTED, primary_key=True),
        sa.Column("key", sa.String, sa.ForeignKey("stream.key", deferrable=True, initially="DEFERRED"), nullable=False),
        sa.Column("dedupe_key", sa.String, nullable=False, unique=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("payload", sa.JSON, nullable=False),
        sa.Column("enqueued_at", sa.Double, nullable=False),
        sa.Column("not_before", sa.Double, nullable=False),
        sa.Column("run_by", sa.Double, nullable=False),
        sa.Column("backoff", sa.Double),
        sa.Column("state", WORD, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("last_error", sa.String),
        sqlite_autoincrement=True,
    )
    is_open, is_dead = sa.text("state = 'open'"), sa.text("state = 'dead'")
    op.create_index("ix_job_open", "job", ["key", "id"], sqlite_where=is_open, postgresql_where=is_open)
    op.create_index("ix_job_dead", "job", ["id"], sqlite_where=is_dead, postgresql_where=is_dead)


def _create_audit() -> None:
    op.create_table(
        "audit_fact",
        sa.Column("id", COUNTED, primary_key=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("hospital", sa.String),
        sa.Column("action", WORD, nullable=False),
        sa.Column("subtype", sa.String, nullable=False),
        sa.Column("outcome", WORD, nullable=False),
        sa.Column("outcome_desc", sa.String),
        sa.Column("agent", sa.String),
        sa.Column("agent_address", sa.String),
        sa.Column("patient", sa.String),
        sa.Column("entity", sa.String),
        sa.Column("query", sa.String),
        sa.Column("request_id", sa.String),
        sa.Column("detail", sa.String),
        sa.Column("salt", sa.LargeBinary),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("seq", sa.BigInteger, unique=True),
        sa.Column("seal", sa.LargeBinary),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_fact_at", "audit_fact", ["at"])
    op.create_index("ix_audit_fact_patient", "audit_fact", ["patient"])
    op.create_index("ix_audit_fact_entity", "audit_fact", ["entity"])


def _compress_quickly() -> None:
    """Let PostgreSQL compress the large columns with LZ4 where the server has it: its own method costs more than the insert."""
    offered = sa.text("SELECT 'lz4' = ANY (enumvals) FROM pg_settings WHERE name = 'default_toast_compression'")
    if op.get_bind().execute(offered).scalar():
        for table, column in (
            ("release", "content"),
            ("dossier", "content"),
            ("assessment", "content"),
            ("assessment", "resource"),
            ("receipt", "body"),
        ):
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET COMPRESSION lz4")
