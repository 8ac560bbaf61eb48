"""Conversations, what the model used, edits and files of turns; breaks, characters and forgotten players."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from db.types import UtcTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SQLITE_TABLE = (
    "CREATE VIRTUAL TABLE turn_words USING fts5(owner, question, answer, content='', "
    "tokenize='unicode61 remove_diacritics 2')"
)
SQLITE_TRIGGER = (
    "CREATE TRIGGER tr_turn_words AFTER UPDATE OF state, text, answer, player_id ON turn "
    "WHEN NEW.state = 'settled' BEGIN "
    "INSERT INTO turn_words (turn_words, rowid, owner, question, answer) "
    "SELECT 'delete', OLD.id, 'p' || OLD.player_id, OLD.text, OLD.answer "
    "WHERE OLD.state = 'settled' AND OLD.edit_of IS NULL AND OLD.text || OLD.answer <> ''; "
    "INSERT INTO turn_words (rowid, owner, question, answer) "
    "SELECT NEW.id, 'p' || NEW.player_id, NEW.text, NEW.answer "
    "WHERE NEW.state = 'settled' AND NEW.edit_of IS NULL AND NEW.text || NEW.answer <> ''; END"
)
SQLITE_FILL = (
    "INSERT INTO turn_words (rowid, owner, question, answer) "
    "SELECT id, 'p' || player_id, text, answer FROM turn WHERE state = 'settled' AND text || answer <> ''"
)
POSTGRES_INDEX = (
    "CREATE INDEX ix_turn_words ON turn USING gin ((array_to_tsvector(ARRAY['@' || player_id::text]) || "
    "to_tsvector('simple', translate(text || ' ' || coalesce(answer, ''), "
    "'ÀÁÂÃÄÅàáâãäåÇçÈÉÊËèéêëÌÍÎÏìíîïÑñÒÓÔÕÖòóôõöÙÚÛÜùúûüÝýÿ-+/.@_<>&=?~#¡¿«»“”…', "
    "'AAAAAAaaaaaaCcEEEEeeeeIIIIiiiiNnOOOOOoooooUUUUuuuuYyy                    ')))) "
    "WHERE state = 'settled' AND edit_of IS NULL"
)
FILL_CONVERSATIONS = (
    "INSERT INTO conversation (chat_id, thread_id, title, is_current, created_at) "
    "SELECT chat_id, coalesce(thread_id, 0), substr(text, 1, 60), true, created_at FROM turn WHERE id IN "
    "(SELECT min(id) FROM turn WHERE state = 'settled' GROUP BY chat_id, coalesce(thread_id, 0))"
)
FILL_TURNS = (
    "UPDATE turn SET conversation_id = (SELECT id FROM conversation WHERE conversation.chat_id = turn.chat_id "
    "AND conversation.thread_id = coalesce(turn.thread_id, 0)) WHERE state = 'settled'"
)
_SAID: dict[str, Any] = {
    "sqlite_where": sa.text("state = 'settled'"),
    "postgresql_where": sa.text("state = 'settled'"),
}


def upgrade() -> None:
    """Build it."""
    _create_conversations()
    for column in _turn_columns():
        op.add_column("turn", column)
    for column in _player_columns():
        op.add_column("player", column)
    _create_indexes()
    op.execute(FILL_CONVERSATIONS)
    op.execute(FILL_TURNS)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(POSTGRES_INDEX)
    else:
        op.execute(SQLITE_TABLE)
        op.execute(SQLITE_FILL)
        op.execute(SQLITE_TRIGGER)


def _create_conversations() -> None:
    op.create_table(
        "conversation",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("thread_id", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("title", sa.String(length=128), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("deleted_at", UtcTime(), nullable=True),
        sa.CheckConstraint(
            "deleted_at IS NULL OR NOT is_current", name=op.f("ck_conversation_current_is_kept")
        ),
        sa.ForeignKeyConstraint(["chat_id"], ["chat.id"], name=op.f("fk_conversation_chat_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation")),
        sqlite_strict=True,
    )


def _turn_columns() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("conversation_id", sa.BigInteger(), nullable=True),
        sa.Column("edit_of", sa.BigInteger(), nullable=True),
        sa.Column("edited_at", UtcTime(), nullable=True),
        sa.Column("stop_at", UtcTime(), nullable=True),
        sa.Column("shown_id", sa.BigInteger(), nullable=True),
        sa.Column("file_id", sa.String(length=256), nullable=True),
        sa.Column("file_kind", sa.String(length=8), nullable=True),
        sa.Column("file_name", sa.String(length=128), nullable=True),
        sa.Column("model", sa.String(length=64), nullable=True),
        sa.Column("tokens_in", sa.Integer(), nullable=True),
        sa.Column("tokens_out", sa.Integer(), nullable=True),
        sa.Column("cost_micros", sa.BigInteger(), nullable=True),
    )


def _player_columns() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("character", sa.String(length=16), nullable=True),
        sa.Column("break_until", UtcTime(), nullable=True),
        sa.Column("forgotten_hash", sa.LargeBinary(), nullable=True),
    )


_INDEXES: tuple[tuple[str, str, list[str], bool, str | None], ...] = (
    ("uq_conversation_current", "conversation", ["chat_id", "thread_id"], True, "is_current"),
    ("ix_conversation_chat_id_id", "conversation", ["chat_id", "id"], False, None),
    ("ix_conversation_deleted_at", "conversation", ["deleted_at"], False, "deleted_at IS NOT NULL"),
    ("uq_turn_edit_of", "turn", ["edit_of"], True, "edit_of IS NOT NULL"),
    ("ix_turn_chat_id_player_id_id", "turn", ["chat_id", "player_id", "id"], False, None),
    ("ix_turn_player_id_id", "turn", ["player_id", "id"], False, None),
    ("ix_round_player_player_id", "round_player", ["player_id"], False, None),
    (
        "ix_turn_said_conversation_id_player_id_id",
        "turn",
        ["conversation_id", "player_id", "id"],
        False,
        "state = 'settled'",
    ),
    ("ix_turn_usage_day_player_id", "turn", ["day", "player_id"], False, "tokens_in IS NOT NULL"),
    ("uq_player_forgotten_hash", "player", ["forgotten_hash"], True, "forgotten_hash IS NOT NULL"),
)
_FORMER = ("ix_turn_said_chat_id_player_id_id", "turn", ["chat_id", "player_id", "id"])


def _create_indexes() -> None:
    for name, table, columns, is_unique, condition in _INDEXES:
        where = sa.text(condition) if condition else None
        op.create_index(name, table, columns, unique=is_unique, sqlite_where=where, postgresql_where=where)
    op.drop_index(_FORMER[0], table_name="turn", **_SAID)


def downgrade() -> None:
    """Take it back."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP INDEX ix_turn_words")
    else:
        op.execute("DROP TRIGGER tr_turn_words")
        op.execute("DROP TABLE turn_words")
    op.create_index(*_FORMER, unique=False, **_SAID)
    for name, table, *_ in reversed(_INDEXES):
        op.drop_index(name, table_name=table)
    for column in reversed(_player_columns()):
        op.drop_column("player", column.name)
    for column in reversed(_turn_columns()):
        op.drop_column("turn", column.name)
    op.drop_table("conversation")
