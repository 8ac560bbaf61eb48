"""Lanes: updates of one chat (or one user's presses) are handled in order, different lanes side by side."""

import asyncio
import time
from collections.abc import Iterable
from contextlib import nullcontext
from datetime import timedelta
from functools import partial

from sqlalchemy import Connection
from telegram.error import Forbidden, NetworkError
from telegram.error import TelegramError as LibraryError

from bot.bugs import report
from bot.events import Event
from bot.handling import Unreadable, handle, parse
from bot.logs import get_logger
from bot.marks import Marks
from bot.metrics import UPDATES
from bot.queues import Queues
from db.session import Database, DatabaseUnavailable, announce, fenced, is_end
from handlers.arrival import arriving
from handlers.context import App
from handlers.errors import Handling, tell_number
from services import inbox
from services.errors import TransientError
from services.inbox import StoredUpdate
from services.settle import LeaseLost
from services.stamp import Stamps

SLOW_SECONDS = 2.0
FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 5.0
TELEGRAM_PAUSE_SECONDS = 0.5
SUSPECT_SECONDS, LONGEST_SUSPECT_SECONDS = 0.5, 2.0
"""How long an update waits that was begun once before in a process that died; doubled each further time."""
QUARANTINE_SECONDS = 30.0
"""The same for one that was begun twice as often as is allowed, so that others have time to be served."""
PARK_AFTER = timedelta(minutes=10)
"""Before that no update is set aside for the deaths it was there at; a message so old isn't answered anyway."""

log = get_logger(__name__)


class NeverEnded(Exception):
    """An update was begun as often as is allowed, and each time the process ended before it."""


class Finished:
    """Announced when a transaction of an update's handling is committed: the update is done with it."""

    def __init__(self, inbox_id: int) -> None:
        self.inbox_id = inbox_id


class Lanes:
    """Handles stored updates through the application; each is marked as done with its first commit."""

    def __init__(self, db: Database, stamps: Stamps, application: App, *, workers: int, tries: int) -> None:
        self._stamps = stamps
        self._application = application
        self._tries = tries
        self._room = asyncio.Semaphore(workers)
        self._queues: Queues[StoredUpdate] = Queues(self._handle_in_room, name="lane")
        self._alone = asyncio.Lock()
        self._done: set[int] = set()
        self._marks = Marks(db, stamps)
        db.on_commit(self._on_commit)

    @property
    def held(self) -> list[int]:
        """Return the inbox ids that are in hand."""
        return self._queues.held

    def put(self, updates: Iterable[StoredUpdate]) -> None:
        """Queue updates that this process owns."""
        for update in updates:
            self._queues.put(update.lane, update.inbox_id, update)

    async def idle(self) -> None:
        """Wait until nothing is in hand."""
        await self._queues.idle()

    async def stop(self) -> None:
        """Drop what is in hand; it stays in the inbox."""
        await self._queues.stop()
        await self._marks.take_back()

    async def _handle_in_room(self, update: StoredUpdate) -> None:
        """Handle an update when there is room: late and alone if it may have killed a process.

        So a crash marks nobody but the guilty, others are served in between, and who only was there when a
        process died has a quiet time to come through.
        """
        if update.tries and not self._is_guilty(update):
            await asyncio.sleep(self._suspect_seconds(update.tries))
        alone = self._alone if update.tries else nullcontext()
        async with alone, self._room:
            if not update.is_taken_over or await self._begin(update):
                await self._handle(update)
                self._marks.forget(update)

    def _suspect_seconds(self, tries: int) -> float:
        if tries >= 2 * self._tries:
            return QUARANTINE_SECONDS
        return min(SUSPECT_SECONDS * 2.0 ** (tries - 1), LONGEST_SUSPECT_SECONDS)

    def _is_guilty(self, update: StoredUpdate) -> bool:
        """Return whether an update was begun so often, over so long a time, that it must be what kills."""
        age = self._stamps.clock.now() - update.received_at
        return update.tries >= self._tries and age >= PARK_AFTER

    async def _begin(self, update: StoredUpdate) -> bool:
        """Mark an update that was taken over as begun; return False if it is not to be handled."""
        if self._is_guilty(update):
            await self._park(update, update.tries, NeverEnded(update.tries))
            return False
        if await self._marks.begin(update):
            return True
        log.warning(Event.LEASE_LOST, update_id=update.update_id, lane=update.lane)
        return False

    async def _handle(self, update: StoredUpdate) -> None:
        began = time.perf_counter()
        tries = update.tries
        pause_seconds = FIRST_PAUSE_SECONDS
        while True:
            handling = await self._try(update)
            error = handling.error
            if error is None:
                break
            if isinstance(error, LeaseLost):
                log.warning(Event.LEASE_LOST, update_id=update.update_id, lane=update.lane)
                return
            if not isinstance(error, DatabaseUnavailable):
                tries += 1
                if tries >= self._tries or not _may_pass(error):
                    await self._park(update, tries, error)
                    return
            if isinstance(error, NetworkError):
                pause_seconds = max(pause_seconds, TELEGRAM_PAUSE_SECONDS)
            log.warning(Event.UPDATE_RETRIED, update_id=update.update_id, tries=tries, why=repr(error))
            await asyncio.sleep(pause_seconds)
            pause_seconds = min(pause_seconds * 2, LONGEST_PAUSE_SECONDS)
        await self._finish(update)
        self._log(update, handling, time.perf_counter() - began)

    async def _try(self, update: StoredUpdate) -> Handling:
        """Handle an update once and return how it went."""
        fence = partial(_fence, update, self._stamps)
        with fenced(fence), arriving(update.received_at):
            return await handle(self._application, update.body)

    async def _finish(self, update: StoredUpdate) -> None:
        if update.inbox_id in self._done:
            self._done.discard(update.inbox_id)
            return
        await self._marks.done(update)

    async def _park(self, update: StoredUpdate, tries: int, error: BaseException) -> None:
        self._done.discard(update.inbox_id)
        is_known = isinstance(error, Unreadable | NeverEnded)
        number = "" if is_known else report(log, error, update_id=update.update_id)
        UPDATES.labels("parked").inc()
        log.error(Event.UPDATE_PARKED, update_id=update.update_id, tries=tries, why=repr(error)[:300])
        await self._marks.park(update, tries, error)
        if not is_known and not isinstance(error, LibraryError):
            await tell_number(self._application, parse(self._application, update.body), number)

    def _on_commit(self, event: object) -> None:
        if isinstance(event, Finished) and self._queues.holds(event.inbox_id):
            self._done.add(event.inbox_id)

    def _log(self, update: StoredUpdate, handling: Handling, seconds: float) -> None:
        ms = round(seconds * 1000, 1)
        UPDATES.labels("handled").inc()
        refused = {"refused": handling.refused} if handling.refused else {}
        log.info(Event.UPDATE_HANDLED, update_id=update.update_id, lane=update.lane, ms=ms, **refused)
        if seconds > SLOW_SECONDS:
            log.warning(Event.SLOW_STEP, step="update", update_id=update.update_id, ms=ms)


def _fence(update: StoredUpdate, stamps: Stamps, tx: Connection) -> None:
    if not is_end(tx):
        inbox.check_update(tx, update)
        return
    inbox.finish_update(tx, update, stamps.take())
    announce(tx, Finished(update.inbox_id))


def _may_pass(error: BaseException) -> bool:
    """Return whether another try may help; a bug stays a bug."""
    if isinstance(error, Forbidden):
        return False
    return isinstance(error, TransientError | NetworkError | Unreadable | TimeoutError)
