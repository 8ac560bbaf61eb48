"""Ratings: how strong players are in duels, by Glicko, one update for each settled duel."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row

from db.models.duels import Outcome
from db.queries import ratings
from db.session import Database
from services.duels.score import OTHER_SIDE
from services.stamp import Stamp

_Q: Final = math.log(10) / 400
_MOST_SURE: Final = 30.0
"""Below it a rating would hardly move any more."""
_LEAST_SURE: Final = 350.0
"""That of a player who never duelled."""
_GROWTH_PER_DAY: Final = (_LEAST_SURE**2 - 50**2) / (100 * 7)
"""By which somebody well known is as unknown as a new player after 100 weeks."""
_SCORES: Final[Mapping[Outcome, float]] = {Outcome.WON: 1.0, Outcome.TIE: 0.5, Outcome.LOST: 0.0}


@dataclass(frozen=True, slots=True)
class Strength:
    """How strong a player is thought to be, and how unsure that is (Glicko)."""

    rating: float = 1500.0
    deviation: float = _LEAST_SURE


def after_games(mine: Strength, games: Sequence[tuple[Strength, float]]) -> Strength:
    """Return how strong a player is after games (at least one) against others.

    From glicko.net/glicko/glicko.pdf, step 2.

    Args:
        games: each opponent before it, and what was reached: 1 for a win, 0.5 for a tie, 0 for a loss.
    """
    information, surprise = 1 / mine.deviation**2, 0.0
    for other, reached in games:
        weight = 1 / math.sqrt(1 + 3 * (_Q * other.deviation / math.pi) ** 2)
        expected = 1 / (1 + 10 ** (weight * (other.rating - mine.rating) / 400))
        information += (_Q * weight) ** 2 * expected * (1 - expected)
        surprise += weight * (reached - expected)
    deviation = max(_MOST_SURE, math.sqrt(1 / information))
    return Strength(mine.rating + _Q / information * surprise, deviation)


def after_rest(mine: Strength, days: float) -> Strength:
    """Return how strong a player is after some days without a duel: the longer, the less sure it is; step 1."""
    grown = math.sqrt(mine.deviation**2 + _GROWTH_PER_DAY * max(0.0, days))
    return Strength(mine.rating, min(_LEAST_SURE, grown))


def rate(tx: Connection, player_id: int, other_id: int, outcome: Outcome, stamp: Stamp) -> None:
    """Rate both players of a settled duel, once; their rows are locked.

    Args:
        outcome: how it ended for the first of them. A tie with nothing right measures nothing: don't rate it.
    """
    known = strengths_of(tx, player_id, other_id, now=stamp.now)
    sides = ((player_id, other_id, outcome), (other_id, player_id, OTHER_SIDE[outcome]))
    for whose, against, result in sorted(sides):
        now = after_games(known[whose], [(known[against], _SCORES[result])])
        facts = {"rating": now.rating, "deviation": now.deviation}
        tx.execute(ratings.SET_RATING, {"player_id": whose, "at": stamp.now, **facts})


def strengths_of(tx: Connection, *player_ids: int, now: datetime) -> dict[int, Strength]:
    """Return how strong players are; who never duelled is as strong as everybody at first."""
    rows = tx.execute(ratings.RATINGS, {"player_ids": player_ids})
    found = {row.player_id: _strength(row, now) for row in rows}
    return {player_id: found.get(player_id, Strength()) for player_id in player_ids}


def _strength(row: Row[Any], now: datetime) -> Strength:
    return after_rest(Strength(row.rating, row.deviation), (now - row.changed_at) / timedelta(days=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Duelist:
    """A player's rating, how far it may be off, and after how many rated duels."""

    rating: int
    spread: int
    duels: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDuelist:
    """Read a player's rating."""

    db: Database

    async def __call__(self, *, player_id: int) -> Duelist | None:
        """Return it, or None if no duel of his was rated."""
        return await self.db.read(_duelist, player_id)


def _duelist(tx: Connection, player_id: int) -> Duelist | None:
    row = tx.execute(ratings.RATINGS, {"player_ids": [player_id]}).first()
    if row is None:
        return None
    return Duelist(rating=round(row.rating), spread=round(2 * row.deviation), duels=row.duels)
