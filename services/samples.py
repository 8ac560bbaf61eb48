"""Samples of the pots: once an hour the size of each pot that has changed, for the charts."""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row

from db.queries import reports
from services.stamp import Stamp
from services.timers import TimerKind, set_timer

STEP: Final = timedelta(hours=1)
KEEP: Final = timedelta(days=60)
MOST: Final = 500


def begin_samples(tx: Connection, stamp: Stamp) -> None:
    """Set the timer of the next full hour, once; each sets its successor."""
    _set_next(tx, stamp.now, stamp)


def _set_next(tx: Connection, after: datetime, stamp: Stamp) -> None:
    due = after.replace(minute=0, second=0, microsecond=0) + STEP
    set_timer(tx, TimerKind.SAMPLE, f"sample:{due:%Y-%m-%dT%H}", due, stamp=stamp)


def take_samples(tx: Connection, timer: Row[Any], stamp: Stamp) -> bool:
    """Note some of the pots that have changed since their last sample; return whether there may be more."""
    added = tx.execute(reports.ADD_SAMPLES, {"at": stamp.now, "most": MOST}).all()
    if len(added) == MOST:
        return True
    tx.execute(reports.FORGET_SAMPLES, {"before": stamp.now - KEEP})
    _set_next(tx, max(stamp.now, timer.due_at), stamp)
    return False
