"""Presses of inline buttons that wait for the bot's answer."""

import asyncio
import contextlib
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any

from bot.playground.models import Json

ANSWER_SECONDS = 150.0
WAIT_SECONDS = 3.0
_KEPT = 20_000


@dataclass(slots=True, eq=False)
class Press:
    """One press; awaiting it gives the bot's answer, None if there was none within 3 s."""

    id: str
    user_id: int
    chat_id: int
    message_id: int
    data: str
    at: float
    answer: Json | None = None
    _waiters: list[asyncio.Event] = field(default_factory=list)

    def __await__(self) -> Generator[Any, None, Json | None]:
        return self.wait().__await__()

    async def wait(self, timeout_seconds: float = WAIT_SECONDS) -> Json | None:
        """Return the bot's answer as soon as it is there."""
        if self.answer is None:
            event = asyncio.Event()
            self._waiters.append(event)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(event.wait(), timeout_seconds)
        return self.answer

    def give(self, answer: Json) -> None:
        """Take the bot's answer; the first one counts."""
        if self.answer is None:
            self.answer = answer
        for event in self._waiters:
            event.set()


class Presses:
    """The presses that can still be answered."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._open: dict[str, Press] = {}

    def add(self, press: Press) -> None:
        """Remember a press; the oldest makes room."""
        self._open[press.id] = press
        if len(self._open) > _KEPT:
            self._open.pop(next(iter(self._open)))

    def find(self, query_id: str) -> Press | None:
        """Return a press that isn't too old to be answered."""
        press = self._open.get(query_id)
        if press is None or self._now() - press.at > ANSWER_SECONDS:
            return None
        return press
