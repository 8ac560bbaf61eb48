"""When a group's report is due: by its schedule, hour and time zone. Pure; the moment is an argument."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MONDAY: Final = 0
HOURS: Final = 24
_ONE_DAY: Final = timedelta(days=1)
_UTC: Final = ZoneInfo("UTC")


class Schedule(StrEnum):
    """How often a group gets its report."""

    OFF = "off"
    """Never."""
    DAILY = "daily"
    """Every day."""
    WEEKLY = "weekly"
    """Every Monday."""


@dataclass(frozen=True, slots=True)
class Due:
    """A report's moment in UTC, and the local day that it is the report of."""

    at: datetime
    day: date


def zone_of(name: str) -> ZoneInfo:
    """Return a time zone by its IANA name; UTC for one that this machine doesn't know (any more)."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return _UTC


def next_due(schedule: Schedule, *, hour: int, zone: str, after: datetime) -> Due | None:
    """Return the first moment later than ``after`` at which a report is due, or None if there never is one.

    One report a local day: an hour that a clock change skips is due right behind the gap, one that comes twice
    is due the first time.

    Args:
        hour: of the local day, 0 to 23.
        zone: the IANA name of the group's time zone.
    """
    if schedule is Schedule.OFF:
        return None
    local = zone_of(zone)
    day = after.astimezone(local).date() - _ONE_DAY
    while True:
        due = datetime.combine(day, time(hour), tzinfo=local).astimezone(UTC)
        if due > after and (schedule is Schedule.DAILY or day.weekday() == MONDAY):
            return Due(due, day)
        day += _ONE_DAY


def week_begin(now: datetime, zone: str) -> datetime:
    """Return when the local week of ``now`` began, in UTC."""
    local = zone_of(zone)
    today = now.astimezone(local).date()
    return datetime.combine(today - timedelta(days=today.weekday()), time.min, tzinfo=local).astimezone(UTC)
