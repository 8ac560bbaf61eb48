"""Snippets: the part around the first hit, with all hits marked, whatever the texts hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.snippets import ELLIPSIS, has_hit, snippet, without_marks, words_in


def shown(text: str, wanted: str, most: int = 40) -> str:
    """Return a snippet with its hits in brackets."""
    pieces = snippet(text, wanted, most=most)
    return "".join(f"[{piece.text}]" if piece.is_hit else piece.text for piece in pieces)


@pytest.mark.parametrize(
    ("text", "wanted", "expected"),
    [
        ("The café is open", "CAFE", "The [café] is open"),
        ("El cafe está aquí", "café aqui", "El [cafe] está [aquí]"),
        ("cats catalogue", "cat", "[cats] [catalogue]"),
        ("cat catalogue", "cat x", "[cat] catalogue"),
        ("don't stop", "don't", "[don't] stop"),
        ("pay 100% now", "100%", "pay [100]% now"),
        ("a 🍕 b", "🍕", "a [🍕] b"),
        ("nothing here", "else", "nothing here"),
        ("", "word", ""),
        ("İstanbul ist groß", "istanbul", "[İstanbul] ist groß"),
        ("x (.*) y", ".*", "x ([.*]) y"),
    ],
)
def test_words_are_marked_where_they_stand(text: str, wanted: str, expected: str) -> None:
    assert shown(text, wanted) == expected


def test_a_long_text_is_cut_around_the_first_hit_between_words() -> None:
    text = "lorem ipsum " * 50 + "the needle is here " + "dolor sit " * 50
    found = shown(text, "needle")
    assert found.startswith(f"{ELLIPSIS}")
    assert found.endswith(ELLIPSIS)
    assert "[needle] is here" in found
    assert len(found) <= 45


def test_a_long_text_without_a_hit_begins_at_its_beginning() -> None:
    assert shown("first words " * 20, "needle").startswith("first words")


@given(st.text(max_size=300), st.text(min_size=1, max_size=30), st.integers(10, 200))
def test_a_snippet_is_a_part_of_its_text(text: str, wanted: str, most: int) -> None:
    pieces = snippet(text, wanted, most=most)
    assert "".join(piece.text for piece in pieces).strip(ELLIPSIS) in text
    assert all(piece.text for piece in pieces)


def test_only_what_has_a_letter_or_a_digit_is_a_word() -> None:
    assert words_in("a % -- 1! _ é 🍕") == ["a", "1!", "é"]
    assert not has_hit(snippet("text", "else", most=10))


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("**10%**, rounded down", "10%, rounded down"),
        ("The pot: **48 credits**, prize `43`", "The pot: 48 credits, prize 43"),
        ("## Soup\nStir it", "Soup\nStir it"),
        ("```python\nprint(1)\n```", "print(1)\n"),
        ("2 ** 3 ** 4 and snake_case_name", "2 ** 3 ** 4 and snake_case_name"),
        ("**open and\nshut**", "**open and\nshut**"),
        ("", ""),
    ],
)
def test_an_answer_loses_its_marks_and_no_word(answer: str, expected: str) -> None:
    assert without_marks(answer) == expected
