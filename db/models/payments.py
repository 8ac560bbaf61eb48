"""Purchases: orders, what was paid for them, and Telegram's own list of transactions as far as it was read."""

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    false,
    text,
)

from db.models.base import id_column, metadata, one_of, only_where
from db.types import CreditsColumn, UtcTime


class Product(StrEnum):
    """What is bought."""

    CREDITS = "credits"
    """A package of credits."""
    PREMIUM = "premium"
    """A period of Premium, by subscription."""


class PaymentState(StrEnum):
    """Where a payment stands."""

    CREDITED = "credited"
    """What was bought has been given."""
    FROZEN = "frozen"
    """Arrived, and not what an order asks for; an operator decides."""
    REFUNDING = "refunding"
    """What was bought is set aside, and Telegram is asked to give the Stars back."""
    REFUNDED = "refunded"
    """The Stars were given back."""
    RECLAIMED = "reclaimed"
    """The Stars were taken back by Telegram."""


purchase = Table(
    "purchase",
    metadata,
    id_column(),
    Column("payload", String(64), nullable=False),
    Column("player_id", BigInteger, ForeignKey("player.id"), nullable=False),
    Column("product", String(16), nullable=False),
    Column("stars", Integer, nullable=False),
    Column("credits", CreditsColumn, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("paid_at", UtcTime),
    one_of("product", Product),
    CheckConstraint("stars > 0", name="stars_positive"),
    UniqueConstraint("payload"),
    Index("ix_purchase_player_id_id", "player_id", "id"),
    sqlite_strict=True,
)

payment = Table(
    "payment",
    metadata,
    id_column(),
    Column("charge_id", String(255), nullable=False),
    Column("purchase_id", BigInteger, ForeignKey("purchase.id")),
    Column("player_id", BigInteger, ForeignKey("player.id")),
    Column("telegram_id", BigInteger, nullable=False),
    Column("product", String(16)),
    Column("stars", Integer, nullable=False),
    Column("credits", CreditsColumn, nullable=False, server_default=text("0")),
    Column("state", String(16), nullable=False),
    Column("reason", String(32)),
    Column("is_renewal", Boolean, nullable=False, server_default=false()),
    Column("is_reconciled", Boolean, nullable=False, server_default=false()),
    Column("until", UtcTime),
    Column("paid_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("hold_id", BigInteger, ForeignKey("hold.id"), unique=True),
    Column("entry_id", BigInteger, ForeignKey("entry.id"), unique=True),
    Column("back_entry_id", BigInteger, ForeignKey("entry.id"), unique=True),
    one_of("state", PaymentState),
    UniqueConstraint("charge_id"),
    Index("ix_payment_player_id_id", "player_id", "id"),
    Index("ix_payment_open_state", "state", "id", **only_where("state IN ('frozen', 'refunding')")),
    sqlite_strict=True,
)

star_transaction = Table(
    "star_transaction",
    metadata,
    id_column(),
    Column("charge_id", String(255), nullable=False),
    Column("is_incoming", Boolean, nullable=False),
    Column("stars", BigInteger, nullable=False),
    Column("partner", String(24), nullable=False),
    Column("telegram_id", BigInteger),
    Column("payload", String(128)),
    Column("period_seconds", Integer),
    Column("at", UtcTime, nullable=False),
    UniqueConstraint("charge_id", "is_incoming"),
    sqlite_strict=True,
)
