"""A group that becomes a supergroup: two Telegram ids are one chat, with one pot, exactly once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row

from db.models.books import AccountKind
from db.models.people import ChatKind
from db.models.pots import Outcome
from db.queries import books, group_settings, moves, pots
from db.session import Database, announce
from services import ledger
from services.dashboard import begin_looking
from services.entry_kinds import EntryKind
from services.events import ChatMoved, Happened
from services.ledger import Move, NewEntry
from services.membership import sleep_cause
from services.outbox import Address, enqueue
from services.pot import open_pot, pot_key
from services.report_timers import set_next_report
from services.rounds import close_round
from services.schedule import Schedule
from services.stamp import Stamp, Stamps
from services.timers import TimerKind

SUPERGROUPS_BELOW: Final = -(10**12)
"""Telegram's ids of supergroups are lower, those of other groups are between this and 0."""
MOST_CANDIDATES: Final = 3
_ENDED: Final = [TimerKind.SLEEP.value, TimerKind.REPORT.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeChats:
    """Make one chat of a group and the supergroup that it became."""

    db: Database
    stamps: Stamps

    async def __call__(self, *, old: int, new: int, title: str = "") -> None:
        """Merge the chats of two Telegram ids, once, whichever notice told of it."""
        await self.db.transact(merge_chats, old, new, self.stamps.take(), title)


@dataclass(frozen=True, slots=True, kw_only=True)
class FindFormer:
    """Find the groups that may have become a supergroup without a word of Telegram's."""

    db: Database

    async def __call__(self, *, telegram_id: int, title: str) -> Sequence[int]:
        """Return the Telegram ids of a few groups of the same title, the youngest first; none for no supergroup."""
        if telegram_id >= SUPERGROUPS_BELOW:
            return ()
        return await self.db.read(_candidates, title)


def _candidates(tx: Connection, title: str) -> Sequence[int]:
    facts = {"title": title, "above": SUPERGROUPS_BELOW, "most": MOST_CANDIDATES}
    return tx.scalars(moves.FORMER_GROUPS, facts).all()


@dataclass(frozen=True, slots=True)
class _Side:
    """One of two chats that become one, with its pot, locked, if it has one."""

    chat: Row[Any]
    pot: Row[Any] | None
    round: Row[Any] | None
    balance: int

    @property
    def is_live(self) -> bool:
        """Return whether its open round has anything in it."""
        return self.round is not None and (self.balance > 0 or self.round.tickets > 0)


def merge_chats(tx: Connection, old: int, new: int, stamp: Stamp, title: str = "") -> int | None:
    """Make one chat of two Telegram ids, and return its key; None if they can't be one.

    The chat with the older live round goes on under the new id, with what the admins chose in the old one; the
    other is left as its former id, so that whatever comes late finds the way.
    """
    if old == new or old >= 0 or new >= 0:
        return None
    known = {
        row.telegram_id: row for row in tx.execute(moves.CHATS_OF_TELEGRAM, {"telegram_ids": [old, new]})
    }
    title = title or next((row.title for row in known.values()), "")
    for telegram_id in sorted({old, new} - known.keys()):
        tx.execute(moves.ADD_GROUP, {"telegram_id": telegram_id, "title": title, "at": stamp.now})
    rows = {row.telegram_id: row for row in tx.execute(moves.LOCK_CHATS, {"telegram_ids": [old, new]})}
    if len(rows) < 2:  # another process has merged them just now, and they have changed their ids
        return merge_chats(tx, old, new, stamp, title)
    first, second = rows[old], rows[new]
    if first.merged_into is not None or second.merged_into is not None:
        return int(first.merged_into or second.merged_into)
    if {first.kind, second.kind} != {ChatKind.GROUP}:
        return None
    return _merge(tx, first, second, stamp)


def _merge(tx: Connection, first: Row[Any], second: Row[Any], stamp: Stamp) -> int:
    locked = {row.id: _side(tx, row) for row in sorted((first, second), key=lambda row: int(row.id))}
    stays, goes = _who_stays(locked[first.id], locked[second.id])
    moved = _join_pots(tx, stays, goes, stamp)
    _swap_ids(tx, stays.chat, goes.chat, first.telegram_id, second.telegram_id)
    _keep_absence(tx, stays.chat, second, stamp)
    _move_rows(tx, stays.chat.id, goes.chat.id, stamp)
    _keep_settings(tx, stays.chat, goes.chat, second, stamp)
    if stays.pot is None:
        open_pot(tx, pot_key(stays.chat.id), stays.chat.id, stamp)
    facts = {"chat": stays.chat.id, "former": goes.chat.id, "credits": moved or 0}
    announce(tx, Happened("chat_merged", facts))
    announce(tx, ChatMoved(stays.chat.id, goes.chat.id, second.telegram_id))
    if moved is not None:
        _tell(tx, stays, goes, moved, stamp)
    return int(stays.chat.id)


def _side(tx: Connection, row: Row[Any]) -> _Side:
    pot = tx.execute(moves.POT_OF_CHAT, {"chat_id": row.id}).first()
    if pot is None:
        return _Side(row, None, None, 0)
    owner = {"of_kind": AccountKind.POT, "of_owner": pot.id}
    balance = tx.execute(books.LOCK_ACCOUNT, owner).one().balance
    return _Side(row, pot, tx.execute(pots.OPEN_ROUND, {"pot_id": pot.id}).one(), balance)


def _who_stays(old: _Side, new: _Side) -> tuple[_Side, _Side]:
    """Return the side that goes on and the other: the older live round does, else the old chat."""
    if not new.is_live or new.round is None:
        return old, new
    if old.is_live and old.round is not None and old.round.opened_at <= new.round.opened_at:
        return old, new
    return new, old


def _join_pots(tx: Connection, stays: _Side, goes: _Side, stamp: Stamp) -> int | None:
    """Close the younger of two live rounds and make its money the other's seed; return it, None if there was none."""
    if goes.pot is None or goes.round is None or not goes.is_live or stays.pot is None:
        return None
    if goes.balance:
        source, target = ledger.account_of_pot(goes.pot.id), ledger.account_of_pot(stays.pot.id)
        ledger.post(
            tx,
            NewEntry(
                kind=EntryKind.MERGE,
                cause=f"merge:{goes.pot.id}",
                at=stamp.now,
                moves=[Move(source, target, goes.balance)],
                round_id=goes.round.id,
            ),
        )
        tx.execute(moves.SEED_ROUND, {"of_pot": stays.pot.id, "amount": goes.balance})
    close_round(tx, goes.pot.id, goes.pot.key, goes.round.id, goes.round.k, Outcome.CARRIED, None, 0, stamp)
    return goes.balance


def _swap_ids(tx: Connection, stays: Row[Any], goes: Row[Any], old: int, new: int) -> None:
    """Give the new Telegram id to the chat that goes on and the old one to the other, which is merged into it."""
    tx.execute(moves.SET_MERGED, {"of_chat": goes.id, "into": stays.id})
    tx.execute(moves.MERGED_BEFORE, {"of_chat": goes.id, "into": stays.id})
    if stays.telegram_id == new:
        return
    # Ids are unique at every moment; no chat of Telegram's has one of these.
    tx.execute(moves.SET_TELEGRAM_ID, {"of_chat": goes.id, "to_telegram_id": 2**62 + goes.id})
    tx.execute(moves.SET_TELEGRAM_ID, {"of_chat": stays.id, "to_telegram_id": new})
    tx.execute(moves.SET_TELEGRAM_ID, {"of_chat": goes.id, "to_telegram_id": old})


def _move_rows(tx: Connection, stays: int, goes: int, stamp: Stamp) -> None:
    """Take what was said and buttons along; what is to be sent finds its way, and refunds are paid as owed."""
    tx.execute(moves.MOVE_TURNS, {"of_chat": goes, "into": stays})
    tx.execute(moves.MOVE_CONVERSATIONS, {"of_chat": goes, "into": stays})
    tx.execute(moves.MOVE_BUTTONS, {"of_chat": goes, "into": stays})
    tx.execute(moves.END_TIMERS, {"of_chat": goes, "kinds": _ENDED, "at": stamp.now})


def _keep_absence(tx: Connection, stays: Row[Any], newer: Row[Any], stamp: Stamp) -> None:
    """Let the round that goes on sleep if the bot is away from the newer chat, for as long as that has lasted."""
    if newer.removed_at == stays.removed_at and newer.id != stays.id:
        return
    if newer.id != stays.id:
        tx.execute(moves.END_TIMERS, {"of_chat": stays.id, "kinds": [TimerKind.SLEEP.value], "at": stamp.now})
    if newer.removed_at is not None:
        causes = [sleep_cause(chat.id, newer.removed_at) for chat in (newer, stays)]
        tx.execute(moves.MOVE_SLEEP, {"of_cause": causes[0], "to_cause": causes[1], "into": stays.id})


def _keep_settings(tx: Connection, stays: Row[Any], goes: Row[Any], newer: Row[Any], stamp: Stamp) -> None:
    """Keep what the admins chose in either chat; whether the bot is there is known of the newer one."""
    chosen = {name: _chosen(stays, goes, name) for name in group_settings.SETTINGS}
    resets = [day for day in (stays.reset_day, goes.reset_day) if day is not None]
    facts = {
        **chosen,
        "title": newer.title,
        "reach": newer.reach,
        "removed_at": newer.removed_at,
        "reset_day": max(resets, default=None),
        "dashboard_at": stays.dashboard_at or goes.dashboard_at,
        "dashboard_id": newer.dashboard_id,  # the other's message is not in the supergroup
    }
    tx.execute(
        moves.SET_SURVIVOR, {"of_chat": stays.id, **{f"to_{name}": one for name, one in facts.items()}}
    )
    if facts["dashboard_at"] is not None:
        begin_looking(tx, stays.id, stamp)
    if any(chosen[name] != getattr(stays, name) for name in ("report", "report_hour", "timezone")):
        schedule, hour, zone = Schedule(chosen["report"]), chosen["report_hour"], chosen["timezone"]
        set_next_report(tx, stays.id, schedule, hour=hour, zone=zone, after=stamp.now, stamp=stamp)


def _chosen(stays: Row[Any], goes: Row[Any], name: str) -> Any:
    """Return a setting of the chat that goes on, or what was chosen in the other if nothing was in this one."""
    own, others = getattr(stays, name), getattr(goes, name)
    return others if own == group_settings.DEFAULTS[name] else own


def _tell(tx: Connection, stays: _Side, goes: _Side, moved: int, stamp: Stamp) -> None:
    language = stays.chat.language or goes.chat.language or "en"
    address = Address(chat_id=stays.chat.id, language=language, thread_id=stays.chat.topic_id)
    assert stays.round is not None
    assert goes.round is not None
    told = {"credits": moved, "closed": goes.round.k, "round": stays.round.k, "pot": stays.balance + moved}
    enqueue(tx, address, "pots_merged", told, key=f"merge:{goes.chat.id}:done", stamp=stamp, is_money=True)
