"""The statements of paid messages, recorded as they reach the driver, so that the driver alone can do them again."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, event


@dataclass(frozen=True, slots=True)
class Spoken:
    """One statement with its parameters, as the driver was given them, and whether it gives rows."""

    sql: str
    parameters: Any
    has_rows: bool
    is_many: bool = False


@dataclass(slots=True)
class Tape:
    """What was said in each transaction that was committed, reads of their own included."""

    transactions: list[list[Spoken]] = field(default_factory=list)
    _open: dict[int, list[Spoken]] = field(default_factory=dict)

    def cut(self) -> list[list[Spoken]]:
        """Return what was recorded since the last cut."""
        done, self.transactions = self.transactions, []
        return done

    def said(self, connection: Connection, spoken: Spoken) -> None:
        """Take a statement."""
        self._open.setdefault(id(connection.connection.dbapi_connection), []).append(spoken)

    def committed(self, connection: Connection) -> None:
        """Close a transaction."""
        self.transactions.append(self._open.pop(id(connection.connection.dbapi_connection), []))


@contextmanager
def recording() -> Iterator[Tape]:
    """Record what every engine of this process is told."""
    tape = Tape()

    def said(
        connection: Connection, cursor: Any, sql: str, parameters: Any, _context: Any, is_many: bool
    ) -> None:
        tape.said(connection, Spoken(sql, parameters, cursor.description is not None, is_many))

    event.listen(Engine, "after_cursor_execute", said)
    event.listen(Engine, "commit", tape.committed)
    try:
        yield tape
    finally:
        event.remove(Engine, "after_cursor_execute", said)
        event.remove(Engine, "commit", tape.committed)


_TABLE = re.compile(r"(?:INSERT INTO|UPDATE|DELETE FROM|FROM) (\w+)")


def summary(transactions: list[list[Spoken]]) -> list[str]:
    """Return a line per statement: what it does to which table first."""
    return [
        f"{number}: {spoken.sql.split()[0]} {match[1] if (match := _TABLE.search(spoken.sql)) else ''}"
        for number, transaction in enumerate(transactions)
        for spoken in transaction
    ]
