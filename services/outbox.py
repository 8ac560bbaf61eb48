"""The outbox: what is to be said is written in the transaction that makes it true, once per key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, RowMapping, Select

from db.models.transport import OutboxState
from db.queries import people, transport
from db.session import announce
from services.events import Outgoing
from services.stamp import Stamp

ORDINARY_TTL = timedelta(hours=24)
MONEY_TTL = timedelta(days=7)
MOST_NEXT = 100
BULK = frozenset({"refund_paid"})
"""Notices that come by the thousands: they must not hold up answers."""
ONCE = frozenset({"duel_question"})
"""Notices that are sent at most once: where it isn't known whether one arrived, it has failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a message goes: our chat key, the topic, the message it answers, and the reader's language."""

    chat_id: int
    language: str
    thread_id: int | None = None
    reply_to: int | None = None


def enqueue(
    tx: Connection,
    address: Address,
    notice: str,
    facts: Mapping[str, object],
    *,
    key: str,
    stamp: Stamp,
    is_money: bool = False,
    ttl: timedelta | None = None,
) -> None:
    """Write a message that will be sent after the commit; the same ``key`` is written once.

    While another process sends something older to the chat, it is nobody's, and sent by whoever ends that.

    Args:
        notice: names the words; ``facts`` are what they mention, as JSON can hold it.
        is_money: sent again when it is not known whether it arrived, and kept for longer.
        ttl: how long it is worth sending, if not as long as usual.
    """
    if ttl is None:
        ttl = MONEY_TTL if is_money else ORDINARY_TTL
    expires_at = stamp.now + ttl
    row = {
        "chat_id": address.chat_id,
        "thread_id": address.thread_id,
        "reply_to": address.reply_to,
        "language": address.language,
        "notice": notice,
        "facts": facts,
        "is_money": is_money,
        "expires_at": expires_at,
    }
    lease = {"lease_owner": stamp.owner, "lease_token": stamp.token, "lease_until": stamp.lease_until}
    added = tx.execute(transport.ADD_OUTGOING, {**row, **lease, "key": key, "created_at": stamp.now}).first()
    if added is not None and added.lease_owner is not None:
        announce(tx, outgoing_of({**row, "id": added.id, "tries": 0}, stamp.token))


def outgoing_of(row: Mapping[str, object], token: int) -> Outgoing:
    """Return the event of an outbox row that ``token`` owns."""
    names = (
        "chat_id",
        "thread_id",
        "reply_to",
        "language",
        "notice",
        "facts",
        "is_money",
        "tries",
        "expires_at",
    )
    return Outgoing(outbox_id=row["id"], token=token, **{name: row[name] for name in names})  # type: ignore[arg-type]


def language_for(player: Row[tuple[object, ...]], chat: Row[tuple[object, ...]] | None = None) -> str:
    """Return the language to write in: the chat's, else the one the player chose or his Telegram's, else English."""
    return str((chat and chat.language) or player.language or player.telegram_language or "en")


def address_of_player(tx: Connection, player: Row[tuple[object, ...]]) -> Address | None:
    """Return a player's private chat, or None if he never wrote there or was forgotten."""
    if player.forgotten_hash is not None:
        return None
    chat = tx.execute(people.CHAT_OF_TELEGRAM, {"telegram_id": player.telegram_id}).first()
    if chat is None:
        return None
    return Address(chat_id=chat.id, language=language_for(player))


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What became of an outgoing message; both ids are Telegram's: of the chat it went to, and its own there."""

    message: Outgoing
    state: OutboxState
    tries: int
    telegram_id: int | None = None
    message_id: int | None = None
    error: str | None = None
    at: datetime | None = None
    """When Telegram took it."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A delivery that was marked, and whether its group is a quiet one."""

    done: Delivered
    is_quiet: bool


def end_messages(tx: Connection, deliveries: Sequence[Delivered], stamp: Stamp) -> list[Ended]:
    """Mark outgoing messages as ended and take what waited behind them; what was taken over is left alone."""
    chat_ids, marked = set(), []
    for done in deliveries:
        ended = tx.execute(
            transport.END_OUTGOING,
            {
                "outbox_id": done.message.outbox_id,
                "token": done.message.token,
                "to_state": done.state,
                "at": stamp.now,
                "to_message_id": done.message_id,
                "to_tries": done.tries,
                "to_error": done.error[:500] if done.error else None,
            },
        ).first()
        if ended is None:
            continue
        marked.append(Ended(done, bool(ended.is_quiet)))
        if ended.has_next:
            chat_ids.add(ended.chat_id)
    if chat_ids:
        for message in _take(tx, transport.NEXT_OUTGOING, MOST_NEXT, stamp, chat_ids=sorted(chat_ids)):
            announce(tx, message)
    return marked


def claim_outgoing(tx: Connection, most: int, *, alone: bool, stamp: Stamp) -> list[Outgoing]:
    """Take over outgoing messages that nobody sends, oldest first, where nobody else sends to the chat."""
    return _take(tx, transport.FREE_OUTGOING, most, stamp, alone=alone)


def _take(
    tx: Connection, free: Select[tuple[int]], most: int, stamp: Stamp, *, alone: bool = False, **where: object
) -> list[Outgoing]:
    """Take free messages; those behind them are free only then."""
    facts = {"owner": stamp.owner, "now": stamp.now, "alone": alone, **where}
    own = {"owner": stamp.owner, "token": stamp.token, "until": stamp.lease_until}
    rows: list[RowMapping] = []
    while ids := tx.scalars(free, {**facts, "most": most - len(rows)}).all():
        rows += tx.execute(transport.TAKE_OUTGOING, {"ids": ids, **own}).mappings()
    return [outgoing_of(dict(row), stamp.token) for row in sorted(rows, key=lambda row: int(row["id"]))]


def hold_on(tx: Connection, outbox_id: int, token: int, stamp: Stamp) -> bool:
    """Prolong the lease of a message; return False if somebody else has taken it over."""
    facts = {"outbox_id": outbox_id, "token": token, "until": stamp.lease_until}
    return tx.scalar(transport.HOLD_OUTGOING, facts) is not None


def begin_once(tx: Connection, outbox_id: int, token: int) -> bool:
    """Note that a message is being sent that must not be sent twice; return False if that was noted before.

    Whoever finds it noted can't know whether it arrived.
    """
    return tx.scalar(transport.BEGIN_OUTGOING, {"outbox_id": outbox_id, "token": token}) is not None


def forget_sent(tx: Connection, most: int, stamp: Stamp) -> int:
    """Delete at most ``most`` ended messages that are past all use and return how many."""
    return tx.execute(transport.FORGET_OUTGOING, {"before": stamp.now - MONEY_TTL, "most": most}).rowcount
