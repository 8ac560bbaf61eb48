"""Holds on a player's wallet: placed once, then captured or released. Balances change only in the ledger."""

from datetime import datetime

from sqlalchemy import Connection, Row

from db.models.books import HoldState
from db.queries import books
from services.ledger import BooksBroken, InsufficientFunds, available, wallet_of


def place_hold(tx: Connection, player_id: int, amount: int, *, cause: str, now: datetime) -> int:
    """Set ``amount`` credits (above 0) of a player aside and return the hold's id.

    Raises:
        InsufficientFunds: less than that is free.
    """
    account_id = tx.scalar(books.SET_ASIDE, {"of_owner": player_id, "amount": amount})
    if account_id is None:
        raise InsufficientFunds(price=amount, available=available(tx, wallet_of(player_id)))
    hold_id = tx.scalar(
        books.ADD_HOLD, {"account_id": account_id, "amount": amount, "cause": cause, "at": now}
    )
    if hold_id is None:
        raise BooksBroken(account=cause)
    return int(hold_id)


def capture_hold(tx: Connection, hold_id: int, *, now: datetime) -> int:
    """End a hold as taken and return its amount; the entry that takes it moves it ``from_hold``.

    Raises:
        BooksBroken: the hold has ended before.
    """
    return int(_end(tx, hold_id, HoldState.CAPTURED, now).amount)


def release_hold(tx: Connection, hold_id: int, *, now: datetime) -> int:
    """End a hold as given back and return its amount.

    Raises:
        BooksBroken: the hold has ended before.
    """
    ended = _end(tx, hold_id, HoldState.RELEASED, now)
    if tx.scalar(books.GIVE_BACK_HELD, {"account_id": ended.account_id, "amount": ended.amount}) is None:
        raise BooksBroken(account=f"hold {hold_id}")
    return int(ended.amount)


def _end(tx: Connection, hold_id: int, state: HoldState, now: datetime) -> Row[tuple[int, int]]:
    row = tx.execute(books.END_HOLD, {"hold_id": hold_id, "to_state": state, "at": now}).first()
    if row is None:
        raise BooksBroken(account=f"hold {hold_id}")
    return row
