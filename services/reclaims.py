"""What is taken back without its player's wish: Telegram took the Stars back, or doesn't know of the payment."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from db.models.payments import PaymentState, Product
from db.queries import payments
from db.session import Database, announce
from services import ledger
from services.deposits import withdraw
from services.entry_kinds import EntryKind
from services.events import Happened, SubscriptionOver
from services.ledger import AccountRef, Move, NewEntry
from services.paybacks import end_payback
from services.payment_states import booked_credits, end_payment, locked_payment, move_payment, tell_payer
from services.people import player_row
from services.rules import GameRules
from services.stamp import Stamp, Stamps


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRefund:
    """Book that Telegram says it gave Stars back, asked for by the bot or not."""

    db: Database
    stamps: Stamps
    rules: GameRules

    async def __call__(self, *, charge_id: str) -> bool:
        """Return whether it is news."""
        return await self.db.transact(reclaim, charge_id, self.rules, self.stamps.take())


def reclaim(tx: Connection, charge_id: str, rules: GameRules, stamp: Stamp) -> bool:
    """Book that Telegram took Stars back by itself: the wallet gives what it holds, the rest is a debt.

    Returns:
        False if it had been given back before, or is no payment of ours.
    """
    payment = locked_payment(tx, charge_id)
    if payment is not None and payment.state == PaymentState.REFUNDING:
        return end_payback(tx, charge_id, stamp)
    if payment is None or payment.state not in (PaymentState.CREDITED, PaymentState.FROZEN):
        return False
    entry_id = _take_back(tx, payment, ledger.STARS, EntryKind.CHARGE_BACK, rules, stamp)
    end_payment(tx, payment, PaymentState.RECLAIMED, entry_id, stamp, reason=payment.reason)
    return True


def freeze_credited(tx: Connection, charge_id: str, why: str, rules: GameRules, stamp: Stamp) -> bool:
    """Keep apart what a payment gave, until it is known what is right; return False if it gave nothing."""
    payment = locked_payment(tx, charge_id)
    if payment is None or payment.state != PaymentState.CREDITED:
        return False
    _take_back(tx, payment, ledger.SUSPENSE, EntryKind.FROZEN, rules, stamp)
    move_payment(tx, payment, PaymentState.FROZEN, reason=why)
    announce(tx, Happened("payment_frozen", {"payment": payment.id, "stars": payment.stars, "why": why}))
    return True


def write_off(tx: Connection, payment: Row[Any], stamp: Stamp) -> None:
    """Book that what is kept apart was never paid."""
    moves = [Move(ledger.SUSPENSE, ledger.STARS, booked_credits(tx, payment))]
    cause = f"write_off:{payment.id}"
    new = NewEntry(kind=EntryKind.CHARGE_BACK, cause=cause, at=stamp.now, moves=moves)
    entry_id = ledger.post(tx, new).entry_id
    end_payment(tx, payment, PaymentState.RECLAIMED, entry_id, stamp, reason=payment.reason)


def _take_back(
    tx: Connection, payment: Row[Any], target: AccountRef, kind: EntryKind, rules: GameRules, stamp: Stamp
) -> int:
    """Move what a payment gave to ``target``, from wherever it is, and return the entry."""
    cause = f"{kind}:{payment.id}:{stamp.token}"
    amount = booked_credits(tx, payment)
    if payment.state == PaymentState.CREDITED and payment.product == Product.CREDITS:
        facts: dict[str, Any] = {"target": target, "kind": kind, "cause": cause, "stamp": stamp}
        posted = withdraw(tx, payment.player_id, amount, **facts)
        debt = player_row(tx, payment.player_id).debt_credits
        told = {"credits": amount, "debt": debt, "receipt": posted.entry_id}
        tell_payer(tx, payment, "charge_back", told, key=cause, stamp=stamp)
        return posted.entry_id
    source = ledger.SUSPENSE if payment.state == PaymentState.FROZEN else ledger.HOUSE
    if payment.state == PaymentState.CREDITED:
        _end_premium(tx, payment, rules, stamp)
        tell_payer(tx, payment, "premium_back", {}, key=cause, stamp=stamp)
    new = NewEntry(
        kind=kind,
        cause=cause,
        at=stamp.now,
        moves=[Move(source, target, amount)],
        player_id=payment.player_id,
        facts={"stars": payment.stars},
    )
    return ledger.post(tx, new).entry_id


def _end_premium(tx: Connection, payment: Row[Any], rules: GameRules, stamp: Stamp) -> None:
    """Let Premium last only as long as the player's other payments say, and be renewed no more."""
    period = rules.purchases.premium_period
    others = tx.execute(
        payments.OTHER_PREMIUM, {"player_id": payment.player_id, "but_payment": payment.id}
    ).all()
    until = max([stamp.now, *(other.until or other.paid_at + period for other in others)])
    if tx.scalar(payments.END_PREMIUM, {"player_id": payment.player_id, "to_until": until}) is not None:
        announce(tx, SubscriptionOver(telegram_id=payment.telegram_id, charge_id=payment.charge_id))
