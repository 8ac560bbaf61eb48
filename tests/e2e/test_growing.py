"""An answer that grows in a group: one message, edited, whose place the answer takes."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from telegram.error import BadRequest

from bot import stage
from bot.playground.telegram import Telegram
from tests.app import MovableClock, running
from tests.e2e.growing_scene import (
    LOOK_SECONDS,
    STOP,
    Slow,
    ask_and_wait,
    calls_in,
    grown,
    hurry,
    shown_ids,
    slow_scene,
)
from tests.stand_ins import EN, PAID, ScriptedModel, turns_of


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)


async def test_a_slow_answer_grows_in_one_message_and_takes_its_place(database_url: str) -> None:
    model = Slow(" and ends.")
    async with slow_scene(database_url, model) as here:
        sends = len(calls_in(here, "sendMessage", here.group))
        asked = await ask_and_wait(here, model)
        message = await grown(here)
        assert here.app.buttons(here.group).keys() == {STOP}
        assert message.reply_to is not None
        assert message.reply_to.id == asked
        assert await shown_ids(here) == [message.id]
        model.goes_on.set()
        await here.app.settled()
        assert message.content["text"] == "It begins and ends.\n\n10 credits · ticket 2 · 1 in 100 · pot 14"
        assert message.markup is None
        assert len(calls_in(here, "sendMessage", here.group)) == sends + 1
        assert here.app.last_id(here.group) == message.id


async def test_further_parts_follow_the_message_as_messages_of_their_own(sqlite_url: str) -> None:
    model = Slow(" " + "word " * 1_000)
    async with slow_scene(sqlite_url, model) as here:
        await ask_and_wait(here, model)
        message = await grown(here)
        model.goes_on.set()
        await here.app.settled()
        first, second = here.app.telegram.from_bot(here.group)[-2:]
        assert first.id == message.id
        assert first.content["text"].startswith("It begins word")
        assert "credits · ticket 2" not in first.content["text"]
        assert "credits · ticket 2" in second.content["text"]
        assert f"{first.content['text']} {second.content['text']}".count("word") == 1_000


async def test_t31_it_grows_in_the_topic_of_the_question(sqlite_url: str) -> None:
    model = Slow(" and ends.")
    async with slow_scene(sqlite_url, model) as here:
        forum = here.app.telegram.add_group("Forum", [here.ben], forum=True)
        here.app.telegram.say(here.ben, forum, "/ask slowly", thread=77)
        message = await grown(here, where=forum)
        assert message.thread == 77
        model.goes_on.set()
        await here.app.settled()
        assert here.app.last_id(forum) == message.id


async def test_a_message_that_was_deleted_meanwhile_is_sent_anew(sqlite_url: str) -> None:
    model = Slow(" and ends.")
    async with slow_scene(sqlite_url, model) as here:
        await ask_and_wait(here, model)
        message = await grown(here)
        del here.app.telegram.chat(here.group).messages[message.id]
        model.goes_on.set()
        await here.app.settled()
        assert here.app.last_id(here.group) != message.id
        assert here.app.last(here.group).startswith("It begins and ends.\n\n10 credits")


async def test_an_edit_that_comes_too_late_finds_no_message_to_spoil(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer is a message of its own then, and the one in which it grew is gone."""
    monkeypatch.setattr(stage, "LAST_CALL_SECONDS", LOOK_SECONDS)
    ends = asyncio.Event()
    model = Slow(" and goes on", ends, " and ends.")
    async with slow_scene(sqlite_url, model) as here:
        await ask_and_wait(here, model)
        grew = await grown(here)
        here.app.telegram.faults.add("slow", method="editMessageText", times=1)
        model.goes_on.set()
        await grown(here, "It begins and goes on")
        ends.set()
        await here.app.settled()
        (said,) = here.app.telegram.from_bot(here.group)[-1:]
        assert said.content["text"].startswith("It begins and goes on and ends.\n\n")
        assert said.id != grew.id
        with pytest.raises(BadRequest, match="Message to edit not found"):
            await here.app.parts.bot.edit_message_text("It begins", here.group.id, grew.id)


async def test_a_quick_answer_costs_one_call(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    async with slow_scene(sqlite_url, ScriptedModel(("fine",), ("a", " quick", " one"))) as here:
        sends = len(calls_in(here, "sendMessage", here.group))
        await here.ask(here.ben, "/ask quickly", here.group)
        assert len(calls_in(here, "sendMessage", here.group)) == sends + 1
        assert calls_in(here, "editMessageText", here.group)[1:] == []  # the first one is of the question's
        assert await shown_ids(here) == []


async def test_where_telegrams_limit_is_near_nothing_grows_and_nothing_waits(sqlite_url: str) -> None:
    model = Slow(" and ends.")
    async with slow_scene(sqlite_url, model, group_messages_per_minute=6) as here:
        assert len(calls_in(here, "sendMessage", here.group)) == 3
        await ask_and_wait(here, model)
        await here.app.telegram.wait_for(lambda: calls_in(here, "sendChatAction", here.group))
        model.goes_on.set()
        await here.app.settled()
        assert len(calls_in(here, "sendMessage", here.group)) == 4
        assert await shown_ids(here) == []


async def test_t42_a_deadline_after_the_message_appeared_is_charged_and_marked(sqlite_url: str) -> None:
    model = Slow()
    async with slow_scene(sqlite_url, model, model_deadline_seconds=1) as here:
        await ask_and_wait(here, model)
        message = await grown(here)
        await here.app.settled()
        mark = EN.plain("answer.cut_deadline")
        assert message.content["text"].startswith(f"It begins\n\n{mark}\n\n10 credits · ticket 2")


async def test_t42_an_answer_that_breaks_off_in_its_message_is_charged_and_marked(sqlite_url: str) -> None:
    goes_on = asyncio.Event()
    model = ScriptedModel(("fine",), ("It begins", goes_on, RuntimeError("gone")))
    async with slow_scene(sqlite_url, model) as here:
        await ask_and_wait(here, model)
        message = await grown(here)
        goes_on.set()
        await here.app.settled()
        assert EN.plain("answer.cut_deadline") in message.content["text"]
        assert await turns_of(here.app) == ["settled", "settled"]


@pytest.mark.parametrize(("seconds", "state"), [(1, "settled"), (70, "released")])
async def test_t43_a_successor_goes_on_with_the_message_and_settles_once(
    database_url: str, seconds: int, state: str
) -> None:
    """Or gives the price back if the time is over; that message goes, since an older text may still arrive there."""
    telegram, clock = Telegram(), MovableClock()
    ben = telegram.add_user("Ben", language_code="en")
    group = telegram.add_group("Friends", [ben])
    first, second = Slow(), ScriptedModel(("better",))
    more: dict[str, Any] = {"telegram": telegram, "clock": clock, **PAID}
    async with running(database_url, model=first, drain_seconds=0, **more) as app:
        await app.say(ben, group, "/ask one")
        await app.press(ben, group, app.last_id(group), "Pay 5 and send")
        telegram.say(ben, group, "/ask two")
        message = await telegram.wait_for(
            lambda: telegram.from_bot(group)[-1] if STOP in app.buttons(group) else None
        )
    clock.move(timedelta(seconds=seconds))
    async with running(database_url, model=second, **more) as app:
        await app.parts.upkeep.claim()
        await app.settled()
        assert await turns_of(app) == ["settled", state]
        told = telegram.from_bot(group)[-1]
        assert (told is message, message.id in telegram.chat(group).messages) == (False, False)
        said = EN("released.timeout") if state == "released" else "better\n\n10 credits · ticket 2"
        assert told.content["text"].startswith(said)
        assert STOP not in app.buttons(group)


async def test_t30_a_group_that_moves_meanwhile_gets_its_answer_where_it_is_now(sqlite_url: str) -> None:
    model = Slow(" and ends.")
    async with slow_scene(sqlite_url, model, kind="group") as here:
        await ask_and_wait(here, model)
        await grown(here)
        new = here.app.telegram.migrate(here.group)
        await here.app.telegram.drained()
        await here.app.parts.lanes.idle()
        model.goes_on.set()
        await here.app.settled()
        assert here.app.last(new).startswith("It begins and ends.\n\n10 credits")
