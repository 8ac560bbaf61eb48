"""What the inbox is told of updates in hand: begun, done, parked. The lane waits until the database takes it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import TypeVar

from bot.batcher import Batcher
from bot.events import Event
from bot.logs import get_logger
from db.session import Database, DatabaseUnavailable
from services import inbox
from services.inbox import StoredUpdate
from services.stamp import Stamps

FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 5.0
STOP_SECONDS = 1.0

T = TypeVar("T")

log = get_logger(__name__)


class Marks:
    """Writes the marks of updates; nothing is written of one that was taken over by another process."""

    def __init__(self, db: Database, stamps: Stamps) -> None:
        self._db = db
        self._stamps = stamps
        self._begun: dict[int, StoredUpdate] = {}
        self._done: Batcher[StoredUpdate, None] = Batcher(self._write_done)

    async def begin(self, update: StoredUpdate) -> bool:
        """Mark an update as begun once more; return False if this process has lost it.

        The mark outlives the process: an update that kills whoever handles it is known by its marks.
        """
        begun = await _until_stored(lambda: self._db.transact(inbox.mark_tries, update, update.tries + 1))
        if begun:
            self._begun[update.inbox_id] = update
        return begun

    async def done(self, update: StoredUpdate) -> None:
        """Mark an update as handled, several in one commit."""
        await _until_stored(lambda: self._done.put(update))

    async def park(self, update: StoredUpdate, tries: int, error: BaseException) -> None:
        """Set an update aside."""
        facts = (update, tries, repr(error), self._stamps.take())
        await _until_stored(lambda: self._db.transact(inbox.park_update, *facts))

    def forget(self, update: StoredUpdate) -> None:
        """Take note that the handling of an update came to an end, good or bad."""
        self._begun.pop(update.inbox_id, None)

    async def take_back(self) -> None:
        """Take back the marks of what is left in an orderly stop: these updates have killed nobody."""
        begun, self._begun = list(self._begun.values()), {}
        with suppress(Exception):
            async with asyncio.timeout(STOP_SECONDS):
                for update in begun:
                    await self._db.transact(inbox.mark_tries, update, update.tries)

    async def _write_done(self, updates: Iterable[StoredUpdate]) -> None:
        await self._db.transact(inbox.finish_updates, list(updates), self._stamps.take())


async def _until_stored(write: Callable[[], Awaitable[T]]) -> T:
    """Write until the database takes it; meanwhile the lane waits, and so keeps its order."""
    pause_seconds = FIRST_PAUSE_SECONDS
    while True:
        try:
            return await write()
        except DatabaseUnavailable as error:
            log.warning(Event.DATABASE_FAILED, step="inbox", why=str(error))
        await asyncio.sleep(pause_seconds)
        pause_seconds = min(pause_seconds * 2, LONGEST_PAUSE_SECONDS)
