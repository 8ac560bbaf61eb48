"""People of the light Telegram who write to the bot, in a process of their own: ``python -m benchmarks.load``.

Prints its address, reads what to do from standard input (a line of JSON), prints what came of it.
"""

import asyncio
import json
import random
import sys
import time
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from benchmarks.light_telegram import LightTelegram

SECRET = "bench-secret"  # noqa: S105
_POST = (
    b"POST /telegram HTTP/1.1\r\nhost: bot\r\ncontent-type: application/json\r\n"
    b"x-telegram-bot-api-secret-token: bench-secret\r\ncontent-length: %d\r\n\r\n%b"
)
CONNECTIONS = 40
ANSWER_SECONDS = 60.0
MOST = 10**9


@dataclass(slots=True)
class Load:
    """The people and what they wait for; ``webhook`` is where updates go, None for pollers."""

    telegram: LightTelegram = field(init=False)
    webhook: tuple[str, int] | None = None
    waiting: dict[int, asyncio.Future[None]] = field(default_factory=dict)
    latencies: list[float] = field(default_factory=list)
    numbers: "count[int]" = field(default_factory=lambda: count(1))
    sockets: "asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]]" = field(
        default_factory=asyncio.Queue
    )
    opened: int = 0

    def __post_init__(self) -> None:
        self.telegram = LightTelegram(self.heard)

    def heard(self, chat_id: int, _text: str) -> None:
        """Take what the bot says in a chat as the answer that is waited for there."""
        if (waiter := self.waiting.get(chat_id)) is not None and not waiter.done():
            waiter.set_result(None)

    async def write(self, chat_id: int, text: str) -> None:
        """Write a message and wait for the answer."""
        waiter = self.waiting[chat_id] = asyncio.get_running_loop().create_future()
        began = time.perf_counter()
        await self._give(_update(next(self.numbers), chat_id, text))
        async with asyncio.timeout(ANSWER_SECONDS):
            await waiter
        self.latencies.append(time.perf_counter() - began)

    async def _give(self, update: bytes) -> None:
        if self.webhook is None:
            self.telegram.add_update(update)
            return
        reader, writer = await self._socket(*self.webhook)
        writer.write(_POST % (len(update), update))
        head = await reader.readuntil(b"\r\n\r\n")
        size = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        await reader.readexactly(size)
        assert head.startswith(b"HTTP/1.1 200"), head
        self.sockets.put_nowait((reader, writer))

    async def _socket(self, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Return a connection that is free; the server ends those that rest for long."""
        while not self.sockets.empty() or self.opened >= CONNECTIONS:
            reader, writer = await self.sockets.get()
            if not reader.at_eof():
                return reader, writer
            writer.close()
            self.opened -= 1
        self.opened += 1
        return await asyncio.open_connection(host, port)

    async def closed(self, chats: list[int], seconds: float, texts: list[str], most: int = MOST) -> None:
        """Have everybody write again as soon as he is answered, ``most`` messages in all."""
        until, left = time.perf_counter() + seconds, iter(range(most))

        async def person(chat_id: int) -> None:
            while time.perf_counter() < until and next(left, None) is not None:
                await self.write(chat_id, random.choice(texts))

        await asyncio.gather(*map(person, chats))

    async def paced(self, chats: list[int], seconds: float, texts: list[str]) -> None:
        """Have everybody write once a second, each at a moment of his own."""
        until = time.perf_counter() + seconds

        async def person(chat_id: int) -> None:
            await asyncio.sleep(random.random())
            while (began := time.perf_counter()) < until:
                await self.write(chat_id, random.choice(texts))
                await asyncio.sleep(max(0.0, began + 1 - time.perf_counter()))

        await asyncio.gather(*map(person, chats))


def _update(number: int, chat_id: int, text: str) -> bytes:
    person = {"id": chat_id, "is_bot": False, "first_name": "Ana", "language_code": "en"}
    message: dict[str, Any] = {
        "message_id": number,
        "date": int(time.time()),
        "chat": {"id": chat_id, "type": "private", "first_name": "Ana"},
        "from": person,
        "text": text,
    }
    if text.startswith("/"):
        message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text.split(maxsplit=1)[0])}]
    return json.dumps({"update_id": number, "message": message}).encode()


async def main() -> None:
    """Serve, then do what each line of standard input asks for, until it ends."""
    load = Load()
    print(await load.telegram.start(), flush=True)
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    while line := await reader.readline():
        wish = json.loads(line)
        if wish["webhook"]:
            parts = urlsplit(wish["webhook"])
            load.webhook = (str(parts.hostname), int(parts.port or 80))
        load.latencies.clear()
        began = time.perf_counter()
        what = (wish["chats"], wish["seconds"], wish["texts"])
        await (load.paced(*what) if wish["is_paced"] else load.closed(*what, wish["most"]))
        passed = time.perf_counter() - began
        print(json.dumps({"seconds": passed, "latencies": sorted(load.latencies)}), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
