"""The bot in groups: added with a welcome and a pot, removed, back. While it is away the round sleeps."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from db.models.people import ChatKind, Reach
from db.queries import moves, people, pots
from db.session import Database, announce
from services import dashboard
from services.events import Happened
from services.outbox import Address, enqueue
from services.people import Place, UnknownPlayer, chat_row, set_reach, visit
from services.pot import chance_of, pot_key
from services.refunds import lock_round, refund_round
from services.reserve import next_price
from services.rules import GameRules
from services.stamp import Stamp, Stamps
from services.timers import TimerKind, end_timer, set_timer


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """What Telegram says of the bot's own place in a group; ``cause`` is the change that told of it."""

    place: Place
    language: str
    bot_name: str
    is_admin: bool
    sees_all: bool
    cause: str

    @property
    def sees(self) -> str:
        """Return which of the group's messages the bot sees: its ``own``, ``all``, or all as an ``admin``."""
        return "admin" if self.is_admin else "all" if self.sees_all else "own"


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinGroup:
    """Open a group's pot when the bot is added, and say what there is to know; or wake its round."""

    db: Database
    stamps: Stamps
    rules: GameRules

    async def __call__(self, joined: Joined) -> None:
        """Welcome the group once per cause; one that the bot is back in hears that its round goes on."""
        await self.db.transact(_join, joined, self.rules, self.stamps.take())


def _join(tx: Connection, joined: Joined, rules: GameRules, stamp: Stamp) -> None:
    chat_id = visit(tx, joined.place, stamp)
    chat = chat_row(tx, chat_id)
    rules = rules.in_chat(pot_on=chat.pot_on)
    went_on = wake(tx, chat_id, rules, stamp) if chat.removed_at is not None else None
    if went_on is None and tx.scalar(moves.HAS_FORMER, {"chat_id": chat_id}) is not None:
        return  # it was welcomed before it became a supergroup
    notice = "group_back" if went_on and rules.pot.enabled else "welcome_group"
    facts = _facts(tx, chat_id, joined, rules)
    address = Address(chat_id=chat_id, language=chat.language or joined.language, thread_id=chat.topic_id)
    enqueue(tx, address, notice, facts, key=f"joined:{joined.cause}", stamp=stamp)


def _facts(tx: Connection, chat_id: int, joined: Joined, rules: GameRules) -> dict[str, object]:
    view = tx.execute(pots.POT_VIEW, {"key": pot_key(chat_id), "player_id": 0}).first()
    price = next_price(rules, 0)
    return {
        "bot": joined.bot_name,
        "price": price,
        "ppm": chance_of(rules.pot, price),
        "sees": joined.sees,
        "anchor": view.anchor.hex() if view is not None else None,
        "round": view.k if view is not None else 1,
        "pot": view.balance if view is not None else 0,
        "pot_on": rules.pot.enabled,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteAdmin:
    """Say in a word what it means that the bot was made an admin."""

    db: Database
    stamps: Stamps

    async def __call__(self, joined: Joined) -> None:
        """Say it once per cause."""
        await self.db.transact(_note_admin, joined, self.stamps.take())


def _note_admin(tx: Connection, joined: Joined, stamp: Stamp) -> None:
    chat = chat_row(tx, visit(tx, joined.place, stamp))
    address = Address(chat_id=chat.id, language=chat.language or joined.language, thread_id=chat.topic_id)
    enqueue(tx, address, "group_admin", {}, key=f"admin:{joined.cause}", stamp=stamp)
    if chat.dashboard_id is not None:  # it may not have been allowed to pin it before
        dashboard.pin(tx, chat, chat.telegram_id, chat.dashboard_id, joined.cause, stamp)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveGroup:
    """Let the round of a group sleep that the bot was removed from."""

    db: Database
    stamps: Stamps
    rules: GameRules

    async def __call__(self, *, telegram_id: int) -> None:
        """Note it; a former id of a supergroup says nothing of the supergroup."""
        await self.db.transact(_leave, telegram_id, self.rules, self.stamps.take())


def _leave(tx: Connection, telegram_id: int, rules: GameRules, stamp: Stamp) -> None:
    row = tx.execute(people.CHAT_OF_TELEGRAM, {"telegram_id": telegram_id}).first()
    if row is not None and row.merged_into is None:
        fall_asleep(tx, row.id, rules, stamp)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteReach:
    """Remember whether messages arrive in a private chat."""

    db: Database

    async def __call__(self, *, telegram_id: int, reach: Reach) -> None:
        """Mark the chat, if it is known."""
        await self.db.transact(_note_reach, telegram_id, reach)


def _note_reach(tx: Connection, telegram_id: int, reach: Reach) -> None:
    chat = tx.execute(people.CHAT_OF_TELEGRAM, {"telegram_id": telegram_id}).first()
    if chat is not None:  # nobody is met, or known again, by what he doesn't say
        set_reach(tx, chat.id, reach)


def note_unreachable(tx: Connection, chat_id: int, telegram_id: int, rules: GameRules, stamp: Stamp) -> bool:
    """Mark a chat that took no message under a Telegram id; return False if it has another one by now."""
    chat = chat_row(tx, chat_id)
    if chat.telegram_id != telegram_id:
        return False
    if chat.kind == ChatKind.GROUP:
        fall_asleep(tx, chat.id, rules, stamp)
    else:
        set_reach(tx, chat.id, Reach.BLOCKED)
    return True


def fall_asleep(tx: Connection, chat_id: int, rules: GameRules, stamp: Stamp) -> None:
    """Let a group's round sleep: nothing of it is lost, and it is paid back if the bot stays away for too long."""
    chat = _locked(tx, chat_id)
    if chat.kind != ChatKind.GROUP or chat.merged_into is not None or chat.removed_at is not None:
        return
    tx.execute(
        moves.SET_REMOVED, {"of_chat": chat_id, "to_removed_at": stamp.now, "to_reach": Reach.KICKED.value}
    )
    cause = sleep_cause(chat_id, stamp.now)
    set_timer(tx, TimerKind.SLEEP, cause, stamp.now + rules.pot.sleep, chat_id=chat_id, stamp=stamp)
    announce(tx, Happened("group_left", {"chat": chat_id}))


def put_to_sleep(tx: Connection, rules: GameRules, most: int, stamp: Stamp) -> bool:
    """Let the rounds of some groups sleep of which only stands that the bot was removed, not when.

    Returns:
        Whether there may be more.
    """
    ids = tx.scalars(moves.AWAKE_WITHOUT_BOT, {"most": most}).all()
    for chat_id in ids:
        fall_asleep(tx, chat_id, rules, stamp)
    return len(ids) == most


def sleep_cause(chat_id: int, removed_at: datetime) -> str:
    """Return what makes one absence of the bot from one group unlike all others."""
    return f"sleep:{chat_id}:{removed_at.isoformat()}"


def wake(tx: Connection, chat_id: int, rules: GameRules, stamp: Stamp) -> bool | None:
    """Let a group's round go on, since the bot is back; None if it didn't sleep.

    Returns:
        Whether the bot is back in time; else the round is paid back, if no timer has done it yet.
    """
    chat = _locked(tx, chat_id)
    if chat.removed_at is None:
        return None
    cause = sleep_cause(chat_id, chat.removed_at)
    is_waiting = tx.scalar(moves.WAITING_TIMER, {"of_cause": cause}) is not None
    is_in_time = is_waiting and stamp.now < chat.removed_at + rules.pot.sleep
    if is_waiting and not is_in_time:
        _pay_back(tx, chat, stamp)
    end_timer(tx, cause, stamp)
    back = {"of_chat": chat_id, "to_removed_at": None, "to_reach": Reach.OK.value}
    tx.execute(moves.SET_REMOVED, back)
    if chat.dashboard_at is not None:
        dashboard.begin_looking(tx, chat_id, stamp)
    announce(tx, Happened("group_back", {"chat": chat_id, "slept_on": is_in_time}))
    return is_in_time


def end_sleep(tx: Connection, timer: Row[Any], stamp: Stamp) -> bool:
    """Pay the round of a group back that the bot has been away from since the timer was set. A job of a timer."""
    chat = _locked(tx, timer.chat_id)
    if chat.removed_at is not None and sleep_cause(chat.id, chat.removed_at) == timer.cause:
        _pay_back(tx, chat, stamp)
    return False


def _pay_back(tx: Connection, chat: Row[Any], stamp: Stamp) -> None:
    """Owe to all players of the open round what they have put in; a round without any just goes on."""
    pot = tx.execute(moves.POT_OF_CHAT, {"chat_id": chat.id}).first()
    if pot is None:
        return
    locked = lock_round(tx, pot.id)
    if locked.put_in:
        refund_round(tx, pot.id, locked.row.id, stamp, chat.language)


def _locked(tx: Connection, chat_id: int) -> Row[Any]:
    row = tx.execute(moves.LOCK_CHAT, {"chat_id": chat_id}).first()
    if row is None:
        raise UnknownPlayer
    return row
