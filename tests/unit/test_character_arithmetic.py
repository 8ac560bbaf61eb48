"""Sums in messages: exact, small, and never dangerous."""

import time
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.character.intents import sum_in
from handlers.words import Language


@pytest.mark.parametrize(
    ("text", "language", "shown", "value"),
    [
        ("2+2", "en", "2 + 2", 4),
        ("what is 12*(3+4)?", "en", "12 × (3 + 4)", 84),
        ("calculate 10 / 4", "en", "10 ÷ 4", Fraction(5, 2)),
        ("How much is 7 plus 8 times 2?", "en", "7 + 8 × 2", 23),
        ("what's 100 divided by 8", "en", "100 ÷ 8", Fraction(25, 2)),
        ("-3 + 5 =", "en", "−3 + 5", 2),
        ("2 - -3", "en", "2 − −3", 5),
        ("6 x 7", "en", "6 × 7", 42),
        ("1,000 + 0.5", "en", "1,000 + 0.5", Fraction(2001, 2)),
        ("¿cuánto es 1.000 más 2,5?", "es", "1.000 + 2,5", Fraction(2005, 2)),
        ("calcula 12 entre 5", "es", "12 ÷ 5", Fraction(12, 5)),
        ("cuanto es 3 por 4 menos 2", "es", "3 × 4 − 2", 10),
        ("((((1+1))))", "en", "((((1 + 1))))", 2),
    ],
)
def test_a_sum_is_found_and_worked_out(text: str, language: Language, shown: str, value: Fraction) -> None:
    found = sum_in(text, language)
    assert found is not None
    assert (found.shown, found.value) == (shown, value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "42",
        "call me at 555-1234 tonight",
        "we met on 2024-05-12",
        "I am available 24/7",
        "and/or",
        "٢+٢",
        "²+²",
        "give me 1,000 credits",
    ],
)
def test_what_asks_for_no_sum_is_none(text: str) -> None:
    assert sum_in(text, "en") is None


@pytest.mark.parametrize("text", ["1/0", "what is 5/(3-3)", "0/0", "1/0/0"])
def test_nothing_is_divided_by_zero(text: str) -> None:
    found = sum_in(text, "en")
    assert found is not None
    assert (found.value, found.problem) == (None, "zero")


@pytest.mark.parametrize(
    "text",
    [
        "9**9**9",
        "9^9^9",
        "9 ** 99999999",
        "999999999999*999999999999*999999999999",
        "1234567890123456789 + 1",
        "9" * 4_000 + "*9",
        "1+" * 2_000 + "1",
        "(" * 200 + "1+1" + ")" * 200,
        "((((((((((1+1))))))))))",
        "1/999999999999/999999999999/999999999999",
        "1 + 2)",
        "(1 + 2",
        "1..2 + 3",
        "1,2,3 + 4",
        "007 + 1",
        "2 + (3 4)",
    ],
)
def test_what_is_too_big_or_too_odd_is_refused_in_a_moment(text: str) -> None:
    began = time.process_time()
    found = sum_in(text, "en")
    assert time.process_time() - began < 0.02
    assert found is not None
    assert (found.value, found.problem, found.shown) == (None, "limits", "")


@given(st.text(alphabet="0123456789+-*/().,^x ", max_size=60))
def test_no_text_of_signs_breaks_the_reader(text: str) -> None:
    found = sum_in(text, "en")
    assert found is None or (found.value is None) == (found.problem is not None)


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 10**6))
def test_sums_are_exact(one: int, two: int, three: int) -> None:
    found = sum_in(f"({one}+{two})*{one}-{two}/{three}", "en")
    assert found is not None
    assert found.value == (one + two) * one - Fraction(two, three)
