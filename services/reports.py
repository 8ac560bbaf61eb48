"""The report of a group: gathered in one transaction when its timer's time has come, and sent by the outbox."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row

from db.models.people import Reach
from db.queries import reports
from db.session import announce
from services.events import Happened
from services.money import Credits, prize_of
from services.names import shown
from services.outbox import Address, enqueue
from services.people import chat_row
from services.report_timers import begin_of_period, set_next_report
from services.rules import GameRules
from services.samples import STEP
from services.schedule import Schedule
from services.stamp import Stamp

SPAN: Final = {Schedule.DAILY: timedelta(days=7), Schedule.WEEKLY: timedelta(days=28)}
"""How far back the chart of a report goes."""

MOST_WINNERS: Final = 5
MOST_POINTS: Final = 28 * 24


class ReportJob:
    """Sends a group its report, if there is anything to tell, and sets the timer of the next one."""

    def __init__(self, rules: GameRules) -> None:
        self._rules = rules

    def __call__(self, tx: Connection, timer: Row[Any], stamp: Stamp) -> bool:
        """Do it; the report is of all since the last one, however late its timer runs."""
        chat = chat_row(tx, timer.chat_id)
        if chat.merged_into is not None:
            return False
        schedule = Schedule(chat.report)
        facts = _gather(tx, chat, timer.facts, schedule, self._rules.in_chat(pot_on=chat.pot_on), stamp)
        period = timer.facts
        if facts is not None:
            address = Address(chat_id=chat.id, language=chat.language or "en", thread_id=chat.topic_id)
            enqueue(tx, address, "report", facts, key=timer.cause, stamp=stamp)
            announce(tx, Happened("report_sent", {"chat": chat.id, "tickets": facts["tickets"]}))
            period = begin_of_period(tx, chat.id, stamp)
        set_next_report(
            tx,
            chat.id,
            schedule,
            hour=chat.report_hour,
            zone=chat.timezone,
            after=max(stamp.now, timer.due_at),
            stamp=stamp,
            period=period,
            running=timer.cause,
        )
        return False


def _gather(
    tx: Connection, chat: Row[Any], period: Any, schedule: Schedule, rules: GameRules, stamp: Stamp
) -> dict[str, object] | None:
    """Return what a report tells, or None where there is nothing to tell or nobody to hear it."""
    row = tx.execute(reports.POT_OF_CHAT, {"chat_id": chat.id}).first()
    is_away = chat.reach == Reach.KICKED or chat.removed_at is not None
    if schedule is Schedule.OFF or is_away or not rules.pot.enabled or row is None:
        return None
    since = datetime.fromisoformat(period["since"])
    when = {"of_pot": row.id, "since": since, "until": stamp.now}
    counts = tx.execute(reports.TICKETS_SINCE, when).one()
    wins = tx.execute(reports.WINS_SINCE, {**when, "most": MOST_POINTS}).all()
    change = row.balance - period["balance"]
    if not counts.tickets and not change and not wins:
        return None
    prize = prize_of(
        Credits(row.balance), share_bps=rules.pot.prize_share_bps, cap=Credits(rules.pot.prize_cap)
    )
    return {
        "schedule": schedule.value,
        "pot": row.balance,
        "prize": prize,
        "change": change,
        "tickets": counts.tickets,
        "players": counts.players,
        "house": int(tx.scalar(reports.HOUSE_SINCE, when) or 0),
        "wins": len(wins),
        "winners": [
            {"who": shown(win).facts(), "prize": win.prize, "round": win.k, "ticket": win.n}
            for win in wins[:MOST_WINNERS]
        ],
        "zone": chat.timezone,
        "points": _points(tx, row, since, period["balance"], SPAN[schedule], stamp.now),
        "won_at": _won(tx, row.id, stamp.now - SPAN[schedule], stamp.now),
    }


def _points(
    tx: Connection, pot: Row[Any], since: datetime, balance: int, span: timedelta, now: datetime
) -> Sequence[tuple[int, int]]:
    """Return the pot's size over time, in order: what was sampled, what the last report told, and now."""
    begin = now - span
    where = {"of_pot": pot.id, "begin": begin}
    found = {row.at: row.balance for row in tx.execute(reports.SAMPLES_SINCE, {**where, "most": MOST_POINTS})}
    before = tx.scalar(reports.SAMPLE_BEFORE, where)
    if before is not None:
        found.setdefault(begin, before)
    if begin <= since < now:
        found.setdefault(since, balance)
    if not any(at < now - STEP / 2 for at in found):
        found[now - STEP] = balance
    points = [(int(at.timestamp()), size) for at, size in sorted(found.items()) if at < now]
    return [*points, (int(now.timestamp()), pot.balance)]


def _won(tx: Connection, pot_id: int, begin: datetime, now: datetime) -> Sequence[tuple[int, int]]:
    """Return when the pot was won, and how much was in it."""
    facts = {"of_pot": pot_id, "since": begin, "until": now, "most": MOST_POINTS}
    wins = tx.execute(reports.WINS_SINCE, facts).all()
    return [(int(win.closed_at.timestamp()), int(win.facts["pot"])) for win in reversed(wins)]
