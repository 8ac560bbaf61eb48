"""The driver alone: recorded statements done again by psycopg or sqlite3, with numbers of their own.

A message's rows get other numbers each time. Tables number their rows far apart here, so that a number in a
parameter tells which row it means; it is replaced by what the same statement of this time gave.
"""

import asyncio
import re
import secrets
import shutil
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from psycopg.types.json import Json, Jsonb
from sqlalchemy import Connection, text

from benchmarks.tape import Spoken
from db.models import metadata

FAR = 10_000_000_000
"""The numbers of one table begin so far from those of the next."""
_NUMBER = re.compile(r"[0-9]{11,12}")
_INSERT = re.compile(r"INSERT INTO (\w+)")
_MARK = re.compile(r"VALUES \(\d+, now\(\)\)")


def tables() -> dict[int, str]:
    """Return which table's numbers begin where."""
    names = sorted(name for name, table in metadata.tables.items() if _has_numbers(table))
    return {FAR * place: name for place, name in enumerate(names, 2)}


def _has_numbers(table: Any) -> bool:
    column = table.c.get("id")
    return column is not None and column.autoincrement is True


def spread_numbers(tx: Connection) -> None:
    """Let each table of a Postgres database number its rows far from the others'."""
    for first, name in tables().items():
        tx.execute(text(f'ALTER SEQUENCE "{name}_id_seq" RESTART WITH {first}'))


@dataclass(slots=True)
class Numbers:
    """What stands this time for the numbers that were recorded."""

    known: dict[int, int] = field(default_factory=dict)
    fresh: "count[int]" = field(default_factory=lambda: count(1))
    tickets: int = 0

    def put_all(self, parameters: Any) -> Any:
        """Return a statement's parameters with this time's numbers."""
        return {name: self.put(value, name) for name, value in parameters.items()}

    def learn(self, sql: str, columns: Sequence[Any], rows: Sequence[Any], template: "Template") -> None:
        """Take the numbers that a statement gave."""
        if (match := _INSERT.match(sql)) and match[1] in template.born and rows:
            self.known[template.born[match[1]]] = rows[0][0]
        elif sql.startswith("UPDATE round SET tickets") and rows:
            self.tickets = rows[0][[column.name for column in columns].index("tickets")]

    def put(self, value: Any, name: str = "") -> Any:
        """Return a parameter with this time's numbers."""
        if name == "n":
            return self.tickets
        if type(value) is int:
            return self.known.get(value, value)
        if isinstance(value, str):
            return _NUMBER.sub(lambda match: str(self.known.get(int(match[0]), match[0])), value)
        if isinstance(value, Json | Jsonb):
            return type(value)(self.put(value.obj))
        if isinstance(value, dict):
            return {key: self.put(one) for key, one in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(self.put(one) for one in value)
        return value


@dataclass(frozen=True, slots=True)
class Template:
    """A recorded message: its transactions, the number of its message, and those of the rows that it made."""

    transactions: list[list[Spoken]]
    message_id: int
    born: dict[str, int]


def template_of(transactions: list[list[Spoken]], message_id: int, newest: dict[str, int]) -> Template:
    """Return a message to be done again; ``newest`` are the last numbers of the tables behind it."""
    made = [
        match[1] for one in _statements(transactions) if (match := _INSERT.match(one.sql)) and one.has_rows
    ]
    born = {name: newest[name] for name in made if name in newest}
    return Template(transactions, message_id, born)


def _statements(transactions: list[list[Spoken]]) -> list[Spoken]:
    return [spoken for transaction in transactions for spoken in transaction]


class PostgresReplay:
    """Clients of psycopg on one event loop, each with a connection and a player of its own."""

    def __init__(self, url: str, templates: Sequence[Template]) -> None:
        self._url = url
        self._templates = templates

    async def messages_per_second(self, seconds: float) -> float:
        """Let every client do its message again and again for so long."""
        connect = psycopg.AsyncConnection.connect
        connections = [await connect(self._url, autocommit=True) for _ in self._templates]
        began = time.perf_counter()
        clients = zip(connections, self._templates, strict=True)
        done = await asyncio.gather(*(_repeat(*client, until=began + seconds) for client in clients))
        passed = time.perf_counter() - began
        for connection in connections:
            await connection.close()
        return sum(done) / passed


async def _repeat(connection: psycopg.AsyncConnection[Any], template: Template, *, until: float) -> int:
    numbers, done = Numbers(fresh=count(template.message_id + 1 + secrets.randbelow(10**8))), 0
    async with connection.cursor() as cursor:
        while time.perf_counter() < until:
            numbers.known[template.message_id] = next(numbers.fresh)
            for transaction in template.transactions:
                for spoken in transaction:
                    await _say(cursor, spoken, template, numbers)
                await cursor.execute("COMMIT")
            done += 1
    return done


async def _say(
    cursor: psycopg.AsyncCursor[Any], spoken: Spoken, template: Template, numbers: Numbers
) -> None:
    if spoken.sql.startswith("BEGIN"):
        await cursor.execute(_MARK.sub(f"VALUES ({secrets.randbits(63)}, now())", spoken.sql))
        return
    if spoken.is_many:
        await cursor.executemany(spoken.sql, [numbers.put_all(row) for row in spoken.parameters])
        return
    await cursor.execute(spoken.sql, numbers.put_all(spoken.parameters))
    if spoken.has_rows:
        rows = await cursor.fetchall()
        numbers.learn(spoken.sql, cursor.description or [], rows, template)


class SqliteReplay:
    """The sqlite3 module in one thread on copies of a file: what was recorded on it, with the same numbers."""

    def __init__(self, file: Path, transactions: list[list[Spoken]], *, per_commit: int) -> None:
        self._file = file
        self._transactions = [[one for one in said if not _is_frame(one.sql)] for said in transactions]
        self._per_commit = per_commit

    async def messages_per_second(self, _seconds: float) -> float:
        """Do all that was recorded, once; a message is two transactions."""
        return await asyncio.to_thread(self._run)

    def _run(self) -> float:
        copy = self._file.with_suffix(f".{secrets.token_hex(4)}.db")
        shutil.copy(self._file, copy)
        connection = sqlite3.connect(copy, isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON"):
            connection.execute(f"PRAGMA {pragma}")
        began = time.perf_counter()
        for first in range(0, len(self._transactions), self._per_commit):
            connection.execute("BEGIN IMMEDIATE")
            for spoken in _statements(self._transactions[first : first + self._per_commit]):
                run: Callable[..., Any] = connection.executemany if spoken.is_many else connection.execute
                run(spoken.sql, spoken.parameters).fetchall()
            connection.execute("COMMIT")
        passed = time.perf_counter() - began
        connection.close()
        copy.unlink()
        return len(self._transactions) / 2 / passed


def _is_frame(sql: str) -> bool:
    return sql.startswith(("BEGIN", "SAVEPOINT", "RELEASE"))
