"""Ratings: how strong players are in duels, by Glicko-2, one update for each settled duel."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from glicko2 import Player
from sqlalchemy import Connection, Row

from db.models.duels import Outcome
from db.queries import ratings
from db.session import Database
from services.stamp import Stamp

_SCALE: Final = 173.7178
_SCORES: Final[Mapping[Outcome, float]] = {Outcome.WON: 1.0, Outcome.TIE: 0.5, Outcome.LOST: 0.0}
_OTHER_SIDE: Final = {
    Outcome.WON: Outcome.LOST,
    Outcome.TIE: Outcome.TIE,
    Outcome.LOST: Outcome.WON,
}


@dataclass(frozen=True, slots=True)
class Strength:
    """How strong a player is thought to be, how unsure that is, and how much it swings (Glicko-2)."""

    rating: float = 1500.0
    deviation: float = 350.0
    volatility: float = 0.06


class _Rated(Player):
    """A player of the library, with step 5 as Glickman wrote it (glicko.net/glicko/glicko2.pdf).

    The library takes the rating where the deviation belongs, by which the search need not come to an end.
    """

    def _f(self, x: float, delta: float, v: float, a: float) -> float:
        spread, grown = (self.rd / _SCALE) ** 2 + v, math.exp(x)
        gained = grown * (delta**2 - spread - grown) / (2 * (spread + grown) ** 2)
        return float(gained - (x - a) / self._tau**2)


def after_duel(mine: Strength, other: Strength, outcome: Outcome) -> Strength:
    """Return how strong the first of two players is after a duel against the second."""
    player = _Rated(mine.rating, mine.deviation, mine.volatility)
    player.update_player([other.rating], [other.deviation], [_SCORES[outcome]])
    return Strength(player.rating, player.rd, player.vol)


def rate(tx: Connection, player_id: int, other_id: int, outcome: Outcome, stamp: Stamp) -> None:
    """Rate both players of a settled duel, once; their rows are locked.

    Args:
        outcome: how it ended for the first of them. A tie with nothing right measures nothing: don't rate it.
    """
    known = strengths_of(tx, player_id, other_id)
    sides = ((player_id, other_id, outcome), (other_id, player_id, _OTHER_SIDE[outcome]))
    for whose, against, result in sorted(sides):
        now = after_duel(known[whose], known[against], result)
        facts = {"rating": now.rating, "deviation": now.deviation, "volatility": now.volatility}
        tx.execute(ratings.SET_RATING, {"player_id": whose, "at": stamp.now, **facts})


def strengths_of(tx: Connection, *player_ids: int) -> dict[int, Strength]:
    """Return how strong players are; who never duelled is as strong as everybody at first."""
    found = {row.player_id: _strength(row) for row in tx.execute(ratings.RATINGS, {"player_ids": player_ids})}
    return {player_id: found.get(player_id, Strength()) for player_id in player_ids}


def _strength(row: Row[Any]) -> Strength:
    return Strength(row.rating, row.deviation, row.volatility)


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
