"""The playground's clock: moved forward by the page, followed by the real bot, never back."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from bot.commands import playground
from bot.playground.errors import PlayError
from bot.playground.telegram import Telegram
from bot.playground.transport import transport
from handlers.words import Words
from services.moved_clock import Lead
from tests.app import assert_books_are_right
from tests.playground_child import BEN, CARLA, Playground, Start, playgrounds
from tests.playground_clients import Clock

EN = Words("en")
DAY = 86_400
PAID = {"FREE_MESSAGES_PER_DAY": "0", "CHANCE_PPM_PER_CREDIT": "1"}


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """Give what starts a playground in an empty directory and ends it with the test."""
    async with playgrounds(tmp_path) as begin:
        yield begin


async def group_of(play: Playground) -> int:
    """Return the group of the cast, once the bot has come into it."""
    await play.bot_pid(1)
    (group,) = (await play.get("/play/state")).json()["groups"]
    await play.sees(group["id"], "/ask")
    return int(group["id"])


async def test_a_day_later_the_report_comes_and_a_week_later_the_round_can_be_paid_back(
    start: Start, tmp_path: Path
) -> None:
    play = await start(**PAID)
    group = await group_of(play)
    await play.ask("/start")
    await play.act("/play/send", user=CARLA, chat=group, text="/settings@potluck_bot")
    await play.press(CARLA, group, EN.plain("button.settings_report"))
    await play.press(CARLA, group, EN.plain("button.report_daily"))
    await play.act("/play/send", user=BEN, chat=group, text="/ask hello")
    await play.press(BEN, group, EN.plain("button.pay", price=5))
    await play.sees(group, "ticket 1")
    assert (await play.act("/play/clock", days=1))["ahead"] == DAY
    report = await play.sees(group, "The pot today: 5 credits (+5)")
    assert report["photo"]["url"]
    assert report["date"] > time.time() + DAY - 60
    await play.act("/play/clock", days=7)
    await play.act("/play/send", user=CARLA, chat=group, text="/reset@potluck_bot")
    await play.press(CARLA, group, EN.plain("button.reset_refund"))
    await play.sees(group, "One player gets back what was put in: 5 credits")
    await play.sees(BEN, "You got back 5 credits")
    assert "1,000" in (await play.ask("/balance"))[-1]
    assert await play.child.stop() == 0
    assert_books_are_right(f"sqlite:///{tmp_path / playground.DATABASE}")


async def test_the_time_stays_where_it_is_for_a_bot_that_starts_again_and_for_kept_books(
    start: Start, tmp_path: Path
) -> None:
    """Time that goes back would be a fault of the clock, not a playground."""
    database = f"sqlite:///{tmp_path / 'kept.db'}"
    play = await start(DATABASE_URL=database)
    await play.bot_pid(1)
    await play.act("/play/clock", days=30)
    await play.act("/play/bot", action="kill")
    await play.bot_pid(2)
    assert await play.ask("/start")
    assert await play.child.stop() == 0
    play = await start(DATABASE_URL=database)
    assert (await play.get("/play/clock")).json()["ahead"] == 30 * DAY
    assert await play.child.stop() == 0
    assert Lead.open(tmp_path / f"kept.db{playground.CLOCK_SUFFIX}").seconds == 30 * DAY


async def test_new_books_begin_with_the_time_of_the_machine(start: Start) -> None:
    play = await start()
    await play.bot_pid(1)
    await play.act("/play/clock", hours=5, minutes=1, forward_seconds=2)
    assert (await play.get("/play/clock")).json()["ahead"] == 5 * 3_600 + 62
    assert await play.child.stop() == 0
    assert (await (await start()).get("/play/clock")).json()["ahead"] == 0


@pytest.fixture
async def play() -> AsyncIterator[httpx.AsyncClient]:
    telegram = Telegram.with_cast(now=Clock(1_800_000_000))
    async with httpx.AsyncClient(transport=transport(telegram), base_url="http://t/play/") as client:
        yield client


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"days": 0},
        {"days": -1},
        {"forward_seconds": -1},
        {"days": 401},
        {"days": "many"},
        {"days": 10**400},
        {"reset": True},
    ],
)
async def test_the_clock_goes_forward_alone_and_not_too_far(play: httpx.AsyncClient, body: object) -> None:
    answer = await play.post("clock", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert (await play.get("clock")).json() == {"now": 1_800_000_000, "ahead": 0}


def test_it_ends_before_the_dates_of_telegram_do() -> None:
    telegram = Telegram(now=Clock(2**31 - DAY))
    with pytest.raises(PlayError, match="2038"):
        telegram.move_clock(DAY)
    telegram.move_clock(DAY / 2)
    assert telegram.lead.seconds == DAY / 2


async def test_what_telegram_keeps_for_a_while_ends_by_the_moved_time() -> None:
    telegram = Telegram()
    ana = telegram.add_user("Ana")
    telegram.say(ana, None, "hello")
    press = telegram.press(ana, ana.id, 1, "forged")
    assert telegram.presses.find(press.id) is press
    telegram.move_clock(151)
    assert telegram.presses.find(press.id) is None
    assert [one["message"]["text"] for one in await telegram.api("getUpdates")] == ["hello"]
    telegram.move_clock(DAY)
    assert await telegram.api("getUpdates") == []
    said = telegram.say(ana, None, "later")
    assert said["date"] >= time.time() + DAY + 150
