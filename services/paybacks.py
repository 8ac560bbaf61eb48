"""Purchases that are given back: what was bought is set aside first, then Telegram is asked, then it is booked."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Connection, Row

from db.models.payments import PaymentState, Product
from db.queries import payments
from db.session import announce
from services import ledger, wallet
from services.deposits import withdraw
from services.entry_kinds import EntryKind
from services.errors import UserError
from services.events import Happened
from services.ledger import Move, NewEntry
from services.people import player_row
from services.rules import GameRules
from services.stamp import Stamp


class NotRefundable(UserError):
    """A purchase can't be given back; ``why`` says for what reason."""

    code: ClassVar[str] = "not_refundable"

    def __init__(self, *, why: str) -> None:
        super().__init__()
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class Payback:
    """Stars that Telegram is to be asked to give back."""

    payment_id: int
    telegram_id: int
    charge_id: str


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
    _move(tx, payment_id, (PaymentState.CREDITED,), PaymentState.REFUNDING, hold_id=hold_id)
    announce(tx, Happened("refund_asked", {"payment": payment_id, "player": player_id}))
    return Payback(payment_id=payment_id, telegram_id=payment.telegram_id, charge_id=payment.charge_id)


def end_payback(tx: Connection, charge_id: str, stamp: Stamp) -> bool:
    """Book that Telegram has given the Stars back; return False if that was booked before."""
    payment = _locked(tx, charge_id)
    if payment.state != PaymentState.REFUNDING:
        return False
    held = wallet.capture_hold(tx, payment.hold_id, now=stamp.now)
    new = NewEntry(
        kind=EntryKind.PURCHASE_BACK,
        cause=f"payback:{payment.id}",
        at=stamp.now,
        moves=[Move(ledger.wallet_of(payment.player_id), ledger.STARS, held, from_hold=True)],
        player_id=payment.player_id,
        facts={"stars": payment.stars},
    )
    posted = ledger.post(tx, new)
    _end(tx, payment, PaymentState.REFUNDED, posted.entry_id, stamp, hold_id=payment.hold_id)
    return True


def drop_payback(tx: Connection, charge_id: str, why: str, stamp: Stamp) -> bool:
    """Give back what was set aside, since Telegram refuses for good; return False if nothing is set aside."""
    payment = _locked(tx, charge_id)
    if payment.state != PaymentState.REFUNDING:
        return False
    wallet.release_hold(tx, payment.hold_id, now=stamp.now)
    _move(tx, payment.id, (PaymentState.REFUNDING,), PaymentState.CREDITED, reason=why[:32])
    announce(tx, Happened("refund_refused", {"payment": payment.id, "why": why}))
    return True


def reclaim(tx: Connection, charge_id: str, rules: GameRules, stamp: Stamp) -> bool:
    """Book that Telegram took Stars back by itself: the wallet gives what it holds, the rest is a debt."""
    payment = _locked(tx, charge_id)
    if payment.state == PaymentState.REFUNDING:
        return end_payback(tx, charge_id, stamp)
    if payment.state not in (PaymentState.CREDITED, PaymentState.FROZEN):
        return False
    entry_id = _take_back(tx, payment, rules, stamp)
    _end(tx, payment, PaymentState.RECLAIMED, entry_id, stamp)
    return True


def _take_back(tx: Connection, payment: Row[Any], rules: GameRules, stamp: Stamp) -> int:
    cause = f"charge_back:{payment.id}"
    if payment.state == PaymentState.CREDITED and payment.product == Product.CREDITS:
        facts: dict[str, Any] = {"target": ledger.STARS, "kind": EntryKind.CHARGE_BACK, "cause": cause}
        return withdraw(tx, payment.player_id, payment.credits, **facts, stamp=stamp).entry_id
    worth = payment.stars * rules.purchases.credits_per_star
    source = ledger.SUSPENSE if payment.state == PaymentState.FROZEN else ledger.HOUSE
    moves = [Move(source, ledger.STARS, worth)]
    new = NewEntry(kind=EntryKind.CHARGE_BACK, cause=cause, at=stamp.now, moves=moves)
    return ledger.post(tx, new).entry_id


def _locked(tx: Connection, charge_id: str) -> Row[Any]:
    """Return a payment; its player's row is locked before it, as everywhere."""
    payment = tx.execute(payments.PAYMENT, {"of_charge": charge_id}).one()
    if payment.player_id is not None:
        player_row(tx, payment.player_id, lock=True)
    return tx.execute(payments.LOCK_PAYMENT, {"of_charge": charge_id}).one()


def _end(
    tx: Connection,
    payment: Row[Any],
    state: PaymentState,
    entry_id: int,
    stamp: Stamp,
    hold_id: int | None = None,
) -> None:
    allowed = (PaymentState(payment.state),)
    _move(tx, payment.id, allowed, state, hold_id=hold_id, back_entry_id=entry_id, ended_at=stamp.now)
    facts = {"payment": payment.id, "player": payment.player_id, "stars": payment.stars, "how": state}
    announce(tx, Happened("payment_taken_back", facts))


def _move(
    tx: Connection,
    payment_id: int,
    allowed_from: tuple[PaymentState, ...],
    state: PaymentState,
    **facts: object,
) -> None:
    names = ("reason", "hold_id", "back_entry_id", "ended_at")
    row = {f"to_{name}": facts.get(name) for name in names}
    moved = {"of_payment": payment_id, "allowed_from": list(allowed_from), "to_state": state}
    if tx.scalar(payments.MOVE_PAYMENT, moved | row) is None:
        raise NotRefundable(why="moved")
