"""A Bot API as light as can be, so that the bot's work is measured and not its own: it takes all it is sent."""

import asyncio
import json
import time
from collections import deque
from collections.abc import Callable
from urllib.parse import parse_qs

Heard = Callable[[int, str], None]
_BOT = {"id": 1, "is_bot": True, "first_name": "Potluck", "username": "potluck_bot"}
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b"
_WEBHOOK = b'{"url":"","has_custom_certificate":false,"pending_update_count":0}'
POLL_SECONDS = 10.0


class LightTelegram:
    """Answers every method; tells of each message that is sent, by chat and text, and gives updates to pollers."""

    def __init__(self, heard: Heard) -> None:
        self._heard = heard
        self._message_id = 0
        self._updates: deque[bytes] = deque()
        self._is_news = asyncio.Event()
        self._server: asyncio.Server | None = None

    async def start(self) -> str:
        """Listen on loopback; return the address."""
        self._server = await asyncio.get_running_loop().create_server(lambda: _Calls(self), "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()

    def add_update(self, update: bytes) -> None:
        """Give an update to whoever polls."""
        self._updates.append(update)
        self._is_news.set()

    async def answer(self, method: str, body: bytes) -> bytes:
        """Return the result of a call."""
        if method == "sendMessage":
            return self._send(parse_qs(body.decode()))
        if method == "getUpdates":
            return await self._poll()
        if method == "getMe":
            return json.dumps(_BOT).encode()
        return _WEBHOOK if method == "getWebhookInfo" else b"true"

    def _send(self, given: dict[str, list[str]]) -> bytes:
        chat_id, self._message_id = int(given["chat_id"][0]), self._message_id + 1
        self._heard(chat_id, given["text"][0])
        chat = {"id": chat_id, "type": "private", "first_name": "Ana"}
        return json.dumps({"message_id": self._message_id, "date": int(time.time()), "chat": chat}).encode()

    async def _poll(self) -> bytes:
        if not self._updates:
            self._is_news.clear()
            try:
                await asyncio.wait_for(self._is_news.wait(), POLL_SECONDS)
            except TimeoutError:
                return b"[]"
        given = [self._updates.popleft() for _ in range(min(100, len(self._updates)))]
        return b"[" + b",".join(given) + b"]"


class _Calls(asyncio.Protocol):
    """One connection of the bot; calls on it come one after the other."""

    def __init__(self, telegram: LightTelegram) -> None:
        self._telegram = telegram
        self._data = b""
        self._tasks: set[asyncio.Future[None]] = set()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._data += data
        while (end := self._data.find(b"\r\n\r\n")) >= 0:
            head = self._data[:end].lower()
            size = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
            if len(self._data) < end + 4 + size:
                return
            path = self._data.partition(b" ")[2].partition(b" ")[0].decode()
            body, self._data = self._data[end + 4 : end + 4 + size], self._data[end + 4 + size :]
            task = asyncio.ensure_future(self._answer(path.rpartition("/")[2], body))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _answer(self, method: str, body: bytes) -> None:
        result = b'{"ok":true,"result":%b}' % await self._telegram.answer(method, body)
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(_HEAD % (len(result), result))
