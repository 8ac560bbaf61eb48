"""A table of the tests of ``Database`` alone, and the jobs that write to it."""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import Connection, text

from db.session import Database, announce, open_database

ADD = text("INSERT INTO kept (id, n) VALUES (:id, 1)")
RAISE = text("UPDATE kept SET n = n + 1 WHERE id = :id")
ALL = text("SELECT id, n FROM kept ORDER BY id")
MOST_TRIES = 5


class Refused(Exception):
    """What a job of these tests ends with when it is to fail."""


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    db = open_database(url)
    await db.open()
    try:
        yield db
    finally:
        await db.close()


def add(tx: Connection, id: int) -> int:
    tx.execute(ADD, {"id": id})
    return id


def add_and_fail(tx: Connection, id: int) -> None:
    announce(tx, f"added {id}")
    add(tx, id)
    raise Refused


def add_and_ask(tx: Connection, id: int) -> None:
    add(tx, id)
    tx.execute(text("SELECT * FROM nowhere"))


def bump(tx: Connection) -> None:
    tx.execute(RAISE, {"id": 1})


async def kept(db: Database) -> list[tuple[int, int]]:
    return await db.read(lambda tx: [(row.id, row.n) for row in tx.execute(ALL)])


async def make_kept(db: Database, *ids: int) -> None:
    def make(tx: Connection) -> None:
        tx.execute(text("CREATE TABLE kept (id INTEGER PRIMARY KEY, n INTEGER)"))
        for one in ids:
            add(tx, one)

    await db.transact(make)


def wait_for(gate: threading.Event) -> bool:
    return gate.wait(timeout=30)


def plain(url: str) -> str:
    return url.replace("+psycopg", "")
