"""A running bot among people, for tests of what it shows: who is there, and short ways to ask and to press."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Connection

from bot.playground.models import Chat, User
from bot.playground.telegram import Telegram
from db.queries import people
from tests.app import Running, running


class Scene:
    """A running bot with Ana (es), Ben (en, an operator) and their group."""

    def __init__(self, telegram: Telegram) -> None:
        self.ana = telegram.add_user("Ana", username="ana", language_code="es")
        self.ben = telegram.add_user("Ben", username="ben", language_code="en-GB")
        for user in (self.ana, self.ben):
            telegram.private_chat(user)
        self.group = telegram.add_group("Friends", [self.ana, self.ben])
        self.app: Running

    async def ask(self, user: User, text: str, chat: Chat | None = None, **more: Any) -> str:
        """Write a command and return all that the bot said to it."""
        where = chat or user
        before = len(self.app.texts(where))
        await self.app.say(user, where, text, **more)
        return "\n\n".join(self.app.texts(where)[before:])

    async def press(self, user: User, button: str, chat: Chat | None = None) -> str:
        """Press a button of the bot's last message and return what stands there now."""
        where = chat or user
        await self.app.press(user, where, self.app.last_id(where), button)
        return self.app.last(where)

    async def player_key(self, telegram_id: int) -> int | None:
        """Return our key of a player, or None if there is no such player."""

        def find(tx: Connection) -> int | None:
            row = tx.execute(people.PLAYER_OF_TELEGRAM, {"telegram_id": telegram_id}).first()
            return None if row is None else int(row.id)

        return await self.app.parts.db.read(find)

    def buttons(self, where: User | Chat) -> list[str]:
        """Return the names of the buttons of the bot's last message."""
        return list(self.app.buttons(where))


@asynccontextmanager
async def scene(database_url: str, **settings: Any) -> AsyncIterator[Scene]:
    """Run the bot among its people; at the end its calls and its books are judged."""
    telegram = Telegram()
    made = Scene(telegram)
    async with running(database_url, telegram=telegram, **{"operator_ids": [made.ben.id], **settings}) as app:
        made.app = app
        await app.settled()
        yield made


async def pay(scene: Scene, user: User, text: str, chat: Chat | None = None) -> None:
    """Send a message that is paid after its question, if there is one."""
    await scene.ask(user, text, chat)
    where = chat or user
    pay_button = next((name for name in scene.buttons(where) if name.startswith(("Pay", "Paga"))), None)
    if pay_button:
        await scene.press(user, pay_button, chat)


def last_file(scene: Scene, where: User | Chat) -> bytes:
    """Return the file that the bot sent last."""
    document = scene.app.telegram.from_bot(where)[-1].content["document"]
    return scene.app.telegram.files.by_id[document["file_id"]].upload.content
