"""The bot's queue of updates: what waits, what was handed out, what the offset forgets; the long poll."""

import asyncio
import heapq
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from bot.playground.errors import conflict
from bot.playground.journal import Delivery, Journal

MESSAGE_TTL_SECONDS = 86_400
QUERY_TTL_SECONDS = 150
FIRST_UPDATE_ID = 500_000_001
UNASKED = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
_AHEAD, _BEHIND = 10, 200_000
_OTHER_POLL = "terminated by other getUpdates request; make sure that only one bot instance is running"


@dataclass(slots=True, eq=False)
class Item:
    """An update that waits; ``text`` is the JSON that the bot gets."""

    seq: int
    update_id: int | None
    text: str
    kind: str
    queue: str
    expires_at: float
    odd: bool = False
    handed: bool = False
    attempts: int = 0


class UpdateQueue:
    """Updates in order of arrival, for the long poll or the webhook."""

    def __init__(
        self,
        now: Callable[[], float],
        journal: Journal,
        touch: Callable[[], None] = lambda: None,
        first_id: int = FIRST_UPDATE_ID,
    ) -> None:
        self.now = now
        self.journal = journal
        self.touch = touch
        self.next_id = first_id
        self.allowed: list[str] = []
        self.on_item: Callable[[Item], None] | None = None
        self.last: dict[int, Item] = {}
        self._seq = 0
        self._even: dict[int, Item] = {}
        self._odd: dict[int, Item] = {}
        self._poller: asyncio.Future[None] | None = None

    def wants(self, kind: str) -> bool:
        """Tell whether the bot asked for updates of this kind."""
        return kind in self.allowed if self.allowed else kind not in UNASKED

    def add(self, kind: str, payload: Any, *, queue: str, expires_at: float) -> Item | None:
        """Queue an update with the next id, if the bot wants its kind."""
        if not self.wants(kind):
            return None
        update_id, self.next_id = self.next_id, self.next_id + 1
        text = json.dumps({"update_id": update_id, kind: payload}, separators=(",", ":"))
        return self._put(update_id, text, kind, queue, expires_at, odd=False)

    def add_odd(self, text: str, *, queue: str, update_id: int | None, kind: str = "raw") -> Item:
        """Queue any text as an update: malformed, out of order, with a used id."""
        expires_at = self.now() + MESSAGE_TTL_SECONDS
        return self._put(update_id, text, kind, queue, expires_at, odd=True)

    def _put(
        self, update_id: int | None, text: str, kind: str, queue: str, expires_at: float, *, odd: bool
    ) -> Item:
        self._seq += 1
        item = Item(self._seq, update_id, text, kind, queue, expires_at, odd)
        (self._odd if odd else self._even)[item.seq] = item
        if update_id is not None:
            self.last[update_id] = item
            if len(self.last) > 2_000:
                self.last.pop(next(iter(self.last)))
        if self.on_item is not None:
            self.on_item(item)
        self._wake()
        return item

    def __len__(self) -> int:
        return len(self._even) + len(self._odd)

    def __iter__(self) -> Iterator[Item]:
        return heapq.merge(self._even.values(), self._odd.values(), key=lambda item: item.seq)

    def remove(self, item: Item, *, how: str, outcome: str, detail: str = "") -> None:
        """Forget an update and write down why."""
        (self._odd if item.odd else self._even).pop(item.seq, None)
        self.note(item, how=how, outcome=outcome, detail=detail)

    def note(self, item: Item, *, how: str, outcome: str, detail: str = "") -> None:
        """Write down what happened to an update."""
        entry = Delivery(self.now(), item.update_id, item.kind, how, outcome, detail)
        self.journal.deliveries.append(entry)
        self.touch()

    def drop_all(self) -> None:
        """Forget everything, as ``drop_pending_updates`` does."""
        for item in list(self):
            self.remove(item, how="drop_pending_updates", outcome="dropped")

    def expire(self) -> None:
        """Forget what nobody fetched in time."""
        now = self.now()
        stale = [item for item in islice(self, 200) if item.expires_at <= now]
        while stale:
            for item in stale:
                self.remove(item, how="time", outcome="expired")
            stale = [item for item in islice(self, 200) if item.expires_at <= now]

    def forget_below(self, offset: int) -> None:
        """Forget what the offset acknowledges."""
        for item in [item for item in self._odd.values() if item.handed and _below(item, offset)]:
            self.remove(item, how="polling", outcome="acknowledged")
        if not self.next_id - _BEHIND <= offset <= self.next_id + _AHEAD:
            return
        while self._even:
            item = next(iter(self._even.values()))
            if item.update_id is None or item.update_id >= offset:
                return
            self.remove(item, how="polling", outcome="acknowledged")

    def keep_last(self, count: int) -> None:
        """Forget all but the last ``count`` updates, as a negative offset does."""
        for item in list(self)[: max(len(self) - count, 0)]:
            self.remove(item, how="polling", outcome="acknowledged")

    async def poll(self, offset: int, limit: int, timeout_seconds: float) -> list[Item]:
        """Return the waiting updates from ``offset`` on, or wait for the first of them.

        Raises:
            ApiError: 409, thrown out by another poller or by a webhook.
        """
        self.stop_poll(_OTHER_POLL)
        self.keep_last(-offset) if offset < 0 else self.forget_below(offset)
        if not (found := self._take(limit)) and timeout_seconds > 0:
            await self._wait(timeout_seconds)
            found = self._take(limit)
        return found

    def _take(self, limit: int) -> list[Item]:
        self.expire()
        found = list(islice(self, limit))
        for item in found:
            item.handed = True
        return found

    async def _wait(self, timeout_seconds: float) -> None:
        poller: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._poller = poller
        self.touch()
        try:
            async with asyncio.timeout(timeout_seconds):
                await poller
        except TimeoutError:
            pass
        finally:
            if self._poller is poller:
                self._poller = None

    def stop_poll(self, reason: str) -> None:
        """Throw the waiting poller out with a 409."""
        poller, self._poller = self._poller, None
        if poller is not None and not poller.done():
            poller.set_exception(conflict(reason))

    @property
    def polled(self) -> bool:
        """Tell whether a long poll waits now."""
        return self._poller is not None

    def _wake(self) -> None:
        poller, self._poller = self._poller, None
        if poller is not None and not poller.done():
            poller.set_result(None)


def _below(item: Item, offset: int) -> bool:
    return offset > 0 and (item.update_id is None or item.update_id < offset)
