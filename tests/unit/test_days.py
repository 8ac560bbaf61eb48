"""UTC days and daily grants."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.days import daily_grant, day_of, may_claim, next_midnight, streak_after, utc_day

TODAY = date(2026, 11, 21)
YESTERDAY = TODAY - timedelta(days=1)

moments = st.datetimes(
    min_value=datetime.fromisoformat("2000-01-02"),
    max_value=datetime.fromisoformat("2100-01-01"),
    timezones=st.timezones(),
)


def test_t39_the_day_is_that_of_utc_wherever_the_player_is() -> None:
    """Half past midnight in Nairobi is still yesterday."""
    nairobi = timezone(timedelta(hours=3))
    assert utc_day(datetime(2026, 11, 21, 0, 30, tzinfo=nairobi)) == YESTERDAY
    assert utc_day(datetime(2026, 11, 21, 3, 0, tzinfo=nairobi)) == TODAY


@given(st.lists(moments, min_size=1, max_size=20))
def test_t39_the_day_of_a_player_never_goes_back(clock: list[datetime]) -> None:
    """However the clock jumps; so no free quota is given twice."""
    day: date | None = None
    seen = []
    for now in clock:
        day = day_of(now, last_day=day)
        seen.append(day)
    assert seen == sorted(seen)
    assert seen[-1] == max(utc_day(now) for now in clock)


def test_t66_a_clock_that_jumps_back_gives_no_second_daily_grant() -> None:
    """The day stays where it was, and that one is claimed already."""
    claimed = day_of(datetime(2026, 11, 21, 0, 0, 1, tzinfo=UTC), last_day=None)
    again = day_of(datetime(2026, 11, 20, 23, 59, 59, tzinfo=UTC), last_day=claimed)
    assert again == claimed
    assert not may_claim(claimed, again)
    assert not may_claim(claimed, YESTERDAY)
    assert may_claim(claimed, TODAY + timedelta(days=1))


def test_a_player_who_never_claimed_may_claim() -> None:
    """And begins a row of one."""
    assert may_claim(None, TODAY)
    assert streak_after(None, 0, TODAY) == 1


def test_a_moment_without_a_zone_is_a_bug() -> None:
    """It is not taken for UTC."""
    with pytest.raises(TypeError, match="zone"):
        utc_day(datetime.fromisoformat("2026-11-21T00:00:00"))


@given(moments)
def test_the_next_midnight_is_the_first_moment_of_the_next_day(now: datetime) -> None:
    """At most a day away."""
    midnight = next_midnight(now)
    assert timedelta() < midnight - now.astimezone(UTC) <= timedelta(days=1)
    assert utc_day(midnight) == utc_day(now) + timedelta(days=1)
    assert utc_day(midnight - timedelta(microseconds=1)) == utc_day(now)


def test_daily_grants_rise_by_ten_from_fifty_to_a_hundred() -> None:
    """The defaults."""
    assert [daily_grant(days) for days in range(1, 9)] == [50, 60, 70, 80, 90, 100, 100, 100]


@pytest.mark.parametrize(
    ("last", "streak"), [(YESTERDAY, 5), (TODAY - timedelta(days=2), 1), (date(2025, 1, 1), 1), (TODAY, 4)]
)
def test_a_row_goes_on_only_on_the_very_next_day(last: date, streak: int) -> None:
    """A missed day begins a new row; the same day changes nothing."""
    assert streak_after(last, 4, TODAY) == streak
