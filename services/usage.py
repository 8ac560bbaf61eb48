"""What a player used today and in all, what is left of his caps; for operators, what all used. Read only."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Row

from db.queries import usage
from db.session import Database
from services import days
from services.counters import counters_of
from services.limits import limits_of
from services.people import player_row
from services.ports import Clock
from services.premium import rules_for
from services.reserve import free_used
from services.rules import GameRules

WEEK: Final = timedelta(days=6)
"""Today and the six days before it."""
MOST_PLAYERS: Final = 5


@dataclass(frozen=True, slots=True)
class ModelUse:
    """What was asked of a language model: messages, their tokens, their price in millionths of a dollar."""

    messages: int
    tokens: int
    micros: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a player used; credits are spent on messages and gifts, ``*_left`` None: there is no such cap."""

    free_today: int
    free_left: int
    free_total: int
    paid_today: int
    paid_total: int
    spent_today: int
    spent_total: int
    credits_left: int | None
    model_today: ModelUse
    model_total: ModelUse
    tokens_left: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadUsage:
    """Read what a player used."""

    db: Database
    clock: Clock
    rules: GameRules

    async def __call__(self, *, player_id: int) -> Usage:
        """Return it as of now."""
        return await self.db.read(_usage, player_id, self.rules, self.clock.now())


def _usage(tx: Connection, player_id: int, rules: GameRules, now: datetime) -> Usage:
    player, whose = player_row(tx, player_id), {"player_id": player_id}
    rules = rules_for(player, rules, now)
    counters = counters_of(player, rules.price.window, now)
    free_today = free_used(tx, player_id, counters)
    cap = limits_of(player, default_guard=rules.talk.guard, now=now).day_cap.credits
    today = _use(tx.execute(usage.OF_PLAYER_ON_DAY, whose | {"day": counters.day}).one())
    tokens = rules.model.player_day_tokens if rules.model.is_there else 0
    return Usage(
        free_today=free_today,
        free_left=max(0, rules.talk.free_per_day - free_today),
        free_total=int(tx.scalar(usage.FREE_MESSAGES, whose) or 0),
        paid_today=counters.paid_today,
        paid_total=player.paid_total,
        spent_today=counters.spent_today,
        spent_total=int(tx.scalar(usage.SPENT, whose) or 0),
        credits_left=None if cap is None else max(0, cap - counters.spent_today),
        model_today=today,
        model_total=_use(tx.execute(usage.OF_PLAYER, whose).one()),
        tokens_left=max(0, tokens - today.tokens) if tokens else None,
    )


def _use(row: Row[tuple[int, int, int]]) -> ModelUse:
    return ModelUse(row.messages, row.tokens, row.micros)


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageOfAll:
    """What all players together asked of the model, and who most, by our own numbers of players."""

    today: ModelUse
    week: ModelUse
    most: tuple[tuple[int, ModelUse], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadUsageOfAll:
    """Read what all players together asked of the model, today and in the last 7 days."""

    db: Database
    clock: Clock

    async def __call__(self) -> UsageOfAll:
        """Return it as of now."""
        return await self.db.read(_usage_of_all, days.utc_day(self.clock.now()))


def _usage_of_all(tx: Connection, today: date) -> UsageOfAll:
    since = {"since": today - WEEK}
    most = tx.execute(usage.MOST_SINCE, since | {"most": MOST_PLAYERS})
    return UsageOfAll(
        today=_use(tx.execute(usage.OF_ALL_ON_DAY, {"day": today}).one()),
        week=_use(tx.execute(usage.OF_ALL_SINCE, since).one()),
        most=tuple((row.player_id, _use(row)) for row in most),
    )
