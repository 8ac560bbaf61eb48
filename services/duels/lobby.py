"""The way into a duel: the categories that can be played now, and how many play in each. Read only."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from db.queries import lobby
from db.session import Database
from services.duels.sets import FALLBACK
from services.rules import DuelRules


@dataclass(frozen=True, slots=True, kw_only=True)
class Corner:
    """A category that can be played, and how many have an open duel in it."""

    category: str
    players: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLobby:
    """List the categories for the readers of a language."""

    db: Database
    rules: DuelRules

    async def __call__(self, *, language: str) -> tuple[Corner, ...]:
        """Return those that hold a whole set of questions, by name."""
        return await self.db.read(_corners, language, self.rules)


def _corners(tx: Connection, language: str, rules: DuelRules) -> tuple[Corner, ...]:
    pools = tx.execute(lobby.POOLS, {"languages": [language, FALLBACK]})
    categories = {pool.category for pool in pools if len(pool.question_ids) >= rules.questions}
    players = {row.category: int(row.players) for row in tx.execute(lobby.PLAYERS)}
    return tuple(Corner(category=one, players=players.get(one, 0)) for one in sorted(categories))


def pool_of(tx: Connection, category: str, language: str) -> Sequence[int]:
    """Return the questions that readers of a language get of a category; maybe none."""
    pools = tx.execute(lobby.POOLS, {"languages": [language, FALLBACK]})
    found = {pool.language: pool.question_ids for pool in pools if pool.category == category}
    return found.get(language) or found.get(FALLBACK) or ()
