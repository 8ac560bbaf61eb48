"""Players and chats, each under a key of our own: Telegram's ids may change hands or kinds."""

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    false,
    text,
    true,
)

from db.models.base import id_column, metadata, one_of, only_where
from db.types import CreditsColumn, Day, UtcTime


class ChatKind(StrEnum):
    """What kind of chat it is for the game."""

    PRIVATE = "private"
    """One player and the bot."""
    GROUP = "group"
    """A group or supergroup, with a pot of its own."""


class Reach(StrEnum):
    """Whether messages of ours arrive in a chat."""

    OK = "ok"
    """As far as we know."""
    BLOCKED = "blocked"
    """The player blocked the bot or is gone."""
    KICKED = "kicked"
    """The bot was removed from the group."""


player = Table(
    "player",
    metadata,
    id_column(),
    Column("telegram_id", BigInteger, nullable=False, unique=True),
    Column("name", String(256), nullable=False),
    Column("username", String(64)),
    Column("telegram_language", String(16)),
    Column("language", String(8)),
    Column("seed", String(32), nullable=False, server_default="0"),
    Column("created_at", UtcTime, nullable=False),
    Column("welcomed", Boolean, nullable=False, server_default=false()),
    Column("day", Day, nullable=False),
    Column("window_key", String(16), nullable=False, server_default=""),
    Column("paid_in_window", Integer, nullable=False, server_default=text("0")),
    Column("paid_today", Integer, nullable=False, server_default=text("0")),
    Column("paid_total", BigInteger, nullable=False, server_default=text("0")),
    Column("spent_today", CreditsColumn, nullable=False, server_default=text("0")),
    Column("wins", Integer, nullable=False, server_default=text("0")),
    Column("daily_day", Day),
    Column("daily_streak", Integer, nullable=False, server_default=text("0")),
    Column("guard_credits", CreditsColumn),
    Column("guard_next_credits", CreditsColumn),
    Column("guard_next_at", UtcTime),
    Column("day_cap_credits", CreditsColumn),
    Column("day_cap_next_credits", CreditsColumn),
    Column("day_cap_next_at", UtcTime),
    Column("minute_at", UtcTime),
    Column("minute_count", Integer, nullable=False, server_default=text("0")),
    Column("hinted_at", UtcTime),
    Column("alias", String(32)),
    Column("hidden", Boolean, nullable=False, server_default=false()),
    Column("character", String(16)),
    Column("break_until", UtcTime),
    Column("forgotten_hash", LargeBinary),
    Column("premium_until", UtcTime),
    Column("premium_charge_id", String(255)),
    Column("premium_canceled", Boolean, nullable=False, server_default=false()),
    Column("debt_credits", CreditsColumn, nullable=False, server_default=text("0")),
    Column("frozen_at", UtcTime),
    Index(
        "uq_player_forgotten_hash",
        "forgotten_hash",
        unique=True,
        **only_where("forgotten_hash IS NOT NULL"),
    ),
    CheckConstraint("paid_in_window >= 0 AND spent_today >= 0", name="counters_not_negative"),
    sqlite_strict=True,
)

chat = Table(
    "chat",
    metadata,
    id_column(),
    Column("telegram_id", BigInteger, nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    Column("title", String(256), nullable=False),
    Column("language", String(8)),
    Column("reach", String(16), nullable=False, server_default="ok"),
    Column("declined_at", UtcTime),
    Column("created_at", UtcTime, nullable=False),
    Column("report", String(8), nullable=False, server_default="off"),
    Column("report_hour", Integer, nullable=False, server_default="18"),
    Column("timezone", String(64), nullable=False, server_default="UTC"),
    Column("topic_id", BigInteger),
    Column("quiet", Boolean, nullable=False, server_default=false()),
    Column("pot_on", Boolean, nullable=False, server_default=true()),
    Column("dashboard_id", BigInteger),
    Column("dashboard_at", UtcTime),
    Column("removed_at", UtcTime),
    Column("reset_day", Day),
    Column("merged_into", BigInteger),
    one_of("kind", ChatKind),
    one_of("reach", Reach),
    sqlite_strict=True,
)
