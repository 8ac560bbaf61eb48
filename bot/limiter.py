"""Telegram's limits, kept by us: in all, per chat and per group; a 429 pauses only the chat it came from."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Final
from weakref import WeakValueDictionary

from telegram.error import RetryAfter, TelegramError
from telegram.ext import BaseRateLimiter

from bot.events import Event
from bot.logs import get_logger
from bot.pace import Pacer
from services.pacing import SECOND_US, Ask

RETRIES = 4
LONGEST_PAUSE_SECONDS = 300.0
MOST_PAUSES = 5_000
_FREE = frozenset({"sendChatAction", "sendMessageDraft"})

Check = Callable[[], Awaitable[None]]
"""Asked right before a call goes out, however long it had to wait; raises if it isn't to be made any more."""


class NotNow(TelegramError):
    """A call that is only nice to have was not made: Telegram's limits leave no room for it."""

    def __init__(self) -> None:
        super().__init__("not now")


async def _go() -> None:
    """Let a call go out."""


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms a call is made.

    Of those in bulk only one at a time asks for its turn, and holds up no other; one that is optional goes at once
    or not at all, and only where room is left.
    """

    check: Check = _go
    is_bulk: bool = False
    is_optional: bool = False


_PLAIN: Final = Terms()

log = get_logger(__name__)


class Limiter(BaseRateLimiter[Terms]):
    """Lets each call through when Telegram will take it."""

    def __init__(self, pacer: Pacer) -> None:
        self._pacer = pacer
        self._closed_until: dict[str, float] = {}
        self._lines: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._bulk = asyncio.Lock()

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to end."""

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, bool | dict[str, Any] | list[dict[str, Any]]]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: Terms | None,
    ) -> bool | dict[str, Any] | list[dict[str, Any]]:
        """Wait until Telegram will take the call, make it, and again after a 429 for its chat.

        Raises:
            RetryAfter: Telegram asks for too long or too often.
            NotNow: the call is optional and would have to wait.
        """
        chat_id = data.get("chat_id")
        if chat_id is None or endpoint in _FREE:
            return await callback(*args, **kwargs)
        terms = rate_limit_args or _PLAIN
        ask = Ask(str(chat_id), is_group=str(chat_id).startswith("-"), is_optional=terms.is_optional)
        for is_last in (*[False] * RETRIES, True):
            await self._wait(ask, counts=endpoint.startswith("send"), is_bulk=terms.is_bulk)
            await terms.check()
            try:
                return await callback(*args, **kwargs)
            except RetryAfter as error:
                seconds = seconds_of(error)
                log.warning(Event.RATE_LIMITED, chat=chat_id, method=endpoint, seconds=seconds)
                if is_last or seconds > LONGEST_PAUSE_SECONDS:
                    raise
                await self._close(ask, seconds)
                if terms.is_optional:
                    raise
        raise AssertionError

    async def _wait(self, ask: Ask, *, counts: bool, is_bulk: bool) -> None:
        if ask.is_optional:
            await self._take_at_once(ask, counts=counts)
            return
        if not counts:
            await self._reopened(ask.chat)
            return
        async with self._lines.setdefault(ask.chat, asyncio.Lock()):  # who came first goes first
            is_granted = False
            while not is_granted or self._left(ask.chat) > 0:
                await self._reopened(ask.chat)
                async with self._bulk if is_bulk else nullcontext():
                    is_granted = await self._take_turn(ask)

    async def _take_turn(self, ask: Ask) -> bool:
        reply = await self._pacer.ask(ask)
        if reply.wait_us > 0:
            await asyncio.sleep(reply.wait_us / SECOND_US)
        return reply.is_granted

    async def _take_at_once(self, ask: Ask, *, counts: bool) -> None:
        if self._left(ask.chat) > 0 or (counts and not await self._has_room(ask)):
            raise NotNow

    async def _has_room(self, ask: Ask) -> bool:
        line = self._lines.get(ask.chat)
        return not (line and line.locked()) and (await self._pacer.ask(ask)).is_granted

    async def _close(self, ask: Ask, seconds: float) -> None:
        now = asyncio.get_running_loop().time()
        if len(self._closed_until) >= MOST_PAUSES:
            self._closed_until = {chat: until for chat, until in self._closed_until.items() if until > now}
        self._closed_until[ask.chat] = now + seconds
        await self._pacer.close(ask, seconds)

    async def _reopened(self, chat: str) -> None:
        while (left := self._left(chat)) > 0:  # noqa: ASYNC110
            await asyncio.sleep(left)

    def _left(self, chat: str) -> float:
        """Return the seconds until a chat's pause is over."""
        if chat not in self._closed_until:
            return 0.0
        left = self._closed_until[chat] - asyncio.get_running_loop().time()
        if left <= 0:
            del self._closed_until[chat]
        return left


def seconds_of(error: RetryAfter) -> float:
    """Return how long Telegram asks to wait."""
    after = error.retry_after
    return float(after if isinstance(after, int) else after.total_seconds())
