"""SQLite: one writer thread commits up to 64 jobs at once, each in its savepoint; aiosqlite serves reads."""

import asyncio
import queue
import sqlite3
import threading
from contextlib import suppress
from typing import Any, NamedTuple, TypeVar, cast

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import StaticPool

from db.session import DatabaseUnavailable, Job

T = TypeVar("T")

JOBS_PER_COMMIT = 64
BUSY_TIMEOUT_SECONDS = 5
READERS = 3
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA recursive_triggers=ON",
)
_BEGIN = "BEGIN IMMEDIATE"


class _Task(NamedTuple):
    job: Job[Any]
    future: asyncio.Future[Any]


class _Outcome(NamedTuple):
    future: asyncio.Future[Any]
    result: Any
    error: BaseException | None


def file_of(url: str) -> str:
    """Return the path of the SQLite file that ``url`` names."""
    return url.split(":///", 1)[1].split("?", 1)[0]


def sync_engine(url: str) -> Engine:
    """Return an engine that writes with all the care the books need: IMMEDIATE, WAL, FULL, foreign keys."""
    engine = _engine(url)
    event.listen(engine, "begin", lambda tx: tx.exec_driver_sql(_BEGIN))
    return engine


def _engine(url: str) -> Engine:
    engine = create_engine(
        f"sqlite:///{file_of(url)}",
        poolclass=StaticPool,
        hide_parameters=True,  # seeds, tokens and players' words stay out of logs
        connect_args={"check_same_thread": False, "timeout": BUSY_TIMEOUT_SECONDS},
    )
    event.listen(engine, "connect", _prepare)
    return engine


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _prepare_reader(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA query_only=ON")
    cursor.close()


class SqliteBackend:
    """One SQLite file, written by one thread of one process."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._tasks: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._readers: AsyncEngine | None = None

    async def open(self) -> None:
        """Start the writer thread and the pool of readers."""
        self._loop = asyncio.get_running_loop()
        self._readers = create_async_engine(
            f"sqlite+aiosqlite:///{file_of(self._url)}",
            pool_size=READERS,
            max_overflow=0,
            pool_timeout=BUSY_TIMEOUT_SECONDS,
            hide_parameters=True,
            connect_args={"timeout": BUSY_TIMEOUT_SECONDS},
        )
        event.listen(self._readers.sync_engine, "connect", _prepare_reader)
        event.listen(self._readers.sync_engine, "begin", lambda tx: tx.exec_driver_sql("BEGIN"))
        self._thread = threading.Thread(target=self._write, name="sqlite-writer", daemon=True)
        self._thread.start()

    async def close(self) -> None:
        """Let the writer finish what is queued, then disconnect."""
        thread, self._thread = self._thread, None  # from here on nothing is queued behind the end
        if thread is not None:
            self._tasks.put(None)
            await asyncio.to_thread(thread.join)
        if self._readers is not None:
            await self._readers.dispose()
            self._readers = None

    async def transact(self, job: Job[T]) -> T:
        """Hand ``job`` to the writer thread and wait for its commit."""
        if self._thread is None:
            raise DatabaseUnavailable("the database is closed")
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._tasks.put(_Task(job, future))
        return await asyncio.shield(future)

    async def read(self, job: Job[T]) -> T:
        """Run ``job`` on one of the readers."""
        if self._readers is None:
            raise DatabaseUnavailable("the database is closed")
        try:
            async with self._readers.connect() as connection:
                return await connection.run_sync(job)
        except DBAPIError as error:
            raise _wrapped(error) from error
        except PoolTimeout as error:
            raise DatabaseUnavailable("all readers are busy") from error

    def _write(self) -> None:
        # No sync_engine: one that listens for "begin" looks for listeners at every statement.
        engine, is_last = _engine(self._url), False
        while not is_last:
            batch, is_last = self._next_batch()
            if batch:
                self._deliver(_commit(engine, batch))
        engine.dispose()

    def _next_batch(self) -> tuple[list[_Task], bool]:
        batch: list[_Task] = []
        task = self._tasks.get()
        with suppress(queue.Empty):
            while task is not None:
                batch.append(task)
                if len(batch) == JOBS_PER_COMMIT:
                    return batch, False
                task = self._tasks.get_nowait()
            return batch, True
        return batch, False

    def _deliver(self, outcomes: list[_Outcome]) -> None:
        with suppress(RuntimeError):  # the loop is gone: nobody waits any more
            cast("asyncio.AbstractEventLoop", self._loop).call_soon_threadsafe(_resolve, outcomes)


def _resolve(outcomes: list[_Outcome]) -> None:
    for future, result, error in outcomes:
        if future.done():
            continue
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)


def _commit(engine: Engine, batch: list[_Task]) -> list[_Outcome]:
    try:
        with engine.connect() as connection:
            return _commit_together(connection, batch)
    except DBAPIError as error:  # the file can't be opened
        return [_Outcome(task.future, None, _wrapped(error)) for task in batch]


def _commit_together(connection: Connection, batch: list[_Task]) -> list[_Outcome]:
    try:
        with connection.begin():
            connection.exec_driver_sql(_BEGIN)
            return [_run_in_savepoint(connection, task) for task in batch]
    except DBAPIError as error:
        if len(batch) == 1:
            return [_Outcome(batch[0].future, None, _wrapped(error))]
    except BaseException as error:
        if len(batch) == 1:
            return [_Outcome(batch[0].future, None, error)]
    return [outcome for task in batch for outcome in _commit_together(connection, [task])]


def _run_in_savepoint(connection: Connection, task: _Task) -> _Outcome:
    connection.exec_driver_sql("SAVEPOINT job")
    try:
        result = task.job(connection)
    except BaseException as error:
        try:
            connection.exec_driver_sql("ROLLBACK TO job")
        except DBAPIError:  # SQLite has rolled back everything: the batch runs one by one
            raise error from None
        connection.exec_driver_sql("RELEASE job")
        return _Outcome(task.future, None, _wrapped(error))
    connection.exec_driver_sql("RELEASE job")
    return _Outcome(task.future, result, None)


def _wrapped(error: BaseException) -> BaseException:
    """Return what a failure is for the caller; SQLITE_ERROR is a wrong statement, which no waiting mends."""
    if (
        isinstance(error, DBAPIError)
        and isinstance(error.orig, sqlite3.OperationalError)
        and getattr(error.orig, "sqlite_errorcode", 0) != sqlite3.SQLITE_ERROR
    ):
        unavailable = DatabaseUnavailable(str(error.orig))
        unavailable.__cause__ = error
        return unavailable
    return error
