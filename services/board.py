"""Who plays most in a group, in the running round or this week; and the past rounds of a pot. Read only."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Final

from sqlalchemy import Connection, Row

from db.models.pots import Outcome
from db.queries import pots, reports
from db.session import Database
from services.errors import UserError
from services.names import Shown, shown
from services.people import chat_row
from services.ports import Clock
from services.pot import key_of_chat, pot_key
from services.schedule import week_begin

MOST_PLACES: Final = 10
ROUNDS_PER_PAGE: Final = 8
ANY_MOMENT: Final = timedelta(days=1)
"""What is booked at this very moment counts."""


class PotUnknown(UserError):
    """No chat with such a pot became part of this one."""

    code: ClassVar[str] = "expired_button"


class Period(StrEnum):
    """Of which time the tickets count."""

    ROUND = "round"
    """Since the running round began; gifts count as well."""
    WEEK = "week"
    """Since Monday in the group's time zone."""


class Order(StrEnum):
    """By what the places are given."""

    CREDITS = "credits"
    """By credits put in."""
    TICKETS = "tickets"
    """By tickets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place of the leaderboard."""

    place: int
    who: Shown
    credits: int
    tickets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBoard:
    """Read the leaderboard of a group."""

    db: Database
    clock: Clock

    async def __call__(self, *, chat_id: int, period: Period, order: Order) -> tuple[Place, ...]:
        """Return the first places, the best one first."""
        return await self.db.read(_board, chat_id, period, order, self.clock.now())


def _board(tx: Connection, chat_id: int, period: Period, order: Order, now: datetime) -> tuple[Place, ...]:
    pot = tx.execute(reports.POT_OF_CHAT, {"chat_id": chat_id}).first()
    if pot is None:
        return ()
    facts: dict[str, object] = {"of_pot": pot.id, "most": MOST_PLACES}
    if period is Period.WEEK:
        facts |= {"since": week_begin(now, chat_row(tx, chat_id).timezone), "until": now + ANY_MOMENT}
    rows = tx.execute(reports.BOARDS[period.value, order.value], facts)
    return tuple(_place(number, row) for number, row in enumerate(rows, 1))


def _place(number: int, row: Row[Any]) -> Place:
    return Place(place=number, who=shown(row), credits=int(row.board_credits), tickets=int(row.board_tickets))


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRound:
    """A closed round; ``prize`` in credits where it was won."""

    round_no: int
    outcome: Outcome
    tickets: int
    prize: int | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundsPage:
    """Some past rounds, the newest first; pages count from 1. ``formers``: chats that became part of this one."""

    rounds: tuple[PastRound, ...]
    page: int
    pages: int
    formers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRounds:
    """Read the past rounds of the pot of a chat."""

    db: Database

    async def __call__(
        self, *, chat_id: int, in_group: bool, page: int, former: int | None = None
    ) -> RoundsPage:
        """Return the page nearest to ``page``, of the chat's pot or of that of a chat that became part of it.

        Raises:
            PotUnknown: no such chat did.
        """
        return await self.db.read(_rounds, chat_id, key_of_chat(chat_id, in_group=in_group), page, former)


def formers_of(tx: Connection, chat_id: int, former: int | None) -> tuple[int, ...]:
    """Return the chats that became part of a chat and have rounds of their own.

    Raises:
        PotUnknown: ``former`` is none of them.
    """
    formers = tuple(tx.scalars(reports.FORMER_CHATS, {"of_chat": chat_id}))
    if former is not None and former not in formers:
        raise PotUnknown
    return formers


def _rounds(tx: Connection, chat_id: int, key: str, page: int, former: int | None) -> RoundsPage:
    formers = formers_of(tx, chat_id, former)
    pot = tx.execute(pots.POT_OF_KEY, {"key": key if former is None else pot_key(former)}).first()
    of_pot = {"of_pot": pot.id if pot is not None else 0}
    pages = max(1, -(-(tx.scalar(reports.COUNT_ROUNDS, of_pot) or 0) // ROUNDS_PER_PAGE))
    page = min(max(page, 1), pages)
    where = {**of_pot, "most": ROUNDS_PER_PAGE, "skip": (page - 1) * ROUNDS_PER_PAGE}
    rounds = tuple(
        PastRound(
            round_no=row.k,
            outcome=Outcome(row.outcome),
            tickets=row.tickets,
            prize=row.prize,
            at=row.closed_at,
        )
        for row in tx.execute(reports.ROUNDS_OF_POT, where)
    )
    return RoundsPage(rounds=rounds, page=page, pages=pages, formers=formers)
