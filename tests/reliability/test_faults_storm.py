"""Telegram's faults at any call, by polling and by webhook: all is answered, booked once and told with one receipt."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.app import Running, running
from tests.reliability.storm import (
    STORM,
    BadWay,
    Echo,
    HurriedTelegram,
    Party,
    Weather,
    assert_booked_once,
    rows,
    run_hurried,
)
from tests.stand_ins import WEBHOOK

CHANCE_PERCENT = 30
OUTAGE_TRIES, OUTAGE_SECONDS = 7, 400.0
QUESTIONS, GIFT_CREDITS = 6, 10
PATIENCE_SECONDS = 1_200.0
"""In the hurried loop's time: a minute of the world's."""
SETTINGS: dict[str, Any] = {**STORM, "daily_below_credits": 10**6}
RECEIPT = re.compile(r"[Rr]eceipt (\d+)")


class Scene:
    """Players who come to terms with the bot before the storm begins."""

    def __init__(self, seed: int, **options: Any) -> None:
        self.telegram = HurriedTelegram(**options)
        self.weather = Weather(seed, CHANCE_PERCENT)
        self.party = Party(self.telegram, seed)
        self.gifts: dict[int, int] = {}

    async def prepare(self, app: Running) -> None:
        """Let everybody pay for a first message and be asked about a gift, then let the storm begin."""
        await self.party.agree(app)
        for player in self.party.players:
            await app.say(player, player, f"/contribute {GIFT_CREDITS}")
            self.gifts[player.id] = app.last_id(player)
        self.telegram.faults = self.weather

    async def rage(self, app: Running) -> None:
        """Let everybody write, press the button of his gift and take the day's credits, again and again."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            for _ in range(2):
                self.party.ask_all(QUESTIONS // 2)
                for player in self.party.players:
                    self.telegram.press(player, player.id, self.gifts[player.id], "Yes, do it")
                    self.telegram.say(player, player, "/daily")
                await self.telegram.drained()
                await app.settled()
        self.telegram.faults.clear()

    async def look(self, app: Running) -> None:
        """Look at what was said and booked."""
        assert self.weather.hits.keys() == set(Weather.kinds)
        self.party.assert_all_answered()
        await assert_booked_once(app, self.party)
        for kind in ("gift", "daily"):
            query = f"SELECT player_id, COUNT(*) FROM entry WHERE kind = '{kind}' GROUP BY player_id"
            assert [count for _, count in await rows(app, query)] == [1] * len(self.party.players)
        self._look_for_notices("Days in a row")
        self._look_for_notices("went into the pot")

    def _look_for_notices(self, words: str) -> None:
        """Every player was told, and if twice, with the receipt of the first time."""
        for player in self.party.players:
            told = [said for said in self.telegram.texts(player) if words in said]
            assert len(set(told)) == 1, (words, told)
            assert RECEIPT.search(told[0]), told


@asynccontextmanager
async def polling(database_url: str, seed: int) -> AsyncIterator[tuple[Scene, Running]]:
    """Run a bot that polls."""
    scene = Scene(seed)
    async with running(database_url, telegram=scene.telegram, model=Echo(), **SETTINGS) as app:
        yield scene, app


@asynccontextmanager
async def webhook(database_url: str, seed: int) -> AsyncIterator[tuple[Scene, Running]]:
    """Run a bot that is called, over a way on which requests and answers are lost as well."""
    scene = Scene(seed, backoff=lambda attempt: attempt / 2)
    way = scene.telegram.webhook.transport = BadWay(seed, CHANCE_PERCENT)
    settings = {**SETTINGS, **WEBHOOK}
    try:
        async with running(database_url, telegram=scene.telegram, model=Echo(), **settings) as app:
            way.process = app.process
            yield scene, app
            assert way.lost.keys() == {"request", "answer"}
    finally:
        await scene.telegram.aclose()


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("way", [polling, webhook])
def test_a_storm_of_faults_loses_nothing_and_books_nothing_twice(
    sqlite_url: str, way: Any, seed: int
) -> None:
    async def scenario() -> None:
        async with way(sqlite_url, seed) as (scene, app):
            await scene.prepare(app)
            await scene.rage(app)
            await scene.look(app)

    run_hurried(scenario())


def test_a_start_in_a_storm_becomes_ready(sqlite_url: str) -> None:
    async def scenario() -> None:
        telegram = HurriedTelegram()
        telegram.faults = Weather(5, 60)
        party = Party(telegram)
        async with running(sqlite_url, telegram=telegram, model=Echo(), **SETTINGS) as app:
            assert all(app.process.readiness().values())
            telegram.faults.clear()
            await party.agree(app)

    run_hurried(scenario())


@pytest.mark.parametrize("kind", ["502", "500", "html"])
def test_an_answer_that_cost_nothing_outlasts_an_outage_of_telegram(sqlite_url: str, kind: str) -> None:
    """What Telegram refuses has not arrived: nothing speaks against sending it again until it is too old."""

    async def scenario() -> None:
        telegram = HurriedTelegram()
        ben = telegram.add_user("Ben", language_code="en")
        async with running(sqlite_url, telegram=telegram, model=Echo()) as app:
            outage = telegram.faults.add(kind, method="sendMessage", times=None)
            telegram.say(ben, ben, "hello")
            async with asyncio.timeout(OUTAGE_SECONDS):
                while outage.hits < OUTAGE_TRIES:  # noqa: ASYNC110 - faults have no event
                    await asyncio.sleep(1)
                telegram.faults.clear()
                await app.settled()
            assert [said.partition(" end")[0] for said in app.texts(ben)] == ["echo hello"]

    run_hurried(scenario())
