"""The database as the services see it: ``transact`` (the only commit) and ``read``. No rules of the game."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy import Connection

P = ParamSpec("P")
T = TypeVar("T")

Job = Callable[[Connection], T]
Fence = Callable[[Connection], None]
Listener = Callable[[object], None]

EVENTS, ENDS = "events", "ends"
_fence: ContextVar[Fence | None] = ContextVar("fence", default=None)
_ends: ContextVar[bool] = ContextVar("ends", default=True)


class DatabaseUnavailable(Exception):
    """The database can't be reached, is full, or did not answer in time; nothing is known to be committed."""


class Backend(Protocol):
    """One kind of database: runs a job in a transaction, or only reads."""

    async def open(self) -> None:
        """Connect."""

    async def close(self) -> None:
        """Finish what is under way and disconnect."""

    async def transact(self, job: Job[T]) -> T:
        """Run ``job`` in a transaction of its own and commit it.

        Raises:
            DatabaseUnavailable: it could not be committed.
        """

    async def read(self, job: Job[T]) -> T:
        """Run ``job`` on a snapshot that can't be written to."""


class Database:
    """Runs plain functions on a synchronous connection, so that nothing else can happen inside a transaction.

    A function may run more than once (a conflict, a commit whose answer was lost): it must come to the same
    result again, by the unique cause of what it writes.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._listeners: list[Listener] = []

    async def open(self) -> None:
        """Connect to the database."""
        await self._backend.open()

    async def close(self) -> None:
        """Disconnect."""
        await self._backend.close()

    def on_commit(self, listener: Listener) -> None:
        """Call ``listener`` with every event that was announced in a transaction, once it is committed."""
        self._listeners.append(listener)

    async def transact(
        self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run ``fn(tx, …)`` in one transaction, commit, and return its result.

        Raises:
            DatabaseUnavailable: it could not be committed.
        """
        fence, ends = _fence.get(), _ends.get()

        def job(tx: Connection) -> tuple[T, list[object]]:
            events: list[object] = []
            tx.info[EVENTS], tx.info[ENDS] = events, ends
            if fence is not None:
                fence(tx)
            return fn(tx, *args, **kwargs), events

        result, events = await self._backend.transact(job)
        self._tell(events)
        return result

    def _tell(self, events: list[object]) -> None:
        """Tell the listeners; tasks that they begin inherit no fence: it ends with the work that caused them."""
        mark = _fence.set(None)
        try:
            for event in events:
                for listener in self._listeners:
                    listener(event)
        finally:
            _fence.reset(mark)

    async def read(self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``fn(tx, …)`` on a snapshot and return its result.

        Raises:
            DatabaseUnavailable: the database can't be reached.
        """
        return await self._backend.read(lambda tx: fn(tx, *args, **kwargs))


def announce(tx: Connection, event: object) -> None:
    """Tell the listeners of ``event`` as soon as this transaction is committed, and never if it isn't."""
    tx.info[EVENTS].append(event)


@contextmanager
def fenced(fence: Fence) -> Iterator[None]:
    """Run ``fence`` first in every transaction of this task; it raises when the task has lost what it works on."""
    mark = _fence.set(fence)
    try:
        yield
    finally:
        _fence.reset(mark)


@contextmanager
def unfenced() -> Iterator[None]:
    """Run transactions that only prepare: they may come more than once and don't end what the task works on."""
    mark = _fence.set(None)
    try:
        yield
    finally:
        _fence.reset(mark)


@contextmanager
def unfinished() -> Iterator[None]:
    """Run transactions that may come again, and don't end what the task works on: its word is still to be said."""
    mark = _ends.set(False)
    try:
        yield
    finally:
        _ends.reset(mark)


def is_end(tx: Connection) -> bool:
    """Return whether this transaction's commit ends what its task works on."""
    return bool(tx.info[ENDS])


def open_database(url: str) -> Database:
    """Return the database that ``url`` (a SQLAlchemy URL, SQLite or Postgres) names, not yet connected."""
    if url.startswith("sqlite"):
        from db.sqlite import SqliteBackend

        return Database(SqliteBackend(url))
    from db.postgres import PostgresBackend

    return Database(PostgresBackend(url))
