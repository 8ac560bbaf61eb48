"""Purchases under fire: the real program is killed while it sells, and payments are told never, twice or late."""

import asyncio
import os
import random
import signal
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.chaos.books import open_work
from bot.events import Event
from bot.playground.telegram import Telegram
from db.schema import reading_engine
from tests.app import assert_books_are_right, sync_url
from tests.canary import CANARY_TOKEN
from tests.child import Child, Line, telegram_server
from tests.judge import judge_journal
from tests.reliability import star_lines
from tests.reliability.star_buyers import Buyer, fates
from tests.shop import buy
from tests.shop import shop as open_shop

PURCHASES = int(os.environ.get("PURCHASES", "200"))
PER_KILL = 40
BUYERS = 10
SEED = 6
LOOK_SECONDS = 0.1
PATIENCE_SECONDS = 120
"""A refund whose process dies is asked again after a minute."""
SETTINGS = {
    "BOT_TOKEN": CANARY_TOKEN,
    "HTTP_LISTEN": "127.0.0.1:0",
    "STARS_ENABLED": "true",
    "LEASE_SECONDS": "3",
    "SEND_PER_SECOND": "10000",
    "CHAT_SEND_PER_SECOND": "10000",
    "MESSAGES_PER_MINUTE": "1000000",
    "WELCOME_GRANT_CREDITS": "0",
}


class Shop:
    """A Telegram whose people buy, and the lives of the bot that sells."""

    def __init__(self, directory: Path, database_url: str, telegram: Telegram, stack: AsyncExitStack) -> None:
        self.telegram = telegram
        self.children: list[Child] = []
        self._directory = directory
        self._settings = {**SETTINGS, "DATABASE_URL": database_url}
        self._url = sync_url(database_url)
        self._stack = stack

    async def open(self) -> None:
        """Serve Telegram and begin the first life."""
        self._settings["BOT_API_URL"] = await self._stack.enter_async_context(telegram_server(self.telegram))
        await self._begin()

    async def _begin(self) -> None:
        child = await Child(self._directory, **self._settings).start()
        self._stack.push_async_callback(child.discard)
        self.children.append(child)
        await child.line(Event.READY)

    async def die(self) -> None:
        """End the life that is, and begin the next one."""
        await self.children[-1].stop(signal.SIGKILL)
        await self._begin()

    async def die_often(self, kills: int, seed: int) -> None:
        """Die again and again while there is buying, each time after some purchases and some changes more."""
        chance = random.Random(seed)
        charges = self.telegram.bank.charges
        for paid in sorted(chance.sample(range(1, PURCHASES - 2 * BUYERS), kills)):
            await self.telegram.wait_for(lambda: len(charges) >= paid, PATIENCE_SECONDS)  # noqa: B023
            changes = self.telegram.signals.version + chance.randrange(40)
            await self.telegram.wait_for(lambda: self.telegram.signals.version >= changes, PATIENCE_SECONDS)  # noqa: B023
            await self.die()

    async def quiet(self) -> None:
        """Wait until nothing is left to do."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                if not self.telegram.updates and not await asyncio.to_thread(self._open):
                    return
                await asyncio.sleep(LOOK_SECONDS)

    def _open(self) -> bool:
        refunds = self.read(
            lambda tx: tx.scalar(text("SELECT count(*) FROM payment WHERE state = 'refunding'"))
        )
        return bool(refunds or open_work(self._url))

    def read(self, find: Any) -> Any:
        """Read the books from outside."""
        engine = reading_engine(self._url)
        try:
            with engine.connect() as connection:
                return find(connection)
        finally:
            engine.dispose()

    def lines(self, event: Event) -> list[Line]:
        """Return what all lives have logged of an event."""
        return [line for child in self.children for line in child.lines() if line["event"] == event]


@pytest.mark.timeout(120 + PURCHASES)
async def test_t06_t55_every_star_is_in_the_books_once_whatever_is_lost_doubled_late_or_killed(
    tmp_path: Path, database_url: str
) -> None:
    async with AsyncExitStack() as stack:
        shop = Shop(tmp_path, database_url, Telegram(tokens=[CANARY_TOKEN]), stack)
        people = [
            Buyer(shop.telegram, f"Buyer {n}", fate, SEED + n)
            for n, fate in enumerate(fates(PURCHASES, BUYERS, SEED))
        ]
        await shop.open()
        async with asyncio.TaskGroup() as group:
            group.create_task(shop.die_often(PURCHASES // PER_KILL, SEED))
            for one in people:
                group.create_task(one.play())
        await (
            shop.quiet()
        )  # a refund that ends behind the last reconciliation is in Telegram's list before ours
        await shop.die()
        await shop.children[-1].line(Event.RECONCILED)
        await shop.quiet()
        before_the_latest = shop.read(lambda tx: star_lines.differences(tx, shop.telegram))
        shop.telegram.courier.release(all_of_them=True)
        await shop.quiet()
        assert await shop.children[-1].stop() == 0
    assert len(shop.telegram.bank.charges) == PURCHASES
    assert (before_the_latest, shop.read(lambda tx: star_lines.differences(tx, shop.telegram))) == ([], [])
    assert shop.read(star_lines.doubled) == 0
    assert sum(line["missed"] for line in shop.lines(Event.RECONCILED)) >= PURCHASES // 20
    assert not [*shop.lines(Event.STARS_DIFFER), *shop.lines(Event.ERROR), *shop.lines(Event.UPDATE_PARKED)]
    assert judge_journal(shop.telegram) == []
    assert_books_are_right(database_url)


async def test_the_comparison_finds_lines_that_only_one_side_has(sqlite_url: str) -> None:
    async with open_shop(sqlite_url, welcome_grant_credits=0) as here:
        await buy(here, here.ben)
        here.app.clock.move(timedelta(minutes=10))
        await here.app.parts.upkeep.run_timers()
        await here.app.settled()
        lines = here.app.telegram.bank.transactions

        async def found() -> int:
            return len(await here.app.parts.db.read(star_lines.differences, here.app.telegram))

        assert await found() == 0
        line = lines.pop()
        assert await found() == 4
        lines += [line, line]
        assert await found() == 4
