"""A running bot with questions, and players who duel before our eyes: short ways to stake, to answer and to wait."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from bot.playground.models import Message, User
from handlers.words import Words
from tests.duels import add_questions
from tests.scene import Scene, scene
from tests.stand_ins import EN, ES

RIGHT, WRONG = "right", "wrong"
YOUNG: dict[str, Any] = {"duel_min_age_hours": 0}
"""Settings by which new accounts may duel."""


@asynccontextmanager
async def duel_scene(database_url: str, **settings: Any) -> AsyncIterator[Scene]:
    """Run the bot in a scene with questions about science."""
    async with scene(database_url, **{**YOUNG, **settings}) as here:
        parts = here.app.parts
        await parts.db.transact(add_questions, parts.stamps.take())
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


def data_of(message: Message, option: str) -> str:
    """Return the data of an option's button."""
    rows = (message.markup or {})["inline_keyboard"]
    return next(str(button["callback_data"]) for row in rows for button in row if button["text"] == option)


async def answer(here: Scene, user: User, message: Message, option: str = RIGHT) -> dict[str, Any]:
    """Have a player choose an option; wait until something else stands in the message; return the alert."""
    before = text_of(message)
    alert = await here.app.press(user, user, message.id, option)
    await here.app.telegram.wait_for(lambda: text_of(message) != before)
    await here.app.settled()
    return alert or {}


async def play(here: Scene, user: User, *, right: int = 5) -> Message:
    """Have a player stake and answer all questions, the first ``right`` ones rightly; return the message."""
    message = await stake(here, user)
    for number in range(5):
        await answer(here, user, message, RIGHT if number < right else WRONG)
    return message
