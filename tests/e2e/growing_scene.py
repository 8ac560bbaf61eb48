"""A group whose answers grow before its eyes: a model that stops where it is told to, and short ways to look."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import select

from bot import stage
from bot.playground.journal import CallRecord
from bot.playground.models import Chat, Message, User
from db.models.chats import turn
from tests.scene import Scene, pay, scene
from tests.stand_ins import PAID, ScriptedModel

STOP = "⏹ Stop"
LOOK_SECONDS = 0.02


def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let text be shown at once, and edits follow each other without a rest."""
    for name in ("FIRST_LOOK_SECONDS", "NEXT_LOOK_SECONDS"):
        monkeypatch.setattr(stage, name, LOOK_SECONDS)
    for name in ("age_seconds", "pause_seconds"):
        monkeypatch.setattr(stage.MessageStage, name, LOOK_SECONDS)


class Slow(ScriptedModel):
    """Says "fine" first, then the beginning of an answer, and goes on when it is let."""

    def __init__(self, *rest: str | asyncio.Event) -> None:
        self.goes_on = asyncio.Event()
        super().__init__(("fine",), ("It begins", self.goes_on, *rest), ("fine",))


class Silent(ScriptedModel):
    """Says "fine" first, then nothing until it is let."""

    def __init__(self) -> None:
        self.goes_on = asyncio.Event()
        super().__init__(("fine",), (self.goes_on, "late"), ("fine",))


@asynccontextmanager
async def slow_scene(
    url: str, model: ScriptedModel, *, kind: str = "supergroup", **more: Any
) -> AsyncIterator[Scene]:
    """Run the bot in a scene where Ben has paid once in the group."""
    async with scene(url, model=model, **{**PAID, **more}) as here:
        if kind == "group":
            here.group = here.app.telegram.add_group("Club", [here.ana, here.ben], kind="group")
        await pay(here, here.ben, "/ask first", here.group)
        yield here


async def ask_and_wait(here: Scene, model: ScriptedModel, text: str = "/ask slowly", **more: Any) -> int:
    """Let Ben ask in the group, without waiting for the answer; return the message's id once the model knows."""
    asked = here.app.telegram.say(here.ben, here.group, text, **more)
    await model.asked(2)
    await here.app.telegram.drained()
    return int(asked["message_id"])


async def grown(here: Scene, text: str = "It begins", where: Chat | User | None = None) -> Message:
    """Wait until the bot's last message shows this text under a button that stops it, and is known in the house."""

    def find() -> Message | None:
        last = here.app.telegram.from_bot(where or here.group)[-1:]
        return next((one for one in last if one.content.get("text") == text and one.markup), None)

    message = await here.app.telegram.wait_for(find)
    while not await shown_ids(here):  # noqa: ASYNC110 - a row has no event
        await asyncio.sleep(LOOK_SECONDS)
    return message


async def shown_ids(here: Scene) -> list[int]:
    """Return the growing messages that the house knows."""
    statement = select(turn.c.shown_id).where(turn.c.shown_id.is_not(None)).order_by(turn.c.id)
    return await here.app.parts.db.read(lambda tx: list(tx.scalars(statement)))


def calls_in(here: Scene, method: str, chat: Chat | User, *, after: int = 0) -> list[CallRecord]:
    """Return the calls of a method that a chat has seen."""
    calls = here.app.telegram.calls_of(method, ok=True)
    return [call for call in calls if call.params["chat_id"] == chat.id and call.n > after]
