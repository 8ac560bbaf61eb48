"""Conversations, their turns (one message and its answer), and the buttons that act once."""

from enum import StrEnum

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from db.models.base import id_column, lease_columns, metadata, one_of, only_where
from db.types import CreditsColumn, Day, UtcTime


class TurnState(StrEnum):
    """Where a turn stands: waiting, (asking), reserved, then one of the ends."""

    WAITING = "waiting"
    """Its turn has not come."""
    ASKING = "asking"
    """Its player was asked whether to pay."""
    RESERVED = "reserved"
    """Its price is held (or its free slot taken) and the model is at work."""
    SETTLED = "settled"
    """Answered."""
    RELEASED = "released"
    """Not answered; nothing charged."""
    DECLINED = "declined"
    """Never begun; nothing charged."""


class FileKind(StrEnum):
    """What comes with a message for the model to look at."""

    PHOTO = "photo"
    """A picture."""
    TEXT = "text"
    """A document of plain text."""


conversation = Table(
    "conversation",
    metadata,
    id_column(),
    Column("chat_id", BigInteger, ForeignKey("chat.id"), nullable=False),
    Column("thread_id", BigInteger, nullable=False, server_default=text("0")),
    Column("title", String(128), nullable=False),
    Column("is_current", Boolean, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("deleted_at", UtcTime),
    CheckConstraint("deleted_at IS NULL OR NOT is_current", name="current_is_kept"),
    Index("uq_conversation_current", "chat_id", "thread_id", unique=True, **only_where("is_current")),
    Index("ix_conversation_chat_id_id", "chat_id", "id"),
    Index("ix_conversation_deleted_at", "deleted_at", **only_where("deleted_at IS NOT NULL")),
    sqlite_strict=True,
)

turn = Table(
    "turn",
    metadata,
    id_column(),
    Column("chat_id", BigInteger, ForeignKey("chat.id"), nullable=False),
    Column("player_id", BigInteger, ForeignKey("player.id"), nullable=False),
    Column("telegram_chat_id", BigInteger, nullable=False),
    Column("message_id", BigInteger, nullable=False),
    Column("thread_id", BigInteger),
    Column("media_group_id", String(64)),
    Column("sent_at", UtcTime, nullable=False),
    Column("text", Text, nullable=False),
    Column("always_paid", Boolean, nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", String(32)),
    Column("is_free", Boolean, nullable=False, server_default=false()),
    Column("price", CreditsColumn),
    Column("confirmed_price", CreditsColumn),
    Column("confirm_until", UtcTime),
    Column("seed", String(32)),
    Column("day", Day),
    Column("window_key", String(16)),
    Column("hold_id", BigInteger, ForeignKey("hold.id"), unique=True),
    Column("entry_id", BigInteger, ForeignKey("entry.id"), unique=True),
    Column("created_at", UtcTime, nullable=False),
    Column("reserved_at", UtcTime),
    Column("ended_at", UtcTime),
    Column("answer", Text),
    Column("is_cut", Boolean, nullable=False, server_default=false()),
    Column("conversation_id", BigInteger),
    Column("edit_of", BigInteger),
    Column("edited_at", UtcTime),
    Column("stop_at", UtcTime),
    Column("shown_id", BigInteger),
    Column("file_id", String(256)),
    Column("file_kind", String(8)),
    Column("file_name", String(128)),
    Column("model", String(64)),
    Column("tokens_in", Integer),
    Column("tokens_out", Integer),
    Column("cost_micros", BigInteger),
    *lease_columns(),
    UniqueConstraint("telegram_chat_id", "message_id"),
    one_of("state", TurnState),
    CheckConstraint("state <> 'reserved' OR is_free = (hold_id IS NULL)", name="paid_is_held"),
    CheckConstraint("(state = 'settled') = (answer IS NOT NULL)", name="answer_when_settled"),
    Index("uq_turn_under_way_player_id", "player_id", unique=True, **only_where("state = 'reserved'")),
    Index(
        "uq_turn_album", "chat_id", "media_group_id", unique=True, **only_where("media_group_id IS NOT NULL")
    ),
    Index("ix_turn_waiting_player_id_id", "player_id", "id", **only_where("state = 'waiting'")),
    Index("ix_turn_reserved_lease_until", "lease_until", **only_where("state = 'reserved'")),
    Index("ix_turn_reserved_chat_id", "chat_id", **only_where("state = 'reserved'")),
    Index("ix_turn_asking_confirm_until", "confirm_until", **only_where("state = 'asking'")),
    Index("ix_turn_free_player_id_day", "player_id", "day", **only_where("is_free")),
    Index("uq_turn_edit_of", "edit_of", unique=True, **only_where("edit_of IS NOT NULL")),
    Index("ix_turn_chat_id_player_id_id", "chat_id", "player_id", "id"),
    Index("ix_turn_player_id_id", "player_id", "id"),
    Index(
        "ix_turn_said_conversation_id_player_id_id",
        "conversation_id",
        "player_id",
        "id",
        **only_where("state = 'settled'"),
    ),
    Index("ix_turn_usage_day_player_id", "day", "player_id", **only_where("tokens_in IS NOT NULL")),
    sqlite_strict=True,
)

button = Table(
    "button",
    metadata,
    Column("token", String(32), primary_key=True),
    Column("action", String(32), nullable=False),
    Column("facts", JSON, nullable=False),
    Column("player_id", BigInteger, ForeignKey("player.id"), nullable=False),
    Column("chat_id", BigInteger, ForeignKey("chat.id"), nullable=False),
    Column("sibling", String(32), nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("used_at", UtcTime),
    Column("pressed", String(32)),
    CheckConstraint("(used_at IS NULL) = (pressed IS NULL)", name="pressed_when_used"),
    Index("ix_button_sibling", "sibling"),
    Index("ix_button_expires_at", "expires_at"),
    sqlite_strict=True,
)
