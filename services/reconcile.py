"""Reconciliation: the gateway's list is read into the books, then what differs is found. Any number of times."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row

from db.queries import payments, stars
from db.session import Database, announce
from services.events import ReconcileDue
from services.ports import Gateway
from services.rules import GameRules
from services.stamp import Stamp, Stamps
from services.star_list import Noted, freeze_unlisted, note_lines
from services.timers import TimerKind, set_timer

EVERY: Final = timedelta(minutes=10)
MARGIN: Final = timedelta(minutes=10)
"""A payment that the list doesn't have so long after it was booked was never made."""
PAGE: Final = 100
AT_ONCE: Final = 10
"""So many lines are booked in one transaction; their players wait for it."""
AGAIN: Final = 100
"""So many of the last known lines are read again, to see that the list is still the one that was read before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Something of which the books and the gateway don't say the same."""

    what: str
    books: int
    gateway: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """What a reconciliation did and found."""

    noted: Noted
    frozen: int
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconcile:
    """Bring the books up to the gateway's list: read outside of transactions, booked inside."""

    db: Database
    stamps: Stamps
    rules: GameRules
    gateway: Gateway

    async def __call__(self) -> Reconciled:
        """Return what was done, and what still differs.

        Raises:
            GatewayUnavailable: the list can't be read now; what was read of it is booked.
        """
        before = self.stamps.clock.now() - MARGIN
        at_first = await self.gateway.balance()
        noted, length = await self._read(AGAIN)
        known = await self.db.read(_count)
        if length != known:  # not the list that was read before
            more, length = await self._read(None)
            noted += more
            known = await self.db.read(_count)
        at_last = await self.gateway.balance()
        differences = [] if length == known else [Difference(what="lines", books=known, gateway=length)]
        listed = await self.db.read(_listed_stars)
        if at_first == at_last != listed:
            differences.append(Difference(what="balance", books=listed, gateway=at_last))
        if back := await self.db.read(_unlisted_back, before):
            differences.append(Difference(what="given_back", books=back, gateway=0))
        # where lines are missing that were there before, a payment may be missing that was made
        frozen = await self._freeze(before) if length == known else 0
        return Reconciled(noted=noted, frozen=frozen, differences=tuple(differences))

    async def _read(self, again: int | None) -> tuple[Noted, int]:
        """Read and book the list, from some known lines on or from its beginning; return how long it is."""
        known = await self.db.read(_count)
        offset, noted = 0 if again is None else max(0, known - again), Noted()
        while lines := await self.gateway.lines(offset, PAGE):
            for first in range(0, len(lines), AT_ONCE):
                some = lines[first : first + AT_ONCE]
                noted += await self.db.transact(note_lines, some, self.rules, self.stamps.take())
            offset += len(lines)
        return noted, offset

    async def _freeze(self, before: datetime) -> int:
        frozen = 0
        while some := await self.db.transact(freeze_unlisted, before, PAGE, self.rules, self.stamps.take()):
            frozen += some
        return frozen


def _count(tx: Connection) -> int:
    return int(tx.execute(stars.COUNT_LINES).scalar_one())


def _listed_stars(tx: Connection) -> int:
    return int(tx.execute(stars.LISTED_STARS).scalar_one())


def _unlisted_back(tx: Connection, before: datetime) -> int:
    return int(tx.execute(stars.UNLISTED_BACK, {"before": before}).scalar_one())


def begin_reconciling(tx: Connection, stamp: Stamp) -> None:
    """Have one process reconcile soon after the start of this one, and one every ten minutes from then on."""
    set_timer(tx, TimerKind.RECONCILE, f"reconcile:start:{stamp.owner}", stamp.now, stamp=stamp)


@dataclass(frozen=True, slots=True)
class ReconcileJob:
    """Have this process reconcile behind the commit, as long as something is, or was, for sale."""

    rules: GameRules

    def __call__(self, tx: Connection, timer: Row[Any], stamp: Stamp) -> bool:
        """Announce it and set the next timer, the same one whichever process does this."""
        if not self.rules.purchases.enabled and tx.scalar(payments.ANY_PAYMENT) is None:
            return False
        announce(tx, ReconcileDue())
        due = next_time(stamp.now)
        set_timer(tx, TimerKind.RECONCILE, f"reconcile:{due:%Y-%m-%dT%H:%M}", due, stamp=stamp)
        return False


def next_time(now: datetime) -> datetime:
    """Return when the next reconciliation is due that all processes share."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    return hour + ((now - hour) // EVERY + 1) * EVERY
