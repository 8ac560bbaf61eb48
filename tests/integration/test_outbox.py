"""The outbox among several processes: one of them sends to a chat at a time, in order, and hands over quickly."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from telegram.error import TimedOut

from bot.delivery import Delivery
from handlers.words import load_catalogs
from services.events import Outgoing
from services.outbox import Address, claim_outgoing, enqueue, hold_on
from services.stamp import Stamps
from tests.house import LEASE, House
from tests.integration.outbox_steps import end, say


async def claim(house: House, stamps: Stamps, *, most: int = 100, alone: bool = False) -> Sequence[Outgoing]:
    """Take over what is free."""
    return await house.db.transact(claim_outgoing, most, alone=alone, stamp=stamps.take())


def announced(house: House) -> list[Outgoing]:
    """Return the messages that were handed out, and forget them."""
    found = [event for event in house.events if isinstance(event, Outgoing)]
    house.events.clear()
    return found


async def owners(house: House) -> list[str | None]:
    """Return who owns each waiting message, the oldest first."""
    rows = await house.rows("SELECT lease_owner FROM outbox WHERE state = 'waiting' ORDER BY id")
    return [row.lease_owner for row in rows]


@pytest.fixture
def two(house: House) -> Stamps:
    """Give the stamps of another process."""
    return house.other_worker()


async def test_a_message_waits_for_an_older_one_that_another_process_sends(house: House, two: Stamps) -> None:
    ana, group = await house.player(), await house.group()
    await say(house.db, house.stamps, ana.chat_id, "a")
    await say(house.db, house.stamps, ana.chat_id, "b")
    await say(house.db, two, ana.chat_id, "c")
    await say(house.db, two, group.chat_id, "d")
    await say(house.db, house.stamps, ana.chat_id, "e")
    assert await owners(house) == ["one", "one", None, "two", None]
    assert len(announced(house)) == 3


async def test_who_ends_a_message_takes_what_waited_behind_it(house: House, two: Stamps) -> None:
    ana, group = await house.player(), await house.group()
    await say(house.db, house.stamps, ana.chat_id, "a")
    for key in "bc":
        await say(house.db, two, ana.chat_id, key)
        await say(house.db, two, group.chat_id, f"group {key}")
    first = announced(house)[0]
    await end(house.db, house.stamps, first)
    taken = announced(house)
    assert await owners(house) == ["one", "two", "one", "two"]
    assert [one.outbox_id for one in taken] == sorted(one.outbox_id for one in taken)
    await end(house.db, house.stamps, *taken)
    assert await owners(house) == ["two", "two"]


async def test_the_same_key_is_written_once_whoever_owns_it(house: House, two: Stamps) -> None:
    ana = await house.player()
    for _ in range(2):
        await say(house.db, house.stamps, ana.chat_id, "a")
        await say(house.db, two, ana.chat_id, "b")
    assert (await owners(house), len(announced(house))) == (["one", None], 1)


async def test_nothing_is_taken_over_while_another_process_sends_to_the_chat(
    house: House, two: Stamps
) -> None:
    ana = await house.player()
    await say(house.db, house.stamps, ana.chat_id, "a")
    for key in "bc":
        await say(house.db, two, ana.chat_id, key)
    assert await claim(house, two) == []
    house.clock.move(LEASE + timedelta(seconds=1))
    taken = await claim(house, two)
    assert [one.outbox_id for one in taken] == sorted(one.outbox_id for one in taken)
    assert await owners(house) == ["two"] * 3


async def test_what_is_taken_over_in_parts_is_taken_from_the_front(house: House, two: Stamps) -> None:
    ana = await house.player()
    for key in "abc":
        await say(house.db, house.stamps, ana.chat_id, key)
    house.clock.move(LEASE + timedelta(seconds=1))
    assert len(await claim(house, two, most=2)) == 2
    assert await owners(house) == ["two", "two", "one"]
    assert await claim(house, house.other_worker("three")) == []
    assert len(await claim(house, two)) == 1


async def test_a_process_that_is_alone_takes_all(house: House, two: Stamps) -> None:
    ana = await house.player()
    for key in "abc":
        await say(house.db, house.stamps, ana.chat_id, key)
    assert len(await claim(house, two, alone=True)) == 3
    assert await claim(house, two, alone=True) == []


async def test_a_message_is_held_only_by_who_has_its_token(house: House, two: Stamps) -> None:
    ana = await house.player()
    await say(house.db, house.stamps, ana.chat_id, "a")
    (message,) = announced(house)
    own = (message.outbox_id, message.token)
    assert await house.db.transact(hold_on, *own, house.stamps.take())
    house.clock.move(LEASE / 2)
    assert await house.db.transact(hold_on, *own, house.stamps.take())
    house.clock.move(LEASE * 0.75)
    assert await claim(house, two) == []
    house.clock.move(LEASE)
    (taken,) = await claim(house, two)
    assert not await house.db.transact(hold_on, *own, house.stamps.take())
    await end(house.db, two, taken)
    assert not await house.db.transact(hold_on, taken.outbox_id, taken.token, two.take())


@dataclass
class Bot:
    """Takes messages as the client would, and asks before each call as the limiter would."""

    calls: int = 0
    on_call: Any = None
    texts: list[str] = field(default_factory=list)
    in_bulk: list[bool] = field(default_factory=list)

    async def send_message(self, chat_id: int, text: str, *, api_kwargs: Any, rate_limit_args: Any) -> Any:
        """Take a message."""
        await rate_limit_args.check()
        self.calls += 1
        if self.on_call is not None:
            await self.on_call()
        self.texts.append(text)
        self.in_bulk.append(rate_limit_args.is_bulk)
        return type("Message", (), {"message_id": self.calls})


@asynccontextmanager
async def delivering(house: House, bot: Bot) -> AsyncIterator[Delivery]:
    """Deliver what is announced."""
    delivery = Delivery(house.db, house.stamps, bot, load_catalogs(), house.rules)  # type: ignore[arg-type]
    yield delivery
    await delivery.stop()


async def test_t60_a_sender_that_slept_beyond_its_lease_does_not_send_what_was_taken_over(
    house: House, two: Stamps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.delivery.FIRST_PAUSE_SECONDS", 0)
    ana, bot, said = await house.player(), Bot(), asyncio.Event()
    taken: list[Outgoing] = []

    async def sleep_long() -> None:
        await said.wait()
        house.clock.move(LEASE + timedelta(seconds=1))
        taken.extend(await claim(house, two))
        raise TimedOut

    bot.on_call = sleep_long
    async with delivering(house, bot) as delivery:
        for key in "ab":
            await say(house.db, house.stamps, ana.chat_id, key)
        said.set()
        await delivery.idle()
    assert (bot.calls, bot.texts, len(taken)) == (1, [], 2)
    assert await owners(house) == ["two", "two"]


async def test_a_sender_that_slept_sends_what_is_still_its_own(house: House) -> None:
    ana, bot = await house.player(), Bot()

    async def sleep_long() -> None:
        house.clock.move(LEASE + timedelta(seconds=1))

    bot.on_call = sleep_long
    async with delivering(house, bot) as delivery:
        for key in "ab":
            await say(house.db, house.stamps, ana.chat_id, key)
        await delivery.idle()
    assert (bot.calls, await owners(house)) == (2, [])


async def test_what_a_refund_tells_thousands_goes_in_bulk_and_answers_do_not(house: House) -> None:
    ana, bot = await house.player(), Bot()
    paid = {"credits": 5, "balance": 1_000, "receipt": 1, "round": 1, "title": "Friends"}
    async with delivering(house, bot) as delivery:
        for notice, facts in (("refund_paid", paid), ("released", {"timed_out": True})):
            address, stamp = Address(chat_id=ana.chat_id, language="en"), house.stamps.take()
            await house.db.transact(enqueue, address, notice, facts, key=notice, stamp=stamp)
        await delivery.idle()
    assert bot.in_bulk == [True, False]
