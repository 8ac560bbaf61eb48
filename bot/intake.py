"""Intake: updates are stored and committed first, and only then acknowledged to Telegram."""

import asyncio
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError
from telegram.request import BaseRequest

from bot.batcher import Batcher
from bot.events import Event
from bot.lanes import MOST_ID, Lanes, is_id
from bot.logs import get_logger
from bot.metrics import UPDATES
from db.session import Database, DatabaseUnavailable
from services import inbox
from services.inbox import RawUpdate, StoredUpdate
from services.stamp import Stamps

ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
BATCH = 100
POLL_SECONDS = 30
ANSWER_SECONDS = 15
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
CONFLICT_PAUSE_SECONDS = 10.0
MOST_SHOWN = 300

log = get_logger(__name__)


class NoUpdate(Exception):
    """This is no update of Telegram's: it has no number."""


def raw_update(update: object, body: bytes | None = None) -> RawUpdate:
    """Return an update as it is stored: with its number, its lane and its bytes.

    Raises:
        NoUpdate: it has no number of 64 bits.
    """
    number = update.get("update_id") if isinstance(update, dict) else None
    if type(number) is not int or not 0 <= number < MOST_ID:
        raise NoUpdate
    if body is None:
        body = json.dumps(update).encode()
    return RawUpdate(number, _lane(update, number), body)


def _lane(update: Any, number: int) -> str:
    """Return the lane: the chat of messages, the user of presses; what is odd gets one of its own."""
    for kind, whose, prefix in (
        ("message", "chat", "c"),
        ("edited_message", "chat", "c"),
        ("callback_query", "from", "u"),
        ("my_chat_member", "chat", "m"),
    ):
        part = update.get(kind)
        owner = part.get(whose) if isinstance(part, dict) else None
        key = owner.get("id") if isinstance(owner, dict) else None
        if is_id(key):
            return f"{prefix}{key}"
    return f"x{number}"


class Intake:
    """Stores updates, several in one commit, and hands those that this process owns to the lanes."""

    def __init__(self, db: Database, stamps: Stamps, lanes: Lanes) -> None:
        self._db = db
        self._stamps = stamps
        self._lanes = lanes
        self._batches: Batcher[RawUpdate, None] = Batcher(self.store, most=BATCH)

    async def take(self, update: RawUpdate) -> None:
        """Store one update together with others that come in at the same time.

        Raises:
            DatabaseUnavailable: it is not stored; Telegram must send it again.
        """
        await self._batches.put(update)

    async def store(self, updates: Sequence[RawUpdate]) -> None:
        """Store updates in one commit and begin to handle them.

        Raises:
            DatabaseUnavailable: none is stored.
        """
        stored: list[StoredUpdate] = await self._db.transact(
            inbox.store_updates, updates, self._stamps.take()
        )
        UPDATES.labels("received").inc(len(updates))
        for update in stored:
            log.debug(Event.UPDATE_RECEIVED, update_id=update.update_id, lane=update.lane)
        if len(stored) < len(updates):
            log.info(Event.UPDATE_DUPLICATE, count=len(updates) - len(stored))
        self._lanes.put(stored)


class Poller:
    """Asks Telegram for updates, one long poll after the other; the offset moves only after the commit."""

    def __init__(self, request: BaseRequest, base_url: str, intake: Intake) -> None:
        self._request = request
        self._url = f"{base_url}/getUpdates"
        self._intake = intake
        self._offset: int | None = None

    async def run(self) -> None:
        """Poll until cancelled.

        Raises:
            InvalidToken: Telegram doesn't know the bot any more.
        """
        pause_seconds = FIRST_PAUSE_SECONDS
        while True:
            try:
                await self._poll()
                pause_seconds = FIRST_PAUSE_SECONDS
                continue
            except InvalidToken:
                raise
            except Conflict:
                log.warning(Event.POLL_CONFLICT, seconds=CONFLICT_PAUSE_SECONDS)
                await asyncio.sleep(CONFLICT_PAUSE_SECONDS)
                continue
            except RetryAfter as error:
                after = error.retry_after
                pause_seconds = float(after if isinstance(after, int) else after.total_seconds())
                log.warning(Event.RATE_LIMITED, method="getUpdates", seconds=pause_seconds)
            except TelegramError as error:
                log.warning(Event.POLL_FAILED, why=str(error), seconds=pause_seconds)
            except DatabaseUnavailable as error:
                log.error(Event.DATABASE_FAILED, step="intake", why=str(error))
            await asyncio.sleep(pause_seconds)
            pause_seconds = min(pause_seconds * 2, LONGEST_PAUSE_SECONDS)

    async def _poll(self) -> None:
        wanted: dict[str, object] = {"timeout": POLL_SECONDS, "allowed_updates": json.dumps(ALLOWED_UPDATES)}
        if self._offset is not None:
            wanted["offset"] = self._offset
        # The library's own get_updates would turn updates into objects, and one that it can't read stops it.
        found: Any = await self._request.post(
            f"{self._url}?{urlencode(wanted)}", read_timeout=POLL_SECONDS + ANSWER_SECONDS
        )
        if not found:
            return
        updates = list(_numbered(found))
        await self._intake.store(updates)
        self._offset = updates[-1].update_id + 1


def _numbered(found: Iterable[object]) -> Iterator[RawUpdate]:
    """Yield updates as they are stored; what has no number can't be, and goes with the next one that has.

    Raises:
        TelegramError: none of them has a number.
    """
    is_any = False
    for update in found:
        try:
            yield raw_update(update)
            is_any = True
        except NoUpdate:
            log.error(Event.UPDATE_PARKED, why="no number", body=repr(update)[:MOST_SHOWN])
    if not is_any:
        raise TelegramError("no update has a number")
