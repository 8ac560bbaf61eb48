"""UTC days of the game: they never go back for a player. Daily grants. Pure; the moment is an argument."""

from datetime import UTC, date, datetime, time, timedelta

_ONE_DAY = timedelta(days=1)


def utc_day(now: datetime) -> date:
    """Return the UTC day of an aware moment.

    Raises:
        TypeError: the moment has no time zone (a bug of the caller).
    """
    if now.tzinfo is None:
        raise TypeError("a time without a zone has no UTC day")
    return now.astimezone(UTC).date()


def day_of(now: datetime, *, last_day: date | None) -> date:
    """Return the day that ``now`` counts as for a player last seen on ``last_day``: it never goes back."""
    today = utc_day(now)
    return today if last_day is None else max(today, last_day)


def next_midnight(now: datetime) -> datetime:
    """Return the start of the next UTC day, aware; it is always later than ``now``."""
    return datetime.combine(utc_day(now) + _ONE_DAY, time.min, tzinfo=UTC)


def may_claim(last_claim_day: date | None, today: date) -> bool:
    """Tell whether the daily grant of ``today`` is still to be had."""
    return last_claim_day is None or last_claim_day < today


def streak_after(last_claim_day: date | None, streak: int, today: date) -> int:
    """Return the days in a row, from 1, that a claim on ``today`` makes.

    Unchanged if ``today`` was claimed already (``may_claim`` refuses that one).
    """
    if last_claim_day is None:
        return 1
    if not may_claim(last_claim_day, today):
        return streak
    return streak + 1 if today - last_claim_day == _ONE_DAY else 1


def daily_grant(streak_days: int, *, base: int = 50, extra: int = 10, most: int = 100) -> int:
    """Return the credits granted on the ``streak_days``-th day in a row, which counts from 1."""
    return min(base + extra * (streak_days - 1), most)
