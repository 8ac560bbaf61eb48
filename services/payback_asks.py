"""When the gateway is asked to give Stars back: at once, and by timers until it has said yes or no."""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row

from db.models.payments import PaymentState, Product
from db.queries import payments
from db.session import announce
from services.events import Happened, Payback
from services.stamp import Stamp
from services.timers import TimerKind, set_timer

FIRST_WAIT: Final = timedelta(minutes=1)
LONGEST_WAIT: Final = timedelta(hours=1)


def ask(tx: Connection, payment: Row[Any], stamp: Stamp) -> Payback:
    """Have this process ask behind the commit; if it dies, a timer has another one ask."""
    payback = _payback_of(payment)
    announce(tx, payback)
    _look_again(tx, payment, FIRST_WAIT, stamp.now, f"{stamp.token}", stamp)
    return payback


def _payback_of(payment: Row[Any]) -> Payback:
    return Payback(
        payment_id=payment.id,
        telegram_id=payment.telegram_id,
        charge_id=payment.charge_id,
        is_subscription=payment.product == Product.PREMIUM or payment.until is not None,
    )


def _look_again(
    tx: Connection, payment: Row[Any], wait: timedelta, since: datetime, label: str, stamp: Stamp
) -> None:
    facts = {
        "charge_id": payment.charge_id,
        "wait_seconds": wait.total_seconds(),
        "since": since.isoformat(),
    }
    cause = f"payback:{payment.id}:{label}"
    set_timer(tx, TimerKind.PAYBACK, cause, stamp.now + wait, facts=facts, stamp=stamp)


def ask_again(tx: Connection, timer: Row[Any], stamp: Stamp) -> bool:
    """Ask for what is still not given back; a timer's job."""
    payment = tx.execute(payments.PAYMENT, {"of_charge": timer.facts["charge_id"]}).one()
    if payment.state != PaymentState.REFUNDING:
        return False
    announce(tx, _payback_of(payment))
    wait = min(2 * timedelta(seconds=timer.facts["wait_seconds"]), LONGEST_WAIT)
    since = datetime.fromisoformat(timer.facts["since"])
    if wait == LONGEST_WAIT:
        announce(tx, Happened("refund_hangs", {"payment": payment.id, "since": since}))
    _look_again(tx, payment, wait, since, f"after:{timer.id}", stamp)
    return False
