"""The end of a turn: answer stored, price captured, ticket drawn and perhaps paid out; or all released."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from sqlalchemy import Connection, Row

from db.models.people import ChatKind
from db.queries import group_settings, people, turns
from db.session import announce
from services import days, ledger, money, pot, wallet
from services.counters import counters_of
from services.errors import TransientError
from services.events import Happened, TurnReserved
from services.ledger import EntryKind, NewEntry, Posted
from services.outbox import Address, enqueue
from services.people import home_of, player_row
from services.pot import Drawn, PaidMessage, Payout
from services.reserve import free_used, next_price
from services.rules import GameRules
from services.stamp import Stamp

AnyRow = Row[tuple[object, ...]]


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
        reply_to=None if turn.is_former else turn.message_id,
    )


def _at_home(tx: Connection, turn: TurnReserved) -> TurnReserved:
    """Return a turn in the chat that its group is now, which stays that until the commit."""
    if not turn.in_group:
        return turn
    home = home_of(tx, turn.chat_id, turn.telegram_chat_id)
    return replace(turn, chat_id=home.chat_id, is_former=home.is_former)


def settle(tx: Connection, turn: TurnReserved, answer: Answer, rules: GameRules, stamp: Stamp) -> bool:
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
            "to_answer": answer.text,
            "to_is_cut": answer.is_cut,
            "at": stamp.now,
        },
    ).first()
    if row is None:
        return _already_ended(tx, turn)
    has_waiting = _has_waiting(tx, turn.player_id)  # nothing joins the queue while the player's row is locked
    if row.is_free:
        _send_answer(tx, turn, answer, _free_receipt(tx, player, rules, stamp), row, stamp)
    else:
        charged = _charge(tx, turn, row, player, rules, stamp)
        _send_answer(tx, turn, answer, charged.receipt, row, stamp)
        if charged.drawn is not None and charged.payout is not None:
            _announce_win(tx, turn, charged.drawn, charged.payout, stamp)
    return has_waiting


def _already_ended(tx: Connection, turn: TurnReserved) -> bool:
    """A repeated settle of the same worker has its result already; another worker's turn is lost."""
    row = tx.execute(turns.TURN, {"turn_id": turn.turn_id}).one()
    if row.lease_token != turn.token or row.state == "reserved":
        raise LeaseLost
    return _has_waiting(tx, turn.player_id)


def _has_waiting(tx: Connection, player_id: int) -> bool:
    return bool(tx.scalar(turns.COUNT_WAITING, {"player_id": player_id}))


def _free_receipt(tx: Connection, player: AnyRow, rules: GameRules, stamp: Stamp) -> dict[str, object]:
    counters = counters_of(player, rules.price.window, stamp.now)
    left = max(0, rules.talk.free_per_day - free_used(tx, player.id, counters))
    return {
        "kind": "free",
        "free_left": left,
        "warn_left": rules.talk.free_warning_left,
        "next_price": next_price(rules, counters.paid_in_window),
        "wait_seconds": int((days.next_midnight(stamp.now) - stamp.now).total_seconds()),
    }


@dataclass(frozen=True, slots=True)
class _Charged:
    receipt: Mapping[str, object]
    drawn: Drawn | None = None
    payout: Payout | None = None


def _charge(
    tx: Connection, turn: TurnReserved, row: AnyRow, player: AnyRow, rules: GameRules, stamp: Stamp
) -> _Charged:
    rules = rules.in_chat(pot_on=row.seed is not None)  # as it was when the price was agreed to and held
    price = wallet.capture_hold(tx, row.hold_id, now=stamp.now)
    kind = ChatKind.GROUP if turn.in_group else ChatKind.PRIVATE
    pot_id = pot.pot_of(tx, turn.chat_id, kind, stamp) if rules.pot.enabled else 0
    posted = _post_price(tx, turn, pot_id, price, rules, stamp)
    tx.execute(turns.SET_ENTRY, {"turn_id": turn.turn_id, "to_entry_id": posted.entry_id})
    balance = posted.balances[ledger.wallet_of(turn.player_id)]
    announce(
        tx,
        Happened(
            "charged",
            {"turn": turn.turn_id, "player": turn.player_id, "price": price, "receipt": posted.entry_id},
        ),
    )
    receipt: dict[str, object] = {
        "kind": "paid",
        "price": price,
        "balance": balance,
        "receipt": posted.entry_id,
    }
    charged = _Charged(receipt)
    if rules.pot.enabled:
        drawn, payout = _draw(tx, turn, row, pot_id, price, posted, rules, stamp)
        charged = _Charged(receipt | _ticket_facts(drawn, payout, posted, pot_id), drawn, payout)
    tx.execute(
        people.COUNT_PAID,
        {
            "player_id": turn.player_id,
            "in_window": int(row.window_key == player.window_key),
            "today": int(row.day == player.day),
            "spent": price if row.day == player.day else 0,
            "won": int(charged.payout is not None),
        },
    )
    return charged


def _post_price(
    tx: Connection, turn: TurnReserved, pot_id: int, price: int, rules: GameRules, stamp: Stamp
) -> Posted:
    return ledger.post(
        tx,
        NewEntry(
            kind=EntryKind.MESSAGE,
            cause=f"message:{turn.telegram_chat_id}:{turn.message_id}",
            at=stamp.now,
            moves=pot.pot_moves(rules.pot, pot_id, turn.player_id, price),
            player_id=turn.player_id,
            facts={"in_group": turn.in_group},
        ),
    )


def _draw(
    tx: Connection,
    turn: TurnReserved,
    row: AnyRow,
    pot_id: int,
    price: int,
    posted: Posted,
    rules: GameRules,
    stamp: Stamp,
) -> tuple[Drawn, Payout | None]:
    message = PaidMessage(
        player_id=turn.player_id,
        price=price,
        chat_msg=turn.message_id,
        date=pot.unix_seconds(row.sent_at),
        seed=row.seed,
    )
    fed = money.split_price(price, house_divisor=rules.pot.house_divisor).pot
    drawn = pot.draw_ticket(tx, pot.next_ticket(tx, pot_id), message, posted.entry_id, fed, rules.pot, stamp)
    key = pot.key_of_chat(turn.chat_id, in_group=turn.in_group)
    announce(
        tx,
        Happened(
            "ticket",
            {"pot": key, "round": drawn.round_no, "n": drawn.ticket_no, "ppm": drawn.ppm, "roll": drawn.roll},
        ),
    )
    if not drawn.won:
        return drawn, None
    pot_credits = posted.balances[ledger.account_of_pot(pot_id)]
    payout = pot.pay_out(tx, pot_id, key, drawn, turn.player_id, pot_credits, rules.pot, stamp)
    announce(
        tx,
        Happened(
            "win",
            {
                "pot": key,
                "round": drawn.round_no,
                "n": drawn.ticket_no,
                "prize": payout.prize,
                "player": turn.player_id,
            },
        ),
    )
    return drawn, payout


def _ticket_facts(drawn: Drawn, payout: Payout | None, posted: Posted, pot_id: int) -> dict[str, object]:
    facts: dict[str, object] = {
        "ticket": drawn.ticket_no,
        "round": drawn.round_no,
        "ppm": drawn.ppm,
        "roll": drawn.roll,
        "head": drawn.head[:4].hex(),
        "won": drawn.won,
        "pot": posted.balances[ledger.account_of_pot(pot_id)],
    }
    if payout is not None:
        facts |= {"pot": payout.left, "balance": payout.balance}
    return facts


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
        key = f"answer:{turn.turn_id}:{number}"
        enqueue(tx, _address(turn), "answer", facts, key=key, stamp=stamp, is_money=not row.is_free)


def release(tx: Connection, turn: TurnReserved, reason: str, rules: GameRules, stamp: Stamp) -> bool:
    """Give the price back and say so; return whether more of the player's turns wait.

    Raises:
        LeaseLost: the turn is not this worker's any more.
    """
    player_row(tx, turn.player_id, lock=True)
    turn = _at_home(tx, turn)
    facts = {"turn_id": turn.turn_id, "token": turn.token, "to_reason": reason[:32], "at": stamp.now}
    row = tx.execute(turns.RELEASE, facts).first()
    if row is None:
        return _already_ended(tx, turn)
    price = wallet.release_hold(tx, row.hold_id, now=stamp.now) if row.hold_id is not None else 0
    announce(tx, Happened("model_failed", {"turn": turn.turn_id, "why": reason}))
    announce(
        tx,
        Happened("released", {"turn": turn.turn_id, "player": turn.player_id, "price": price, "why": reason}),
    )
    told = {"timed_out": reason == "timeout", "is_free": row.is_free, "price": price}
    enqueue(
        tx, _address(turn), "released", told, key=f"released:{turn.turn_id}", stamp=stamp, is_money=price > 0
    )
    return _has_waiting(tx, turn.player_id)
