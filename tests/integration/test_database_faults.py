"""What ``Database`` makes of conflicts, lost connections, full disks, locks and its own end."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest
import pytest_asyncio
from psycopg import sql
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.util import await_only

from db.session import Database, DatabaseUnavailable, announce, open_database
from tests.integration.kept import (
    MOST_TRIES,
    RAISE,
    add,
    bump,
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


async def test_a_closed_database_is_unavailable(db: Database) -> None:
    await db.close()
    for use in (db.transact, db.read):
        with pytest.raises(DatabaseUnavailable):
            await use(add, 1)


async def test_a_database_that_is_closing_takes_nothing_new_and_finishes_the_rest(sqlite_books: str) -> None:
    db = open_database(sqlite_books)
    await db.open()
    gate = threading.Event()
    under_way = asyncio.create_task(db.transact(lambda tx: wait_for(gate)))
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
        await make_kept(db, 1)
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
        await make_kept(db, 1, 2)
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
    with psycopg.connect(plain(postgres_books), autocommit=True) as admin:
        database = sql.Identifier(admin.info.dbname)
        admin.execute(
            sql.SQL("ALTER DATABASE {} SET default_transaction_isolation = serializable").format(database)
        )
    async with opened(postgres_books) as db:
        await make_kept(db, 1)

        def job(tx: Connection) -> None:
            assert tx.scalar(text("SHOW transaction_isolation")) == "serializable"
            n = tx.scalar(text("SELECT n FROM kept"))
            tx.execute(text("UPDATE kept SET n = :n"), {"n": n + 1})

        await asyncio.gather(*(db.transact(job) for _ in range(8)))
        assert await kept(db) == [(1, 9)]


async def test_t62_a_connection_that_is_killed_within_a_transaction_is_tried_again(
    postgres_books: str,
) -> None:
    async with opened(postgres_books) as db:
        await make_kept(db, 1)
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


@pytest.mark.parametrize("has_committed", [True, False])
async def test_t62_a_commit_whose_answer_is_lost_is_looked_up_and_its_result_and_events_are_kept(
    postgres_books: str, monkeypatch: pytest.MonkeyPatch, has_committed: bool
) -> None:
    commit = AsyncConnection.commit
    tries: list[int] = []
    told: list[object] = []

    async def lost(connection: AsyncConnection) -> None:
        monkeypatch.undo()
        driver: Any = (await connection.get_raw_connection()).driver_connection
        if has_committed:
            await driver.execute("COMMIT")
        _kill(postgres_books, driver.info.backend_pid)
        await commit(connection)

    def job(tx: Connection) -> int:
        tries.append(1)
        announce(tx, f"try {len(tries)}")
        tx.execute(RAISE, {"id": 1})
        return len(tries)

    async with opened(postgres_books) as db:
        await make_kept(db, 1)
        db.on_commit(told.append)
        monkeypatch.setattr(AsyncConnection, "commit", lost)
        expected = 1 if has_committed else 2
        assert await db.transact(job) == len(tries) == expected
        assert told == [f"try {expected}"]
        assert await kept(db) == [(1, 2)]


async def test_a_server_that_only_reads_is_away_and_no_bug(postgres_books: str) -> None:
    with psycopg.connect(plain(postgres_books), autocommit=True) as admin:
        database = sql.Identifier(admin.info.dbname)
        admin.execute(sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = on").format(database))
    async with opened(postgres_books) as db:
        with pytest.raises(DatabaseUnavailable, match="read-only"):
            await make_kept(db, 1)


async def test_t62_all_connections_of_the_pool_may_be_killed_between_transactions(
    postgres_books: str,
) -> None:
    async with opened(postgres_books) as db:
        await make_kept(db, 1)
        await asyncio.gather(*(db.read(lambda tx: tx.scalar(text("SELECT pg_sleep(0)"))) for _ in range(10)))
        _kill_all(postgres_books)
        assert await kept(db) == [(1, 1)]
        _kill_all(postgres_books)
        await db.transact(bump)
        assert await kept(db) == [(1, 2)]


async def test_t63_a_statement_that_is_stuck_ends_as_unavailable(postgres_books: str) -> None:
    async with opened(postgres_books) as db:
        await make_kept(db, 1)
        with psycopg.connect(plain(postgres_books)) as other:
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
        await make_kept(db, 1)
        with psycopg.connect(plain(postgres_books)) as other:
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


def _make_texts(tx: Connection) -> None:
    tx.execute(text("CREATE TABLE kept (id INTEGER, n TEXT) STRICT"))


def _limit_pages(tx: Connection, pages: int) -> None:
    used = tx.scalar(text("PRAGMA page_count")) or 0
    tx.execute(text(f"PRAGMA max_page_count = {used + pages}"))


def _add_much(tx: Connection, id: int) -> int:
    for _ in range(2):
        tx.execute(text("INSERT INTO kept VALUES (:id, :much)"), {"id": id, "much": "x" * 20_000})
    return id


def _kill(url: str, pid: int | None) -> None:
    with psycopg.connect(plain(url), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def _kill_all(url: str) -> None:
    with psycopg.connect(plain(url), autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
