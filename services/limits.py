"""A player's own limits: lowered at once, raised after 24 hours."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import Connection, Row

from db.queries import people
from db.session import Database, unfinished
from services import ledger
from services.counters import begin_day
from services.errors import UserError
from services.rules import GameRules
from services.stamp import Stamp, Stamps


class DayLimitReached(UserError):
    """The player's own limit of credits a day would be passed."""

    code: ClassVar[str] = "day_limit"

    def __init__(self, *, cap: int, spent: int, price: int) -> None:
        super().__init__()
        self.cap = cap
        self.spent = spent
        self.price = price


class LimitKind(StrEnum):
    """Which limit."""

    GUARD = "guard"
    """The dearest message that is sent without asking."""
    DAY_CAP = "day_cap"
    """The most credits a day: messages, stakes and gifts together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A limit in credits (None: no limit) and the higher one that waits, with the moment it comes into force."""

    credits: int | None
    next_credits: int | None = None
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Both limits of a player as of now."""

    guard: Limit
    day_cap: Limit


def limits_of(player: Row[tuple[object, ...]], *, default_guard: int, now: datetime) -> Limits:
    """Return the limits in force, with raises that are due counted as done."""
    guard = player.guard_credits if player.guard_credits is not None else default_guard
    return Limits(
        guard=_in_force(guard, player.guard_next_credits, player.guard_next_at, now),
        day_cap=_in_force(player.day_cap_credits, player.day_cap_next_credits, player.day_cap_next_at, now),
    )


def _in_force(
    credits: int | None, next_credits: int | None, next_at: datetime | None, now: datetime
) -> Limit:
    if next_at is not None and next_at <= now:
        return Limit(credits=next_credits)
    return Limit(credits=credits, next_credits=next_credits, next_at=next_at)


def check_day_cap(limits: Limits, *, spent: int, price: int) -> None:
    """Refuse what would pass the player's limit of credits a day.

    Raises:
        DayLimitReached: it would.
    """
    cap = limits.day_cap.credits
    if cap is not None and spent + price > cap:
        raise DayLimitReached(cap=cap, spent=spent, price=price)


def check_spending(
    tx: Connection, player: Row[tuple[object, ...]], credits: int, rules: GameRules, stamp: Stamp
) -> None:
    """Refuse a gift or a stake that would pass the player's limit; what is held of him counts as spent.

    Raises:
        DayLimitReached: it would.
    """
    counters = begin_day(tx, player, rules.price.window, stamp.now)
    held = ledger.held(tx, ledger.wallet_of(player.id))
    in_force = limits_of(player, default_guard=rules.talk.guard, now=stamp.now)
    check_day_cap(in_force, spent=counters.spent_today + held, price=credits)


def changed(limit: Limit, credits: int | None, *, now: datetime, wait: timedelta) -> Limit:
    """Return ``limit`` set to ``credits`` (None: none): lower at once, higher only after ``wait``."""
    is_lower = credits is not None and (limit.credits is None or credits <= limit.credits)
    if is_lower or credits == limit.credits:
        return Limit(credits=credits)
    return Limit(credits=limit.credits, next_credits=credits, next_at=now + wait)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLimits:
    """Show a player's limits."""

    db: Database
    stamps: Stamps
    rules: GameRules

    async def __call__(self, *, player_id: int) -> Limits:
        """Return the limits as of now."""
        row = await self.db.read(_player, player_id)
        return limits_of(row, default_guard=self.rules.talk.guard, now=self.stamps.clock.now())


def _player(tx: Connection, player_id: int) -> Row[tuple[object, ...]]:
    return tx.execute(people.PLAYER, {"player_id": player_id}).one()


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLimit:
    """Change one of a player's limits."""

    db: Database
    stamps: Stamps
    rules: GameRules

    async def __call__(self, *, player_id: int, kind: LimitKind, credits: int | None) -> Limits:
        """Set the limit to ``credits`` (None: no limit) and return both as they now are."""
        with unfinished():  # the word that it is done comes behind the commit
            return await self.db.transact(
                _set_limit, player_id, kind, credits, self.rules, self.stamps.take()
            )


def _set_limit(
    tx: Connection, player_id: int, kind: LimitKind, credits: int | None, rules: GameRules, stamp: Stamp
) -> Limits:
    player = tx.execute(people.LOCK_PLAYER, {"player_id": player_id}).one()
    limits = limits_of(player, default_guard=rules.talk.guard, now=stamp.now)
    if kind is LimitKind.GUARD:
        limit = changed(limits.guard, credits, now=stamp.now, wait=rules.limit_raise)
        limits = Limits(guard=limit, day_cap=limits.day_cap)
    else:
        limit = changed(limits.day_cap, credits, now=stamp.now, wait=rules.limit_raise)
        limits = Limits(guard=limits.guard, day_cap=limit)
    tx.execute(
        people.SET_LIMITS,
        {
            "player_id": player_id,
            "to_guard_credits": limits.guard.credits,
            "to_guard_next_credits": limits.guard.next_credits,
            "to_guard_next_at": limits.guard.next_at,
            "to_day_cap_credits": limits.day_cap.credits,
            "to_day_cap_next_credits": limits.day_cap.next_credits,
            "to_day_cap_next_at": limits.day_cap.next_at,
        },
    )
    return limits
