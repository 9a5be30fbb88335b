"""Answers of people about an assessment.

Frozen: a later change of the tables is a later revision. Constraints get their names from the naming convention.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")


def upgrade() -> None:
    """Create the table; no row of another table is touched, so that running processes go on beside it."""
    op.create_table(
        "answer",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("series", sa.String, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("hospital", sa.String, nullable=False),
        sa.Column("answered", sa.String, sa.ForeignKey("assessment.id"), nullable=False),
        sa.Column("made", sa.String, sa.ForeignKey("assessment.id"), nullable=False),
        sa.Column("content_hash", sa.String, nullable=False),
        sa.Column("who", sa.String),
        sa.Column("said_at", INSTANT, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("given_at", INSTANT, nullable=False),
        sa.Column("purged_at", INSTANT),
        sa.UniqueConstraint("series", "place"),
        sa.UniqueConstraint("series", "content_hash"),
    )


def downgrade() -> None:
    """Refuse: dropping the table would drop what people said."""
    raise RuntimeError("answers are never taken back")
