"""When a group's next report is due, as a timer: one waits at most, and each local day has its own cause."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from db.queries import reports
from services.schedule import Due, Schedule, next_due
from services.stamp import Stamp
from services.timers import TimerKind, set_timer

_MOST_DAYS = 60


def report_cause(chat_id: int, due: Due) -> str:
    """Return the cause of a group's report of a local day."""
    return f"report:{chat_id}:{due.day.isoformat()}"


def begin_of_period(tx: Connection, chat_id: int, stamp: Stamp) -> dict[str, object]:
    """Return what the next report is compared with, as its timer keeps it: now, and the pot's size now."""
    row = tx.execute(reports.POT_OF_CHAT, {"chat_id": chat_id}).first()
    return {"since": stamp.now.isoformat(), "balance": row.balance if row is not None else 0}


def set_next_report(
    tx: Connection,
    chat_id: int,
    schedule: Schedule,
    *,
    hour: int,
    zone: str,
    after: datetime,
    stamp: Stamp,
    period: Mapping[str, object] | None = None,
    running: str = "",
) -> None:
    """Set the timer of a group's next report in the place of the one that waits; none if it is off.

    Args:
        after: the report is due later than this, on a local day that has had none.
        period: with what it is compared; that of the report that waited, or else now, if None.
        running: the cause of the report that sets this, which isn't done yet.
    """
    facts = {"of_kind": TimerKind.REPORT, "of_chat": chat_id, "but_cause": running}
    dropped = tx.scalars(reports.WAITING_REPORTS, facts).all()
    due = _next_free_day(tx, chat_id, schedule, hour, zone, after)
    if due is None:
        return
    kept: Any = period or (dropped[0] if dropped else begin_of_period(tx, chat_id, stamp))
    cause = report_cause(chat_id, due)
    set_timer(tx, TimerKind.REPORT, cause, due.at, chat_id=chat_id, facts=kept, stamp=stamp)


def _next_free_day(
    tx: Connection, chat_id: int, schedule: Schedule, hour: int, zone: str, after: datetime
) -> Due | None:
    """Return the next day due without a report; a clock or a zone that was set back leads to days that had theirs."""
    due = next_due(schedule, hour=hour, zone=zone, after=after)
    for _ in range(_MOST_DAYS):
        if due is None or tx.scalar(reports.TIMER_OF_CAUSE, {"of_cause": report_cause(chat_id, due)}) is None:
            return due
        due = next_due(schedule, hour=hour, zone=zone, after=due.at)
    return due
