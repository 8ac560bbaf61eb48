"""A turn's price: asked about, held, or refused, when its place in the player's queue has come."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Connection, Row, Update

from db.models.chats import FileKind
from db.models.people import ChatKind
from db.queries import turns
from db.session import Database, announce
from services import ledger, limits, wallet
from services.breaks import OnBreak, check_break
from services.buttons import add_buttons
from services.caps import HouseCapReached, PlayerCapReached, check_caps
from services.counters import Counters, begin_day
from services.debts import InDebt, check_debt
from services.errors import InvariantError, UserError
from services.events import Happened, TurnFile, TurnReserved
from services.freezing import PlayerFrozen, check_frozen
from services.limits import Limits
from services.outbox import Address, enqueue, language_for
from services.people import chat_row, may_decline, player_row
from services.pot import chance_of, pot_of
from services.premium import has_premium, rules_for
from services.pricing import half_price, price_of_next
from services.rules import GameRules
from services.stamp import Stamp, Stamps

AnyRow = Row[tuple[object, ...]]
_SELDOM = frozenset(
    {InDebt.code, OnBreak.code, PlayerFrozen.code, PlayerCapReached.code, HouseCapReached.code}
)
"""Why whole strings of messages are declined: a group hears of it now and then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """A turn whose place has come, with all that its price depends on."""

    turn: AnyRow
    player: AnyRow
    chat: AnyRow
    rules: GameRules
    counters: Counters
    limits: Limits
    is_free: bool
    price: int

    @property
    def address(self) -> Address:
        return Address(
            chat_id=self.chat.id,
            language=language_for(self.player, self.chat),
            thread_id=self.turn.thread_id,
            reply_to=self.turn.message_id if self.turn.telegram_chat_id == self.chat.telegram_id else None,
        )


def promote(tx: Connection, player: AnyRow, rules: GameRules, stamp: Stamp) -> None:
    """Begin the player's oldest waiting turn unless one is under way; the player's row is locked.

    Turns that must be asked about or refused on the way are, with a word each.
    """
    if tx.scalar(turns.UNDER_WAY, {"player_id": player.id}) is not None:
        return
    counters = begin_day(tx, player, rules.price.window, stamp.now)
    while (turn := tx.execute(turns.NEXT_WAITING, {"player_id": player.id}).first()) is not None:
        case = _case(tx, turn, player, counters, rules, stamp)
        if _is_too_old(turn, rules, stamp):
            _decline(tx, case, "old_message", {}, stamp)
            continue
        try:
            _check_may(tx, case, stamp)
            if _needs_asking(case):
                _check_means(tx, case)
                _ask(tx, case, stamp)
                continue
            _reserve(tx, case, stamp)
        except UserError as error:
            _decline(tx, case, error.code, error.facts(), stamp)
        else:
            return


def _is_too_old(turn: AnyRow, rules: GameRules, stamp: Stamp) -> bool:
    """Tell whether a message, or its player's word to pay for it, waited so long that he must send it again."""
    return bool(stamp.now > (turn.confirm_until or turn.sent_at + rules.talk.old_message))


def _case(
    tx: Connection, turn: AnyRow, player: AnyRow, counters: Counters, rules: GameRules, stamp: Stamp
) -> _Case:
    chat = chat_row(tx, turn.chat_id)
    rules = rules_for(player, rules.in_chat(pot_on=chat.pot_on), stamp.now)
    is_free = (
        chat.kind == ChatKind.PRIVATE
        and not turn.always_paid
        and free_used(tx, player.id, counters) < rules.talk.free_per_day
    )
    return _Case(
        turn=turn,
        player=player,
        chat=chat,
        rules=rules,
        counters=counters,
        limits=limits.limits_of(player, default_guard=rules.talk.guard, now=stamp.now),
        is_free=is_free,
        price=next_price(rules, counters.paid_in_window),
    )


def free_used(tx: Connection, player_id: int, counters: Counters) -> int:
    """Return how many free messages of the player's day are answered or under way."""
    return int(tx.scalar(turns.COUNT_FREE, {"player_id": player_id, "day": counters.day}) or 0)


def next_price(rules: GameRules, paid_in_window: int) -> int:
    """Return the price of a player's next paid message in credits; half of it where pots are switched off."""
    price = price_of_next(rules.price, paid_in_window=paid_in_window)
    return price if rules.pot.enabled else half_price(price)


def _check_may(tx: Connection, case: _Case, stamp: Stamp) -> None:
    """Refuse what is not to be answered now, whoever could pay for it."""
    check_debt(case.player)
    if not case.is_free:
        check_break(case.player, stamp.now)
        check_frozen(case.player)
    check_caps(tx, case.player.id, case.counters.day, case.rules.model, stamp.now)


def _needs_asking(case: _Case) -> bool:
    if case.is_free or case.turn.confirmed_price == case.price:
        return False
    agreed = case.turn.confirmed_price
    has_risen = agreed is not None and case.price > agreed
    return has_risen or case.player.paid_total == 0 or case.price > cast("int", case.limits.guard.credits)


def _check_means(tx: Connection, case: _Case) -> None:
    """Refuse what can't be paid anyway, so that nobody is asked in vain."""
    _check_day_cap(case)
    ledger.check_available(tx, ledger.wallet_of(case.player.id), case.price)


def _check_day_cap(case: _Case) -> None:
    limits.check_day_cap(case.limits, spent=case.counters.spent_today, price=case.price)


def _ask(tx: Connection, case: _Case, stamp: Stamp) -> None:
    turn, price, rules = case.turn, case.price, case.rules
    until = stamp.now + rules.talk.confirm
    _move(tx, turns.ASK, {"turn_id": turn.id, "to_price": price, "until": until})
    facts: dict[str, object] = {"turn": turn.id, "price": price}
    label = f"{turn.id}:{price}"
    tokens = add_buttons(
        tx,
        {"pay": facts, "cancel": facts},
        player_id=case.player.id,
        chat_id=case.chat.id,
        ttl=rules.talk.confirm,
        stamp=stamp,
        label=label,
    )
    asked = {
        "price": price,
        "limit": case.limits.guard.credits,
        "ppm": chance_of(rules.pot, price),
        "is_first": case.player.paid_total == 0,
        "is_changed": turn.confirmed_price is not None,
        "pot_enabled": rules.pot.enabled,
        "buttons": tokens,
    }
    enqueue(tx, case.address, "guard", asked, key=f"ask:{label}:{stamp.token}", stamp=stamp)
    announce(tx, Happened("price_asked", {"turn": turn.id, "player": case.player.id, "price": price}))


def _reserve(tx: Connection, case: _Case, stamp: Stamp) -> None:
    turn, player, price, rules = case.turn, case.player, case.price, case.rules
    hold_id = None
    if not case.is_free:
        _check_day_cap(case)
        hold_id = wallet.place_hold(tx, player.id, price, cause=f"turn:{turn.id}", now=stamp.now)
        if rules.pot.enabled:
            pot_of(tx, case.chat.id, ChatKind(case.chat.kind), stamp)
    reserved = tx.execute(
        turns.RESERVE,
        {
            "turn_id": turn.id,
            "to_is_free": case.is_free,
            "to_price": 0 if case.is_free else price,
            # No seed is fixed where nothing will be drawn: a pot that is switched meanwhile changes no turn.
            "to_seed": player.seed if rules.pot.enabled else None,
            "to_day": case.counters.day,
            "to_window_key": case.counters.window_key,
            "to_hold_id": hold_id,
            "at": stamp.now,
            "owner": stamp.owner,
            "token": stamp.token,
            "until": stamp.turn_lease_until(rules.talk.answer_deadline),
        },
    ).first()
    if reserved is None:
        raise TurnMoved
    name = "free_taken" if case.is_free else "price_held"
    announce(
        tx, Happened(name, {"turn": turn.id, "player": player.id, "price": 0 if case.is_free else price})
    )
    announce(tx, _reserved(case, reserved.conversation_id, stamp))


def _reserved(case: _Case, conversation_id: int | None, stamp: Stamp) -> TurnReserved:
    turn = case.turn
    return TurnReserved(
        turn_id=turn.id,
        token=stamp.token,
        chat_id=case.chat.id,
        telegram_chat_id=turn.telegram_chat_id,
        message_id=turn.message_id,
        thread_id=turn.thread_id,
        player_id=case.player.id,
        player_name=case.player.name,
        language=case.address.language,
        text=turn.text,
        in_group=case.chat.kind == ChatKind.GROUP,
        reserved_at=stamp.now,
        conversation_id=conversation_id,
        character=case.player.character,
        file=file_of(turn),
        has_premium=has_premium(case.player, stamp.now),
    )


def file_of(turn: AnyRow) -> TurnFile | None:
    """Return the file that came with the message of a turn."""
    if turn.file_id is None:
        return None
    return TurnFile(file_id=turn.file_id, kind=FileKind(turn.file_kind), name=turn.file_name or "")


def _decline(tx: Connection, case: _Case, why: str, facts: Mapping[str, object], stamp: Stamp) -> None:
    turn = case.turn
    _move(tx, turns.DECLINE, {"turn_id": turn.id, "to_reason": why, "at": stamp.now})
    announce(tx, Happened("message_refused", {"player": case.player.id, "why": why}))
    in_group = case.chat.kind == ChatKind.GROUP
    if in_group and why in _SELDOM and not may_decline(tx, case.chat.id, stamp):
        return
    told = as_json(facts) | {"in_group": in_group}
    enqueue(tx, case.address, why, told, key=f"declined:{turn.id}", stamp=stamp)


def as_json(facts: Mapping[str, object]) -> dict[str, object]:
    """Return the facts of an error as a message that waits to be sent can hold them."""
    return {name: fact.isoformat() if isinstance(fact, datetime) else fact for name, fact in facts.items()}


def _move(tx: Connection, statement: Update, facts: Mapping[str, object]) -> None:
    """Change a turn's state.

    Raises:
        TurnMoved: it isn't in the state that it comes from.
    """
    if tx.scalar(statement, facts) is None:
        raise TurnMoved


class TurnMoved(InvariantError):
    """A turn changed its state while its player's row was locked."""

    code = "turn_moved"


@dataclass(frozen=True, slots=True, kw_only=True)
class PromoteNext:
    """Begin the next waiting turn of a player, in a transaction of its own."""

    db: Database
    stamps: Stamps
    rules: GameRules

    async def __call__(self, *, player_id: int) -> None:
        """Begin it, if there is one and none is under way."""
        await self.db.transact(promote_next, player_id, self.rules, self.stamps.take())


def promote_next(tx: Connection, player_id: int, rules: GameRules, stamp: Stamp) -> None:
    """Begin the oldest waiting turn of a player, if none is under way."""
    promote(tx, player_row(tx, player_id, lock=True), rules, stamp)
