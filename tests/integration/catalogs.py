"""What a database's own catalog says of its schema, in a form in which two databases can be compared."""

import re
from collections.abc import Iterator

from sqlalchemy import Connection, text

NOT_OURS = "alembic_version"

_SQLITE = text(
    "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name"
)
_POSTGRES = {
    "column": text(
        "SELECT table_name, column_name, concat_ws(' ', data_type, character_maximum_length, is_nullable, "
        "coalesce(column_default, is_identity)) FROM information_schema.columns WHERE table_schema = 'public'"
    ),
    "constraint": text(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE conrelid <> 0 AND connamespace = 'public'::regnamespace"
    ),
    "index": text("SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"),
    "trigger": text(
        "SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger "
        "WHERE NOT tgisinternal AND tgenabled = 'O'"
    ),
}

Catalog = dict[tuple[str, str, str], object]
"""What is there: (kind, table, name) to its definition."""


def catalog(tx: Connection) -> Catalog:
    """Return all tables, columns, constraints, indexes and triggers of a database, but Alembic's own."""
    found = _of_sqlite(tx) if tx.dialect.name == "sqlite" else _of_postgres(tx)
    return {key: definition for key, definition in found if key[1] != NOT_OURS}


def triggers(tx: Connection) -> set[tuple[str, str]]:
    """Return table and name of every trigger."""
    return {(table, name) for kind, table, name in catalog(tx) if kind == "trigger"}


def without_triggers(found: Catalog) -> Catalog:
    """Return what SQLAlchemy's metadata can hold."""
    return {key: definition for key, definition in found.items() if key[0] != "trigger"}


def _of_postgres(tx: Connection) -> Iterator[tuple[tuple[str, str, str], object]]:
    for kind, statement in _POSTGRES.items():
        for table, name, definition in tx.execute(statement):
            yield (kind, table.strip('"'), name), definition


def _of_sqlite(tx: Connection) -> Iterator[tuple[tuple[str, str, str], object]]:
    for kind, name, table, sql in tx.execute(_SQLITE):
        flat = re.sub(r"\s+", " ", sql).strip()
        yield (kind, table, name), _parts_of_table(flat) if kind == "table" else flat


def _parts_of_table(sql: str) -> tuple[str, tuple[str, ...]]:
    """Return what follows the column list (STRICT), and columns and constraints in alphabetical order."""
    begin, end = sql.index("("), sql.rindex(")")
    return sql[end + 1 :].strip(), tuple(sorted(_top_level(sql[begin + 1 : end])))


def _top_level(body: str) -> Iterator[str]:
    """Split at the commas that stand in no parentheses; our definitions have none in quotes outside of them."""
    depth, begin = 0, 0
    for at, sign in enumerate(body):
        depth += (sign == "(") - (sign == ")")
        if sign == "," and depth == 0:
            yield body[begin:at].strip()
            begin = at + 1
    yield body[begin:].strip()
