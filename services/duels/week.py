"""Who did best in duels this week: of all players, or in the challenges of a group. Read only."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection

from db.queries import ratings
from db.session import Database
from services.names import Shown, shown
from services.people import chat_row
from services.ports import Clock
from services.schedule import week_begin

MOST_PLACES: Final = 10
_UTC: Final = "UTC"


class By(StrEnum):
    """By what the places are given."""

    NET = "net"
    """By credits won less those lost, this week."""
    RATING = "rating"
    """By the rating, of those who had a duel settled this week."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DuelPlace:
    """A place of the leaderboard; ``net`` in credits, ``duels`` of this week."""

    place: int
    who: Shown
    duels: int
    net: int
    rating: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDuelBoard:
    """Read the leaderboard of the week."""

    db: Database
    clock: Clock

    async def __call__(self, *, chat_id: int | None, by: By) -> tuple[DuelPlace, ...]:
        """Return the first places: of the challenges in a group, or for None of all duels, by UTC."""
        return await self.db.read(_board, chat_id, by, self.clock.now())


def _board(tx: Connection, chat_id: int | None, by: By, now: datetime) -> tuple[DuelPlace, ...]:
    zone = _UTC if chat_id is None else chat_row(tx, chat_id).timezone
    facts: dict[str, object] = {"since": week_begin(now, zone), "most": MOST_PLACES}
    statement = ratings.BOARDS[by.value] if chat_id is None else ratings.BOARDS_OF_GROUP[by.value]
    rows = tx.execute(statement, facts if chat_id is None else facts | {"of_chat": chat_id})
    return tuple(
        DuelPlace(
            place=place, who=shown(row), duels=row.duels, net=int(row.net), rating=round(row.rating or 0)
        )
        for place, row in enumerate(rows, 1)
    )
