"""Signs of cheating in the duels of the last days, for operators: they are hints, never proofs. Read only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row

from db.queries import duel_watch
from db.session import Database
from services.ports import Clock
from services.rules import DuelRules

SINCE: Final = timedelta(days=7)
LEAST_DUELS: Final = 4
"""A pair that met as often is shown."""
LEAST_STAKES: Final = 3
"""Who lost as many stakes more than he won to the same player is shown."""
TOO_FAST: Final = timedelta(milliseconds=300)
"""Nobody reads a question and answers it in less."""
_MOST: Final = 5
_MOST_PEOPLE: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """A player as operators see him: by our number of him."""

    player_id: int
    name: str
    is_frozen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two players who met more often than by chance, or of whom one pays the other; net in credits."""

    one: Suspect
    other: Suspect
    duels: int
    one_net: int
    other_net: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fast:
    """A player who answered whole duels faster than anybody reads, and how many answers of them were right."""

    who: Suspect
    duels: int
    right: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What stands out, the most striking first; and who is frozen now."""

    repeated: tuple[Pair, ...]
    flows: tuple[Pair, ...]
    fast: tuple[Fast, ...]
    people: tuple[Suspect, ...]
    """All who are named, and who is frozen: whom a tap freezes, or lets go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSigns:
    """Look for signs of cheating."""

    db: Database
    clock: Clock
    rules: DuelRules

    async def __call__(self) -> Signs:
        """Return those of the last days."""
        since = self.clock.now() - SINCE
        return await self.db.read(_signs, {"since": since, "most": _MOST}, self.rules)


def _signs(tx: Connection, facts: Mapping[str, Any], rules: DuelRules) -> Signs:
    repeated = tx.execute(duel_watch.REPEATED, {**facts, "least_duels": LEAST_DUELS}).all()
    flows = tx.execute(duel_watch.FLOWS, {**facts, "least_lost": LEAST_STAKES * rules.stake}).all()
    below: dict[str, Any] = {
        "below_ms": TOO_FAST // timedelta(milliseconds=1),
        "least_answers": rules.questions,
    }
    fast = tx.execute(duel_watch.FAST, {**facts, **below}).all()
    frozen = tx.scalars(duel_watch.FROZEN, {"most": _MOST_PEOPLE}).all()
    named = [row.player_id for row in fast]
    named += [player_id for row in (*repeated, *flows) for player_id in (row.one_id, row.other_id)]
    people = _people(tx, list(dict.fromkeys([*named, *frozen])))
    return Signs(
        repeated=tuple(_pair(row, people) for row in repeated),
        flows=tuple(_pair(row, people) for row in flows),
        fast=tuple(Fast(who=people[row.player_id], duels=row.duels, right=int(row.right)) for row in fast),
        people=tuple(people.values()),
    )


def _people(tx: Connection, player_ids: list[int]) -> dict[int, Suspect]:
    rows = {row.id: row for row in tx.execute(duel_watch.PEOPLE, {"player_ids": player_ids})}
    return {
        one: Suspect(player_id=one, name=rows[one].name, is_frozen=rows[one].frozen_at is not None)
        for one in player_ids
    }


def _pair(row: Row[Any], people: Mapping[int, Suspect]) -> Pair:
    return Pair(
        one=people[row.one_id],
        other=people[row.other_id],
        duels=row.duels,
        one_net=int(row.one_net),
        other_net=int(row.other_net),
    )
