"""Tells the page of every change, as server-sent events."""

import asyncio
import json
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from bot.playground.models import Json
from bot.playground.telegram import Telegram

PING_SECONDS = 10.0


class Events:
    """The stream of changes."""

    def __init__(self, telegram: Telegram, ping_seconds: float = PING_SECONDS) -> None:
        self.telegram = telegram
        self.ping_seconds = ping_seconds

    async def answer(self, request: Request) -> Response:
        """Stream the changes that concern a user, from number ``after`` on."""
        user, after = (request.query_params.get(name, "") for name in ("user", "after"))
        start = int(after) if after.isdigit() else self.telegram.signals.version
        stream = self.stream(int(user) if user.isdigit() else None, start)
        headers = {"Cache-Control": "no-store"}
        return StreamingResponse(stream, media_type="text/event-stream", headers=headers)

    async def stream(self, user_id: int | None, version: int) -> AsyncIterator[str]:
        """Yield events without end; a client that is too far behind gets the newest ones only."""
        signals = self.telegram.signals
        version = min(version, signals.version)
        yield ": hello\n\n"
        while True:
            events = signals.since(version)
            for event in events:
                version = event["version"]
                if self._concerns(event, user_id):
                    yield f"data: {json.dumps(event)}\n\n"
            if not events and not await self._stirs():
                yield ": ping\n\n"

    async def _stirs(self) -> bool:
        """Wait for a change; tell whether one came before it is time for a sign of life."""
        try:
            async with asyncio.timeout(self.ping_seconds):
                await self.telegram.signals.changed()
        except TimeoutError:
            return False
        return True

    def _concerns(self, event: Json, user_id: int | None) -> bool:
        if user_id is None:
            return True
        if event["kind"] == "alert":
            return bool(event["user"] == user_id)
        chat = self.telegram.chats.get(event.get("chat", 0))
        return chat is None or chat.id == user_id or (not chat.private and user_id in chat.members)
