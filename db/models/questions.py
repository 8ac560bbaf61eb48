"""Questions of quiz duels: each wording is a row of its own, so that what was played can always be read again."""

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
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
)

from db.models.base import id_column, metadata, one_of, only_where
from db.types import UtcTime


class QuestionState(StrEnum):
    """Whether a question is asked."""

    ACTIVE = "active"
    """It may be drawn."""
    REPLACED = "replaced"
    """Another wording took its place."""
    WITHDRAWN = "withdrawn"
    """It was found bad, or left its pack."""


class Decision(StrEnum):
    """What became of a report."""

    WITHDRAWN = "withdrawn"
    """The question is bad."""
    KEPT = "kept"
    """The question is good."""


question = Table(
    "question",
    metadata,
    id_column(),
    Column("key", String(64), nullable=False),
    Column("category", String(32), nullable=False),
    Column("difficulty", String(8), nullable=False),
    Column("licence", String(64), nullable=False),
    Column("right_option", Integer, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("state", String(16), nullable=False, server_default="active"),
    Column("created_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    one_of("state", QuestionState),
    CheckConstraint("right_option BETWEEN 0 AND 3", name="right_option_is_one"),
    Index(
        "uq_question_active_key",
        "key",
        unique=True,
        **only_where("state = 'active'"),
    ),
    Index("ix_question_category_state", "category", "state"),
    sqlite_strict=True,
)

question_text = Table(
    "question_text",
    metadata,
    Column("question_id", BigInteger, ForeignKey("question.id"), nullable=False),
    Column("language", String(8), nullable=False),
    Column("text", String(200), nullable=False),
    Column("options", JSON, nullable=False),
    Column("source", String(300), nullable=False),
    PrimaryKeyConstraint("question_id", "language"),
    sqlite_strict=True,
)

question_pool = Table(
    "question_pool",
    metadata,
    id_column(),
    Column("category", String(32), nullable=False),
    Column("language", String(8), nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("question_ids", JSON, nullable=False),
    Column("is_current", Boolean, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Index(
        "uq_question_pool_current",
        "category",
        "language",
        unique=True,
        **only_where("is_current"),
    ),
    sqlite_strict=True,
)
"""The questions of a category that have words in a language, ordered by key, as they were for a while."""

question_pack = Table(
    "question_pack",
    metadata,
    Column("category", String(32), nullable=False),
    Column("language", String(8), nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("question_keys", JSON, nullable=False),
    Column("imported_at", UtcTime, nullable=False),
    PrimaryKeyConstraint("category", "language"),
    sqlite_strict=True,
)
"""Which of the packs that come with the program were read in: the hash of the file, and its questions' keys."""

question_report = Table(
    "question_report",
    metadata,
    id_column(),
    Column("question_id", BigInteger, ForeignKey("question.id"), nullable=False),
    Column("player_id", BigInteger, ForeignKey("player.id"), nullable=False),
    Column("duel_id", BigInteger, ForeignKey("duel.id"), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("decision", String(16)),
    Column("decided_at", UtcTime),
    one_of("decision", Decision),
    UniqueConstraint("question_id", "player_id"),
    Index(
        "ix_question_report_open",
        "id",
        **only_where("decision IS NULL"),
    ),
    sqlite_strict=True,
)
