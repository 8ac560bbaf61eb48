"""Postgres through psycopg 3: transactions on a pool, run again after conflicts and lost connections."""

import asyncio
import time
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from db.session import DatabaseUnavailable, Job

T = TypeVar("T")

POOL_SIZE = 10
POOL_TIMEOUT_SECONDS = 5
RETRY_SECONDS = 5
STATEMENT_TIMEOUT_MS = 15_000
LOCK_TIMEOUT_MS = 10_000
IDLE_TIMEOUT_MS = 30_000
_CONFLICTS = frozenset({"40001", "40P01"})
_TIMEOUTS = frozenset({"57014", "55P03"})
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
        return await self._repeat(job, commits=True)

    async def read(self, job: Job[T]) -> T:
        """Run ``job`` in a transaction that sees one moment and can't write."""
        return await self._repeat(job, commits=False)

    async def _repeat(self, job: Job[T], *, commits: bool) -> T:
        deadline = time.monotonic() + RETRY_SECONDS
        pause_seconds = 0.01
        while True:
            try:
                return await self._once(job, commits=commits)
            except (DBAPIError, PoolTimeout) as error:
                may_pass = _may_pass(error)
                if not may_pass and not _timed_out(error):
                    raise
                if not may_pass or time.monotonic() > deadline:
                    raise DatabaseUnavailable(str(getattr(error, "orig", error))) from error
            await asyncio.sleep(pause_seconds)
            pause_seconds = min(pause_seconds * 2, 0.5)

    async def _once(self, job: Job[T], *, commits: bool) -> T:
        if self._engine is None:
            raise DatabaseUnavailable("the database is closed")
        async with self._engine.connect() as connection:
            if not commits:
                await connection.execution_options(**_SNAPSHOT)
            result = await connection.run_sync(job)
            if commits:
                await connection.commit()
            return result


def _may_pass(error: Exception) -> bool:
    if isinstance(error, PoolTimeout):
        return True
    if isinstance(error, DBAPIError):
        if error.connection_invalidated or getattr(error.orig, "sqlstate", None) in _CONFLICTS:
            return True
        return isinstance(error, OperationalError | InterfaceError) and not _timed_out(error)
    return False


def _timed_out(error: Exception) -> bool:
    return getattr(getattr(error, "orig", None), "sqlstate", None) in _TIMEOUTS
