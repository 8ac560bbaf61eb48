"""When reports are due: one a local day, at its hour, also where clocks change."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.schedule import MONDAY, Due, Schedule, next_due, week_begin, zone_of

ZONES = st.sampled_from(
    [
        "UTC",
        "Europe/Madrid",
        "America/New_York",
        "Asia/Kolkata",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "Africa/Cairo",
    ]
)
MOMENTS = st.integers(1_262_304_000, 2_208_988_800).map(lambda second: datetime.fromtimestamp(second, UTC))
HOURS = st.integers(0, 23)
EVERY = st.sampled_from([Schedule.DAILY, Schedule.WEEKLY])


def due(schedule: Schedule, hour: int, zone: str, after: datetime) -> Due:
    found = next_due(schedule, hour=hour, zone=zone, after=after)
    assert found is not None
    return found


def test_a_group_without_a_schedule_is_never_due() -> None:
    assert next_due(Schedule.OFF, hour=9, zone="UTC", after=datetime(2026, 11, 21, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("schedule", "after", "at", "day"),
    [
        (Schedule.DAILY, (2026, 11, 21, 16, 59), (2026, 11, 21, 17), date(2026, 11, 21)),
        (Schedule.DAILY, (2026, 11, 21, 17, 0), (2026, 11, 22, 17), date(2026, 11, 22)),
        (Schedule.WEEKLY, (2026, 11, 21, 12, 0), (2026, 11, 23, 17), date(2026, 11, 23)),
        (Schedule.WEEKLY, (2026, 11, 23, 17, 0), (2026, 11, 30, 17), date(2026, 11, 30)),
    ],
)
def test_a_report_is_due_at_the_groups_own_hour(
    schedule: Schedule, after: tuple[int, ...], at: tuple[int, ...], day: date
) -> None:
    found = due(schedule, 18, "Europe/Madrid", datetime(*after, tzinfo=UTC))  # type: ignore[misc,arg-type]
    assert found == Due(datetime(*at, tzinfo=UTC), day)  # type: ignore[misc,arg-type]


def test_an_hour_that_a_clock_change_skips_is_due_right_behind_the_gap() -> None:
    found = due(Schedule.DAILY, 2, "Europe/Madrid", datetime(2026, 3, 28, 12, tzinfo=UTC))
    assert found == Due(datetime(2026, 3, 29, 1, tzinfo=UTC), date(2026, 3, 29))


def test_an_hour_that_comes_twice_is_due_once_the_first_time() -> None:
    first = due(Schedule.DAILY, 2, "Europe/Madrid", datetime(2026, 10, 24, 12, tzinfo=UTC))
    assert first == Due(datetime(2026, 10, 25, 0, tzinfo=UTC), date(2026, 10, 25))
    assert due(Schedule.DAILY, 2, "Europe/Madrid", first.at).day == date(2026, 10, 26)


@given(EVERY, HOURS, ZONES, MOMENTS)
def test_the_next_report_is_later_and_no_further_than_a_period_and_a_jump_of_the_zone(
    schedule: Schedule, hour: int, zone: str, after: datetime
) -> None:
    found = due(schedule, hour, zone, after)
    days = 1 if schedule is Schedule.DAILY else 7
    # Samoa left out a whole day once; everywhere else clocks move by an hour at most
    assert timedelta(0) < found.at - after <= timedelta(days=days + 1, hours=1)
    assert schedule is Schedule.DAILY or found.day.weekday() == MONDAY


@given(EVERY, HOURS, ZONES, MOMENTS)
def test_reports_in_a_row_are_of_different_days_in_order(
    schedule: Schedule, hour: int, zone: str, after: datetime
) -> None:
    row = [due(schedule, hour, zone, after)]
    for _ in range(5):
        row.append(due(schedule, hour, zone, row[-1].at))
    days = [one.day for one in row]
    assert sorted(set(days)) == days


@given(EVERY, HOURS, ZONES, MOMENTS)
def test_every_moment_before_a_report_leads_to_that_report(
    schedule: Schedule, hour: int, zone: str, after: datetime
) -> None:
    found = due(schedule, hour, zone, after)
    middle = after + (found.at - after) / 2
    assert due(schedule, hour, zone, middle) == found


def test_a_zone_that_is_unknown_is_utc() -> None:
    assert {zone_of(name) for name in ("Mars/Base", "../etc/passwd", "")} == {ZoneInfo("UTC")}


@given(ZONES, MOMENTS)
def test_a_week_begins_on_a_local_monday_before_now(zone: str, now: datetime) -> None:
    begin = week_begin(now, zone)
    assert begin <= now
    assert now - begin <= timedelta(days=7, hours=25)
    assert begin.astimezone(ZoneInfo(zone)).weekday() in (
        MONDAY,
        MONDAY + 1,
    )  # a skipped midnight is behind its gap
