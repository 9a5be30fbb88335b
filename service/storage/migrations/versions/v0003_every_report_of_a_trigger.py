"""Every report of a trigger, the EHR's refusals, and the Provenance of a delivery.

Only adds: processes of the release before go on beside it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")
WORD = sa.String(16)


def upgrade() -> None:
    """Add the columns and the two tables."""
    op.add_column("receipt", sa.Column("http_status", sa.Integer))
    op.add_column("receipt", sa.Column("answer", sa.LargeBinary))
    op.add_column("delivery", sa.Column("reason", sa.String))
    op.create_table(
        "receipt_report",
        sa.Column("receipt_id", sa.String, sa.ForeignKey("receipt.id"), primary_key=True),
        sa.Column("report", sa.String, primary_key=True),
        sa.Column("state", WORD, nullable=False),
        sa.Column("reason", sa.String),
        sa.Column("assessment_id", sa.String, sa.ForeignKey("assessment.id")),
        sa.Column("http_status", sa.Integer),
        sa.Column("answer", sa.LargeBinary),
        sa.Column("updated_at", INSTANT, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "provenance",
        sa.Column("assessment_id", sa.String, sa.ForeignKey("assessment.id"), primary_key=True),
        sa.Column("state", WORD, nullable=False),
        sa.Column("reason", sa.String),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("ehr_reference", sa.String),
        sa.Column("method", sa.String),
        sa.Column("http_status", sa.Integer),
        sa.Column("answer", sa.LargeBinary),
        sa.Column("updated_at", INSTANT, nullable=False),
    )


def downgrade() -> None:
    """Refuse: what stands in the new columns would be lost."""
    raise RuntimeError("a schema is never taken back")
