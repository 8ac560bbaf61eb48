"""Resetting the pot of a group: carried over into the next round, or paid back if nobody has paid for long."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from sqlalchemy import Connection, Row

from db.models.people import ChatKind
from db.models.pots import Outcome
from db.queries import people, refunds
from db.session import Database, announce
from services import days, pot, rounds
from services.buttons import add_buttons
from services.errors import UserError
from services.events import Happened
from services.gifts import PotsOff
from services.outbox import Address, enqueue, language_for
from services.people import chat_row, player_row
from services.refunds import LockedRound, lock_round, refund_round
from services.rules import GameRules
from services.stamp import Stamp, Stamps

CARRY, REFUND, KEEP = "reset_carry", "reset_refund", "reset_keep"
ACTIONS = frozenset({CARRY, REFUND})
"""The buttons that only an admin's press may use, whoever was asked."""
_HOW = {CARRY: "carry", REFUND: "refund"}


class NotAdmin(UserError):
    """This is for the admins of the group."""

    code: ClassVar[str] = "not_admin"


class ResetToday(UserError):
    """The pot was reset today; once a day is enough."""

    code: ClassVar[str] = "reset_today"


class RoundOver(UserError):
    """The round that was asked about has ended in the meantime."""

    code: ClassVar[str] = "round_over"


class PaidLately(UserError):
    """Somebody has paid, so that a refund would give losing tickets back."""

    code: ClassVar[str] = "paid_lately"

    def __init__(self, *, idle: timedelta) -> None:
        super().__init__()
        self.idle = idle


@dataclass(frozen=True, slots=True, kw_only=True)
class AskReset:
    """Ask an admin by buttons which way the pot of his group is to be reset."""

    db: Database
    stamps: Stamps
    rules: GameRules

    async def __call__(
        self, *, player_id: int, chat_id: int, thread_id: int | None, reply_to: int | None, label: str
    ) -> None:
        """Write the question; nothing changes before it is answered. The caller has looked up his rights.

        Args:
            label: what asks, once: the message or the press.

        Raises:
            PotsOff: there are no pots.
            ResetToday: it was done today.
        """
        stamp = self.stamps.take()
        await self.db.transact(_ask, player_id, chat_id, (thread_id, reply_to), label, self.rules, stamp)


def _ask(
    tx: Connection,
    player_id: int,
    chat_id: int,
    where: tuple[int | None, int | None],
    label: str,
    rules: GameRules,
    stamp: Stamp,
) -> None:
    chat, player = chat_row(tx, chat_id), player_row(tx, player_id)
    chat_id = chat.id
    _check(chat, rules, stamp)
    locked = lock_round(tx, pot.pot_of(tx, chat_id, ChatKind.GROUP, stamp))
    ways = [CARRY, REFUND] if _may_refund(tx, locked, rules, stamp) else [CARRY]
    tokens = add_buttons(
        tx,
        {action: {"round_id": locked.row.id} for action in (*ways, KEEP)},
        player_id=player_id,
        chat_id=chat_id,
        ttl=rules.talk.confirm,
        stamp=stamp,
        label=f"reset:{label}",
    )
    asked = {
        "round": locked.row.k,
        "pot": locked.pot_credits,
        "put_in": locked.put_in,
        "carried": locked.pot_credits - locked.put_in,
        "n": locked.players,
        "tickets": locked.row.tickets,
        "buttons": tokens,
    }
    thread_id, reply_to = where
    language = language_for(player, chat)
    address = Address(chat_id=chat_id, language=language, thread_id=thread_id, reply_to=reply_to)
    enqueue(tx, address, "reset_ask", asked, key=f"reset:{label}", stamp=stamp)


def _check(chat: Row[Any], rules: GameRules, stamp: Stamp) -> None:
    if not rules.pot.enabled:
        raise PotsOff
    if not days.may_claim(chat.reset_day, days.utc_day(stamp.now)):
        raise ResetToday


def _may_refund(tx: Connection, locked: LockedRound, rules: GameRules, stamp: Stamp) -> bool:
    """Return whether there is anything to pay back, and nobody has paid for long; the future counts as lately."""
    since = stamp.now - rules.pot.refund_after
    facts = {"round_id": locked.row.id, "pot_id": locked.row.pot_id, "since": since}
    return locked.put_in > 0 and tx.scalar(refunds.PAID_SINCE, facts) is None


def reset_pot(
    tx: Connection, player_id: int, chat_id: int, action: str, round_id: int, rules: GameRules, stamp: Stamp
) -> None:
    """Close the round that was asked about, in an admin's name, at most once a day.

    Raises:
        PotsOff, ResetToday: as when it was asked about.
        RoundOver: the round has ended since.
        PaidLately: it is to be paid back, and somebody has paid since.
    """
    chat, player = chat_row(tx, chat_id), player_row(tx, player_id)
    chat_id = chat.id
    _check(chat, rules, stamp)
    if tx.scalar(people.CLAIM_RESET, {"of_chat": chat_id, "today": days.utc_day(stamp.now)}) is None:
        raise ResetToday
    pot_id = pot.pot_of(tx, chat_id, ChatKind.GROUP, stamp)
    locked = lock_round(tx, pot_id)
    if locked.row.id != round_id:
        raise RoundOver
    if action == REFUND and not _may_refund(tx, locked, rules, stamp):
        raise PaidLately(idle=rules.pot.refund_after)
    key, language = pot.pot_key(chat_id), language_for(player, chat)
    left, opened = _close(tx, key, locked, action, language, stamp)
    facts: dict[str, object] = {"pot": key, "round": locked.row.k, "how": _HOW[action], "player": player_id}
    announce(tx, Happened("reset", facts))
    told = {
        "name": player.name,
        "how": _HOW[action],
        "round": locked.row.k,
        "next_round": opened.round_no,
        "left": left,
        "put_in": locked.put_in,
        "n": locked.players,
        "commitment": opened.commitment.hex(),
        "new_anchor": opened.new_anchor.hex() if opened.new_anchor else None,
    }
    address = Address(chat_id=chat_id, language=language, thread_id=chat.topic_id)
    done = f"reset:{round_id}:done:{player_id}"  # by it the news loses the name of an admin who is forgotten
    enqueue(tx, address, "reset_done", told, key=done, stamp=stamp, is_money=True)


def _close(
    tx: Connection, key: str, locked: LockedRound, action: str, language: str, stamp: Stamp
) -> tuple[int, rounds.Opened]:
    pot_id, round_id = locked.row.pot_id, locked.row.id
    if action == REFUND:
        owed = refund_round(tx, pot_id, round_id, stamp, language)
        return owed.left, owed.opened
    left = locked.pot_credits
    return left, rounds.close_round(
        tx, pot_id, key, round_id, locked.row.k, Outcome.CARRIED, None, left, stamp
    )
