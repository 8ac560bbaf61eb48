"""The database's port: fences hold for the task that set them, listeners hear of commits alone."""

import asyncio
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection

from db.session import Database, Job, announce, fenced

T = TypeVar("T")


class Memory:
    """A backend in memory."""

    def __init__(self) -> None:
        self._engine = sa.create_engine("sqlite://")

    async def open(self) -> None:
        """Nothing to do."""

    async def close(self) -> None:
        """Nothing to do."""

    async def transact(self, job: Job[T]) -> T:
        """Run a job and commit."""
        with self._engine.begin() as tx:
            return job(tx)

    async def read(self, job: Job[T]) -> T:
        """Run a job."""
        with self._engine.connect() as tx:
            return job(tx)


def say(tx: Connection, what: Any) -> None:
    """Announce something."""
    announce(tx, what)


def fail(tx: Connection, what: Any) -> None:
    """Announce something and fail."""
    announce(tx, what)
    raise ValueError("broken")


async def test_a_fence_runs_first_in_every_transaction_of_its_task_and_in_no_other() -> None:
    order: list[object] = []
    db = Database(Memory())
    db.on_commit(order.append)
    with fenced(lambda _: order.append("fence")):
        await db.transact(say, 1)
        await db.transact(say, 2)
    await db.transact(say, 3)
    assert order == ["fence", 1, "fence", 2, 3]


async def test_work_that_a_commit_begins_is_not_fenced_by_what_caused_it() -> None:
    """A turn's settlement must not depend on the update that brought the message."""
    db, fences = Database(Memory()), list[str]()
    begun: list[asyncio.Task[None]] = []

    async def work() -> None:
        await db.transact(say, "settled")

    def begin(event: object) -> None:
        if event == "reserved":
            begun.append(asyncio.create_task(work()))

    db.on_commit(begin)
    with fenced(lambda _: fences.append("fence")):
        await db.transact(say, "reserved")
        await begun[0]
        await db.transact(say, "more")
    assert fences == ["fence", "fence"]


async def test_nobody_hears_of_a_transaction_that_was_not_committed() -> None:
    heard: list[object] = []
    db = Database(Memory())
    db.on_commit(heard.append)
    with pytest.raises(ValueError, match="broken"):
        await db.transact(fail, "never")
    await db.transact(say, "once")
    assert heard == ["once"]
