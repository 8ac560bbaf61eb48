"""Where a payment stands: looked up under locks, moved from state to state, and what its player is told of it."""

from collections.abc import Mapping
from typing import Any, ClassVar

from sqlalchemy import Connection, Row

from db.models.payments import PaymentState
from db.queries import payments
from db.session import announce
from services.errors import UserError
from services.events import Happened
from services.outbox import address_of_player, enqueue
from services.people import player_row
from services.stamp import Stamp


class NotRefundable(UserError):
    """A purchase can't be given back; ``why`` says for what reason."""

    code: ClassVar[str] = "not_refundable"

    def __init__(self, *, why: str) -> None:
        super().__init__()
        self.why = why


def locked_payment(tx: Connection, charge_id: str) -> Row[Any] | None:
    """Return a payment, None if there is none; its player's row is locked before it, as everywhere."""
    payment = tx.execute(payments.PAYMENT, {"of_charge": charge_id}).first()
    if payment is None:
        return None
    if payment.player_id is not None:
        player_row(tx, payment.player_id, lock=True)
    return tx.execute(payments.LOCK_PAYMENT, {"of_charge": charge_id}).one()


def payment_of_id(tx: Connection, payment_id: int) -> Row[Any]:
    """Return a payment by our number of it, locked as ``locked_payment`` does.

    Raises:
        NotRefundable: there is none.
    """
    found = tx.execute(payments.PAYMENT_OF_ID, {"of_payment": payment_id}).first()
    payment = None if found is None else locked_payment(tx, found.charge_id)
    if payment is None:
        raise NotRefundable(why="unknown")
    return payment


def booked_credits(tx: Connection, payment: Row[Any]) -> int:
    """Return how many credits a payment moved when it was booked, whatever a Star counts now."""
    return int(tx.execute(payments.BOOKED, {"of_entry": payment.entry_id}).scalar_one())


def move_payment(tx: Connection, payment: Row[Any], state: PaymentState, **facts: object) -> None:
    """Move a payment to a state; of reason, hold, entry and time of its end it keeps only what is given.

    Raises:
        NotRefundable: it has moved in the meantime.
    """
    names = ("reason", "hold_id", "back_entry_id", "ended_at")
    row = {f"to_{name}": facts.get(name) for name in names}
    moved = {"of_payment": payment.id, "allowed_from": [payment.state], "to_state": state}
    if tx.scalar(payments.MOVE_PAYMENT, moved | row) is None:
        raise NotRefundable(why="moved")


def end_payment(
    tx: Connection, payment: Row[Any], state: PaymentState, entry_id: int, stamp: Stamp, **facts: object
) -> None:
    """End a payment whose Stars went back, by the entry that took back what they had bought."""
    move_payment(tx, payment, state, back_entry_id=entry_id, ended_at=stamp.now, **facts)
    told = {"payment": payment.id, "player": payment.player_id, "stars": payment.stars, "how": state}
    announce(tx, Happened("payment_taken_back", told))


def tell_payer(
    tx: Connection, payment: Row[Any], notice: str, facts: Mapping[str, object], *, key: str, stamp: Stamp
) -> None:
    """Tell the player of a payment, if he is one and has a chat, what became of it."""
    if payment.player_id is None:
        return
    address = address_of_player(tx, player_row(tx, payment.player_id))
    if address is not None:
        enqueue(tx, address, notice, {"stars": payment.stars, **facts}, key=key, stamp=stamp, is_money=True)
