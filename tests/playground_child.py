"""``python bot.py playground`` as a child process, driven as its page drives it."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx

from bot.events import Event
from tests.child import PATIENCE_SECONDS, Child

ANA, BEN, CARLA = 5_001, 5_002, 5_003
Json = dict[str, Any]
T = TypeVar("T")


class Playground:
    """A running playground, as its page sees it."""

    def __init__(self, child: Child, client: httpx.AsyncClient) -> None:
        self.child = child
        self._client = client

    async def get(self, path: str, **query: Any) -> httpx.Response:
        """Ask for something."""
        return (await self._client.get(path, params=query)).raise_for_status()

    async def act(self, path: str, **body: Any) -> Any:
        """Do something."""
        return (await self._client.post(path, json=body)).raise_for_status().json()

    async def until(self, find: Callable[[], Awaitable[T | None]]) -> T:
        """Wait until ``find`` gives something; it is asked after every change."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            async with self._client.stream("GET", "/play/events") as events:
                async for _ in events.aiter_lines():
                    if found := await find():
                        return found
        raise AssertionError

    async def ask(self, text: str) -> list[str]:
        """Write to the bot as Ben and return all that it has said once it has answered."""
        before = await self.answers()
        await self.act("/play/send", user=BEN, chat=BEN, text=text)

        async def more() -> list[str] | None:
            answers = await self.answers()
            return answers if len(answers) > len(before) else None

        return await self.until(more)

    async def answers(self) -> list[str]:
        """Return what the bot has said to Ben."""
        return [one["text"] for one in await self.messages(BEN)]

    async def messages(self, chat: int) -> list[Json]:
        """Return the bot's messages in a chat, as the page shows them to Ben."""
        messages = (await self.get("/play/state", user=BEN, chat=chat)).json()["messages"]
        return [one for one in messages if one["from"]["is_bot"] and not one["service"]]

    async def sees(self, chat: int, words: str) -> Json:
        """Wait until the bot says something in a chat, and return that message."""

        async def find() -> Json | None:
            found = [one for one in await self.messages(chat) if words in one["text"]]
            return found[-1] if found else None

        return await self.until(find)

    async def press(self, user: int, chat: int, button: str) -> None:
        """Press a button of the bot's messages in a chat, once it is there."""

        async def find() -> int | None:
            found = [one["id"] for one in await self.messages(chat) if button in names_in(one)]
            return found[-1] if found else None

        message = await self.until(find)
        await self.act("/play/press", user=user, chat=chat, message=message, data=button)

    async def bot_pid(self, nth: int) -> int:
        """Return the process id of the ``nth`` bot once it is ready."""
        await self.child.line(Event.READY, nth=nth)
        return int((await self.child.line(Event.START, nth=nth))["pid"])


Start = Callable[..., Awaitable[Playground]]


@asynccontextmanager
async def playgrounds(folder: Path) -> AsyncIterator[Start]:
    """Give what starts a playground in a directory, and end all that were started."""
    async with AsyncExitStack() as stack:

        async def begin(**env: str) -> Playground:
            child = await Child(folder, "playground", "--port", "0", LOG_FORMAT="json", **env).start()
            stack.push_async_callback(child.discard)
            url = await child.until(lambda: address_in(child.out))
            client = await stack.enter_async_context(
                httpx.AsyncClient(base_url=url, timeout=PATIENCE_SECONDS)
            )
            return Playground(child, client)

        yield begin


def names_in(message: Json) -> list[str]:
    """Return the names of the buttons under a message."""
    return [one["text"] for row in message["buttons"] for one in row]


def address_in(lines: list[str]) -> str | None:
    """Return the address that was printed."""
    found = re.search(r"Potluck's playground: (http://127\.0\.0\.1:\d+)$", "\n".join(lines), re.MULTILINE)
    return found[1] if found else None
