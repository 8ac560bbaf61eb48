"""What replicas share: heartbeats of processes, and the pace of sending."""

import sqlalchemy as sa
from alembic import op

from db.types import UtcTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build it."""
    op.create_table(
        "heartbeat",
        sa.Column("owner", sa.String(length=32), nullable=False),
        sa.Column("started_at", UtcTime(), nullable=False),
        sa.Column("seen_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("owner", name=op.f("pk_heartbeat")),
        sqlite_strict=True,
    )
    op.create_table(
        "pace",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("next_us", sa.BigInteger(), nullable=False),
        sa.Column("recent_us", sa.JSON(), nullable=False),
        sa.Column("seen_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_pace")),
        sqlite_strict=True,
    )
    op.create_table(
        "commit_mark",
        sa.Column("token", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("marked_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_commit_mark")),
        sqlite_strict=True,
    )
    op.create_index("ix_commit_mark_marked_at", "commit_mark", ["marked_at"], unique=False)
    op.create_index("ix_pace_seen_us", "pace", ["seen_us"], unique=False)


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_pace_seen_us", table_name="pace")
    op.drop_table("pace")
    op.drop_index("ix_commit_mark_marked_at", table_name="commit_mark")
    op.drop_table("commit_mark")
    op.drop_table("heartbeat")
