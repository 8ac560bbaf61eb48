"""Tells whoever waits that something changed in the fake Telegram: tests and the page."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

Json = dict[str, Any]
T = TypeVar("T")


class Signals:
    """A counter of changes with the last of them and those who wait for the next."""

    def __init__(self, keep: int = 2_000) -> None:
        self.version = 0
        self._events: deque[Json] = deque(maxlen=keep)
        self._waiters: set[asyncio.Future[None]] = set()

    def fire(self, kind: str, **facts: Any) -> None:
        """Note a change and wake everybody who waits for one."""
        self.version += 1
        self._events.append({"version": self.version, "kind": kind, **facts})
        self.touch()

    def touch(self) -> None:
        """Wake everybody without a change that the page would show."""
        waiters, self._waiters = self._waiters, set()
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    def since(self, version: int) -> list[Json]:
        """Return the remembered changes after ``version``, oldest first."""
        found: list[Json] = []
        for event in reversed(self._events):
            if event["version"] <= version:
                break
            found.append(event)
        return found[::-1]

    async def changed(self) -> None:
        """Wait for the next change."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.add(waiter)
        try:
            await waiter
        finally:
            self._waiters.discard(waiter)

    async def until(self, predicate: Callable[[], T | None], timeout_seconds: float) -> T:
        """Return the first truthy value of ``predicate``, asked again after every change.

        Raises:
            TimeoutError: it stayed falsy for ``timeout_seconds``.
        """
        async with asyncio.timeout(timeout_seconds):
            while not (found := predicate()):
                await self.changed()
        return found
