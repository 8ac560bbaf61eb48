"""Work in order per key, different keys side by side; a row is in hand once."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from bot.bugs import report
from bot.logs import get_logger

T = TypeVar("T")

log = get_logger(__name__)


class Queues(Generic[T]):
    """Hands items to ``work``, those of one key one after the other, as long as there are any.

    Items are known by the number of their row: one that is in hand is not taken again.
    """

    def __init__(self, work: Callable[[T], Awaitable[None]], *, name: str) -> None:
        self._work = work
        self._name = name
        self._queues: dict[object, deque[tuple[int, T]]] = defaultdict(deque)
        self._tasks: set[asyncio.Task[None]] = set()
        self._held: set[int] = set()

    @property
    def held(self) -> list[int]:
        """Return the numbers of the rows in hand."""
        return list(self._held)

    def holds(self, number: int) -> bool:
        """Return whether a row is in hand."""
        return number in self._held

    def put(self, key: object, number: int, item: T) -> None:
        """Queue an item behind those of its key, unless its row is in hand."""
        if number in self._held:
            return
        self._held.add(number)
        is_idle = key not in self._queues
        self._queues[key].append((number, item))
        if is_idle:
            task = asyncio.create_task(self._run(key), name=f"{self._name} {key}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def idle(self) -> None:
        """Wait until nothing is in hand."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def stop(self) -> None:
        """Drop what is in hand; its rows stay as they are."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self, key: object) -> None:
        queue = self._queues[key]
        try:
            while queue:
                number, item = queue[0]
                await self._try(item)
                self._held.discard(number)
                queue.popleft()
        finally:
            del self._queues[key]
            self._held.difference_update(number for number, _ in queue)

    async def _try(self, item: T) -> None:
        """Work on an item; one that fails, which none should, stays as it is and holds up nobody."""
        try:
            await self._work(item)
        except Exception as error:
            report(log, error, step=self._name)
