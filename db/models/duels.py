"""Quiz duels: question sets, each player's part in one, answers, challenges of groups, ratings."""

from enum import StrEnum

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
    false,
    text,
)

from db.models.base import id_column, metadata, one_of, only_where
from db.types import CreditsColumn, UtcTime

_OPEN = "state IN ('sending', 'playing', 'waiting')"


class DuelState(StrEnum):
    """Where a player's duel stands."""

    SENDING = "sending"
    """The stake is held, and the first question is on its way."""
    PLAYING = "playing"
    """The first question has arrived; the time runs."""
    WAITING = "waiting"
    """The result is there; an opponent's is not."""
    SETTLED = "settled"
    """Two results were compared."""
    REFUNDED = "refunded"
    """Nobody was paired with it in time; the stake was given back."""
    VOID = "void"
    """It doesn't count, through no fault of the player; the stake was given back."""


class Outcome(StrEnum):
    """How a settled duel ended for its player."""

    WON = "won"
    """He got the bounty."""
    LOST = "lost"
    """His stake is gone."""
    TIE = "tie"
    """He got his stake back."""


question_set = Table(
    "question_set",
    metadata,
    id_column(),
    Column("pool_id", BigInteger, ForeignKey("question_pool.id"), nullable=False),
    Column("category", String(32), nullable=False),
    Column("seed", LargeBinary, nullable=False),
    Column("commitment", LargeBinary, nullable=False),
    Column("question_ids", JSON, nullable=False),
    Column("orders", JSON, nullable=False),
    Column("content", String(64), nullable=False),
    Column("languages", JSON, nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Index("ix_question_set_open_category", "category", "id", **only_where("is_open")),
    sqlite_strict=True,
)
"""``orders`` are the places of the options as shown; ``content`` names the questions, whatever their order;
``is_open``: an opponent may still join, whoever he is; never true of a challenge's set.
"""

challenge = Table(
    "challenge",
    metadata,
    id_column(),
    Column("token", String(32), nullable=False),
    Column("set_id", BigInteger, ForeignKey("question_set.id"), nullable=False),
    Column("chat_id", BigInteger, ForeignKey("chat.id"), nullable=False),
    Column("thread_id", BigInteger),
    Column("player_id", BigInteger, ForeignKey("player.id"), nullable=False),
    Column("rival_id", BigInteger, ForeignKey("player.id")),
    Column("message_id", BigInteger),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    UniqueConstraint("token"),
    UniqueConstraint("set_id"),
    sqlite_strict=True,
)
"""An open challenge in a group; ``rival_id`` is who accepted it."""

duel = Table(
    "duel",
    metadata,
    id_column(),
    Column("set_id", BigInteger, ForeignKey("question_set.id"), nullable=False),
    Column("player_id", BigInteger, ForeignKey("player.id"), nullable=False),
    Column("chat_id", BigInteger, ForeignKey("chat.id"), nullable=False),
    Column("thread_id", BigInteger),
    Column("language", String(8), nullable=False),
    Column("state", String(16), nullable=False),
    Column("stake", CreditsColumn, nullable=False),
    Column("bounty", CreditsColumn, nullable=False),
    Column("hold_id", BigInteger, ForeignKey("hold.id"), nullable=False, unique=True),
    Column("created_at", UtcTime, nullable=False),
    Column("shown_by", String(32)),
    Column("message_id", BigInteger),
    Column("started_at", UtcTime),
    Column("finished_at", UtcTime),
    Column("answered", Integer, nullable=False, server_default=text("0")),
    Column("score", Integer, nullable=False, server_default=text("0")),
    Column("time_ms", Integer, nullable=False, server_default=text("0")),
    Column("was_down", Boolean, nullable=False, server_default=false()),
    Column("opponent_id", BigInteger, ForeignKey("duel.id"), unique=True),
    Column("outcome", String(8)),
    Column("returned", CreditsColumn),
    Column("why", String(16)),
    Column("entry_id", BigInteger, ForeignKey("entry.id"), unique=True),
    Column("back_entry_id", BigInteger, ForeignKey("entry.id"), unique=True),
    Column("ended_at", UtcTime),
    one_of("state", DuelState),
    one_of("outcome", Outcome),
    CheckConstraint("stake > 0", name="stake_positive"),
    CheckConstraint("opponent_id <> id", name="opponent_is_another"),
    UniqueConstraint("set_id", "player_id"),
    Index("uq_duel_open_player", "player_id", unique=True, **only_where(_OPEN)),
    Index("ix_duel_open_set_id", "set_id", **only_where(_OPEN)),
    Index("ix_duel_playing_shown_by", "shown_by", **only_where("state IN ('sending', 'playing')")),
    Index("ix_duel_player_id_id", "player_id", "id"),
    Index("ix_duel_settled_ended_at", "ended_at", **only_where("state = 'settled'")),
    sqlite_strict=True,
)
"""One player's part. ``bounty`` is what he was promised, ``shown_by`` the process that shows it; ``time_ms`` runs to
the last answer; ``returned`` is what came back to the player in all (credits), ``why`` the reason of a void.
"""

duel_answer = Table(
    "duel_answer",
    metadata,
    Column("duel_id", BigInteger, ForeignKey("duel.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("option", Integer, nullable=False),
    Column("is_right", Boolean, nullable=False),
    Column("at_ms", Integer, nullable=False),
    PrimaryKeyConstraint("duel_id", "position"),
    CheckConstraint("position BETWEEN 0 AND 4", name="position_known"),
    CheckConstraint("option BETWEEN 0 AND 3", name="option_known"),
    sqlite_strict=True,
)
"""``option`` counts as the pack does, not as shown; ``at_ms`` is the time since the start of the duel."""

rating = Table(
    "rating",
    metadata,
    Column("player_id", BigInteger, ForeignKey("player.id"), primary_key=True, autoincrement=False),
    Column("rating", Double, nullable=False),
    Column("deviation", Double, nullable=False),
    Column("duels", Integer, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
    sqlite_strict=True,
)
