"""What people ask and wait for: presses of inline buttons, and payments that the bot is to allow."""

import asyncio
import contextlib
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from bot.playground.bank import Charge
from bot.playground.models import Json

WAIT_SECONDS = 3.0
_KEPT = 20_000


@dataclass(slots=True, eq=False, kw_only=True)
class Query:
    """One question; awaiting it gives the bot's answer, None if there was none within 3 s."""

    id: str
    user_id: int
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


@dataclass(slots=True, eq=False, kw_only=True)
class Press(Query):
    """A press of a button."""

    chat_id: int
    message_id: int
    data: str


@dataclass(slots=True, eq=False, kw_only=True)
class Checkout(Query):
    """A user is about to pay."""

    payload: str
    amount: int
    charge: Charge | None = None
    """What was paid, once the bot has allowed it."""
    on_allowed: Callable[[], Charge | None] | None = None
    """What moves the Stars; nothing does where only the question is asked."""

    def decide(self, answer: Json) -> None:
        """Take the bot's answer; the first one counts, and lets the payment be made if it allows it."""
        if self.answer is None and answer["ok"] and self.on_allowed is not None:
            self.charge = self.on_allowed()
        self.give(answer)


Q = TypeVar("Q", bound=Query)


class Queries(Generic[Q]):
    """The queries of one kind that can still be answered."""

    def __init__(self, now: Callable[[], float], *, answer_seconds: float) -> None:
        self._now = now
        self._answer_seconds = answer_seconds
        self._open: dict[str, Q] = {}

    def add(self, query: Q) -> None:
        """Remember a query; the oldest makes room."""
        self._open[query.id] = query
        if len(self._open) > _KEPT:
            self._open.pop(next(iter(self._open)))

    def find(self, query_id: str) -> Q | None:
        """Return a query that isn't too old to be answered."""
        query = self._open.get(query_id)
        if query is None or self._now() - query.at > self._answer_seconds:
            return None
        return query
