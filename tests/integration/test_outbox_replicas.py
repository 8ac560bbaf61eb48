"""The outbox of three replicas on one Postgres: each chat gets its messages in order, and each of them once."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.queues import Queues
from db.session import open_database
from services.events import Outgoing
from services.outbox import claim_outgoing
from services.people import Met
from tests.app import CountedEntropy
from tests.house import LEASE, House
from tests.integration.outbox_steps import end, say


class Sender:
    """A replica that writes and sends."""

    def __init__(self, url: str, house: House, name: str, sent: list[tuple[int, int]]) -> None:
        self.db = open_database(url)
        self.stamps = replace(house.stamps, owner=name, entropy=CountedEntropy(seed=ord(name[0])))
        self._sent = sent
        self._queues: Queues[Outgoing] = Queues(self._send, name=name)
        self.db.on_commit(self._on_commit)

    def put(self, messages: Sequence[Outgoing]) -> None:
        """Take messages that it owns."""
        for one in messages:
            self._queues.put(one.chat_id, one.outbox_id, one)

    def _on_commit(self, event: object) -> None:
        if isinstance(event, Outgoing):
            self.put([event])

    async def _send(self, message: Outgoing) -> None:
        for _ in range(message.outbox_id % 3 * 4):  # sends take unequally long
            await self.db.read(lambda tx: tx.scalar(text("SELECT 1")))
        self._sent.append((message.chat_id, message.outbox_id))
        await end(self.db, self.stamps, message)

    async def claim(self) -> None:
        """Take over what is free, and send all there is."""
        self.put(await self.db.transact(claim_outgoing, 5, alone=False, stamp=self.stamps.take()))
        await self._queues.idle()


async def _waiting(house: House) -> int:
    count: int = await house.value("SELECT COUNT(*) FROM outbox WHERE state = 'waiting'")
    return count


async def _people(house: House, most: int) -> list[Met]:
    return [await house.player(number) for number in range(1, most + 1)]


@asynccontextmanager
async def senders(url: str, house: House, sent: list[tuple[int, int]]) -> AsyncIterator[list[Sender]]:
    """Run three replicas."""
    found = [Sender(url, house, name, sent) for name in ("x", "y", "z")]
    for one in found:
        await one.db.open()
    yield found
    for one in found:
        await one.db.close()


@pytest.mark.parametrize("books_url", ["postgres"], indirect=True)
async def test_three_replicas_send_to_each_chat_in_order_and_once(house: House) -> None:
    sent: list[tuple[int, int]] = []
    people = await _people(house, 3)
    async with senders(house.url, house, sent) as replicas:

        async def talk(who: Met) -> None:
            for number in range(25):
                sender = replicas[(number * 7 + who.chat_id) % 3]
                await say(sender.db, sender.stamps, who.chat_id, f"{who.chat_id}:{number}")

        await asyncio.gather(*map(talk, people))
        while await _waiting(house):
            await asyncio.gather(*[one.claim() for one in replicas])
    assert len(sent) == len(set(sent)) == 75
    for who in people:
        ids = [outbox_id for chat_id, outbox_id in sent if chat_id == who.chat_id]
        assert ids == sorted(ids)


@pytest.mark.parametrize("books_url", ["postgres"], indirect=True)
async def test_replicas_that_take_over_at_once_do_not_split_a_chat(house: House) -> None:
    sent: list[tuple[int, int]] = []
    for who in await _people(house, 4):
        for number in range(10):
            await say(house.db, house.stamps, who.chat_id, f"{who.chat_id}:{number}")
    house.clock.move(LEASE + timedelta(seconds=1))
    async with senders(house.url, house, sent) as replicas:
        while await _waiting(house):
            await asyncio.gather(*[one.claim() for one in replicas])
    assert len(sent) == len(set(sent)) == 40
    for chat_id in {chat_id for chat_id, _ in sent}:
        ids = [outbox_id for whose, outbox_id in sent if whose == chat_id]
        assert ids == sorted(ids)
