"""What came in and what goes out: inbox and outbox, durable and owned by leases."""

from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    text,
)

from db.models.base import id_column, lease_columns, metadata, one_of, only_where
from db.types import UtcTime


class InboxState(StrEnum):
    """Where an update stands."""

    WAITING = "waiting"
    """Not handled yet."""
    DONE = "done"
    """Handled."""
    PARKED = "parked"
    """Can't be handled; kept with its raw bytes."""


class OutboxState(StrEnum):
    """Where an outgoing message stands."""

    WAITING = "waiting"
    """To be sent."""
    SENT = "sent"
    """Telegram has taken it."""
    FAILED = "failed"
    """Telegram refuses it for good."""
    EXPIRED = "expired"
    """Too old to be sent."""


_WAITING: dict[str, Any] = {
    "sqlite_where": text("state = 'waiting'"),
    "postgresql_where": text("state = 'waiting'"),
}

inbox = Table(
    "inbox",
    metadata,
    id_column(),
    Column("update_id", BigInteger, nullable=False, unique=True),
    Column("lane", String(40), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("state", String(16), nullable=False),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("error", String(500)),
    Column("done_at", UtcTime),
    *lease_columns(),
    one_of("state", InboxState),
    Index("ix_inbox_waiting_lane_id", "lane", "id", **_WAITING),
    Index(
        "ix_inbox_done_at",
        "done_at",
        **only_where("done_at IS NOT NULL"),
    ),
    sqlite_strict=True,
)

outbox = Table(
    "outbox",
    metadata,
    id_column(),
    Column("key", String(200), nullable=False, unique=True),
    Column("chat_id", BigInteger, ForeignKey("chat.id"), nullable=False),
    Column("thread_id", BigInteger),
    Column("reply_to", BigInteger),
    Column("language", String(16), nullable=False),
    Column("notice", String(40), nullable=False),
    Column("facts", JSON, nullable=False),
    Column("is_money", Boolean, nullable=False),
    Column("state", String(16), nullable=False),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("error", String(500)),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("message_id", BigInteger),
    *lease_columns(),
    one_of("state", OutboxState),
    Index("ix_outbox_waiting_chat_id_id", "chat_id", "id", **_WAITING),
    Index(
        "ix_outbox_ended_at",
        "ended_at",
        **only_where("ended_at IS NOT NULL"),
    ),
    sqlite_strict=True,
)
