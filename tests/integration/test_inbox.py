"""The inbox of several replicas: one owner per lane, however many of them store at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from db.schema import blocking_engine
from db.session import Database, open_database
from services import inbox
from services.inbox import RawUpdate
from services.stamp import Stamps
from tests.app import CountedEntropy, MovableClock


def raw(number: int, lane: str = "c1") -> RawUpdate:
    """Return an update of a lane."""
    return RawUpdate(number, lane, b'{"update_id":%d}' % number)


def test_a_lane_that_one_replica_stores_into_is_waited_for_by_the_other(
    postgres_books: str, house_stamps: list[Stamps]
) -> None:
    engine = blocking_engine(postgres_books)
    one, other = house_stamps
    with engine.connect() as first, engine.connect() as second:
        assert len(inbox.store_updates(first, [raw(1)], one.take())) == 1
        second.execute(text("SET lock_timeout = '50ms'"))
        second.commit()
        with pytest.raises(OperationalError) as refused:
            inbox.store_updates(second, [raw(2)], other.take())
        assert isinstance(refused.value.orig, psycopg.errors.LockNotAvailable)
        second.rollback()
        assert len(inbox.store_updates(second, [raw(3, "c2")], other.take())) == 1
        second.commit()
        first.commit()
        assert inbox.store_updates(second, [raw(2)], other.take()) == []  # the lane is the first one's
        second.commit()
    engine.dispose()


async def test_replicas_that_store_at_once_never_own_one_lane_together(
    postgres_books: str, house_stamps: list[Stamps]
) -> None:
    lanes = [f"c{number}" for number in range(5)]
    async with AsyncExitStack() as stack:
        replicas = [
            (await stack.enter_async_context(opened(postgres_books)), stamps) for stamps in house_stamps
        ]
        for round_no in range(20):
            jobs = []
            for number, (db, stamps) in enumerate(replicas):
                order = lanes if number else lanes[::-1]
                first = 1 + (round_no * len(replicas) + number) * len(lanes)
                batch = [raw(first + index, lane) for index, lane in enumerate(order)]
                jobs.append(db.transact(inbox.store_updates, batch, stamps.take()))
            await asyncio.gather(*jobs)
            owners = await replicas[0][0].transact(_owners_and_finish)
            assert {lane: len(found) for lane, found in owners.items()} == dict.fromkeys(lanes, 1)


def _owners_and_finish(tx: Connection) -> dict[str, set[str]]:
    owners: dict[str, set[str]] = {}
    rows = tx.execute(text("SELECT lane, lease_owner FROM inbox WHERE state = 'waiting'"))
    for lane, owner in rows:
        if owner is not None:
            owners.setdefault(lane, set()).add(owner)
    tx.execute(text("UPDATE inbox SET state = 'done'"))
    return owners


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    """Open a database."""
    db = open_database(url)
    await db.open()
    try:
        yield db
    finally:
        await db.close()


@pytest.fixture
def house_stamps() -> list[Stamps]:
    """Give the stamps of two replicas."""
    clock, lease = MovableClock(), timedelta(seconds=90)
    return [
        Stamps(clock=clock, entropy=CountedEntropy(number), owner=f"replica {number}", lease=lease)
        for number in (1, 2)
    ]
