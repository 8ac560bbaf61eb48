"""Telegram's limits, kept by us: in all, per chat and per group; a 429 pauses only the chat it came from."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

from bot.events import Event
from bot.logs import get_logger

MINUTE_SECONDS = 60.0
BURST = 3
RETRIES = 4
LONGEST_PAUSE_SECONDS = 300.0
IDLE_CHATS = 5_000
_FREE = frozenset({"sendChatAction", "sendMessageDraft"})

log = get_logger(__name__)


@dataclass(slots=True)
class _Bucket:
    """Tokens that refill with time; ``take`` says how long to wait for the next one."""

    per_second: float
    burst: float
    tokens: float = field(init=False)
    at: float = 0.0

    def __post_init__(self) -> None:
        self.tokens = self.burst

    def take(self, now: float) -> float:
        """Take a token, if need be in advance, and return the seconds until it is there."""
        self.tokens = min(self.burst, self.tokens + (now - self.at) * self.per_second)
        self.at = now
        self.tokens -= 1
        return max(0.0, -self.tokens / self.per_second)

    @property
    def full_at(self) -> float:
        """Return when all tokens are there again, if nobody takes one."""
        return self.at + (self.burst - self.tokens) / self.per_second


@dataclass(slots=True)
class _Chat:
    bucket: _Bucket
    minute: deque[float] = field(default_factory=deque)
    closed_until: float = 0.0

    def is_idle(self, now: float) -> bool:
        """Return whether nothing of what is known here matters any more."""
        last = max(self.bucket.full_at, self.closed_until, self.minute[-1] if self.minute else 0.0)
        return last < now - MINUTE_SECONDS


class Limiter(BaseRateLimiter[int]):
    """Lets each call through when Telegram will take it."""

    def __init__(self, *, per_second: int = 30, chat_per_second: int = 1, group_per_minute: int = 20) -> None:
        self._all = _Bucket(per_second, per_second)
        self._chat_per_second = chat_per_second
        self._group_per_minute = group_per_minute
        self._chats: dict[str, _Chat] = defaultdict(self._new_chat)

    def _new_chat(self) -> _Chat:
        return _Chat(_Bucket(self._chat_per_second, max(BURST, self._chat_per_second)))

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
        rate_limit_args: int | None,
    ) -> bool | dict[str, Any] | list[dict[str, Any]]:
        """Wait until Telegram will take the call, make it, and again after a 429 for its chat.

        Raises:
            RetryAfter: Telegram asks for too long or too often.
        """
        chat_id = data.get("chat_id")
        if chat_id is None or endpoint in _FREE:
            return await callback(*args, **kwargs)
        chat = self._chats[str(chat_id)]
        for is_last in (*[False] * RETRIES, True):
            await self._wait(chat, counts=endpoint.startswith("send"), is_group=str(chat_id).startswith("-"))
            try:
                return await callback(*args, **kwargs)
            except RetryAfter as error:
                seconds = _seconds(error)
                log.warning(Event.RATE_LIMITED, chat=chat_id, method=endpoint, seconds=seconds)
                if is_last or seconds > LONGEST_PAUSE_SECONDS:
                    raise
                chat.closed_until = asyncio.get_running_loop().time() + seconds
        raise AssertionError

    async def _wait(self, chat: _Chat, *, counts: bool, is_group: bool) -> None:
        loop = asyncio.get_running_loop()
        if counts:
            now = loop.time()
            pause = max(chat.bucket.take(now), self._all.take(now))
            if is_group:
                pause = max(pause, self._minute(chat, now + pause))
            if pause > 0:
                await asyncio.sleep(pause)
        while (left := chat.closed_until - loop.time()) > 0:  # noqa: ASYNC110
            await asyncio.sleep(left)
        self._forget_idle(loop.time())

    def _minute(self, chat: _Chat, at: float) -> float:
        """Return the seconds until the group's sliding minute has room, and count the call there."""
        now = asyncio.get_running_loop().time()
        while chat.minute and chat.minute[0] <= now - MINUTE_SECONDS:
            chat.minute.popleft()
        if len(chat.minute) >= self._group_per_minute:
            at = max(at, chat.minute[-self._group_per_minute] + MINUTE_SECONDS)
        chat.minute.append(at)
        return max(0.0, at - now)

    def _forget_idle(self, now: float) -> None:
        if len(self._chats) <= IDLE_CHATS:
            return
        idle = [key for key, chat in self._chats.items() if chat.is_idle(now)]
        for key in idle:
            del self._chats[key]


def _seconds(error: RetryAfter) -> float:
    after = error.retry_after
    return float(after if isinstance(after, int) else after.total_seconds())
