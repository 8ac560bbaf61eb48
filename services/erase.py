"""Erasing what a forgotten player said, batch by batch: his turns, the updates with his id, what was sent."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, Row

from db.models.transport import InboxState
from db.queries import forget, people
from services.forgotten import ForgetKey
from services.outbox import MONEY_TTL, ORDINARY_TTL
from services.people import player_row
from services.stamp import Stamp
from services.timers import TimerKind, set_timer

BATCH: Final = 500
IN_HAND: Final = timedelta(minutes=1)
"""After as long the update and the messages that are being handled now are done with."""
PASSES: Final = (IN_HAND, ORDINARY_TTL + IN_HAND, MONEY_TTL + IN_HAND)
"""What waits to be sent is left to the next pass; by the last one, nothing of then waits any more."""
_ID: Final = re.compile(rb'"id"\s*:\s*([0-9]{1,19})\b')


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """What is to be erased of a player: ``what`` of the rows behind ``after`` up to ``upto``."""

    player_id: int
    what: str
    hash: bytes
    run: int
    after: int
    upto: int


def begin_erasing(tx: Connection, player_id: int, hashed: bytes, stamp: Stamp) -> None:
    """Erase a first batch of turns at once, and all else by timers."""
    for what, newest in forget.NEWEST.items():
        upto = int(tx.scalar(newest) or 0)
        task = _Task(player_id=player_id, what=what, hash=hashed, run=stamp.token, after=0, upto=upto)
        if what == "turns":
            _follow(tx, task, _erase_turns(tx, task), timedelta(0), stamp)
            continue
        for number, wait in enumerate(PASSES):
            _follow(tx, replace(task, run=stamp.token + number), 0, wait, stamp)


def _follow(tx: Connection, task: _Task, after: int | None, wait: timedelta, stamp: Stamp) -> None:
    """Set the timer of the next batch, if there is one."""
    if after is None:
        return
    facts = {"player": task.player_id, "what": task.what, "hash": task.hash.hex(), "run": task.run}
    cause = f"forget:{task.player_id}:{task.what}:{task.run}:{after}"
    due = stamp.now + wait
    set_timer(
        tx, TimerKind.FORGET, cause, due, facts=facts | {"after": after, "upto": task.upto}, stamp=stamp
    )


def _task_of(facts: Mapping[str, Any]) -> _Task:
    return _Task(
        player_id=facts["player"],
        what=facts["what"],
        hash=bytes.fromhex(facts["hash"]),
        run=facts["run"],
        after=facts["after"],
        upto=facts["upto"],
    )


def _erase_turns(tx: Connection, task: _Task) -> int | None:
    """Erase a batch of turns; return behind which one more follow, None if these were the last."""
    whose = {"of_player": task.player_id, "after": task.after, "upto": task.upto, "most": BATCH}
    found = tx.execute(forget.NEXT_TURNS, whose).all()
    if found:
        # His id of now: he may have come back meanwhile.
        number = player_row(tx, task.player_id, lock=True).telegram_id
        facts = {"private_id": _private_id(tx, number), "to_telegram_id": number}
        tx.execute(forget.ERASE_TURNS, facts | {"ids": [row.id for row in found]})
        titles = {row.conversation_id for row in found if row.conversation_id is not None}
        tx.execute(forget.ERASE_TITLES, {"ids": sorted(titles)})
    return found[-1].id if len(found) == BATCH else None


def _private_id(tx: Connection, number: int) -> int:
    chat = tx.execute(people.CHAT_OF_TELEGRAM, {"telegram_id": number}).first()
    return 0 if chat is None else int(chat.id)


def _erase_outgoing(tx: Connection, task: _Task) -> int | None:
    ids = tx.scalars(forget.NEXT_OUTGOING, {"after": task.after, "upto": task.upto, "most": BATCH}).all()
    number = player_row(tx, task.player_id).telegram_id
    facts = {"of_player": task.player_id, "private_id": _private_id(tx, number)}
    tx.execute(forget.ERASE_OUTGOING, facts | {"ids": ids})
    return ids[-1] if len(ids) == BATCH else None


@dataclass(frozen=True, slots=True)
class Erase:
    """The job of the timers: erase one batch, and set the timer of the next."""

    key: ForgetKey

    def __call__(self, tx: Connection, timer: Row[Any], stamp: Stamp) -> bool:
        """Erase it."""
        task = _task_of(timer.facts)
        erase: dict[str, Callable[[Connection, _Task], int | None]] = {
            "turns": _erase_turns,
            "inbox": self._erase_updates,
            "outbox": _erase_outgoing,
        }
        _follow(tx, task, erase[task.what](tx, task), timedelta(0), stamp)
        return False

    def _erase_updates(self, tx: Connection, task: _Task) -> int | None:
        """Erase the updates of a batch in which the player's id stands; those that wait are left."""

        @cache
        def is_his(number: bytes) -> bool:
            return self.key.hash_of(int(number)) == task.hash

        facts = {"after": task.after, "upto": task.upto, "most": BATCH}
        found = tx.execute(forget.NEXT_UPDATES, facts).all()
        ids = [
            row.id
            for row in found
            if row.state != InboxState.WAITING and any(map(is_his, set(_ID.findall(row.body))))
        ]
        tx.execute(forget.ERASE_UPDATES, {"ids": ids})
        return found[-1].id if len(found) == BATCH else None
