"""Purchases that are given back: what was bought is set aside first, then Telegram is asked, then it is booked."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from db.models.payments import PaymentState, Product
from db.queries import payments
from db.session import Database, announce
from services import ledger, wallet
from services.entry_kinds import EntryKind
from services.events import Happened, Payback
from services.ledger import Move, NewEntry
from services.payback_asks import ask
from services.payment_states import (
    NotRefundable,
    booked_credits,
    end_payment,
    locked_payment,
    move_payment,
    payment_of_id,
    tell_payer,
)
from services.people import player_row
from services.ports import Gateway, GatewayRefused
from services.rules import GameRules
from services.stamp import Stamp, Stamps


def why_not(payment: Row[Any], *, available: int, rules: GameRules, now: datetime) -> str | None:
    """Return why a player can't have a purchase refunded by himself, None if he can."""
    if payment.state != PaymentState.CREDITED:
        return str(payment.state)
    if payment.product != Product.CREDITS:
        return "premium"
    if now - payment.paid_at > rules.purchases.refund_within:
        return "too_late"
    return "spent" if available < payment.credits else None


def begin_payback(tx: Connection, payment_id: int, player_id: int, rules: GameRules, stamp: Stamp) -> Payback:
    """Set aside what was bought, so that it can't be spent while Telegram is asked.

    Raises:
        NotRefundable: it isn't the player's, it is too late, or the wallet holds less.
    """
    player_row(tx, player_id, lock=True)
    payment = tx.execute(payments.PAYMENT_OF_ID, {"of_payment": payment_id}).first()
    if payment is None or payment.player_id != player_id:
        raise NotRefundable(why="unknown")
    available = ledger.available(tx, ledger.wallet_of(player_id))
    if why := why_not(payment, available=available, rules=rules, now=stamp.now):
        raise NotRefundable(why=why)
    hold_id = wallet.place_hold(
        tx, player_id, payment.credits, cause=f"payback:{payment_id}:{stamp.token}", now=stamp.now
    )
    move_payment(tx, payment, PaymentState.REFUNDING, hold_id=hold_id)
    announce(tx, Happened("refund_asked", {"payment": payment_id, "player": player_id}))
    return ask(tx, payment, stamp)


def begin_return(tx: Connection, payment_id: int, stamp: Stamp) -> Payback:
    """Have Telegram give back what is kept apart.

    Raises:
        NotRefundable: it isn't kept apart (any more).
    """
    payment = payment_of_id(tx, payment_id)
    if payment.state != PaymentState.FROZEN:
        raise NotRefundable(why=payment.state)
    move_payment(tx, payment, PaymentState.REFUNDING, reason=payment.reason)
    announce(tx, Happened("refund_asked", {"payment": payment_id, "player": payment.player_id}))
    return ask(tx, payment, stamp)


def end_payback(tx: Connection, charge_id: str, stamp: Stamp) -> bool:
    """Book that Telegram has given the Stars back; return False if there is nothing to book (any more)."""
    payment = locked_payment(tx, charge_id)
    if payment is None or payment.state != PaymentState.REFUNDING:
        return False
    new = NewEntry(
        kind=EntryKind.PURCHASE_BACK,
        cause=f"payback:{payment.id}",
        at=stamp.now,
        moves=[_way_back(tx, payment, stamp)],
        player_id=payment.player_id,
        facts={"stars": payment.stars},
    )
    posted = ledger.post(tx, new)
    kept = {"hold_id": payment.hold_id, "reason": payment.reason}
    end_payment(tx, payment, PaymentState.REFUNDED, posted.entry_id, stamp, **kept)
    told = {"credits": payment.credits if payment.hold_id else 0, "receipt": posted.entry_id}
    tell_payer(tx, payment, "refund_done", told, key=f"payback:{payment.id}", stamp=stamp)
    return True


def _way_back(tx: Connection, payment: Row[Any], stamp: Stamp) -> Move:
    """Return what goes back: out of what the wallet set aside, or of what was kept apart."""
    if payment.hold_id is None:
        return Move(ledger.SUSPENSE, ledger.STARS, booked_credits(tx, payment))
    held = wallet.capture_hold(tx, payment.hold_id, now=stamp.now)
    return Move(ledger.wallet_of(payment.player_id), ledger.STARS, held, from_hold=True)


def drop_payback(tx: Connection, charge_id: str, why: str, stamp: Stamp) -> bool:
    """Undo what was set aside, since Telegram refuses for good; return False if nothing is."""
    payment = locked_payment(tx, charge_id)
    if payment is None or payment.state != PaymentState.REFUNDING:
        return False
    if payment.hold_id is None:
        move_payment(tx, payment, PaymentState.FROZEN, reason=payment.reason)
    else:
        wallet.release_hold(tx, payment.hold_id, now=stamp.now)
        move_payment(tx, payment, PaymentState.CREDITED, reason=why[:32])
        key = f"payback:{payment.id}:{payment.hold_id}:refused"
        tell_payer(tx, payment, "refund_refused", {"credits": payment.credits}, key=key, stamp=stamp)
    announce(tx, Happened("refund_refused", {"payment": payment.id, "why": why}))
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishPayback:
    """Ask the gateway to give Stars back, and book what it says."""

    db: Database
    stamps: Stamps
    gateway: Gateway

    async def __call__(self, payback: Payback) -> None:
        """Return when its yes or no is booked.

        Raises:
            GatewayUnavailable: it isn't known; it is asked again later.
        """
        if not await self.db.read(_is_asked, payback.charge_id):
            return
        who = (payback.telegram_id, payback.charge_id)
        if payback.is_subscription:
            with suppress(GatewayRefused):
                await self.gateway.end_subscription(*who)
        try:
            await self.gateway.give_back(*who)
        except GatewayRefused as error:
            await self.db.transact(drop_payback, payback.charge_id, error.reason, self.stamps.take())
        else:
            await self.db.transact(end_payback, payback.charge_id, self.stamps.take())


def _is_asked(tx: Connection, charge_id: str) -> bool:
    return bool(tx.execute(payments.PAYMENT, {"of_charge": charge_id}).one().state == PaymentState.REFUNDING)
