"""What finds words in turns: a full-text table on SQLite, kept by a trigger of the migration; an index on Postgres."""

from typing import Any

from sqlalchemy import Connection, Table, event, text

from db.models.chats import turn

WORDS = "turn_words"
"""Rows are turns; ``owner`` holds ``p`` and the player's key, so that a search reads only his own."""
SQLITE_TABLE = (
    "CREATE VIRTUAL TABLE turn_words USING fts5(owner, question, answer, content='', "
    "tokenize='unicode61 remove_diacritics 2')"
)
POSTGRES_WORDS = "to_tsvector('simple', text || ' ' || coalesce(answer, ''))"
POSTGRES_INDEX = (
    f"CREATE INDEX ix_turn_words ON turn USING gin ({POSTGRES_WORDS}) "
    "WHERE state = 'settled' AND edit_of IS NULL"
)


@event.listens_for(turn, "after_create")
def _build(_: Table, connection: Connection, **__: Any) -> None:
    is_sqlite = connection.dialect.name == "sqlite"
    connection.execute(text(SQLITE_TABLE if is_sqlite else POSTGRES_INDEX))
