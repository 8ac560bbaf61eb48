"""Postgres through psycopg 3: transactions on a pool, run again after conflicts and lost connections.

A COMMIT whose answer is lost is looked up by the number of its transaction: what is committed isn't run again.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from db.session import DatabaseUnavailable, Job

T = TypeVar("T")

POOL_SIZE = 10
POOL_TIMEOUT_SECONDS = 5
RETRY_SECONDS = 5
FIRST_PAUSE_SECONDS = 0.01
LONGEST_PAUSE_SECONDS = 0.5
STATEMENT_TIMEOUT_MS = 15_000
LOCK_TIMEOUT_MS = 10_000
IDLE_TIMEOUT_MS = 30_000
UNKNOWN_SECONDS = 2 * IDLE_TIMEOUT_MS / 1000
"""How long the fate of a COMMIT is asked for; by then the server has ended a session that nobody holds."""
_CONFLICTS = frozenset({"40001", "40P01"})
_REFUSALS = frozenset({"57014", "55P03", "25006"})
"""A statement or a lock took too long, or the server only reads now: waiting a moment doesn't help."""
_BEGIN = "BEGIN; SELECT pg_current_xact_id()::text"
_FATE = text("SELECT pg_xact_status(CAST(:number AS xid8))")
_SNAPSHOT: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


def connect_options() -> dict[str, Any]:
    """Return the options of every connection: time limits, so that nothing hangs for ever, and UTC."""
    limits = (
        f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c lock_timeout={LOCK_TIMEOUT_MS} "
        f"-c idle_in_transaction_session_timeout={IDLE_TIMEOUT_MS} -c timezone=UTC"
    )
    return {"options": limits, "connect_timeout": POOL_TIMEOUT_SECONDS}


class PostgresBackend:
    """One Postgres database, shared by any number of processes."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._engine: AsyncEngine | None = None

    async def open(self) -> None:
        """Make the pool; connections are opened when needed."""
        self._engine = create_async_engine(
            self._url,
            pool_size=POOL_SIZE,
            max_overflow=0,
            pool_timeout=POOL_TIMEOUT_SECONDS,
            isolation_level="AUTOCOMMIT",  # we begin transactions ourselves, to learn their numbers
            hide_parameters=True,  # seeds, tokens and players' words stay out of logs
            connect_args=connect_options(),
        )

    async def close(self) -> None:
        """Close the pool."""
        if self._engine is not None:
            await self._engine.dispose()
            self._engine = None

    async def transact(self, job: Job[T]) -> T:
        """Run ``job`` and commit; again after a conflict or a lost connection, for some seconds."""
        return await self._repeat(lambda: self._write(job))

    async def read(self, job: Job[T]) -> T:
        """Run ``job`` in a transaction that sees one moment and can't write."""
        return await self._repeat(lambda: self._look(job))

    async def _repeat(self, attempt: Callable[[], Awaitable[T]]) -> T:
        deadline = time.monotonic() + RETRY_SECONDS
        pause_seconds = FIRST_PAUSE_SECONDS
        while True:
            try:
                return await attempt()
            except (DBAPIError, PoolTimeout) as error:
                may_pass = _may_pass(error)
                if not may_pass and not _is_refused(error):
                    raise
                if not may_pass or time.monotonic() > deadline:
                    raise _unavailable(error) from error
            await asyncio.sleep(pause_seconds)
            pause_seconds = min(pause_seconds * 2, LONGEST_PAUSE_SECONDS)

    async def _look(self, job: Job[T]) -> T:
        async with self._connect() as connection:
            await connection.execution_options(**_SNAPSHOT)
            return await connection.run_sync(job)

    async def _write(self, job: Job[T]) -> T:
        async with self._connect() as connection:
            number = await _begin(connection)
            result = await connection.run_sync(job)
            try:
                await connection.commit()
            except DBAPIError as error:
                if not error.connection_invalidated:
                    raise
                lost = error
            else:
                return result
        if await self._is_committed(number):
            return result
        raise lost

    def _connect(self) -> AsyncConnection:
        if self._engine is None:
            raise DatabaseUnavailable("the database is closed")
        return self._engine.connect()

    async def _is_committed(self, number: str) -> bool:
        """Return whether a transaction was committed whose connection broke off at its COMMIT.

        Raises:
            DatabaseUnavailable: it can't be learned in time.
        """
        deadline = time.monotonic() + UNKNOWN_SECONDS
        pause_seconds, fate = FIRST_PAUSE_SECONDS, None
        while time.monotonic() < deadline:
            with suppress(DBAPIError, PoolTimeout):
                async with self._connect() as connection:
                    fate = await connection.scalar(_FATE, {"number": number})
                if fate in {"committed", "aborted"}:
                    return bool(fate == "committed")
            await asyncio.sleep(pause_seconds)
            pause_seconds = min(pause_seconds * 2, LONGEST_PAUSE_SECONDS)
        raise DatabaseUnavailable(f"transaction {number} is {fate or 'unknown'}")


async def _begin(connection: AsyncConnection) -> str:
    """Begin a transaction and return its number, in one round trip."""
    driver: Any = (await connection.get_raw_connection()).driver_connection
    try:
        cursor = await driver.execute(_BEGIN, prepare=False)
        cursor.nextset()
        return str((await cursor.fetchall())[0][0])
    except Exception:
        await connection.exec_driver_sql("SELECT 1")  # on a broken connection this tells the pool
        raise


def _unavailable(error: Exception) -> DatabaseUnavailable:
    return DatabaseUnavailable(str(getattr(error, "orig", error)))


def _may_pass(error: Exception) -> bool:
    if isinstance(error, PoolTimeout):
        return True
    if isinstance(error, DBAPIError):
        if error.connection_invalidated or getattr(error.orig, "sqlstate", None) in _CONFLICTS:
            return True
        return isinstance(error, OperationalError | InterfaceError) and not _is_refused(error)
    return False


def _is_refused(error: Exception) -> bool:
    return getattr(getattr(error, "orig", None), "sqlstate", None) in _REFUSALS
