"""The only commit: ``Database.transact`` and ``read`` on both databases, their retries, faults and ends."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest
import pytest_asyncio
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.util import await_only

from db.session import Database, DatabaseUnavailable, announce, fenced, open_database

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


@pytest_asyncio.fixture
async def db(books_url: str) -> AsyncIterator[Database]:
    """Give an open database with a table of the test's own."""
    async with opened(books_url) as found:
        await _make_kept(found)
        yield found


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
        waiting = asyncio.create_task(db.transact(lambda tx: _wait(gate)))
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


async def test_a_closed_database_is_unavailable(db: Database) -> None:
    await db.close()
    for use in (db.transact, db.read):
        with pytest.raises(DatabaseUnavailable):
            await use(add, 1)


async def test_a_database_that_is_closing_takes_nothing_new_and_finishes_the_rest(sqlite_books: str) -> None:
    db = open_database(sqlite_books)
    await db.open()
    gate = threading.Event()
    under_way = asyncio.create_task(db.transact(lambda tx: _wait(gate)))
    await asyncio.sleep(0)
    closing = asyncio.create_task(db.close())
    await asyncio.sleep(0)
    with pytest.raises(DatabaseUnavailable):
        await asyncio.wait_for(db.transact(add, 1), timeout=5)
    gate.set()
    await closing
    assert await under_way is True


async def test_a_file_that_can_not_be_opened_is_told_at_once(tmp_path: Any) -> None:
    async with opened(f"sqlite:///{tmp_path / 'nowhere' / 'books.db'}") as db:
        for use in (db.transact, db.read):
            with pytest.raises(DatabaseUnavailable):
                await asyncio.wait_for(use(add, 1), timeout=5)


async def test_t64_a_full_disk_fails_the_job_whole_and_passes(sqlite_books: str) -> None:
    async with opened(sqlite_books) as db:
        await db.transact(_make_texts)
        await db.transact(_limit_pages, 20)
        jobs = [db.transact(_add_much, n) for n in range(20)]
        found = await asyncio.gather(*jobs, return_exceptions=True)
        assert {type(result) for result in found} == {int, DatabaseUnavailable}
        stored = await db.read(lambda tx: tx.execute(text("SELECT id, COUNT(*) FROM kept GROUP BY id")).all())
        assert [tuple(row) for row in stored] == [(one, 2) for one in found if isinstance(one, int)]
        await db.transact(_limit_pages, 100_000)
        assert await db.transact(_add_much, 99) == 99


async def test_a_file_locked_by_another_process_is_unavailable_and_comes_back(
    sqlite_books: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.sqlite.BUSY_TIMEOUT_SECONDS", 0.05)
    async with opened(sqlite_books) as db:
        other = sqlite3.connect(sqlite_books.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseUnavailable, match="locked"):
            await db.transact(lambda tx: None)
        other.execute("ROLLBACK")
        other.close()
        assert await db.transact(lambda tx: 7) == 7


async def test_a_conflict_is_run_again(postgres_books: str) -> None:
    async with opened(postgres_books) as db:
        await _make_kept(db, 1)
        for state in ("40001", "40P01"):
            tries: list[int] = []

            def job(tx: Connection, tries: list[int] = tries, state: str = state) -> int:
                tries.append(1)
                tx.execute(RAISE, {"id": 1})
                if len(tries) == 1:
                    tx.execute(text(f"DO $$ BEGIN RAISE SQLSTATE '{state}'; END $$"))
                return len(tries)

            assert await db.transact(job) == 2
        assert await kept(db) == [(1, 3)]


async def test_a_real_deadlock_ends_with_both_jobs_done(postgres_books: str) -> None:
    async with opened(postgres_books) as db:
        await _make_kept(db, 1, 2)
        both_have_one = asyncio.Barrier(2)
        tries: list[int] = []

        def cross(tx: Connection, first: int, second: int) -> None:
            tries.append(first)
            tx.execute(RAISE, {"id": first})
            if tries.count(first) == 1:
                await_only(both_have_one.wait())
            tx.execute(RAISE, {"id": second})

        await asyncio.gather(db.transact(cross, 1, 2), db.transact(cross, 2, 1))
        assert len(tries) == 3
        assert await kept(db) == [(1, 3), (2, 3)]


async def test_real_conflicts_of_serializable_transactions_lose_nothing(postgres_books: str) -> None:
    async with opened(postgres_books) as db:
        await _make_kept(db, 1)

        def job(tx: Connection) -> None:
            tx.execute(text("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"))
            n = tx.scalar(text("SELECT n FROM kept"))
            tx.execute(text("UPDATE kept SET n = :n"), {"n": n + 1})

        await asyncio.gather(*(db.transact(job) for _ in range(8)))
        assert await kept(db) == [(1, 9)]


async def test_t62_a_connection_that_is_killed_within_a_transaction_is_tried_again(
    postgres_books: str,
) -> None:
    async with opened(postgres_books) as db:
        await _make_kept(db, 1)
        tries: list[int] = []

        def job(tx: Connection) -> None:
            tries.append(1)
            tx.execute(RAISE, {"id": 1})
            if len(tries) == 1:
                _kill(postgres_books, tx.scalar(text("SELECT pg_backend_pid()")))
                tx.execute(RAISE, {"id": 1})

        await db.transact(job)
        assert len(tries) == 2
        assert await kept(db) == [(1, 2)]


async def test_t62_all_connections_of_the_pool_may_be_killed_between_transactions(
    postgres_books: str,
) -> None:
    async with opened(postgres_books) as db:
        await _make_kept(db, 1)
        await asyncio.gather(*(db.read(lambda tx: tx.scalar(text("SELECT pg_sleep(0)"))) for _ in range(10)))
        _kill_all(postgres_books)
        assert await kept(db) == [(1, 1)]
        _kill_all(postgres_books)
        await db.transact(bump)
        assert await kept(db) == [(1, 2)]


async def test_t63_a_statement_that_is_stuck_ends_as_unavailable(postgres_books: str) -> None:
    async with opened(postgres_books) as db:
        await _make_kept(db, 1)
        with psycopg.connect(_plain(postgres_books)) as other:
            other.execute("UPDATE kept SET n = 0")
            for limit in ("lock_timeout", "statement_timeout"):
                with pytest.raises(DatabaseUnavailable):
                    await db.transact(_raise_within, limit)
            other.rollback()
        await db.transact(_raise_within, "lock_timeout")
        assert await kept(db) == [(1, 2)]


async def test_t63_an_empty_pool_makes_jobs_wait_and_then_unavailable(
    postgres_books: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("POOL_SIZE", 1), ("POOL_TIMEOUT_SECONDS", 1), ("RETRY_SECONDS", 0)):
        monkeypatch.setattr(f"db.postgres.{name}", value)
    async with opened(postgres_books) as db:
        await _make_kept(db, 1)
        with psycopg.connect(_plain(postgres_books)) as other:
            other.execute("UPDATE kept SET n = 0")
            stuck = asyncio.create_task(db.transact(bump))
            with pytest.raises(DatabaseUnavailable):
                await _until_refused(db)
            other.rollback()
        await stuck
        assert await kept(db) == [(1, 2)]


async def test_a_server_that_is_not_there_is_unavailable(
    postgres_books: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.postgres.RETRY_SECONDS", 0)
    async with opened(postgres_books.replace("?host=", "?host=/nowhere")) as db:
        for use in (db.transact, db.read):
            with pytest.raises(DatabaseUnavailable):
                await use(add, 1)


async def _until_refused(db: Database) -> None:
    for _ in range(MOST_TRIES):
        await db.read(lambda tx: None)


def _raise_within(tx: Connection, limit: str) -> None:
    tx.execute(text(f"SET LOCAL {limit} = '50ms'"))
    tx.execute(RAISE, {"id": 1})


async def _make_kept(db: Database, *ids: int) -> None:
    def make(tx: Connection) -> None:
        tx.execute(text("CREATE TABLE kept (id INTEGER PRIMARY KEY, n INTEGER)"))
        for one in ids:
            add(tx, one)

    await db.transact(make)


def _make_texts(tx: Connection) -> None:
    tx.execute(text("CREATE TABLE kept (id INTEGER, n TEXT) STRICT"))


def _wait(gate: threading.Event) -> bool:
    return gate.wait(timeout=30)


def _note_snapshot(tx: Connection, commits: list[object]) -> None:
    """Note the transaction that a job runs in: savepoints of one commit share their outermost transaction."""
    commits.append(tx.get_transaction())


def _limit_pages(tx: Connection, pages: int) -> None:
    used = tx.scalar(text("PRAGMA page_count")) or 0
    tx.execute(text(f"PRAGMA max_page_count = {used + pages}"))


def _add_much(tx: Connection, id: int) -> int:
    for _ in range(2):
        tx.execute(text("INSERT INTO kept VALUES (:id, :much)"), {"id": id, "much": "x" * 20_000})
    return id


def _plain(url: str) -> str:
    return url.replace("+psycopg", "")


def _write_elsewhere(url: str, statement: str) -> None:
    connect: Callable[[], Any] = (
        (lambda: sqlite3.connect(url.removeprefix("sqlite:///")))
        if url.startswith("sqlite")
        else (lambda: psycopg.connect(_plain(url)))
    )
    other = connect()
    other.execute(statement)
    other.commit()
    other.close()


def _kill(url: str, pid: int | None) -> None:
    with psycopg.connect(_plain(url), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def _kill_all(url: str) -> None:
    with psycopg.connect(_plain(url), autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
