"""The books: accounts, entries, transfers, holds, and the budgets of what is given away."""

from enum import StrEnum

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, ForeignKey, Index, String, Table, text

from db.models.base import id_column, metadata, one_of, only_where
from db.types import CreditsColumn, Day, UtcTime


class AccountKind(StrEnum):
    """Whose credits an account counts."""

    PLAYER = "player"
    """A player's wallet; balance and held are cached and never negative."""
    POT = "pot"
    """A pot; the balance is cached and never negative."""
    HOUSE = "house"
    """The operator's share."""
    PROMO = "promo"
    """Where grants come from."""
    REFUND = "refund"
    """Owed from closed rounds, paid out in batches."""
    DEBT = "debt"
    """Owed by players after a charge-back."""
    STARS = "stars"
    """Bought with Telegram Stars."""
    SUSPENSE = "suspense"
    """Arrived and not yet understood."""


class HoldState(StrEnum):
    """The life of a hold: placed once, ended once."""

    PLACED = "placed"
    """The amount is set aside."""
    CAPTURED = "captured"
    """The amount was taken."""
    RELEASED = "released"
    """The amount was given back."""
    EXPIRED = "expired"
    """Given back because its time was up."""


CACHED_KINDS = "('player', 'pot')"

account = Table(
    "account",
    metadata,
    id_column(),
    Column("kind", String(16), nullable=False),
    Column("owner_id", BigInteger),
    Column("balance", CreditsColumn),
    Column("held", CreditsColumn, nullable=False, server_default=text("0")),
    one_of("kind", AccountKind),
    CheckConstraint(f"(kind IN {CACHED_KINDS}) = (balance IS NOT NULL)", name="balance_cached"),
    CheckConstraint(f"(kind IN {CACHED_KINDS}) = (owner_id IS NOT NULL)", name="owner_given"),
    CheckConstraint("balance IS NULL OR balance >= 0", name="balance_not_negative"),
    CheckConstraint("held >= 0 AND (held = 0 OR held <= balance)", name="held_within_balance"),
    Index("uq_account_kind_owner_id", "kind", "owner_id", unique=True),
    Index(
        "uq_account_system_kind",
        "kind",
        unique=True,
        **only_where("owner_id IS NULL"),
    ),
    sqlite_strict=True,
)

entry = Table(
    "entry",
    metadata,
    id_column(),
    Column("kind", String(32), nullable=False),
    Column("cause", String(200), nullable=False, unique=True),
    Column("at", UtcTime, nullable=False),
    Column("player_id", BigInteger, ForeignKey("player.id")),
    Column("round_id", BigInteger, ForeignKey("round.id")),
    Column("facts", JSON, nullable=False),
    Index("ix_entry_player_id_id", "player_id", "id"),
    sqlite_strict=True,
)

transfer = Table(
    "transfer",
    metadata,
    id_column(),
    Column("entry_id", BigInteger, ForeignKey("entry.id"), nullable=False),
    Column("debit_id", BigInteger, ForeignKey("account.id"), nullable=False),
    Column("credit_id", BigInteger, ForeignKey("account.id"), nullable=False),
    Column("amount", CreditsColumn, nullable=False),
    CheckConstraint("amount > 0", name="amount_positive"),
    CheckConstraint("debit_id <> credit_id", name="two_accounts"),
    Index("ix_transfer_entry_id", "entry_id"),
    sqlite_strict=True,
)

hold = Table(
    "hold",
    metadata,
    id_column(),
    Column("account_id", BigInteger, ForeignKey("account.id"), nullable=False),
    Column("amount", CreditsColumn, nullable=False),
    Column("state", String(16), nullable=False),
    Column("cause", String(200), nullable=False, unique=True),
    Column("placed_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    one_of("state", HoldState),
    CheckConstraint("amount > 0", name="amount_positive"),
    CheckConstraint("(state = 'placed') = (ended_at IS NULL)", name="ended_once"),
    Index(
        "ix_hold_placed_account_id",
        "account_id",
        **only_where("state = 'placed'"),
    ),
    sqlite_strict=True,
)

budget = Table(
    "budget",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("day", Day, primary_key=True),
    Column("spent", CreditsColumn, nullable=False),
    CheckConstraint("spent >= 0", name="spent_not_negative"),
    sqlite_strict=True,
)
