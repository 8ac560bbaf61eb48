"""The gateway's own list of Stars, line by line into the books: what no update told of, and what went back."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from db.models.payments import PaymentState
from db.queries import payments, stars
from services.orders import CURRENCY, Checkout
from services.payment_states import locked_payment
from services.payments import Paid, book_payment
from services.ports import INVOICE, StarLine
from services.reclaims import freeze_credited, reclaim
from services.rules import GameRules
from services.stamp import Stamp
from services.thaw import thaw

FORGED = "forged"
"""Why a payment is kept apart that the list doesn't have, or has otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """What came of some lines: how many were new, paid without an update, gone back without a wish."""

    new: int = 0
    missed: int = 0
    taken: int = 0

    def __add__(self, other: "Noted") -> "Noted":
        return Noted(
            new=self.new + other.new, missed=self.missed + other.missed, taken=self.taken + other.taken
        )


def note_lines(tx: Connection, lines: Sequence[StarLine], rules: GameRules, stamp: Stamp) -> Noted:
    """Store lines that are new, each with what follows from it, so that no line is without its consequence."""
    noted = Noted()
    for line in lines:
        if tx.scalar(stars.ADD_LINE, asdict(line)) is not None:
            noted += _note(tx, line, rules, stamp)
    return noted


def _note(tx: Connection, line: StarLine, rules: GameRules, stamp: Stamp) -> Noted:
    if line.partner != INVOICE:
        return Noted(new=1)
    if line.is_incoming:
        return Noted(new=1, missed=_note_paid(tx, line, rules, stamp))
    return Noted(new=1, taken=reclaim(tx, line.charge_id, rules, stamp))


def _note_paid(tx: Connection, line: StarLine, rules: GameRules, stamp: Stamp) -> bool:
    """Book a payment that isn't in the books; look whether one that is, is what the list says."""
    payment = locked_payment(tx, line.charge_id)
    if payment is None:
        book_payment(tx, _paid(tx, line), rules, stamp)
        return True
    if (payment.stars, payment.telegram_id) != (line.stars, line.telegram_id):
        freeze_credited(tx, line.charge_id, FORGED, rules, stamp)
    elif payment.state == PaymentState.FROZEN and payment.reason == FORGED:
        thaw(tx, payment, rules, stamp)
    return False


def _paid(tx: Connection, line: StarLine) -> Paid:
    payload = line.payload or ""
    period = None if line.period_seconds is None else timedelta(seconds=line.period_seconds)
    before: Any = None
    if period is not None:
        before = tx.scalar(payments.PAID_BEFORE, {"of_payload": payload[:64]})
    checkout = Checkout(
        telegram_id=line.telegram_id or 0, payload=payload, currency=CURRENCY, stars=line.stars
    )
    return Paid(
        charge_id=line.charge_id,
        checkout=checkout,
        at=line.at,
        until=None if period is None else line.at + period,
        is_renewal=before is not None,
        is_reconciled=True,
    )


def freeze_unlisted(tx: Connection, before: Any, most: int, rules: GameRules, stamp: Stamp) -> int:
    """Keep apart what was given, before a time, for payments that the list doesn't have; return how many."""
    charges = tx.scalars(stars.UNLISTED, {"before": before, "most": most}).all()
    return sum(freeze_credited(tx, charge, FORGED, rules, stamp) for charge in charges)
