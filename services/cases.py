"""What of payments isn't automatic: operators see it and decide."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, Row

from db.models.payments import PaymentState
from db.queries import stars
from db.session import Database, announce
from services.events import Happened
from services.payback_asks import ask
from services.paybacks import begin_return
from services.payment_states import NotRefundable, move_payment, payment_of_id
from services.reclaims import freeze_credited, write_off
from services.rules import GameRules
from services.stamp import Stamp
from services.thaw import thaw

PAGE_SIZE: Final = 5
ACTION: Final = "case_"
"""Begins the actions of the buttons under a case."""


class Decision(StrEnum):
    """What an operator may decide about a payment."""

    CREDIT = "credit"
    """What it bought is given to who paid."""
    RETURN = "return"
    """Telegram is asked to give the Stars back; what it gave is taken back first."""
    LEAVE = "leave"
    """It stays kept apart, and is no open case any more."""
    WRITE_OFF = "write_off"
    """It was never paid: nothing is kept apart for it any more."""
    AGAIN = "again"
    """Telegram is asked once more at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A payment as operators see it, and what they may decide."""

    number: int
    charge_id: str
    telegram_id: int
    name: str | None
    """What its player is called, if who paid is one."""
    stars: int
    credits: int
    at: datetime
    state: PaymentState
    reason: str | None
    is_listed: bool
    """Whether Telegram's list has it, as far as it was read."""
    decisions: tuple[Decision, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePage:
    """A page of open cases, and what else there is to know; pages count from 1 to ``pages`` (at least 1)."""

    cases: tuple[Case, ...]
    page: int
    pages: int
    debtors: int
    debt_credits: int
    reclaimed: int
    reclaimed_stars: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadCases:
    """Show what waits for a decision, or for Telegram's answer."""

    db: Database

    async def __call__(self, *, page: int = 1) -> CasePage:
        """Return the page nearest to ``page``."""
        return await self.db.read(_page, page)


def _page(tx: Connection, page: int) -> CasePage:
    count = tx.execute(stars.COUNT_CASES).scalar_one()
    pages = max(1, -(-count // PAGE_SIZE))
    page = min(max(page, 1), pages)
    rows = tx.execute(stars.OPEN_CASES, {"most": PAGE_SIZE, "skip": (page - 1) * PAGE_SIZE})
    debtors, debt = tx.execute(stars.DEBTS).one()
    reclaimed, reclaimed_stars = tx.execute(stars.RECLAIMED).one()
    return CasePage(
        cases=tuple(_case(row) for row in rows),
        page=page,
        pages=pages,
        debtors=debtors,
        debt_credits=int(debt),
        reclaimed=reclaimed,
        reclaimed_stars=int(reclaimed_stars),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadCase:
    """Show one payment, open case or not."""

    db: Database

    async def __call__(self, *, number: int) -> Case:
        """Return it.

        Raises:
            NotRefundable: there is none of this number.
        """
        row = await self.db.read(lambda tx: tx.execute(stars.CASE, {"of_payment": number}).first())
        if row is None:
            raise NotRefundable(why="unknown")
        return _case(row)


def _case(row: Row[Any]) -> Case:
    return Case(
        number=row.id,
        charge_id=row.charge_id,
        telegram_id=row.telegram_id,
        name=row.name,
        stars=row.stars,
        credits=row.credits,
        at=row.paid_at,
        state=PaymentState(row.state),
        reason=row.reason,
        is_listed=bool(row.is_listed),
        decisions=_decisions(row),
    )


def _decisions(row: Row[Any]) -> tuple[Decision, ...]:
    if row.state == PaymentState.FROZEN:
        other = Decision.RETURN if row.is_listed else Decision.WRITE_OFF
        is_useful = row.reason != "has_premium"  # the days that it would give are there already
        return (*((Decision.CREDIT,) if is_useful else ()), other, Decision.LEAVE)
    if row.state == PaymentState.CREDITED:
        return (Decision.RETURN,)
    return (Decision.AGAIN,) if row.state == PaymentState.REFUNDING else ()


def decide(
    tx: Connection, how: Decision, payment_id: int, operator_id: int, rules: GameRules, stamp: Stamp
) -> None:
    """Do what an operator decided.

    Raises:
        NotRefundable: the payment stands where this can't be done (any more).
    """
    payment = payment_of_id(tx, payment_id)
    _DEEDS[how](tx, payment, rules, stamp)
    facts = {"payment": payment_id, "how": how, "operator": operator_id}
    announce(tx, Happened("payment_decided", facts))


def _return(tx: Connection, payment: Row[Any], rules: GameRules, stamp: Stamp) -> None:
    freeze_credited(tx, payment.charge_id, "operator", rules, stamp)
    begin_return(tx, payment.id, stamp)


def _leave(tx: Connection, payment: Row[Any], rules: GameRules, stamp: Stamp) -> None:
    _check(payment, PaymentState.FROZEN)
    move_payment(tx, payment, PaymentState.FROZEN, reason="left")


def _write_off(tx: Connection, payment: Row[Any], rules: GameRules, stamp: Stamp) -> None:
    _check(payment, PaymentState.FROZEN)
    write_off(tx, payment, stamp)


def _again(tx: Connection, payment: Row[Any], rules: GameRules, stamp: Stamp) -> None:
    _check(payment, PaymentState.REFUNDING)
    ask(tx, payment, stamp)


def _check(payment: Row[Any], state: PaymentState) -> None:
    if payment.state != state:
        raise NotRefundable(why="moved")


_DEEDS: Final[Mapping[Decision, Callable[[Connection, Row[Any], GameRules, Stamp], None]]] = {
    Decision.CREDIT: thaw,
    Decision.RETURN: _return,
    Decision.LEAVE: _leave,
    Decision.WRITE_OFF: _write_off,
    Decision.AGAIN: _again,
}
