"""Reports as a group sees them: a picture with the report under it, or the words alone; leaderboards; aliases."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from telegram.error import BadRequest

from bot.chart_worker import ChartWorker
from bot.playground.models import Message
from handlers.charts import Chart
from handlers.words import Words
from tests.scene import Scene, pay, scene

EN = Words("en")
PAID: dict[str, Any] = {"free_messages_per_day": 0, "chance_ppm_per_credit": 1}
PNG = b"\x89PNG\r\n\x1a\n"
CHART = Chart(
    points=((1_795_190_000, 5), (1_795_193_600, 14)),
    wins=((1_795_192_000, 30),),
    zone="Europe/Madrid",
    language="es",
    title="El bote",
    amount_label="Créditos",
    time_label="Hora de Madrid",
    win_label="premio",
)


@asynccontextmanager
async def reported(url: str, *, pictures: bool = True) -> AsyncIterator[Scene]:
    """Run the bot in a group with a daily report, in which Ben, its admin, has paid once."""
    async with scene(url, **PAID) as here:
        here.app.parts.charts.is_there = pictures
        here.app.telegram.set_member(here.group, here.ben, "administrator")
        await here.ask(here.ben, "/settings", here.group)
        await here.press(here.ben, "Report", here.group)
        await here.press(here.ben, "Every day", here.group)
        await pay(here, here.ben, "/ask hello", here.group)
        yield here


async def report(here: Scene) -> Message:
    """Let the time of the report come and return the group's last message."""
    here.app.clock.move(timedelta(hours=6))
    await here.app.parts.upkeep.run_timers()
    await here.app.settled()
    return here.app.telegram.from_bot(here.group)[-1]


async def test_a_report_comes_as_a_picture_with_its_words_under_it(sqlite_url: str) -> None:
    async with reported(sqlite_url) as here:
        message = await report(here)
        (photo,) = message.content["photo"]
        picture = here.app.telegram.files.by_id[photo["file_id"]].upload.content
        assert picture.startswith(PNG)
        assert len(picture) < 200_000
        assert "The pot today: 5 credits (+5)" in message.content["caption"]
        assert "1 ticket by 1 player. The house took 0 credits." in message.content["caption"]
        await here.app.parts.upkeep.run_timers()
        await here.app.settled()
        assert len(here.app.telegram.calls_of("sendPhoto")) == 1


async def test_without_the_extra_a_report_comes_in_words(sqlite_url: str) -> None:
    async with reported(sqlite_url, pictures=False) as here:
        message = await report(here)
        assert "The pot today: 5 credits (+5)" in message.content["text"]
        assert "Nobody won the pot." in message.content["text"]


async def test_where_no_pictures_may_be_sent_a_report_comes_in_words(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with reported(sqlite_url) as here:

        async def refuse(*_: Any, **__: Any) -> None:
            raise BadRequest("Not enough rights to send photos to the chat")

        async def drawn(_: Chart) -> bytes:
            return PNG

        bot = here.app.parts.bot
        with monkeypatch.context() as patch:
            patch.setattr(type(bot), "send_photo", refuse)
            patch.setattr(here.app.parts.charts, "_running", lambda: None)
            patch.setattr(ChartWorker, "__call__", lambda _, chart: drawn(chart))
            message = await report(here)
        assert "The pot today" in message.content["text"]


async def test_t31_a_report_goes_to_the_topic_that_the_admins_chose(sqlite_url: str) -> None:
    async with scene(sqlite_url, **PAID) as here:
        here.app.parts.charts.is_there = False
        telegram = here.app.telegram
        forum = telegram.add_group("Forum", [here.ben], forum=True)
        telegram.set_member(forum, here.ben, "administrator")
        await here.app.settled()  # the welcome comes first
        await here.ask(here.ben, "/settings", forum, thread=77)
        for button in ("Topic", "This topic", "Report", "Every day"):
            await here.press(here.ben, button, forum)
        await pay(here, here.ben, "/ask hello", forum)
        here.app.clock.move(timedelta(hours=6))
        await here.app.parts.upkeep.run_timers()
        await telegram.wait_for_text(
            forum, "The pot today", timeout_seconds=30
        )  # a tick may be at it as well
        await here.app.settled()
        sent = [
            one.params for one in telegram.calls_of("sendMessage") if "The pot today" in one.params["text"]
        ]
        assert [str(one["message_thread_id"]) for one in sent] == ["77"]


async def test_charts_are_drawn_in_a_process_of_their_own_which_is_replaced_when_it_breaks() -> None:
    worker = ChartWorker()
    try:
        assert (await worker(CHART) or b"").startswith(PNG)
        broken = Chart(**{**{name: getattr(CHART, name) for name in CHART.__slots__}, "points": ()})
        assert await worker(broken) is None
        assert (await worker(CHART) or b"").startswith(PNG)
    finally:
        worker.stop()


async def test_top_shows_who_plays_most_by_credits_or_tickets(sqlite_url: str) -> None:
    async with reported(sqlite_url) as here:
        await pay(here, here.ana, "/ask hola", here.group)
        await pay(here, here.ana, "/ask hola", here.group)
        text = await here.ask(here.ben, "/top", here.group)
        assert "1. Ana · 14 credits · 2 tickets\n2. Ben · 5 credits · 1 ticket" in text
        week = await here.press(here.ben, "This week", here.group)
        assert "1. Ana · 15 credits · 2 tickets" in week
        assert "1. Ana" in await here.press(here.ben, "By tickets", here.group)
        assert "· By tickets ·" in here.buttons(here.group)


async def test_an_alias_is_marked_and_a_hidden_player_has_no_name(sqlite_url: str) -> None:
    async with reported(sqlite_url) as here:
        assert "“Red Fox”" in await here.ask(here.ben, "/alias Red Fox")
        assert "1. “Red Fox” ·" in await here.ask(here.ben, "/top", here.group)
        assert "somebody" in await here.ask(here.ben, "/alias hide")
        assert "1. somebody ·" in await here.ask(here.ben, "/top", here.group)
        assert "“Red Fox”" in await here.ask(here.ben, "/alias show")
        assert "as Ben" in await here.ask(here.ben, "/alias off")


async def test_t32_an_alias_with_anything_in_it_is_shown_harmless_and_cut(sqlite_url: str) -> None:
    async with reported(sqlite_url) as here:
        await here.ask(here.ben, "/alias <b>x</b>\u202e\u200b" + "\N{WOMAN}\u200d\N{PERSONAL COMPUTER}" * 90)
        board = await here.ask(here.ben, "/top", here.group)
        assert "1. “<b>x</b>" in board
        assert "\u202e" not in board
        assert len(board) < 300
        assert await here.ask(here.ben, "/alias \u200b\u202e") == EN("error.bad_alias")


async def test_the_pot_of_a_group_leads_to_its_past_rounds(sqlite_url: str) -> None:
    async with reported(sqlite_url) as here:
        await here.ask(here.ben, "/pot", here.group)
        assert {"🔄 Refresh", "Refresh", "History"} & set(here.buttons(here.group))
        assert "No round has ended yet." in await here.press(here.ben, "History", here.group)
        assert "Prize now" in await here.press(here.ben, "‹ Back", here.group)
