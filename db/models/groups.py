"""What a group's life needs beside its pot: timers, refunds that are owed, the pot's size over time."""

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Table,
    UniqueConstraint,
    text,
)

from db.models.base import id_column, metadata
from db.types import CreditsColumn, UtcTime

_WAITING: dict[str, Any] = {
    "sqlite_where": text("done_at IS NULL"),
    "postgresql_where": text("done_at IS NULL"),
}
_UNPAID: dict[str, Any] = {
    "sqlite_where": text("entry_id IS NULL"),
    "postgresql_where": text("entry_id IS NULL"),
}

timer = Table(
    "timer",
    metadata,
    id_column(),
    Column("kind", String(24), nullable=False),
    Column("cause", String(120), nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("chat_id", BigInteger, ForeignKey("chat.id")),
    Column("round_id", BigInteger, ForeignKey("round.id")),
    Column("facts", JSON, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("done_at", UtcTime),
    UniqueConstraint("cause"),
    Index("ix_timer_waiting_due_at", "due_at", **_WAITING),
    sqlite_strict=True,
)

refund_due = Table(
    "refund_due",
    metadata,
    Column("round_id", BigInteger, primary_key=True, autoincrement=False),
    Column("player_id", BigInteger, primary_key=True, autoincrement=False),
    Column("amount", CreditsColumn, nullable=False),
    Column("entry_id", BigInteger, ForeignKey("entry.id"), unique=True),
    ForeignKeyConstraint(["round_id", "player_id"], ["round_player.round_id", "round_player.player_id"]),
    CheckConstraint("amount > 0", name="amount_positive"),
    Index("ix_refund_due_unpaid_round_id_player_id", "round_id", "player_id", **_UNPAID),
    sqlite_strict=True,
)

pot_sample = Table(
    "pot_sample",
    metadata,
    Column("pot_id", BigInteger, ForeignKey("pot.id"), primary_key=True),
    Column("at", UtcTime, primary_key=True),
    Column("balance", CreditsColumn, nullable=False),
    sqlite_strict=True,
)
