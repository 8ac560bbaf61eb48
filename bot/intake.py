"""Intake: updates are stored and committed first, and only then acknowledged; who is about to pay is answered."""

import re
from collections.abc import Sequence
from typing import Any

from bot.batcher import Batcher
from bot.checkouts import LANE as CHECKOUT
from bot.checkouts import Checkouts
from bot.events import Event
from bot.handling import MOST_ID, is_id
from bot.lanes import Lanes
from bot.logs import get_logger
from bot.metrics import UPDATES
from db.session import Database
from services import inbox
from services.inbox import PRESSES, RawUpdate, StoredUpdate
from services.stamp import Stamps

ALLOWED_UPDATES = (
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
    "pre_checkout_query",
    "subscription",
)
BATCH = 100
_NUMBER = re.compile(rb'"update_id"\s*:\s*(\d{1,19})\s*[,}]')

log = get_logger(__name__)


class NoUpdate(Exception):
    """This is no update of Telegram's: it has no number."""


def raw_update(update: object, body: bytes) -> RawUpdate:
    """Return an update as it is stored: with its number, its lane and its bytes as they came.

    Raises:
        NoUpdate: it has no number of 64 bits.
    """
    number = update.get("update_id") if isinstance(update, dict) else None
    if type(number) is not int or not 0 <= number < MOST_ID:
        raise NoUpdate
    return RawUpdate(number, _lane(update, number), body)


def unread_update(body: bytes) -> RawUpdate:
    """Return an update that Python can't parse as it is stored, in a lane of its own.

    Raises:
        NoUpdate: it has no number of 64 bits.
    """
    found = _NUMBER.search(body)
    if found is None or int(found[1]) >= MOST_ID:
        raise NoUpdate
    return RawUpdate(int(found[1]), f"x{int(found[1])}", body)


def _lane(update: Any, number: int) -> str:
    """Return the lane: the chat of messages, the user of presses and payments; what is odd is alone.

    What becomes of a subscription comes in order with its payments, which are told in the private chat.
    """
    for kind, whose, prefix in (
        ("message", "chat", "c"),
        ("edited_message", "chat", "c"),
        ("callback_query", "from", PRESSES),
        ("my_chat_member", "chat", "m"),
        ("pre_checkout_query", "from", CHECKOUT),
        ("subscription", "user", "c"),
    ):
        part = update.get(kind)
        owner = part.get(whose) if isinstance(part, dict) else None
        key = owner.get("id") if isinstance(owner, dict) else None
        if is_id(key):
            return f"{prefix}{key}"
    return f"x{number}"


class Intake:
    """Stores updates, several in one commit, and hands those that this process owns to the lanes.

    Those of players who are about to pay aren't stored, but answered as they come.
    """

    def __init__(self, db: Database, stamps: Stamps, lanes: Lanes, checkouts: Checkouts) -> None:
        self._db = db
        self._stamps = stamps
        self._lanes = lanes
        self._checkouts = checkouts
        self._batches: Batcher[RawUpdate, None] = Batcher(self.store, most=BATCH)

    async def take(self, update: RawUpdate) -> None:
        """Store one update together with others that come in at the same time.

        Raises:
            DatabaseUnavailable: it is not stored; Telegram must send it again.
        """
        if update.lane.startswith(CHECKOUT):  # it waits for no commit, neither its own nor that of others
            self._note(update)
        else:
            await self._batches.put(update)

    async def store(self, updates: Sequence[RawUpdate]) -> None:
        """Store updates in one commit and begin to handle them.

        Raises:
            DatabaseUnavailable: none is stored.
        """
        for update in updates:
            if update.lane.startswith(CHECKOUT):
                self._note(update)
        await self._store([update for update in updates if not update.lane.startswith(CHECKOUT)])

    def _note(self, checkout: RawUpdate) -> None:
        UPDATES.labels("received").inc()
        self._checkouts.put(checkout)

    async def _store(self, updates: Sequence[RawUpdate]) -> None:
        if not updates:
            return
        stored: list[StoredUpdate] = await self._db.transact(
            inbox.store_updates, updates, self._stamps.take()
        )
        UPDATES.labels("received").inc(len(updates))
        for update in stored:
            log.debug(Event.UPDATE_RECEIVED, update_id=update.update_id, lane=update.lane)
        if len(stored) < len(updates):
            log.info(Event.UPDATE_DUPLICATE, count=len(updates) - len(stored))
        self._lanes.put(stored)
