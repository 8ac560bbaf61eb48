"""Pots, their chains of seeds, rounds and tickets."""

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    text,
)

from db.models.base import id_column, metadata, one_of, only_where
from db.types import CreditsColumn, UtcTime


class RoundState(StrEnum):
    """Whether a round still takes tickets."""

    OPEN = "open"
    """Takes tickets; its seed is secret."""
    CLOSED = "closed"
    """Over; its seed is public."""


class Outcome(StrEnum):
    """How a round ended."""

    WON = "won"
    """A ticket won the prize."""
    CARRIED = "carried"
    """Reset; the pot went on into the next round."""
    REFUNDED = "refunded"
    """Reset; the players got back what they had put in."""


pot = Table(
    "pot",
    metadata,
    id_column(),
    Column("key", String(64), nullable=False, unique=True),
    Column("chat_id", BigInteger, ForeignKey("chat.id"), unique=True),
    Column("created_at", UtcTime, nullable=False),
    sqlite_strict=True,
)

chain = Table(
    "chain",
    metadata,
    id_column(),
    Column("pot_id", BigInteger, ForeignKey("pot.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("anchor", LargeBinary(32), nullable=False),
    Column("top", LargeBinary(32), nullable=False),
    UniqueConstraint("pot_id", "number"),
    sqlite_strict=True,
)

round_ = Table(
    "round",
    metadata,
    id_column(),
    Column("pot_id", BigInteger, ForeignKey("pot.id"), nullable=False),
    Column("chain_id", BigInteger, ForeignKey("chain.id"), nullable=False),
    Column("k", BigInteger, nullable=False),
    Column("secret", LargeBinary(32), nullable=False),
    Column("commitment", LargeBinary(32), nullable=False),
    Column("head", LargeBinary(32), nullable=False),
    Column("tickets", BigInteger, nullable=False, server_default=text("0")),
    Column("carried_in", CreditsColumn, nullable=False),
    Column("state", String(16), nullable=False),
    Column("outcome", String(16)),
    Column("prize", CreditsColumn),
    Column("opened_at", UtcTime, nullable=False),
    Column("closed_at", UtcTime),
    UniqueConstraint("pot_id", "k"),
    one_of("state", RoundState),
    one_of("outcome", Outcome),
    CheckConstraint("(state = 'open') = (outcome IS NULL)", name="outcome_when_closed"),
    CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="closed_at_when_closed"),
    CheckConstraint("(outcome = 'won') = (prize IS NOT NULL)", name="prize_when_won"),
    Index(
        "uq_round_open_pot_id",
        "pot_id",
        unique=True,
        **only_where("state = 'open'"),
    ),
    sqlite_strict=True,
)

round_player = Table(
    "round_player",
    metadata,
    Column("round_id", BigInteger, ForeignKey("round.id"), primary_key=True),
    Column("player_id", BigInteger, ForeignKey("player.id"), primary_key=True),
    Column("pseudonym", String(16), nullable=False),
    Column("tickets", BigInteger, nullable=False),
    Column("fed_credits", CreditsColumn, nullable=False),
    UniqueConstraint("round_id", "pseudonym"),
    CheckConstraint("tickets >= 0 AND fed_credits >= 0", name="not_negative"),
    Index("ix_round_player_player_id", "player_id"),
    sqlite_strict=True,
)

ticket = Table(
    "ticket",
    metadata,
    Column("round_id", BigInteger, primary_key=True),
    Column("n", BigInteger, primary_key=True, autoincrement=False),
    Column("entry_id", BigInteger, ForeignKey("entry.id"), nullable=False, unique=True),
    Column("player_id", BigInteger, nullable=False),
    Column("pseudonym", String(16), nullable=False),
    Column("chat_msg", BigInteger, nullable=False),
    Column("date", BigInteger, nullable=False),
    Column("ppm", Integer, nullable=False),
    Column("price", CreditsColumn, nullable=False),
    Column("seed", String(32), nullable=False),
    Column("head", LargeBinary(32), nullable=False),
    Column("roll", Integer, nullable=False),
    Column("won", Boolean, nullable=False),
    ForeignKeyConstraint(["round_id", "player_id"], ["round_player.round_id", "round_player.player_id"]),
    CheckConstraint("n >= 1", name="n_from_one"),
    CheckConstraint("ppm BETWEEN 0 AND 1000000 AND roll BETWEEN 0 AND 999999", name="millionths"),
    sqlite_strict=True,
)
