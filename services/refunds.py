"""Refunds: a round closes and owes back exactly what players put in; it is paid in batches, once each."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from db.models.books import AccountKind
from db.models.people import ChatKind, Reach
from db.models.pots import Outcome
from db.queries import books, pots, refunds
from db.session import announce
from services import ledger, rounds
from services.entry_kinds import EntryKind
from services.errors import InvariantError
from services.events import Happened
from services.ledger import Move, NewEntry
from services.outbox import Address, enqueue, language_for
from services.people import chat_row
from services.stamp import Stamp
from services.timers import TimerKind, set_timer

BATCH = 100


class RefundLost(InvariantError):
    """A refund that is to be paid was paid by somebody else in the meantime."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedRound:
    """The open round of a pot that nobody else feeds, draws on or closes before this transaction ends."""

    row: Row[Any]
    pot_credits: int
    put_in: int
    """What players have put in, in credits; the rest was carried in."""
    players: int


def lock_round(tx: Connection, pot_id: int) -> LockedRound:
    """Return a pot's open round, locked by the pot's account, which everything that feeds a pot takes first.

    Raises:
        BooksBroken: there is no such pot.
        RoundMissing: it has no open round.
    """
    owner = {"of_kind": AccountKind.POT, "of_owner": pot_id}
    account = tx.execute(books.LOCK_ACCOUNT, owner).first()
    if account is None:
        raise ledger.BooksBroken(account=str(ledger.account_of_pot(pot_id)))
    row = tx.execute(pots.OPEN_ROUND, {"pot_id": pot_id}).first()
    if row is None:
        raise rounds.RoundMissing
    put_in = tx.execute(refunds.PUT_IN, {"round_id": row.id}).one()
    return LockedRound(
        row=row, pot_credits=account.balance, put_in=int(put_in.credits), players=put_in.players
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """What a refunded round owes, and the round that follows it."""

    credits: int
    players: int
    left: int
    """What was carried in, and is the next round's seed."""
    opened: rounds.Opened


def refund_round(
    tx: Connection, pot_id: int, round_id: int, stamp: Stamp, language: str | None = None
) -> Owed:
    """Take what players have put into a round out of its pot, to be paid back, and open the next round.

    Args:
        language: of the group's notice when all is paid, if the group has chosen none.

    Raises:
        RoundMissing: that round is not open any more.
    """
    locked = lock_round(tx, pot_id)
    if locked.row.id != round_id:
        raise rounds.RoundMissing
    found = tx.execute(refunds.ROUND_WITH_POT, {"round_id": round_id}).one()
    left = locked.pot_credits
    if locked.put_in:
        left = _take_out(tx, pot_id, locked, stamp)
        tx.execute(refunds.ADD_DUES, {"round_id": round_id})
    opened = rounds.close_round(
        tx, pot_id, found.key, round_id, locked.row.k, Outcome.REFUNDED, None, left, stamp
    )
    if locked.put_in:
        set_timer(
            tx,
            TimerKind.REFUND,
            f"refund:{round_id}",
            stamp.now,
            chat_id=found.chat_id,
            round_id=round_id,
            facts={"language": language},
            stamp=stamp,
        )
    return Owed(credits=locked.put_in, players=locked.players, left=left, opened=opened)


def _take_out(tx: Connection, pot_id: int, locked: LockedRound, stamp: Stamp) -> int:
    account = ledger.account_of_pot(pot_id)
    posted = ledger.post(
        tx,
        NewEntry(
            kind=EntryKind.REFUND_OWED,
            cause=f"refund:{locked.row.id}",
            at=stamp.now,
            moves=[Move(account, ledger.REFUND, locked.put_in)],
            round_id=locked.row.id,
        ),
    )
    return posted.balances[account]


def pay_refunds(tx: Connection, timer: Row[Any], stamp: Stamp) -> bool:
    """Pay the next batch of what a round owes; return whether there is more. A job of a timer."""
    found = tx.execute(refunds.ROUND_WITH_POT, {"round_id": timer.round_id}).one()
    dues = tx.execute(refunds.NEXT_DUES, {"round_id": found.id, "most": BATCH}).all()
    for due in dues:  # by player, as everybody locks wallets
        _pay(tx, found, due, stamp)
    if len(dues) == BATCH:
        return True
    _conclude(tx, found, timer, stamp)
    return False


def _pay(tx: Connection, found: Row[Any], due: Row[Any], stamp: Stamp) -> None:
    wallet, cause = ledger.wallet_of(due.player_id), f"refund:{found.id}:{due.player_id}"
    posted = ledger.post(
        tx,
        NewEntry(
            kind=EntryKind.REFUND,
            cause=cause,
            at=stamp.now,
            moves=[Move(ledger.REFUND, wallet, due.amount)],
            player_id=due.player_id,
            round_id=found.id,
            facts={"in_group": found.chat_id is not None},
        ),
    )
    paid = {"of_round": found.id, "of_player": due.player_id, "to_entry_id": posted.entry_id}
    if tx.scalar(refunds.MARK_PAID, paid) is None:
        raise RefundLost
    if due.chat_id is not None:
        told = {
            "credits": due.amount,
            "balance": posted.balances[wallet],
            "receipt": posted.entry_id,
            "round": found.k,
            "title": found.title,
        }
        address = Address(chat_id=due.chat_id, language=language_for(due))
        enqueue(tx, address, "refund_paid", told, key=cause, stamp=stamp, is_money=True)


def _conclude(tx: Connection, found: Row[Any], timer: Row[Any], stamp: Stamp) -> None:
    """Say in the log and in the group that all is paid."""
    owed = tx.execute(refunds.OWED, {"round_id": found.id}).one()
    facts = {"pot": found.key, "round": found.k, "amount": int(owed.credits), "players": owed.players}
    announce(tx, Happened("refund", facts))
    if found.chat_id is None:
        return
    chat = chat_row(tx, found.chat_id)
    if chat.merged_into is not None:
        chat = chat_row(tx, chat.merged_into)
    if chat.kind != ChatKind.GROUP or chat.reach != Reach.OK:
        return
    language = chat.language or timer.facts.get("language") or "en"
    address = Address(chat_id=chat.id, language=language, thread_id=chat.topic_id)
    told = {"credits": int(owed.credits), "n": owed.players, "round": found.k}
    key = f"refund:{found.id}:all"
    enqueue(tx, address, "refund_all_paid", told, key=key, stamp=stamp, is_money=True)
