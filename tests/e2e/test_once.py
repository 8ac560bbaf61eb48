"""Messages that are sent at most once: in doubt they have failed, whoever had them in hand."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection, select, update

from db.models.people import chat
from db.models.transport import outbox as rows
from services import outbox
from services.outbox import Address, begin_once, enqueue
from services.stamp import Stamp
from tests.scene import Scene, scene

NOTICE = "waiting_cancelled"
"""Any will do here; that of duels needs a duel."""


@pytest.fixture(autouse=True)
def once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have it sent at most once."""
    monkeypatch.setattr(outbox, "ONCE", frozenset({NOTICE}))


def say(tx: Connection, telegram_id: int, stamp: Stamp, ttl: timedelta | None = None) -> None:
    """Write a message to a player."""
    chat_id = tx.scalars(select(chat.c.id).where(chat.c.telegram_id == telegram_id)).one()
    address, how = Address(chat_id=chat_id, language="en"), {"key": "once", "stamp": stamp}
    enqueue(tx, address, NOTICE, {"n": 2}, ttl=ttl, **how)  # type: ignore[arg-type]


async def state(here: Scene) -> tuple[str, int]:
    """Return what became of the message and how often it arrived."""
    await here.app.settled()
    found = select(rows.c.state).where(rows.c.key == "once")
    ended = await here.app.parts.db.read(lambda tx: tx.scalars(found).one())
    return ended, len(here.app.texts(here.ben)) - 1


@pytest.mark.parametrize(
    ("kind", "ended"),
    [("429", ("sent", 1)), ("500", ("failed", 0)), ("502", ("failed", 0)), ("lost", ("failed", 1))],
)
async def test_what_may_have_arrived_is_not_sent_again(
    sqlite_url: str, kind: str, ended: tuple[str, int]
) -> None:
    async with scene(sqlite_url) as here:
        await here.ask(here.ben, "/price")
        here.app.telegram.faults.add(kind, method="sendMessage", retry_after=1)
        parts = here.app.parts
        await parts.db.transact(say, here.ben.id, parts.stamps.take())
        assert await state(here) == ended


async def test_what_has_waited_for_too_long_is_not_sent(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        await here.ask(here.ben, "/price")
        parts = here.app.parts
        await parts.db.transact(say, here.ben.id, parts.stamps.take(), timedelta(0))
        assert await state(here) == ("expired", 0)


def leave(tx: Connection, telegram_id: int, stamp: Stamp, *, is_begun: bool) -> None:
    """Leave a message behind as a process that died with it in hand, before or after it began to send it."""
    say(tx, telegram_id, stamp)
    tx.info["events"].clear()
    row = tx.execute(select(rows.c.id, rows.c.lease_token).where(rows.c.key == "once")).one()
    assert not is_begun or begin_once(tx, row.id, row.lease_token)
    assert not begin_once(tx, row.id, row.lease_token + 1)
    owner = {"lease_owner": "dead", "lease_until": stamp.now - timedelta(seconds=1)}
    tx.execute(update(rows).where(rows.c.id == row.id).values(owner))


@pytest.mark.parametrize(("is_begun", "ended"), [(False, ("sent", 1)), (True, ("failed", 0))])
async def test_a_successor_sends_only_what_was_not_begun(
    database_url: str, is_begun: bool, ended: tuple[str, int]
) -> None:
    async with scene(database_url) as here:
        await here.ask(here.ben, "/price")
        parts = here.app.parts
        await parts.db.transact(leave, here.ben.id, parts.stamps.take(), is_begun=is_begun)
        await parts.upkeep.claim()
        assert await state(here) == ended
