"""Taking messages in: each becomes a turn of its player, once, or is refused with a word."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, Row

from db.models.chats import TurnState
from db.models.people import ChatKind
from db.queries import people, transport, turns
from db.session import Database, announce
from services import flood
from services.events import Happened, TurnFile
from services.flood import Minute, Verdict
from services.forgotten import check_known
from services.membership import wake
from services.outbox import Address, enqueue, language_for
from services.people import chat_row, may_decline, player_row
from services.reserve import promote
from services.rules import GameRules
from services.stamp import Stamp, Stamps


class Accepted(StrEnum):
    """What became of a message."""

    TAKEN = "taken"
    """It is a turn now: under way, waiting, asking or declined with a word."""
    DUPLICATE = "duplicate"
    """The message was taken before."""
    OLD = "old"
    """It is too old to be charged; its sender is asked to send it again."""
    FLOOD = "flood"
    """One too many from one player within a minute; he is told."""
    FLOOD_MORE = "flood_more"
    """More of the same; dropped without a word."""
    GROUP_BUSY = "group_busy"
    """The group's answers would wait too long."""
    QUEUE_FULL = "queue_full"
    """Too many of the player's messages wait already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message for the bot; ``always_paid`` skips the free lane."""

    player_id: int
    chat_id: int
    telegram_chat_id: int
    message_id: int
    thread_id: int | None
    media_group_id: str | None
    sent_at: datetime
    text: str
    always_paid: bool
    file: TurnFile | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptMessage:
    """Make a turn of a message, once per (Telegram chat, message), and begin it if nothing is in its way."""

    db: Database
    stamps: Stamps
    rules: GameRules

    async def __call__(self, message: Message) -> Accepted:
        """Return what became of it; whoever wrote it is told by the outbox.

        Raises:
            StalePlayer: he was forgotten since he was met.
        """
        return await self.db.transact(accept, message, self.rules, self.stamps.take())


def accept(tx: Connection, message: Message, rules: GameRules, stamp: Stamp) -> Accepted:
    """Take a message in; see ``AcceptMessage``."""
    player = player_row(tx, message.player_id, lock=True)
    check_known(player)
    chat = chat_row(tx, message.chat_id)
    message = replace(message, chat_id=chat.id)
    if chat.removed_at is not None and message.sent_at > chat.removed_at:
        wake(tx, message.chat_id, rules, stamp)  # no word came of it, but the bot is back
    address = _address(message, chat, player)
    refusal = _refusal(tx, message, player, chat, rules, stamp)
    turn_id = tx.scalar(turns.ADD_TURN, _turn_row(message, refusal, stamp))
    if turn_id is None:
        announce(
            tx,
            Happened("update_duplicate", {"chat": message.telegram_chat_id, "message": message.message_id}),
        )
        return Accepted.DUPLICATE
    if refusal is not None:
        _tell_refusal(tx, refusal, message, turn_id, address, stamp)
        return refusal
    promote(tx, player, rules, stamp)
    return Accepted.TAKEN


def _turn_row(message: Message, refusal: Accepted | None, stamp: Stamp) -> dict[str, object]:
    """Return the row of a message: one that is refused is remembered too, without its words."""
    is_taken = refusal is None
    return {
        "chat_id": message.chat_id,
        "player_id": message.player_id,
        "telegram_chat_id": message.telegram_chat_id,
        "message_id": message.message_id,
        "thread_id": message.thread_id,
        "media_group_id": message.media_group_id,
        "sent_at": message.sent_at,
        "text": message.text if is_taken else "",
        "always_paid": message.always_paid,
        "created_at": stamp.now,
        "state": TurnState.WAITING if is_taken else TurnState.DECLINED,
        "reason": refusal,
        "ended_at": None if is_taken else stamp.now,
        **{f"file_{name}": getattr(message.file, name, None) for name in ("kind", "name")},
        "file_id": message.file.file_id if message.file else None,
    }


def _address(message: Message, chat: Row[tuple[object, ...]], player: Row[tuple[object, ...]]) -> Address:
    return Address(
        chat_id=message.chat_id,
        language=language_for(player, chat),
        thread_id=message.thread_id,
        reply_to=message.message_id if message.telegram_chat_id == chat.telegram_id else None,
    )


def _refusal(
    tx: Connection,
    message: Message,
    player: Row[tuple[object, ...]],
    chat: Row[tuple[object, ...]],
    rules: GameRules,
    stamp: Stamp,
) -> Accepted | None:
    talk = rules.talk
    verdict = _count_minute(tx, player, rules, stamp.now)
    if verdict is not Verdict.OK:
        return Accepted.FLOOD if verdict is Verdict.DROPPED_AND_TELL else Accepted.FLOOD_MORE
    if stamp.now - message.sent_at > talk.old_message:
        return Accepted.OLD
    if chat.kind == ChatKind.GROUP and _pending_in_chat(tx, message.chat_id) >= talk.group_per_minute:
        return Accepted.GROUP_BUSY
    if (tx.scalar(turns.COUNT_WAITING, {"player_id": message.player_id}) or 0) >= talk.queue_length:
        return Accepted.QUEUE_FULL
    return None


def _count_minute(
    tx: Connection, player: Row[tuple[object, ...]], rules: GameRules, now: datetime
) -> Verdict:
    seen = Minute(started_at=player.minute_at, count=player.minute_count) if player.minute_at else None
    minute, verdict = flood.admit(seen, now=now, limit=rules.talk.per_minute)
    if minute != seen:
        facts = {"to_minute_at": minute.started_at, "to_minute_count": minute.count}
        tx.execute(people.COUNT_MINUTE, {"player_id": player.id, **facts})
    return verdict


def _pending_in_chat(tx: Connection, chat_id: int) -> int:
    waiting = tx.scalar(transport.WAITING_FOR_CHAT, {"chat_id": chat_id}) or 0
    return int(waiting + (tx.scalar(turns.UNDER_WAY_IN_CHAT, {"chat_id": chat_id}) or 0))


_WORDS = {
    Accepted.OLD: "old_message",
    Accepted.FLOOD: "flood_told",
    Accepted.GROUP_BUSY: "group_busy",
    Accepted.QUEUE_FULL: "queue_full",
}


def _tell_refusal(
    tx: Connection, refusal: Accepted, message: Message, turn_id: int, address: Address, stamp: Stamp
) -> None:
    announce(tx, Happened("message_refused", {"player": message.player_id, "why": refusal}))
    if refusal not in _WORDS or (
        refusal is Accepted.GROUP_BUSY and not may_decline(tx, message.chat_id, stamp)
    ):
        return
    enqueue(tx, address, _WORDS[refusal], {}, key=f"refused:{turn_id}", stamp=stamp)
