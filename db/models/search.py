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
ACCENTED = "ÀÁÂÃÄÅàáâãäåÇçÈÉÊËèéêëÌÍÎÏìíîïÑñÒÓÔÕÖòóôõöÙÚÛÜùúûüÝýÿ"
PLAIN = "AAAAAAaaaaaaCcEEEEeeeeIIIIiiiiNnOOOOOoooooUUUUuuuuYyy"
"""What is left of the letters of ``ACCENTED`` without their accents, as SQLite's table finds them by itself."""
SIGNS = "-+/.@_<>&=?~#¡¿«»“”…"
"""Stand between words; some of them would be parts of words for Postgres by itself."""
POSTGRES_OWNER = "@"
"""Begins the word that only a player's own turns have: no word of a text can, since it is one of the signs."""
POSTGRES_WORDS = (
    f"array_to_tsvector(ARRAY['{POSTGRES_OWNER}' || player_id::text]) || to_tsvector('simple', "
    f"translate(text || ' ' || coalesce(answer, ''), '{ACCENTED}{SIGNS}', '{PLAIN}{' ' * len(SIGNS)}'))"
)
POSTGRES_INDEX = (
    f"CREATE INDEX ix_turn_words ON turn USING gin (({POSTGRES_WORDS})) "
    "WHERE state = 'settled' AND edit_of IS NULL"
)


@event.listens_for(turn, "after_create")
def _build(_: Table, connection: Connection, **__: Any) -> None:
    is_sqlite = connection.dialect.name == "sqlite"
    connection.execute(text(SQLITE_TABLE if is_sqlite else POSTGRES_INDEX))
