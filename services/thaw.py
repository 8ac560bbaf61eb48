"""Payments that were kept apart and turn out to be right: what they bought is given after all."""

from typing import Any

from sqlalchemy import Connection, Row

from db.models.payments import PaymentState, Product
from db.queries import payments, people, stars
from db.session import announce
from services import ledger
from services.deposits import deposit
from services.entry_kinds import EntryKind
from services.events import Happened
from services.ledger import Move, NewEntry
from services.orders import CURRENCY, Checkout, overflows
from services.payment_states import NotRefundable, booked_credits, move_payment, tell_payer
from services.payments import Paid, extend_premium
from services.people import player_row
from services.rules import GameRules
from services.stamp import Stamp


def thaw(tx: Connection, payment: Row[Any], rules: GameRules, stamp: Stamp) -> None:
    """Give what a payment bought to who paid it: credits, or where it pays for a period, Premium.

    Raises:
        NotRefundable: it isn't kept apart, who paid is no player, or his wallet can't hold it.
    """
    if payment.state != PaymentState.FROZEN:
        raise NotRefundable(why=payment.state)
    payer = tx.execute(people.PLAYER_OF_TELEGRAM, {"telegram_id": payment.telegram_id}).first()
    if payer is None:
        raise NotRefundable(why="no_player")
    player, amount = player_row(tx, payer.id, lock=True), booked_credits(tx, payment)
    line = tx.execute(stars.LINE, {"of_charge": payment.charge_id}).first()
    is_premium = payment.product == Product.PREMIUM or (line is not None and line.period_seconds is not None)
    if not is_premium and overflows(tx, player.id, amount):
        raise NotRefundable(why="overflow")
    bought = {"to_player_id": player.id, "to_product": Product.PREMIUM if is_premium else Product.CREDITS}
    number = {"of_payment": payment.id, "to_credits": 0 if is_premium else amount}
    tx.execute(payments.SET_BOUGHT, bought | number)
    move_payment(tx, payment, PaymentState.CREDITED)
    payment = tx.execute(payments.PAYMENT_OF_ID, {"of_payment": payment.id}).one()
    if is_premium:
        _give_premium(tx, payment, player, amount, rules, stamp)
    else:
        _give_credits(tx, payment, player, stamp)


def _give_credits(tx: Connection, payment: Row[Any], player: Row[Any], stamp: Stamp) -> None:
    cause = f"thaw:{payment.id}:{stamp.token}"
    facts: dict[str, Any] = {"source": ledger.SUSPENSE, "kind": EntryKind.PURCHASE, "cause": cause}
    posted = deposit(tx, player.id, payment.credits, **facts, stamp=stamp, facts={"stars": payment.stars})
    repaid = min(player.debt_credits, payment.credits)
    told = {
        "credits": payment.credits,
        "repaid": repaid,
        "debt": player.debt_credits - repaid,
        "balance": ledger.available(tx, ledger.wallet_of(player.id)),
        "receipt": posted.entry_id,
    }
    tell_payer(tx, payment, "purchase_done", told, key=cause, stamp=stamp)
    shown = {"payment": payment.id, "player": player.id, "stars": payment.stars, "credits": payment.credits}
    announce(tx, Happened("payment_credited", shown))


def _give_premium(
    tx: Connection, payment: Row[Any], player: Row[Any], amount: int, rules: GameRules, stamp: Stamp
) -> None:
    cause = f"thaw:{payment.id}:{stamp.token}"
    new = NewEntry(
        kind=EntryKind.PREMIUM,
        cause=cause,
        at=stamp.now,
        moves=[Move(ledger.SUSPENSE, ledger.HOUSE, amount)],
        player_id=player.id,
        facts={"stars": payment.stars},
    )
    posted = ledger.post(tx, new)
    until = payment.until or payment.paid_at + rules.purchases.premium_period
    checkout = Checkout(telegram_id=payment.telegram_id, payload="", currency=CURRENCY, stars=payment.stars)
    paid = Paid(charge_id=payment.charge_id, checkout=checkout, at=payment.paid_at, until=until)
    extend_premium(tx, player, paid, rules, stamp)
    told = {"until": until.isoformat(), "is_renewal": payment.is_renewal, "receipt": posted.entry_id}
    tell_payer(tx, payment, "premium_paid", told, key=cause, stamp=stamp)
    shown = {"payment": payment.id, "player": player.id, "stars": payment.stars, "until": until}
    announce(tx, Happened("premium_paid", shown))
