"""The end of a turn: answer stored, price captured, ticket drawn and perhaps paid out; or all released."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Final

from sqlalchemy import Connection, Row

from db.queries import group_settings, turns
from db.session import announce
from services import attachments, days, edits, wallet
from services.buttons import add_buttons
from services.charge import charge
from services.conversations import put_in_conversation
from services.counters import counters_of
from services.errors import TransientError
from services.events import Happened, TurnReserved
from services.outbox import Address, enqueue
from services.people import home_of, player_row
from services.ports import Usage
from services.pot import Drawn, Payout
from services.premium import has_premium, rules_for
from services.reserve import free_used, next_price
from services.rules import GameRules
from services.stamp import Stamp

AnyRow = Row[tuple[object, ...]]
STOPPED: Final = "stopped"
"""Why a turn is released whose player stopped it before he saw anything of the answer."""
_NOT_RETRIED: Final = frozenset({*attachments.HOPELESS, STOPPED})


class LeaseLost(TransientError):
    """Another worker has taken this over; what this one did changed nothing."""

    code: ClassVar[str] = "lease_lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A model's answer: its text, whether it ends before its end, and the messages that carry it."""

    text: str
    is_cut: bool
    parts: Sequence[Mapping[str, object]]


def _address(turn: TurnReserved) -> Address:
    return Address(
        chat_id=turn.chat_id,
        language=turn.language,
        thread_id=None if turn.is_former else turn.thread_id,
        reply_to=None if turn.is_former else abs(turn.message_id),  # that of an edit is negated
    )


def _place_of(turn: TurnReserved) -> dict[str, object]:
    """Return the message, if there is one, in whose place goes what is said: the one in which the answer grew.

    Where an older text may still arrive there, it goes, and what is said is a message of its own.
    """
    if turn.shown_id is None:
        return {}
    place = {"chat_id": turn.telegram_chat_id, "message_id": turn.shown_id}
    return {"instead_of": {**place, "is_late": True} if turn.is_shown_late else place}


def _at_home(tx: Connection, turn: TurnReserved) -> TurnReserved:
    """Return a turn in the chat that its group is now, which stays that until the commit."""
    if not turn.in_group:
        return turn
    home = home_of(tx, turn.chat_id, turn.telegram_chat_id)
    return replace(turn, chat_id=home.chat_id, is_former=home.is_former)


def settle(
    tx: Connection,
    turn: TurnReserved,
    answer: Answer,
    rules: GameRules,
    stamp: Stamp,
    usage: Usage | None = None,
) -> bool:
    """Store the answer and take its price with all that follows; return whether the player has more waiting.

    Raises:
        LeaseLost: the turn is not this worker's any more.
    """
    player = player_row(tx, turn.player_id, lock=True)
    turn = _at_home(tx, turn)
    row = tx.execute(
        turns.SETTLE,
        {
            "turn_id": turn.turn_id,
            "token": turn.token,
            "to_answer": "" if turn.edit_of is not None else answer.text,
            "to_is_cut": answer.is_cut,
            "at": stamp.now,
            **_used(usage),
        },
    ).first()
    if row is None:
        return _already_ended(tx, turn)
    has_waiting = _has_waiting(tx, turn.player_id)  # nothing joins the queue while the player's row is locked
    if turn.edit_of is not None:
        edits.put_in_place(tx, turn, answer, _address(turn), stamp)
        return has_waiting
    if row.conversation_id is None:
        put_in_conversation(tx, turn, stamp)
    if row.is_free:
        _send_answer(tx, turn, answer, _free_receipt(tx, player, rules, stamp), row, stamp)
    else:
        charged = charge(tx, turn, row, player, rules, stamp)
        _send_answer(tx, turn, answer, charged.receipt, row, stamp)
        if charged.drawn is not None and charged.payout is not None:
            _announce_win(tx, turn, charged.drawn, charged.payout, stamp)
    return has_waiting


def _used(usage: Usage | None) -> dict[str, object]:
    names = ("model", "tokens_in", "tokens_out", "cost_micros")
    return {f"to_{name}": getattr(usage, name, None) for name in names}


def _already_ended(tx: Connection, turn: TurnReserved) -> bool:
    """A repeated settle of the same worker has its result already; another worker's turn is lost."""
    row = tx.execute(turns.TURN, {"turn_id": turn.turn_id}).one()
    if row.lease_token != turn.token or row.state == "reserved":
        raise LeaseLost
    return _has_waiting(tx, turn.player_id)


def _has_waiting(tx: Connection, player_id: int) -> bool:
    return bool(tx.scalar(turns.COUNT_WAITING, {"player_id": player_id}))


def _free_receipt(tx: Connection, player: AnyRow, rules: GameRules, stamp: Stamp) -> dict[str, object]:
    counters, offer = counters_of(player, rules.price.window, stamp.now), rules.purchases
    is_offered = offer.enabled and not has_premium(player, stamp.now)
    rules = rules_for(player, rules, stamp.now)
    left = max(0, rules.talk.free_per_day - free_used(tx, player.id, counters))
    return {
        "kind": "free",
        "free_left": left,
        "warn_left": rules.talk.free_warning_left,
        "next_price": next_price(rules, counters.paid_in_window),
        "wait_seconds": int((days.next_midnight(stamp.now) - stamp.now).total_seconds()),
        "premium": offer.premium_free_per_day if is_offered else 0,
    }


def _announce_win(tx: Connection, turn: TurnReserved, drawn: Drawn, payout: Payout, stamp: Stamp) -> None:
    facts = {
        "name": turn.player_name,
        "in_group": turn.in_group,
        "ticket": drawn.ticket_no,
        "round": drawn.round_no,
        "prize": payout.prize,
        "left": payout.left,
        "balance": payout.balance,
        "receipt": payout.entry_id,
        "next_round": payout.next_round_no,
        "commitment": payout.next_commitment,
        "new_anchor": payout.new_anchor,
    }
    enqueue(tx, _address(turn), "win", facts, key=f"win:{drawn.round_id}", stamp=stamp, is_money=True)


def _send_answer(
    tx: Connection,
    turn: TurnReserved,
    answer: Answer,
    receipt: Mapping[str, object],
    row: AnyRow,
    stamp: Stamp,
) -> None:
    last = len(answer.parts) - 1
    is_quiet = turn.in_group and bool(tx.scalar(group_settings.IS_QUIET, {"chat_id": turn.chat_id}))
    where = {"in_group": turn.in_group, "quiet": is_quiet}
    for number, part in enumerate(answer.parts):
        facts = {**part, "receipt": {**where, **receipt} if number == last else None}
        facts |= _place_of(turn) if number == 0 else {}
        key = f"answer:{turn.turn_id}:{number}"
        enqueue(tx, _address(turn), "answer", facts, key=key, stamp=stamp, is_money=not row.is_free)


def release(
    tx: Connection,
    turn: TurnReserved,
    reason: str,
    rules: GameRules,
    stamp: Stamp,
    usage: Usage | None = None,
) -> bool:
    """Give the price back and say so; return whether more of the player's turns wait.

    Raises:
        LeaseLost: the turn is not this worker's any more.
    """
    player_row(tx, turn.player_id, lock=True)
    turn = _at_home(tx, turn)
    facts = {"turn_id": turn.turn_id, "token": turn.token, "to_reason": reason[:32], "at": stamp.now}
    row = tx.execute(turns.RELEASE, facts | _used(usage)).first()
    if row is None:
        return _already_ended(tx, turn)
    price = wallet.release_hold(tx, row.hold_id, now=stamp.now) if row.hold_id is not None else 0
    if reason != STOPPED:
        announce(tx, Happened("model_failed", {"turn": turn.turn_id, "why": reason}))
    announce(
        tx,
        Happened("released", {"turn": turn.turn_id, "player": turn.player_id, "price": price, "why": reason}),
    )
    told: dict[str, object] = {"why": reason, "is_free": row.is_free, "price": price, **_place_of(turn)}
    notice = "released" if turn.edit_of is None else "edit_failed"
    if turn.edit_of is None and reason not in _NOT_RETRIED:
        told["buttons"] = _retry_button(tx, turn, rules, stamp)
    enqueue(tx, _address(turn), notice, told, key=f"released:{turn.turn_id}", stamp=stamp, is_money=price > 0)
    return _has_waiting(tx, turn.player_id)


def _retry_button(tx: Connection, turn: TurnReserved, rules: GameRules, stamp: Stamp) -> Mapping[str, str]:
    return add_buttons(
        tx,
        {"retry": {"turn": turn.turn_id}},
        player_id=turn.player_id,
        chat_id=turn.chat_id,
        ttl=rules.talk.confirm,
        stamp=stamp,
        label=f"retry:{turn.turn_id}",
    )
