"""What a crash or time leaves over: expired questions, turns that wait behind nothing, old rows."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from db.queries import turns
from db.session import Database
from services import heartbeat, inbox, outbox
from services.pace import forget_pace
from services.reserve import promote_next
from services.rules import GameRules
from services.stamp import Stamp, Stamps
from services.timers import forget_timers

STALLED_AFTER = timedelta(seconds=3)
KEEP_BUTTONS = timedelta(days=1)
FORGET_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """Begin turns that nothing begins any more, and end questions whose time is over."""

    db: Database
    stamps: Stamps
    rules: GameRules

    async def __call__(self, *, limit: int) -> int:
        """Return how many players were helped, at most ``limit``; one whose turn fails holds up no other."""
        await self.db.transact(_expire_asks, self.stamps.take())
        before = self.stamps.clock.now() - STALLED_AFTER
        stalled = await self.db.read(_stalled, before, limit)
        failed: list[Exception] = []
        for player_id in stalled:
            try:
                await self.db.transact(promote_next, player_id, self.rules, self.stamps.take())
            except Exception as error:
                failed.append(error)
        if failed:
            raise failed[0]
        return len(stalled)


def _expire_asks(tx: Connection, stamp: Stamp) -> None:
    tx.execute(turns.EXPIRE_ASKS, {"now": stamp.now})


def _stalled(tx: Connection, before: object, limit: int) -> list[int]:
    return list(tx.scalars(turns.STALLED_PLAYERS, {"before": before, "most": limit}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Forget:
    """Delete what is past all use: handled updates, ended messages, expired buttons."""

    db: Database
    stamps: Stamps

    async def __call__(self) -> int:
        """Return how many rows were deleted."""
        total = 0
        while count := await self.db.transact(_forget, FORGET_AT_ONCE, self.stamps.take()):
            total += count
        return total


def _forget(tx: Connection, most: int, stamp: Stamp) -> int:
    buttons = tx.execute(turns.FORGET_BUTTONS, {"before": stamp.now - KEEP_BUTTONS, "most": most}).rowcount
    gone = heartbeat.forget_beats(tx, stamp) + heartbeat.forget_marks(tx, most)
    gone += forget_pace(tx, most) + forget_timers(tx, most, stamp)
    return inbox.forget_done(tx, most, stamp) + outbox.forget_sent(tx, most, stamp) + buttons + gone
