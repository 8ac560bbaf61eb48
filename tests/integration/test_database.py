"""The only commit: ``Database.transact`` and ``read`` on both databases."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

import psycopg
import pytest
import pytest_asyncio
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from db.session import Database, DatabaseUnavailable, announce, fenced
from tests.integration.kept import (
    ALL,
    Refused,
    add,
    add_and_ask,
    add_and_fail,
    kept,
    make_kept,
    opened,
    plain,
    wait_for,
)


@pytest_asyncio.fixture
async def db(books_url: str) -> AsyncIterator[Database]:
    """Give an open database with a table of the test's own."""
    async with opened(books_url) as found:
        await make_kept(found)
        yield found


async def test_a_committed_job_is_seen_by_the_next_read(db: Database) -> None:
    assert await db.transact(add, 1) == 1
    assert await kept(db) == [(1, 1)]


async def test_a_failed_job_leaves_nothing(db: Database) -> None:
    with pytest.raises(Refused):
        await db.transact(add_and_fail, 1)
    with pytest.raises(DBAPIError):
        await db.transact(add_and_ask, 2)
    assert await kept(db) == []


async def test_one_failed_job_harms_none_of_those_beside_it(db: Database) -> None:
    jobs = [db.transact(add_and_fail if n == 30 else add, n) for n in range(64)]
    found = await asyncio.gather(*jobs, return_exceptions=True)
    assert [isinstance(result, Refused) for result in found].index(True) == 30
    assert [n for n, _ in await kept(db)] == [n for n in range(64) if n != 30]


async def test_sqlite_commits_up_to_64_jobs_at_once(sqlite_books: str) -> None:
    async with opened(sqlite_books) as db:
        gate = threading.Event()
        commits: list[object] = []
        waiting = asyncio.create_task(db.transact(lambda tx: wait_for(gate)))
        jobs = [asyncio.create_task(db.transact(_note_snapshot, commits)) for _ in range(100)]
        await asyncio.sleep(0)
        gate.set()
        await asyncio.gather(waiting, *jobs)
    assert [commits.count(one) for one in dict.fromkeys(commits)] in ([63, 37], [64, 36])


async def test_events_are_told_after_the_commit_and_in_order(db: Database) -> None:
    told: list[object] = []
    db.on_commit(told.append)

    def job(tx: Connection) -> None:
        announce(tx, "first")
        add(tx, 1)
        announce(tx, "second")
        assert told == []

    await db.transact(job)
    assert told == ["first", "second"]


async def test_events_of_a_rolled_back_job_are_never_told(db: Database) -> None:
    told: list[object] = []
    db.on_commit(told.append)
    jobs = [db.transact(add_and_fail, 1), db.transact(add, 2), db.transact(add_and_fail, 2)]
    await asyncio.gather(*jobs, return_exceptions=True)
    assert told == []


async def test_events_of_one_job_are_not_told_by_another(db: Database) -> None:
    told: list[object] = []
    db.on_commit(told.append)

    def job(tx: Connection, id: int) -> None:
        announce(tx, id)
        if id % 3 == 0:
            raise Refused

    await asyncio.gather(*(db.transact(job, n) for n in range(30)), return_exceptions=True)
    assert sorted(told, key=str) == sorted((n for n in range(30) if n % 3), key=str)


async def test_a_read_can_not_write(db: Database) -> None:
    with pytest.raises((DBAPIError, DatabaseUnavailable)):
        await db.read(add, 1)
    assert await kept(db) == []
    assert await db.transact(add, 2) == 2


async def test_a_read_sees_one_moment(db: Database, books_url: str) -> None:
    await db.transact(add, 1)

    def look_twice(tx: Connection) -> tuple[int, int]:
        first = len(tx.execute(ALL).all())
        _write_elsewhere(books_url, "INSERT INTO kept (id, n) VALUES (2, 1)")
        return first, len(tx.execute(ALL).all())

    assert await db.read(look_twice) == (1, 1)
    assert await kept(db) == [(1, 1), (2, 1)]


async def test_the_fence_runs_first_and_its_refusal_leaves_nothing(db: Database) -> None:
    order: list[str] = []

    def fence(tx: Connection) -> None:
        order.append("fence")
        if len(order) > 2:
            raise Refused

    def job(tx: Connection) -> None:
        order.append("job")
        add(tx, 1)

    with fenced(fence):
        await db.transact(job)
        with pytest.raises(Refused):
            await db.transact(add, 2)
    await db.transact(add, 3)
    assert order == ["fence", "job", "fence"]
    assert await kept(db) == [(1, 1), (3, 1)]


async def test_the_fence_is_of_its_own_task_alone(db: Database) -> None:
    def refuse(tx: Connection) -> None:
        raise Refused

    async def lost() -> None:
        with fenced(refuse):
            await db.transact(add, 1)

    found = await asyncio.gather(lost(), db.transact(add, 2), return_exceptions=True)
    assert isinstance(found[0], Refused)
    assert found[1] == 2


async def test_who_stops_waiting_does_not_break_the_writer(db: Database) -> None:
    jobs = [asyncio.create_task(db.transact(add, n)) for n in range(10)]
    await asyncio.sleep(0)
    for job in jobs[::2]:
        job.cancel()
    found = await asyncio.gather(*jobs, return_exceptions=True)
    assert found[1::2] == [1, 3, 5, 7, 9]
    assert await db.transact(add, 100) == 100


def _note_snapshot(tx: Connection, commits: list[object]) -> None:
    """Note the transaction that a job runs in: savepoints of one commit share their outermost transaction."""
    commits.append(tx.get_transaction())


def _write_elsewhere(url: str, statement: str) -> None:
    connect: Callable[[], Any] = (
        (lambda: sqlite3.connect(url.removeprefix("sqlite:///")))
        if url.startswith("sqlite")
        else (lambda: psycopg.connect(plain(url)))
    )
    other = connect()
    other.execute(statement)
    other.commit()
    other.close()
