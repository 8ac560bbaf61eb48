"""Groups: timers, refunds that are owed, samples of pots, settings of a group, names on leaderboards."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from db.types import CreditsColumn, Day, UtcTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build it."""
    op.create_table(
        "timer",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("cause", sa.String(length=120), nullable=False),
        sa.Column("due_at", UtcTime(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=True),
        sa.Column("round_id", sa.BigInteger(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("done_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["chat_id"], ["chat.id"], name=op.f("fk_timer_chat_id")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_timer_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timer")),
        sa.UniqueConstraint("cause", name=op.f("uq_timer_cause")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_timer_waiting_due_at",
        "timer",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_table(
        "refund_due",
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("player_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", CreditsColumn(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_refund_due_amount_positive")),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_refund_due_entry_id")),
        sa.ForeignKeyConstraint(
            ["round_id", "player_id"],
            ["round_player.round_id", "round_player.player_id"],
            name=op.f("fk_refund_due_round_id"),
        ),
        sa.PrimaryKeyConstraint("round_id", "player_id", name=op.f("pk_refund_due")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_refund_due_entry_id")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_refund_due_unpaid_round_id_player_id",
        "refund_due",
        ["round_id", "player_id"],
        unique=False,
        sqlite_where=sa.text("entry_id IS NULL"),
        postgresql_where=sa.text("entry_id IS NULL"),
    )
    op.create_table(
        "pot_sample",
        sa.Column("pot_id", sa.BigInteger(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("balance", CreditsColumn(), nullable=False),
        sa.ForeignKeyConstraint(["pot_id"], ["pot.id"], name=op.f("fk_pot_sample_pot_id")),
        sa.PrimaryKeyConstraint("pot_id", "at", name=op.f("pk_pot_sample")),
        sqlite_strict=True,
    )
    for column in _chat_columns():
        op.add_column("chat", column)
    op.add_column("player", sa.Column("alias", sa.String(length=32), nullable=True))
    op.add_column("player", sa.Column("hidden", sa.Boolean(), server_default=sa.false(), nullable=False))


def _chat_columns() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("report", sa.String(length=8), server_default="off", nullable=False),
        sa.Column("report_hour", sa.Integer(), server_default="18", nullable=False),
        sa.Column("timezone", sa.String(length=64), server_default="UTC", nullable=False),
        sa.Column("topic_id", sa.BigInteger(), nullable=True),
        sa.Column("quiet", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("pot_on", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("dashboard_id", sa.BigInteger(), nullable=True),
        sa.Column("dashboard_at", UtcTime(), nullable=True),
        sa.Column("removed_at", UtcTime(), nullable=True),
        sa.Column("reset_day", Day(), nullable=True),
        sa.Column("merged_into", sa.BigInteger(), nullable=True),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_column("player", "hidden")
    op.drop_column("player", "alias")
    for column in reversed(_chat_columns()):
        op.drop_column("chat", column.name)
    op.drop_table("pot_sample")
    op.drop_index(
        "ix_refund_due_unpaid_round_id_player_id",
        table_name="refund_due",
        sqlite_where=sa.text("entry_id IS NULL"),
        postgresql_where=sa.text("entry_id IS NULL"),
    )
    op.drop_table("refund_due")
    op.drop_index(
        "ix_timer_waiting_due_at",
        table_name="timer",
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.drop_table("timer")
