"""Credits: range, split, prize."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import InvariantError
from services.money import MAX_CREDITS, BadSum, Credits, Split, prize_of, split_price, whole_credits
from services.pricing import chance_ppm

sums = st.integers(0, MAX_CREDITS)


@given(sums, st.integers(1, 1_000))
def test_the_parts_of_a_price_always_add_up(price: int, divisor: int) -> None:
    """Nothing is lost to rounding, and no part is negative."""
    split = split_price(price, house_divisor=divisor)
    assert split.house + split.pot == price
    assert split.house >= 0
    assert split.pot >= 0


@pytest.mark.parametrize(("price", "house"), [(0, 0), (5, 0), (9, 0), (10, 1), (15, 1), (19, 1), (100, 10)])
def test_the_house_gets_a_tenth_rounded_down(price: int, house: int) -> None:
    """So nothing of the cheapest message."""
    assert split_price(price) == Split(house=Credits(house), pot=Credits(price - house))


@given(sums, st.integers(0, 10_000), st.integers(0, 10**6))
def test_a_prize_is_never_more_than_the_pot_nor_than_the_cap(pot: int, share_bps: int, cap: int) -> None:
    """So a payout never overdraws a pot."""
    prize = prize_of(pot, share_bps=share_bps, cap=cap)
    assert 0 <= prize <= min(pot, cap)


@pytest.mark.parametrize(
    ("pot", "prize"),
    [(0, 0), (1, 1), (2, 1), (5, 4), (1_000, 900), (1_111, 999), (1_112, 1_000), (10**9, 1_000)],
)
def test_the_prize_is_nine_tenths_of_the_pot_up_to_a_thousand(pot: int, prize: int) -> None:
    """Rounded down, but a pot that isn't empty pays something: a win of nothing can't be booked."""
    assert prize_of(pot) == prize


@given(st.integers(0, 1_000), sums)
def test_no_ticket_is_worth_more_than_its_price(price: int, pot: int) -> None:
    """Chance times prize, in millionths of a credit."""
    assert chance_ppm(price) * prize_of(pot) <= price * 1_000_000


@pytest.mark.parametrize("value", [-1, MAX_CREDITS + 1, 1.0, True, "5", None])
def test_t15_what_the_books_cannot_hold_is_no_sum_of_credits(value: object) -> None:
    """Floats and bools are bugs as well."""
    with pytest.raises(BadSum) as caught:
        whole_credits(value)
    assert isinstance(caught.value, InvariantError)
    assert caught.value.facts() == {"value": value}


def test_t15_the_largest_sum_is_still_split_and_paid() -> None:
    """The last 64-bit number."""
    split = split_price(MAX_CREDITS)
    assert split.house + split.pot == MAX_CREDITS
    assert prize_of(MAX_CREDITS, cap=MAX_CREDITS) == MAX_CREDITS * 9 // 10


@pytest.mark.parametrize("rule", [split_price, prize_of])
def test_t15_an_impossible_sum_is_neither_split_nor_paid(rule: object) -> None:
    """Below zero or above 64 bits."""
    assert callable(rule)
    for value in (-1, MAX_CREDITS + 1):
        with pytest.raises(BadSum):
            rule(value)
