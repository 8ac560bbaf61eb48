"""Numbers that players type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services import amounts
from services.amounts import (
    AmountTooLarge,
    BadAmount,
    BadNumber,
    BadRound,
    parse_amount,
    parse_round_no,
    parse_whole,
)
from services.errors import UserError
from services.money import MAX_CREDITS

OTHER_NOTATIONS = [
    "\u0665\u0660\u0660",
    "\uff15\uff10\uff10",
    "\U0001d7d3\U0001d7ce\U0001d7ce",
    "\u096b\u0966\u0966",
    "5_00",
    "+500",
    "1e3",
    "0x10",
    "0b1",
    "²",
    "5²",
    "½",
    "\u2164",
    "五",
    "007",
    "00",
    " 5",
    "5 ",
    "5\n",
    "5\x00",
    "\ufeff5",
    "5\u200b",
    "",
    " ",
    "1,000",
    "1.000",
    "five",
]
NO_AMOUNTS = ["-5", "0", "-0", "1.5", "nan", "inf", "-inf", "Infinity", "1e400", "10^30", "\u22125"]


@pytest.mark.parametrize("text", OTHER_NOTATIONS)
def test_t13_only_the_plain_digits_0_to_9_are_read(text: str) -> None:
    """Several of these Python's int() takes."""
    with pytest.raises(BadAmount) as caught:
        parse_amount(text, most=1_000)
    assert caught.value.facts() == {"most": 1_000}
    with pytest.raises(BadNumber):
        parse_whole(text, least=0, most=1_000)
    with pytest.raises(BadRound):
        parse_round_no(text)


@given(st.text(st.characters(categories=["Nd", "Nl", "No"]), min_size=1, max_size=25))
def test_t13_a_number_of_any_other_script_is_refused(text: str) -> None:
    """Every digit that Unicode knows, but for ASCII's."""
    if not text.isascii():
        with pytest.raises(BadAmount):
            parse_amount(text, most=MAX_CREDITS)


@pytest.mark.parametrize("text", NO_AMOUNTS)
def test_t14_what_is_no_whole_number_above_zero_is_refused(text: str) -> None:
    """Negative, zero, broken, not a number."""
    with pytest.raises(BadAmount):
        parse_amount(text, most=1_000)


@pytest.mark.parametrize("text", [str(10**30), "9" * 5_000, "1" * 20, "1001", str(MAX_CREDITS)])
def test_t14_what_is_too_much_or_too_long_is_refused(text: str) -> None:
    """With the most that would do."""
    with pytest.raises(AmountTooLarge) as caught:
        parse_amount(text, most=1_000)
    assert caught.value.facts() == {"most": 1_000}


@pytest.mark.parametrize("digits", [20, 5_000])
def test_t14_the_length_is_checked_before_the_conversion(
    digits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A number that is too long never reaches int()."""

    def no_conversion(text: str) -> int:
        raise AssertionError(f"{len(text)} digits were converted")

    monkeypatch.setattr(amounts, "int", no_conversion, raising=False)
    with pytest.raises(AmountTooLarge):
        parse_amount("9" * digits, most=1_000)
    with pytest.raises(AssertionError):
        parse_amount("9" * 19, most=1_000)


@pytest.mark.parametrize("text", [str(MAX_CREDITS + 1), str(2**64), "9999999999999999999"])
def test_t15_more_than_64_bits_hold_is_refused_whatever_the_limit(text: str) -> None:
    """The limit itself is capped."""
    with pytest.raises(AmountTooLarge) as caught:
        parse_amount(text, most=10**30)
    assert caught.value.facts() == {"most": MAX_CREDITS}
    with pytest.raises(BadRound):
        parse_round_no(text)


def test_t15_the_largest_64_bit_number_is_read_exactly() -> None:
    """Nothing passes through a float."""
    assert parse_amount(str(MAX_CREDITS), most=10**30) == MAX_CREDITS
    assert parse_round_no(str(MAX_CREDITS)) == MAX_CREDITS


@given(st.integers(1, MAX_CREDITS))
def test_every_plain_number_in_range_is_read_as_it_is(value: int) -> None:
    """From one to the most."""
    assert parse_amount(str(value), most=MAX_CREDITS) == value
    assert parse_amount(str(value), most=value) == value


@given(st.text(max_size=30), st.integers(1, 10**6))
def test_whatever_is_read_is_the_plain_form_of_a_number_in_range(text: str, most: int) -> None:
    """And whatever isn't is refused with an error for the player."""
    try:
        value = parse_amount(text, most=most)
    except UserError:
        return
    assert str(value) == text
    assert 1 <= value <= most


@pytest.mark.parametrize(("text", "value"), [("0", 0), ("3", 3), ("7", 7)])
def test_a_whole_number_may_be_zero_where_zero_is_allowed(text: str, value: int) -> None:
    """The bounds belong to the range."""
    assert parse_whole(text, least=0, most=7) == value


@pytest.mark.parametrize("text", ["0", "8", "99999999999999999999"])
def test_a_whole_number_out_of_range_is_refused_with_the_range(text: str) -> None:
    """So the player can be told."""
    with pytest.raises(BadNumber) as caught:
        parse_whole(text, least=1, most=7)
    assert caught.value.facts() == {"least": 1, "most": 7}


def test_rounds_count_from_one() -> None:
    """There is no round zero."""
    assert parse_round_no("1") == 1
    with pytest.raises(BadRound):
        parse_round_no("0")
