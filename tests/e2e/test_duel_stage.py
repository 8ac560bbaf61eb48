"""The message of a duel while it is played: the time in it, the next question at once, never an older one over it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from bot import duel_stage
from bot.duel_stage import DuelStages
from bot.playground.journal import CallRecord
from bot.playground.models import Message
from bot.playground.transport import transport
from bot.wiring import Parts, build
from services.duels.answer import AnswerDuel
from services.duels.board import Board
from tests.canary import CANARY_TOKEN
from tests.duel_scene import answer, data_of, duel_scene, live, stake, text_of
from tests.scene import Scene

LOOK_SECONDS = 0.02
FULL = "▰" * 10


@asynccontextmanager
async def hurried(url: str, **settings: Any) -> AsyncIterator[Scene]:
    """Run the bot in a scene where the time of duels is looked at without a rest."""
    async with duel_scene(url, **settings) as here:
        here.app.parts.duels.pause_seconds = LOOK_SECONDS
        yield here


def edits(here: Scene) -> list[CallRecord]:
    """Return the edits that worked."""
    return here.app.telegram.calls_of("editMessageText", ok=True)


async def shows(here: Scene, message: Message, words: str) -> None:
    """Wait until a message says something."""
    await here.app.telegram.wait_for(lambda: words in text_of(message))


def watch(here: Scene, duels: DuelStages) -> list[int]:
    """Let every look of a process at a duel be noticed by who waits; return the list in which they are noted."""
    looks, board = list[int](), duels.board

    async def noted(duel_id: int) -> Board | None:
        looks.append(duel_id)
        here.app.telegram.signals.touch()
        return await board(duel_id)

    duels.board = noted  # type: ignore[method-assign]
    return looks


async def looked_at(here: Scene) -> None:
    """Wait until the duels were looked at a few times more."""
    looks = watch(here, here.app.parts.duels)
    await here.app.telegram.wait_for(lambda: len(looks) > 3)


async def test_the_time_that_is_left_is_shown_by_one_edit_per_step(sqlite_url: str) -> None:
    async with hurried(sqlite_url) as here:
        message = await stake(here, here.ben)
        before = len(edits(here))
        await looked_at(here)
        assert len(edits(here)) == before
        for seconds, bar in ((4, "▰▰▰▰▰▰▰▰▱▱ 11 seconds"), (4, "▰▰▰▰▰▱▱▱▱▱ 7 seconds")):
            here.app.clock.move(timedelta(seconds=seconds))
            await shows(here, message, bar)
        await looked_at(here)
        assert len(edits(here)) == before + 2


async def test_when_the_time_is_over_the_bar_is_empty_and_the_grace_still_counts(sqlite_url: str) -> None:
    async with hurried(sqlite_url) as here:
        message = await stake(here, here.ben)
        await live(here, 16)
        await shows(here, message, "▱▱▱▱▱▱▱▱▱▱ 0 seconds")
        await answer(here, here.ben, message)
        assert text_of(message).startswith("●○○○○  ▱▱▱▱▱▱▱▱▱▱ 0 seconds")
        await live(here, 3)
        await shows(here, message, "🟠 Science: 1 of 5 answered.")


async def test_what_only_shows_the_time_keeps_no_question_waiting(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duel_stage, "PATIENCE_SECONDS", 0.05)
    async with hurried(sqlite_url) as here:
        message = await stake(here, here.ben)
        here.app.telegram.faults.add("slow", method="editMessageText", seconds=30)
        here.app.clock.move(timedelta(seconds=4))
        await shows(here, message, "11 seconds")
        await answer(here, here.ben, message)
        assert text_of(message).startswith("●○○○○  ▰▰▰▰▰▰▰▰▱▱ 11 seconds")


@pytest.mark.parametrize("kind", ["502", "cut", "lost", "429"])
async def test_the_next_question_is_shown_though_telegram_fails_at_first(
    sqlite_url: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duel_stage, "AGAIN_SECONDS", LOOK_SECONDS)
    async with hurried(sqlite_url) as here:
        message = await stake(here, here.ben)
        here.app.telegram.faults.add(kind, method="editMessageText", retry_after=1)
        await answer(here, here.ben, message)
        assert text_of(message).startswith(f"●○○○○  {FULL}")


async def test_a_player_who_deletes_the_message_hears_of_the_end_in_a_new_one(sqlite_url: str) -> None:
    async with hurried(sqlite_url) as here:
        message = await stake(here, here.ben)
        await here.app.parts.bot.delete_message(here.ben.id, message.id)
        here.app.clock.move(timedelta(seconds=0.5))
        await live(here, 19)
        assert here.app.last(here.ben).startswith("🟠 Science: 0 of 5 answered.")
        assert here.app.last_id(here.ben) != message.id


async def test_an_answer_through_another_replica_is_shown_and_it_goes_on_there(postgres_url: str) -> None:
    async with hurried(postgres_url) as here, another(here) as other:
        message = await stake(here, here.ben)
        use: AnswerDuel = other.application.bot_data["services"].answer_duel
        player_id = await here.player_key(here.ben.id)
        assert player_id is not None
        _, duel_id, position, place = (await data_of(here, message)).split(":")
        given = {"duel_id": int(duel_id), "position": int(position), "place": int(place)}
        await use(player_id=player_id, received_at=here.app.clock.now(), **given)
        await shows(here, message, f"●○○○○  {FULL} 15 seconds")
        here.app.clock.move(timedelta(seconds=4))
        await shows(here, message, "●○○○○  ▰▰▰▰▰▰▰▰▱▱ 11 seconds")
        watch(here, other.duels)
        await here.app.telegram.wait_for(lambda: not here.app.parts.duels.held)
        assert other.duels.held == [int(duel_id)]


@asynccontextmanager
async def another(here: Scene) -> AsyncIterator[Parts]:
    """Give the parts of a second process at the same database and Telegram."""
    app = here.app
    options = {"transport": transport(app.telegram)}
    parts = build(app.settings, token=CANARY_TOKEN, clock=app.clock, httpx_options=options)
    parts.duels.pause_seconds = LOOK_SECONDS
    await parts.db.open()
    await parts.application.initialize()
    try:
        yield parts
    finally:
        await parts.duels.stop()
        await parts.application.shutdown()
        await parts.db.close()
