"""A running bot with its questions, and players who duel in it: short ways to stake, to answer and to wait."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, select

from bot.playground.models import Message, User
from db.models.duels import duel, question_set
from db.models.questions import question
from handlers.words import Words
from tests.scene import Scene, scene
from tests.stand_ins import EN, ES

YOUNG: dict[str, Any] = {"duel_min_age_hours": 0}
"""Settings by which new accounts may duel."""


@asynccontextmanager
async def duel_scene(database_url: str, **settings: Any) -> AsyncIterator[Scene]:
    """Run the bot in a scene in which everybody may duel; at the end nothing is left open."""
    async with scene(database_url, **{**YOUNG, **settings}) as here:
        yield here
        await pass_time(here, timedelta(minutes=40))


async def pass_time(here: Scene, time: timedelta) -> None:
    """Let much time pass, and have done what became due: nothing is left open."""
    here.app.clock.move(time)
    await here.app.parts.upkeep.run_timers()
    await here.app.settled()


async def live(here: Scene, seconds: float) -> None:
    """Let a little time pass in which the bot is alive, and have done what became due."""
    for _ in range(round(seconds * 2)):
        here.app.clock.move(timedelta(seconds=0.5))
        await here.app.parts.upkeep.ping()
    await here.app.parts.upkeep.run_timers()
    await here.app.settled()


def words_of(here: Scene, user: User) -> Words:
    """Return the words in which the bot speaks to a player."""
    return ES if user is here.ana else EN


def stake_button(here: Scene, user: User) -> str:
    """Return what the stake's button says."""
    rules = here.app.parts.rules.duels
    facts = {"stake": rules.stake, "bounty": rules.bounty, "rake": rules.rake}
    return words_of(here, user).plain("duel.stake_button", **facts)


async def stake(here: Scene, user: User) -> Message:
    """Have a player stake on science in private; return the message with his first question."""
    words = words_of(here, user)
    await here.ask(user, "/duel")
    science = words.plain("category.science")
    await here.press(user, next(name for name in here.buttons(user) if name.startswith(science)))
    await here.press(user, stake_button(here, user))
    return here.app.telegram.from_bot(user)[-1]


def text_of(message: Message) -> str:
    """Return what a message says now."""
    return str(message.content["text"])


def buttons_of(message: Message) -> list[dict[str, Any]]:
    """Return the buttons of a message, from top to bottom."""
    return [button for row in (message.markup or {}).get("inline_keyboard", []) for button in row]


async def data_of(here: Scene, message: Message, *, right: bool = True) -> str:
    """Return the data of the right option's button, or of a wrong one's."""
    _, duel_id, position, _ = buttons_of(message)[0]["callback_data"].split(":")
    place = await here.app.parts.db.read(_right_place, int(duel_id), int(position))
    return str(buttons_of(message)[place if right else (place + 1) % 4]["callback_data"])


def _right_place(tx: Connection, duel_id: int, position: int) -> int:
    played = tx.execute(
        select(question_set.c.question_ids, question_set.c.orders)
        .join(duel, duel.c.set_id == question_set.c.id)
        .where(duel.c.id == duel_id)
    ).one()
    right = select(question.c.right_option).where(question.c.id == played.question_ids[position])
    return int(played.orders[position].index(tx.scalar(right)))


async def answer(here: Scene, user: User, message: Message, *, right: bool = True) -> dict[str, Any]:
    """Have a player choose an option; wait until something else stands in the message; return the alert."""
    before, data = text_of(message), await data_of(here, message, right=right)
    name = next(button["text"] for button in buttons_of(message) if button["callback_data"] == data)
    alert = await here.app.press(user, user, message.id, name)
    await here.app.telegram.wait_for(lambda: text_of(message) != before)
    await here.app.settled()
    return alert or {}


async def play(here: Scene, user: User, *, right: int = 5) -> Message:
    """Have a player stake and answer all questions, the first ``right`` ones rightly; return the message."""
    message = await stake(here, user)
    for number in range(5):
        await answer(here, user, message, right=number < right)
    return message
