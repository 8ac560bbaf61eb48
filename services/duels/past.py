"""A player's duels as he looks back at them: pages of history, and one of them. Read only."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Final

from sqlalchemy import Connection, Row

from db.models.duels import DuelState, Outcome
from db.queries import duel_past
from db.session import Database
from services.errors import UserError
from services.names import Shown, shown
from services.ports import Clock

PAGE_SIZE: Final = 5


class DuelNotFound(UserError):
    """The player has no duel of this number."""

    code: ClassVar[str] = "duel_not_found"

    def __init__(self, *, number: str) -> None:
        super().__init__()
        self.number = number


class Colour(StrEnum):
    """What became of a duel, at a glance."""

    WON = "won"
    """Green."""
    LOST = "lost"
    """Red."""
    WAITING = "waiting"
    """Orange: it hasn't ended."""
    BACK = "back"
    """White: the stake came back."""


@dataclass(frozen=True, slots=True)
class Reached:
    """What a side reached: right answers, and milliseconds to its last one."""

    right: int
    time_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PastDuel:
    """A duel as its player sees it; credits. What was right is in none that isn't settled."""

    number: int
    category: str
    at: datetime
    state: DuelState
    colour: Colour
    outcome: Outcome | None
    total: int
    """So many questions it has."""
    stake: int
    returned: int | None
    """What came back in all; None as long as it isn't known."""
    why: str | None
    mine: Reached | None
    theirs: Reached | None
    opponent: Shown | None
    commitment: bytes
    seed: bytes | None
    """Public once nobody plays the set any more."""
    receipt: str
    back_receipt: int | None
    """Of a lost stake that came back since a question was bad."""

    @property
    def is_settled(self) -> bool:
        """Return whether both sides may see all answers."""
        return self.state is DuelState.SETTLED

    @property
    def delta(self) -> int | None:
        """Return what the player's wallet gained or lost by it in all."""
        return None if self.returned is None else self.returned - self.stake


@dataclass(frozen=True, slots=True, kw_only=True)
class DuelsPage:
    """One page of duels, the newest first; pages count from 1 to ``pages`` (at least 1)."""

    duels: tuple[PastDuel, ...]
    page: int
    pages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDuels:
    """Show a page of a player's duels."""

    db: Database

    async def __call__(self, *, player_id: int, page: int = 1) -> DuelsPage:
        """Return the page nearest to ``page``."""
        return await self.db.read(_page, player_id, page)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDuel:
    """Show one of a player's duels."""

    db: Database
    clock: Clock

    async def __call__(self, *, player_id: int, duel_id: int) -> PastDuel:
        """Return it.

        Raises:
            DuelNotFound: the player has none of this number.
        """
        return await self.db.read(_one, player_id, duel_id, self.clock.now())


def _page(tx: Connection, player_id: int, page: int) -> DuelsPage:
    pages = max(1, -(-(tx.scalar(duel_past.COUNT, {"of_player": player_id}) or 0) // PAGE_SIZE))
    page = min(max(page, 1), pages)
    where = {"of_player": player_id, "most": PAGE_SIZE, "skip": (page - 1) * PAGE_SIZE}
    rows = tx.execute(duel_past.PAGE, where)
    return DuelsPage(duels=tuple(_seen(row, None) for row in rows), page=page, pages=pages)


def _one(tx: Connection, player_id: int, duel_id: int, now: datetime) -> PastDuel:
    row = own_duel(tx, player_id, duel_id)
    over = tx.execute(duel_past.SET_WHEN_OVER, {"of_set": row.set_id, "now": now}).first()
    return _seen(row, over.seed if over is not None else None)


def own_duel(tx: Connection, player_id: int, duel_id: int) -> Row[Any]:
    """Return the row of a player's duel, with its set and its other side.

    Raises:
        DuelNotFound: the player has none of this number.
    """
    row = tx.execute(duel_past.ONE, {"of_player": player_id, "of_duel": duel_id}).first()
    if row is None:
        raise DuelNotFound(number=f"D{duel_id}")
    return row


def _seen(row: Row[Any], seed: bytes | None) -> PastDuel:
    state = DuelState(row.state)
    is_settled = state is DuelState.SETTLED
    return PastDuel(
        number=row.id,
        category=row.category,
        at=row.created_at,
        state=state,
        colour=_colour_of(row),
        outcome=Outcome(row.outcome) if row.outcome is not None else None,
        total=len(row.question_ids),
        stake=row.stake,
        returned=row.returned,
        why=row.why,
        mine=Reached(row.score, row.time_ms) if is_settled else None,
        theirs=Reached(row.other_score, row.other_time_ms) if is_settled else None,
        opponent=shown(row) if is_settled else None,
        commitment=row.commitment,
        seed=seed,
        receipt=str(row.entry_id) if row.entry_id is not None else f"D{row.id}",
        back_receipt=row.back_entry_id,
    )


def _colour_of(row: Row[Any]) -> Colour:
    if row.ended_at is None:
        return Colour.WAITING
    return {Outcome.WON: Colour.WON, Outcome.LOST: Colour.LOST}.get(row.outcome, Colour.BACK)
