"""Quiet groups: what the bot says there is deleted after a while, but for the news of the pot."""

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row

from db.models.transport import OutboxState
from db.queries import timers
from db.session import announce
from services.events import Happened
from services.outbox import Address, Delivered, enqueue
from services.people import chat_row
from services.rules import GameRules
from services.stamp import Stamp
from services.timers import TimerKind, set_timer

KEPT: Final = frozenset(
    {
        "win",
        "reset_done",
        "refund_all_paid",
        "report",
        "welcome_group",
        "group_back",
        "pots_merged",
        "dashboard",
    }
)
"""Notices that stay."""
MOST: Final = 100
"""Messages that Telegram deletes in one call."""
TOGETHER: Final = timedelta(minutes=1)
"""What is due within as long is deleted in the same call."""
OLDEST: Final = timedelta(hours=48)
"""Telegram lets a bot delete its messages for as long."""


def note_delivery(tx: Connection, done: Delivered, rules: GameRules, stamp: Stamp) -> None:
    """Have a message that a quiet group got deleted later, under the Telegram id that it was sent to."""
    if done.state is not OutboxState.SENT or done.message_id is None or done.message.notice in KEPT:
        return
    set_timer(
        tx,
        TimerKind.QUIET,
        f"quiet:{done.message.outbox_id}",
        stamp.now + rules.talk.quiet_delete,
        chat_id=done.message.chat_id,
        facts={"telegram_id": done.telegram_id, "message": done.message_id},
        stamp=stamp,
    )


def delete_messages(tx: Connection, timer: Row[Any], stamp: Stamp) -> bool:
    """Delete what is due in a group that still is a quiet one. A job of a timer, which ends those of the others."""
    facts = {
        "of_kind": TimerKind.QUIET,
        "of_chat": timer.chat_id,
        "until": stamp.now + TOGETHER,
        "most": MOST,
    }
    rows = tx.execute(timers.TAKE_TIMERS_OF_CHAT, facts).all()
    tx.execute(timers.END_TIMERS, {"ids": [row.id for row in rows], "at": stamp.now})
    chat = chat_row(tx, timer.chat_id)
    ids = sorted(row.facts["message"] for row in rows if _can_go(row, chat, stamp))
    if chat.quiet and chat.removed_at is None and ids:
        told = {"telegram_id": chat.telegram_id, "delete": ids}
        address = Address(chat_id=chat.id, language="en")
        enqueue(tx, address, "delete", told, key=f"delete:{timer.id}", stamp=stamp)
        announce(tx, Happened("messages_deleted", {"chat": chat.id, "count": len(ids)}))
    return False


def _can_go(row: Row[Any], chat: Row[Any], stamp: Stamp) -> bool:
    """Return whether a message is where the group is now: a supergroup numbers its messages anew."""
    return bool(row.facts["telegram_id"] == chat.telegram_id and stamp.now - row.created_at < OLDEST)
