"""The dashboard of a group: one pinned message that shows the pot and is edited at most once a minute.

Nothing that changes a pot knows of it. While any group has one, a timer looks every half minute which of them show
something else than their pot is.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row

from db.models.transport import OutboxState
from db.queries import dashboard, pots
from db.session import announce
from services.events import Happened
from services.money import Credits, prize_of
from services.outbox import Address, Delivered, enqueue
from services.overview import LAST_WINS
from services.pot import chance_of
from services.reserve import next_price
from services.rules import GameRules
from services.schedule import zone_of
from services.stamp import Stamp
from services.timers import TimerKind, set_timer

EVERY: Final = timedelta(minutes=1)
"""How long a dashboard stays as it is, from when its last edit has arrived."""
_LOOK: Final = 30
"""Seconds between two looks: one a minute would find the edit of the last look a moment too young."""
MOST: Final = 200


class DashboardJob:
    """Brings the dashboards up to date that are not, and sets the timer of the next look if there are any."""

    def __init__(self, rules: GameRules) -> None:
        self._rules = rules

    def __call__(self, tx: Connection, timer: Row[Any], stamp: Stamp) -> bool:
        """Do it for some of them; return whether there may be more."""
        if not self._rules.pot.enabled:
            return _end_all(tx, stamp)
        rows = tx.execute(dashboard.OUTDATED, {"before": stamp.now - EVERY, "most": MOST}).all()
        for row in rows:
            _show(tx, row, self._rules, stamp)
        if len(rows) == MOST:
            return True
        if tx.scalar(dashboard.ANY_ON) is not None:
            _set_look(tx, _next_look(stamp.now), stamp)
        return False


def _show(tx: Connection, row: Row[Any], rules: GameRules, stamp: Stamp) -> None:
    """Post a dashboard, or edit the one that is there."""
    facts = _facts(tx, row, rules)
    key = row.shown or f"{dashboard.NOTICE}:{row.id}:post:{stamp.now.isoformat()}"
    if row.dashboard_id is None:
        facts |= {"figures": row.figures}
    else:
        facts |= {"telegram_id": row.telegram_id, "edit": row.dashboard_id}
    address = Address(chat_id=row.id, language=row.language or "en", thread_id=row.topic_id)
    enqueue(tx, address, dashboard.NOTICE, facts, key=key, stamp=stamp, is_money=True)
    tx.execute(dashboard.MARK_EDITED, {"of_chat": row.id, "at": stamp.now})


def _facts(tx: Connection, row: Row[Any], rules: GameRules) -> dict[str, object]:
    pot, zone = rules.pot, zone_of(row.timezone)
    first, dearest = next_price(rules, 0), rules.price.cap
    wins = tx.execute(pots.LAST_WINS, {"pot_id": row.pot_id, "most": LAST_WINS})
    return {
        "pot": row.balance,
        "prize": prize_of(Credits(row.balance), share_bps=pot.prize_share_bps, cap=Credits(pot.prize_cap)),
        "round": row.k,
        "tickets": row.tickets,
        "prices": [first, dearest],
        "ppm": [chance_of(pot, first), chance_of(pot, Credits(dearest))],
        "commitment": row.commitment.hex(),
        "wins": [
            {
                "day": win.closed_at.astimezone(zone).date().isoformat(),
                "prize": win.prize,
                "round": win.k,
                "ticket": win.tickets,
            }
            for win in wins
        ],
    }


def _next_look(now: datetime) -> datetime:
    return now.replace(second=now.second // _LOOK * _LOOK, microsecond=0) + timedelta(seconds=_LOOK)


def _set_look(tx: Connection, due: datetime, stamp: Stamp, cause: str = "") -> None:
    set_timer(tx, TimerKind.DASHBOARD, f"dashboard:{cause or due.isoformat()}", due, stamp=stamp)


def begin_looking(tx: Connection, chat_id: int, stamp: Stamp) -> None:
    """Look at the dashboards now and from now on, since one is there (again)."""
    _set_look(tx, stamp.now, stamp, f"{chat_id}:{stamp.now.isoformat()}")


def switch_on(tx: Connection, chat_id: int, stamp: Stamp) -> None:
    """Give a group a dashboard; it is posted at once."""
    tx.execute(dashboard.SWITCH, {"of_chat": chat_id, "to_at": stamp.now - EVERY})
    begin_looking(tx, chat_id, stamp)


def switch_off(tx: Connection, chat: Row[Any], stamp: Stamp) -> None:
    """Leave a group's dashboard as it is, and unpinned."""
    tx.execute(dashboard.SWITCH, {"of_chat": chat.id, "to_at": None})
    if chat.dashboard_id is not None:
        key = f"{dashboard.NOTICE}:{chat.id}:{chat.dashboard_id}:unpin:{stamp.now.isoformat()}"
        facts = {"telegram_id": chat.telegram_id, "unpin": chat.dashboard_id}
        enqueue(tx, _address(chat), "unpin", facts, key=key, stamp=stamp)


def set_words_aside(tx: Connection, chat_id: int, stamp: Stamp) -> None:
    """Be ready to show the same in the same words again: others are about to be chosen, and may be taken back."""
    tx.execute(dashboard.SET_ASIDE, {"of_chat": chat_id, "mark": f":until:{stamp.now.isoformat()}"})


def _end_all(tx: Connection, stamp: Stamp) -> bool:
    rows = tx.execute(dashboard.ALL_ON, {"most": MOST}).all()
    for row in rows:
        switch_off(tx, row, stamp)
    return len(rows) == MOST


def pin(tx: Connection, chat: Row[Any], telegram_id: int, message_id: int, cause: str, stamp: Stamp) -> None:
    """Pin a dashboard, once per cause."""
    key = f"{dashboard.NOTICE}:{chat.id}:{message_id}:pin:{cause}"
    facts = {"telegram_id": telegram_id, "pin": message_id}
    enqueue(tx, _address(chat), "pin", facts, key=key, stamp=stamp)


def _address(chat: Row[Any]) -> Address:
    return Address(chat_id=chat.id, language=chat.language or "en")


def note_delivery(tx: Connection, done: Delivered, stamp: Stamp) -> None:
    """Take note of what became of a dashboard: it was posted, edited, can't be edited, can't be pinned."""
    facts, is_sent = done.message.facts, done.state is OutboxState.SENT
    where = {"where": done.telegram_id, "at": stamp.now}
    match done.message.notice, facts.get("edit"):
        case dashboard.NOTICE, None if is_sent:
            _note_posted(tx, done, {**where, "to_message": done.message_id}, stamp)
        case dashboard.NOTICE, None:
            _note_refused(tx, done)
        case dashboard.NOTICE, message_id if is_sent:
            tx.execute(dashboard.NOTE_EDITED, {**where, "message_id": message_id})
        case dashboard.NOTICE, message_id if done.state is OutboxState.FAILED:
            tx.execute(dashboard.NOTE_LOST, {"where": done.telegram_id, "message_id": message_id})
        case "pin", _ if done.state is OutboxState.FAILED:
            _say_how_to_pin(tx, done, stamp)


def _note_posted(tx: Connection, done: Delivered, posted: dict[str, Any], stamp: Stamp) -> None:
    """Remember the message and pin it, unless the dashboard was switched off meanwhile, or the group has moved."""
    chat = tx.execute(dashboard.NOTE_POSTED, posted).first()
    if chat is None:
        return
    key = f"{dashboard.NOTICE}:{chat.id}:{done.message_id}:{done.message.facts['figures']}"
    tx.execute(dashboard.SET_KEY, {"outbox_id": done.message.outbox_id, "to_key": key})
    pin(tx, chat, posted["where"], posted["to_message"], "first", stamp)


def _note_refused(tx: Connection, done: Delivered) -> None:
    """Switch a dashboard off that can't be posted, unless the bot was removed and may be back."""
    chat_id = tx.scalar(dashboard.NOTE_REFUSED, {"where": done.telegram_id})
    if chat_id is not None:
        announce(tx, Happened("dashboard_off", {"chat": chat_id, "why": done.error}))


def _say_how_to_pin(tx: Connection, done: Delivered, stamp: Stamp) -> None:
    message = done.message
    address = Address(chat_id=message.chat_id, language=message.language)
    key = f"{dashboard.NOTICE}:{message.chat_id}:{message.facts['pin']}:unpinned"
    enqueue(tx, address, "not_pinned", {}, key=key, stamp=stamp)
