"""Credits that come from outside, whichever gateway brings them: they cover a debt first, the rest is the wallet's."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from db.queries import payments
from services import ledger
from services.entry_kinds import EntryKind
from services.ledger import AccountRef, Move, NewEntry, Posted
from services.people import player_row
from services.stamp import Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposited:
    """A booked deposit: its receipt, what of it covered a debt, and debt and balance after it, in credits."""

    entry_id: int
    repaid: int
    debt: int
    balance: int


def deposit(
    tx: Connection,
    player_id: int,
    credits: int,
    *,
    source: AccountRef,
    kind: EntryKind,
    cause: str,
    stamp: Stamp,
    facts: Mapping[str, object] | None = None,
) -> Deposited:
    """Book ``credits`` (above 0) from ``source`` to a player.

    Raises:
        AlreadyPosted: the cause was booked before.
    """
    player: Row[Any] = player_row(tx, player_id, lock=True)
    repaid = min(player.debt_credits, credits)
    wallet = ledger.wallet_of(player_id)
    targets = ((ledger.DEBT, repaid), (wallet, credits - repaid))
    moves = [Move(source, target, amount) for target, amount in targets if amount > 0]
    shown = {**(facts or {}), **({"repaid": repaid} if repaid else {})}
    new = NewEntry(kind=kind, cause=cause, at=stamp.now, moves=moves, player_id=player_id, facts=shown)
    posted = ledger.post(tx, new)
    if repaid:
        tx.execute(payments.CHANGE_DEBT, {"player_id": player_id, "by": -repaid})
    return Deposited(
        entry_id=posted.entry_id,
        repaid=repaid,
        debt=player.debt_credits - repaid,
        balance=ledger.balance(tx, wallet),
    )


def withdraw(
    tx: Connection,
    player_id: int,
    credits: int,
    *,
    target: AccountRef,
    kind: EntryKind,
    cause: str,
    stamp: Stamp,
) -> Posted:
    """Take ``credits`` (above 0) that should never have come; what the wallet can't give becomes a debt.

    Raises:
        AlreadyPosted: the cause was booked before.
    """
    player_row(tx, player_id, lock=True)
    wallet = ledger.wallet_of(player_id)
    taken = min(credits, ledger.available(tx, wallet))
    owed = credits - taken
    sources = ((wallet, taken), (ledger.DEBT, owed))
    moves = [Move(source, target, amount) for source, amount in sources if amount > 0]
    facts = {"owed": owed} if owed else {}
    new = NewEntry(kind=kind, cause=cause, at=stamp.now, moves=moves, player_id=player_id, facts=facts)
    posted = ledger.post(tx, new)
    if owed:
        tx.execute(payments.CHANGE_DEBT, {"player_id": player_id, "by": owed})
    return posted
