"""Tells the page of every change, as server-sent events."""

import json
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from bot.playground.models import Json
from bot.playground.telegram import Telegram


class Events:
    """The stream of changes."""

    def __init__(self, telegram: Telegram) -> None:
        self.telegram = telegram

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
            if not events:
                await signals.changed()

    def _concerns(self, event: Json, user_id: int | None) -> bool:
        if user_id is None:
            return True
        if event["kind"] == "alert":
            return bool(event["user"] == user_id)
        chat = self.telegram.chats.get(event.get("chat", 0))
        return chat is None or chat.id == user_id or (not chat.private and user_id in chat.members)
