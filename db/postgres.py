"""Postgres through psycopg 3: transactions on a pool, run again after conflicts and lost connections.

A COMMIT whose answer is lost is looked up by the mark of its transaction: what is committed isn't run again.
"""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
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
_BEGIN = "BEGIN; INSERT INTO commit_mark (token, marked_at) VALUES ({token}, now())"
_MARK = text("INSERT INTO commit_mark (token, marked_at) VALUES (:token, now())")
_WHOLE = {"no_parameters": True}
"""Two statements go in one message, and so one round trip, only if there are no parameters."""
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
            isolation_level="AUTOCOMMIT",  # we begin transactions ourselves, with a mark
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
        token = secrets.randbits(63)
        async with self._connect() as connection:
            await connection.exec_driver_sql(_BEGIN.format(token=token), execution_options=_WHOLE)
            result = await connection.run_sync(job)
            try:
                await connection.commit()
            except DBAPIError as error:
                if not error.connection_invalidated:
                    raise
                lost = error
            else:
                return result
        if await self._is_committed(token):
            return result
        raise lost

    def _connect(self) -> AsyncConnection:
        if self._engine is None:
            raise DatabaseUnavailable("the database is closed")
        return self._engine.connect()

    async def _is_committed(self, token: int) -> bool:
        """Return whether a transaction was committed whose connection broke off at its COMMIT.

        Its mark is written a second time, and that is taken back: the server lets it wait until the transaction
        has ended, and refuses it if that was committed. (A transaction's number would prove nothing: after a
        crash the numbers of what was lost are given to others.)

        Raises:
            DatabaseUnavailable: it can't be learned in time.
        """
        deadline = time.monotonic() + UNKNOWN_SECONDS
        pause_seconds, why = FIRST_PAUSE_SECONDS, ""
        while time.monotonic() < deadline:
            try:
                async with self._connect() as connection:
                    await connection.execution_options(isolation_level="READ COMMITTED")
                    await connection.execute(_MARK, {"token": token})
                    return False
            except IntegrityError:
                return True
            except (DBAPIError, PoolTimeout) as error:
                why = str(getattr(error, "orig", error))
            await asyncio.sleep(pause_seconds)
            pause_seconds = min(pause_seconds * 2, LONGEST_PAUSE_SECONDS)
        raise DatabaseUnavailable(f"the fate of a transaction is unknown: {why}")


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
