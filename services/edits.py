"""Edited messages: one that waits is asked in its new words; the last one answered is answered again, free, once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, Row

from db.models.chats import TurnState
from db.models.people import ChatKind
from db.models.transport import OutboxState
from db.queries import edits, turns
from db.session import Database, announce
from services.caps import HouseCapReached, PlayerCapReached, check_caps
from services.counters import Counters, begin_day
from services.debts import InDebt, check_debt
from services.events import Happened, TurnReserved
from services.forgotten import check_known
from services.outbox import Address, enqueue, language_for
from services.people import chat_row, player_row
from services.premium import has_premium, rules_for
from services.reserve import as_json, file_of
from services.rules import GameRules
from services.stamp import Stamp, Stamps

if TYPE_CHECKING:
    from services.settle import Answer

AnyRow = Row[tuple[object, ...]]
_MOST_PARTS: Final = 16
"""Messages that one answer has at most, and more."""


class Edited(StrEnum):
    """What became of an edit."""

    NOTHING = "nothing"
    """It isn't for the bot, or changes no words of it."""
    REWORDED = "reworded"
    """The message waits still and is asked in its new words, at its old price."""
    AGAIN = "again"
    """It is being answered again."""
    EARLY = "early"
    """Its answer, or another one, is still under way."""
    LATE = "late"
    """It is too old, or not the last one any more."""
    TWICE = "twice"
    """It was answered again before."""
    CAPPED = "capped"
    """As much of the model as may be was used today, or the player owes credits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A message as its sender has edited it, under Telegram's ids."""

    telegram_id: int
    telegram_chat_id: int
    message_id: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EditMessage:
    """Follow an edit of a message that was taken; it is never charged and never a ticket."""

    db: Database
    stamps: Stamps
    rules: GameRules

    async def __call__(self, edit: Edit) -> Edited:
        """Return what became of it; in private the player is told by the outbox why it isn't answered again."""
        if await self.db.read(_turn_of, edit) is None:
            return Edited.NOTHING
        return await self.db.transact(take_edit, edit, self.rules, self.stamps.take())


def _turn_of(tx: Connection, edit: Edit) -> AnyRow | None:
    facts = {"telegram_chat_id": edit.telegram_chat_id, "message_id": edit.message_id}
    row = tx.execute(edits.TURN_OF_MESSAGE, facts).first()
    return None if row is None or row.telegram_id != edit.telegram_id else row


def take_edit(tx: Connection, edit: Edit, rules: GameRules, stamp: Stamp) -> Edited:
    """Follow an edit; see ``EditMessage``."""
    found = _turn_of(tx, edit)
    if found is None:
        return Edited.NOTHING
    player = player_row(tx, found.player_id, lock=True)
    check_known(player)
    if tx.scalar(edits.SET_TEXT, {"turn_id": found.id, "to_text": edit.text}) is not None:
        return Edited.REWORDED
    first = tx.execute(turns.TURN, {"turn_id": found.id}).one()
    what = _judge(tx, first, edit, rules, stamp)
    if what is Edited.AGAIN:
        return _begin(tx, first, player, edit.text, rules, stamp)
    if what is not Edited.NOTHING:
        _tell(tx, f"edit_{what}", {}, first, player, stamp)
    return what


def _begin(
    tx: Connection, first: AnyRow, player: AnyRow, text: str, rules: GameRules, stamp: Stamp
) -> Edited:
    counters = begin_day(tx, player, rules.price.window, stamp.now)
    try:
        check_debt(player)
        check_caps(tx, player.id, counters.day, rules_for(player, rules, stamp.now).model, stamp.now)
    except (InDebt, PlayerCapReached, HouseCapReached) as error:
        _tell(tx, error.code, {**as_json(error.facts()), "in_group": False}, first, player, stamp)
        return Edited.CAPPED
    _reserve(tx, first, player, text, counters, rules, stamp)
    return Edited.AGAIN


def _judge(tx: Connection, first: AnyRow, edit: Edit, rules: GameRules, stamp: Stamp) -> Edited:
    again = tx.execute(edits.EDIT_OF, {"of_turn": first.id}).first()
    is_answered = first.state == TurnState.SETTLED and first.answer  # an empty one was erased
    if edit.text in (first.text, again and again.text) or not (
        is_answered or first.state == TurnState.RESERVED
    ):
        return Edited.NOTHING
    if again is not None:
        return Edited.TWICE
    last = {"chat_id": first.chat_id, "player_id": first.player_id, "turn_id": first.id}
    if stamp.now - first.sent_at > rules.talk.edit_within or tx.scalar(edits.LATER_TURN, last) is not None:
        return Edited.LATE
    is_busy = tx.scalar(turns.UNDER_WAY, {"player_id": first.player_id}) is not None
    return Edited.EARLY if is_busy or _is_on_its_way(tx, first.id) else Edited.AGAIN


def _parts_of(tx: Connection, turn_id: int) -> Sequence[AnyRow]:
    keys = [f"answer:{turn_id}:{number}" for number in range(_MOST_PARTS)]
    return tx.execute(edits.SENT_PARTS, {"keys": keys}).all()


def _is_on_its_way(tx: Connection, turn_id: int) -> bool:
    """Return whether some of an answer is not sent yet: what is not there can't be edited."""
    return any(part.state == OutboxState.WAITING for part in _parts_of(tx, turn_id))


def _reserve(
    tx: Connection,
    first: AnyRow,
    player: AnyRow,
    text: str,
    counters: Counters,
    rules: GameRules,
    stamp: Stamp,
) -> None:
    """Begin a turn of its own: without a price, so that it is no free message of the day and no ticket either."""
    names = ("chat_id", "player_id", "telegram_chat_id", "thread_id", "sent_at", "always_paid")
    turn_id = tx.execute(
        edits.ADD_EDIT,
        {
            **{name: getattr(first, name) for name in (*names, "file_id", "file_kind", "file_name")},
            "message_id": -first.message_id,
            "text": text,
            "state": TurnState.RESERVED,
            "is_free": True,
            "price": 0,
            "day": counters.day,
            "window_key": counters.window_key,
            "created_at": stamp.now,
            "reserved_at": stamp.now,
            "edit_of": first.id,
            "lease_owner": stamp.owner,
            "lease_token": stamp.token,
            "lease_until": stamp.turn_lease_until(rules.talk.answer_deadline),
        },
    ).scalar_one()
    announce(tx, Happened("edit_taken", {"turn": turn_id, "player": player.id, "edit_of": first.id}))
    announce(tx, _reserved(tx, turn_id, first, player, text, stamp))


def _reserved(
    tx: Connection, turn_id: int, first: AnyRow, player: AnyRow, text: str, stamp: Stamp
) -> TurnReserved:
    chat = chat_row(tx, first.chat_id)
    return TurnReserved(
        turn_id=turn_id,
        token=stamp.token,
        chat_id=chat.id,
        telegram_chat_id=first.telegram_chat_id,
        message_id=-first.message_id,
        thread_id=first.thread_id,
        player_id=player.id,
        player_name=player.name,
        language=language_for(player, chat),
        text=text,
        in_group=chat.kind == ChatKind.GROUP,
        reserved_at=stamp.now,
        conversation_id=first.conversation_id,
        character=player.character,
        file=file_of(first),
        edit_of=first.id,
        has_premium=has_premium(player, stamp.now),
    )


def _tell(
    tx: Connection,
    notice: str,
    facts: Mapping[str, object],
    first: AnyRow,
    player: AnyRow,
    stamp: Stamp,
) -> None:
    """Say in private why an edit isn't answered, once of each message and reason."""
    chat = chat_row(tx, first.chat_id)
    if chat.kind != ChatKind.PRIVATE:
        return
    address = Address(chat_id=chat.id, language=language_for(player, chat), thread_id=first.thread_id)
    enqueue(tx, address, notice, facts, key=f"edit:{first.id}:{notice}", stamp=stamp)


def put_in_place(
    tx: Connection,
    turn: TurnReserved,
    answer: "Answer",
    address: Address,
    stamp: Stamp,
) -> None:
    """Put the new answer in the place of the first one: in its row, and in its messages as far as they go.

    The receipt stays as it was. What was sent to the chat that a group was before can't be edited any more.
    """
    new = {"to_text": turn.text, "to_answer": answer.text, "to_is_cut": answer.is_cut, "at": stamp.now}
    tx.execute(edits.CLEAR_TEXT, {"turn_id": turn.turn_id})
    if tx.scalar(edits.PUT_ANSWER, {"turn_id": turn.edit_of, **new}) is None:
        return
    old, parts = _parts_of(tx, turn.edit_of or 0), answer.parts
    receipt = old[-1].facts.get("receipt") if old else None  # erased if somebody of the group was forgotten
    ids = [] if turn.is_former else [part.message_id for part in old if part.message_id is not None]
    for number, part in enumerate(parts):
        facts = {**part, "receipt": receipt if number == len(parts) - 1 else None}
        if number < len(ids):
            facts["instead_of"] = {"chat_id": turn.telegram_chat_id, "message_id": ids[number]}
        enqueue(tx, address, "answer", facts, key=f"edit:{turn.turn_id}:{number}", stamp=stamp)
    if surplus := ids[len(parts) :]:
        facts = {"telegram_id": turn.telegram_chat_id, "delete": surplus}
        enqueue(tx, address, "delete", facts, key=f"edit:{turn.turn_id}:surplus", stamp=stamp)
