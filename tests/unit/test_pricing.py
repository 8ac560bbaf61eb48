"""Prices, chances, windows."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.pricing import PriceRule, Window, chance_ppm, half_price, price_of_next, window_key

rules = st.builds(
    PriceRule, base=st.integers(0, 1_000), step=st.integers(0, 1_000), cap=st.integers(1, 10_000)
)


def test_prices_rise_by_five_from_five_to_a_hundred_and_stay_there() -> None:
    """The defaults."""
    prices = [price_of_next(PriceRule(), paid_in_window=paid) for paid in range(25)]
    assert prices[:20] == list(range(5, 101, 5))
    assert prices[20:] == [100] * 5


@given(rules, st.integers(0, 10**9))
def test_a_price_never_falls_and_never_passes_its_cap(rule: PriceRule, paid: int) -> None:
    """Whatever the figures."""
    price = price_of_next(rule, paid_in_window=paid)
    assert price == min(rule.cap, rule.base + rule.step * paid)
    assert price <= price_of_next(rule, paid_in_window=paid + 1) <= rule.cap


@given(st.integers(0, 1_000), st.integers(0, 1_000))
def test_chances_are_proportional_to_prices(first: int, second: int) -> None:
    """Two cheap tickets have the chance of one that costs as much as both."""
    together = chance_ppm(first + second)
    assert together == min(chance_ppm(first) + chance_ppm(second), 1_000_000)


@given(st.integers(0, 2**63 - 1), st.integers(0, 10**6))
def test_a_chance_is_never_more_than_certain(price: int, ppm_per_credit: int) -> None:
    """Nor less than none."""
    assert 0 <= chance_ppm(price, ppm_per_credit=ppm_per_credit) <= 1_000_000


@pytest.mark.parametrize(("price", "ppm"), [(5, 5_000), (15, 15_000), (100, 100_000), (5_000, 1_000_000)])
def test_five_credits_are_one_in_200_and_a_hundred_one_in_ten(price: int, ppm: int) -> None:
    """The defaults."""
    assert chance_ppm(price) == ppm


@given(st.integers(0, 2**63 - 1))
def test_half_a_price_is_rounded_up(price: int) -> None:
    """To a whole credit."""
    assert half_price(price) * 2 - price in (0, 1)


@pytest.mark.parametrize(
    ("window", "day", "key"),
    [
        (Window.DAY, date(2026, 11, 21), "2026-11-21"),
        (Window.WEEK, date(2026, 11, 21), "2026-W47"),
        (Window.WEEK, date(2026, 11, 16), "2026-W47"),
        (Window.WEEK, date(2026, 11, 23), "2026-W48"),
        (Window.WEEK, date(2027, 1, 3), "2026-W53"),
        (Window.WEEK, date(2026, 1, 1), "2026-W01"),
        (Window.WEEK, date(2024, 12, 30), "2025-W01"),
        (Window.LIFETIME, date(2026, 11, 21), "all"),
    ],
)
def test_a_window_is_named_after_its_day_its_iso_week_or_all(window: Window, day: date, key: str) -> None:
    """A week belongs to the year of its Thursday."""
    assert window_key(window, day) == key


@given(st.dates(min_value=date(1, 1, 8), max_value=date(9998, 12, 31)))
def test_names_of_windows_are_short_and_seven_days_apart_never_the_same(day: date) -> None:
    """They fit the column and tell weeks apart."""
    week_before = date.fromordinal(day.toordinal() - 7)
    for window in (Window.DAY, Window.WEEK):
        assert len(window_key(window, day)) <= 16
        assert window_key(window, day) > window_key(window, week_before)
