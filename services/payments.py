"""Payments that arrived: each is booked once, under its charge; what no order asks for is frozen."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row

from db.models.payments import PaymentState, Product
from db.queries import payments, people
from db.session import Database, announce
from services import ledger
from services.deposits import deposit
from services.entry_kinds import EntryKind
from services.events import Happened
from services.ledger import Move, NewEntry
from services.orders import Checkout, overflows, problem_of
from services.outbox import address_of_player, enqueue
from services.paybacks import begin_return
from services.people import player_row
from services.premium import pays_again, set_notices
from services.rules import GameRules
from services.stamp import Stamp, Stamps

RETURNED: Final = frozenset({"wrong_amount", "has_premium"})
"""What is kept apart for these reasons goes back by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """A payment as Telegram tells of it, by a message or in its own list."""

    charge_id: str
    checkout: Checkout
    at: datetime
    until: datetime | None = None
    """The end of the period that it pays for, if it is a subscription's."""
    is_renewal: bool = False
    is_reconciled: bool = False
    """Whether it was found in Telegram's list, no message having told of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BookPayment:
    """Give what was paid for, once for each charge."""

    db: Database
    stamps: Stamps
    rules: GameRules

    async def __call__(self, paid: Paid) -> PaymentState:
        """Return where the payment stands now; the player is told by the outbox."""
        return await self.db.transact(book_payment, paid, self.rules, self.stamps.take())


def book_payment(tx: Connection, paid: Paid, rules: GameRules, stamp: Stamp) -> PaymentState:
    """Book a payment in this transaction, whether or not anything is for sale now: it was paid for."""
    player = tx.execute(people.PLAYER_OF_TELEGRAM, {"telegram_id": paid.checkout.telegram_id}).first()
    if player is not None:
        player = player_row(tx, player.id, lock=True)
    order = tx.execute(payments.LOCK_PURCHASE, {"of_payload": paid.checkout.payload[:64]}).first()
    problem = _problem(tx, order, player, paid, rules)
    payment_id = tx.scalar(payments.ADD_PAYMENT, _row(paid, order, player, problem))
    if payment_id is None:
        return PaymentState(tx.execute(payments.PAYMENT, {"of_charge": paid.charge_id}).one().state)
    if problem is not None or order is None or player is None:
        _freeze(tx, payment_id, paid, player, problem, rules, stamp)
        if problem in RETURNED:
            begin_return(tx, payment_id, stamp)
        return PaymentState.FROZEN
    tx.execute(payments.SET_PAID, {"of_purchase": order.id, "at": paid.at})
    if order.product == Product.PREMIUM:
        _give_premium(tx, payment_id, paid, player, rules, stamp)
    else:
        _give_credits(tx, payment_id, paid, player, order.credits, stamp)
    return PaymentState.CREDITED


def _problem(
    tx: Connection, order: Row[Any] | None, player: Row[Any] | None, paid: Paid, rules: GameRules
) -> str | None:
    """Return why a payment can't be booked as its order says, if it can't; that it came late is no reason."""
    if order is None or player is None:
        return "unknown"
    if why := problem_of(order, player, paid.checkout):
        return why
    if order.product == Product.PREMIUM:
        return "has_premium" if pays_again(tx, player.id, _end_of(paid, rules), rules) else None
    return "overflow" if order.credits and overflows(tx, player.id, order.credits) else None


def _row(
    paid: Paid, order: Row[Any] | None, player: Row[Any] | None, problem: str | None
) -> dict[str, object]:
    return {
        "charge_id": paid.charge_id,
        "purchase_id": order.id if order is not None else None,
        "player_id": player.id if player is not None else None,
        "telegram_id": paid.checkout.telegram_id,
        "product": order.product if order is not None and problem is None else None,
        "stars": paid.checkout.stars,
        "credits": order.credits if order is not None and problem is None else 0,
        "state": PaymentState.FROZEN if problem else PaymentState.CREDITED,
        "reason": problem,
        "is_renewal": paid.is_renewal,
        "is_reconciled": paid.is_reconciled,
        "until": paid.until,
        "paid_at": paid.at,
    }


def _freeze(
    tx: Connection,
    payment_id: int,
    paid: Paid,
    player: Row[Any] | None,
    problem: str | None,
    rules: GameRules,
    stamp: Stamp,
) -> None:
    worth = paid.checkout.stars * rules.purchases.credits_per_star
    moves = [Move(ledger.STARS, ledger.SUSPENSE, worth)]
    new = NewEntry(kind=EntryKind.FROZEN, cause=f"frozen:{payment_id}", at=stamp.now, moves=moves)
    _note_entry(tx, payment_id, ledger.post(tx, new).entry_id)
    facts = {"payment": payment_id, "stars": paid.checkout.stars, "why": problem}
    announce(tx, Happened("payment_frozen", facts))
    if player is not None:
        told: dict[str, object] = {"stars": paid.checkout.stars, "why": problem}
        _tell(tx, player, "payment_kept", told, payment_id, stamp)


def _end_of(paid: Paid, rules: GameRules) -> datetime:
    return paid.until or paid.at + rules.purchases.premium_period


def _give_credits(
    tx: Connection, payment_id: int, paid: Paid, player: Row[Any], credits: int, stamp: Stamp
) -> None:
    posted = deposit(
        tx,
        player.id,
        credits,
        source=ledger.STARS,
        kind=EntryKind.PURCHASE,
        cause=f"payment:{payment_id}",
        stamp=stamp,
        facts={"stars": paid.checkout.stars},
    )
    _note_entry(tx, payment_id, posted.entry_id)
    told: dict[str, object] = {
        "credits": credits,
        "stars": paid.checkout.stars,
        "repaid": posted.repaid,
        "debt": posted.debt,
        "balance": posted.balance,
        "receipt": posted.entry_id,
    }
    _tell(tx, player, "purchase_done", told, payment_id, stamp)
    facts = {"payment": payment_id, "player": player.id, "stars": paid.checkout.stars, "credits": credits}
    announce(tx, Happened("payment_credited", facts))


def _give_premium(
    tx: Connection, payment_id: int, paid: Paid, player: Row[Any], rules: GameRules, stamp: Stamp
) -> None:
    worth = paid.checkout.stars * rules.purchases.credits_per_star
    new = NewEntry(
        kind=EntryKind.PREMIUM,
        cause=f"payment:{payment_id}",
        at=stamp.now,
        moves=[Move(ledger.STARS, ledger.HOUSE, worth)],
        player_id=player.id,
        facts={"stars": paid.checkout.stars},
    )
    posted = ledger.post(tx, new)
    _note_entry(tx, payment_id, posted.entry_id)
    until = _end_of(paid, rules)
    extend_premium(tx, player, replace(paid, until=until), rules, stamp)
    told: dict[str, object] = {"stars": paid.checkout.stars, "until": until.isoformat()}
    told |= {"is_renewal": paid.is_renewal, "receipt": posted.entry_id}
    _tell(tx, player, "premium_paid", told, payment_id, stamp)
    facts = {"payment": payment_id, "player": player.id, "stars": paid.checkout.stars, "until": until}
    announce(tx, Happened("premium_paid", facts))


def extend_premium(tx: Connection, player: Row[Any], paid: Paid, rules: GameRules, stamp: Stamp) -> None:
    """Let Premium last at least as long as a payment says; one that comes late shortens nothing."""
    until, charge_id = paid.until, paid.charge_id
    if player.premium_until is not None and until is not None and player.premium_until >= until:
        return
    facts = {"to_until": until, "to_charge_id": charge_id, "to_canceled": False}
    tx.execute(payments.SET_PREMIUM, {"player_id": player.id, **facts})
    if until is not None:
        set_notices(tx, player.id, until, rules, stamp)


def _note_entry(tx: Connection, payment_id: int, entry_id: int) -> None:
    tx.execute(payments.SET_ENTRY, {"of_payment": payment_id, "to_entry_id": entry_id})


def _tell(
    tx: Connection, player: Row[Any], notice: str, facts: dict[str, object], payment_id: int, stamp: Stamp
) -> None:
    address = address_of_player(tx, player)
    if address is not None:
        key = f"payment:{payment_id}"
        enqueue(tx, address, notice, facts, key=key, stamp=stamp, is_money=True)
