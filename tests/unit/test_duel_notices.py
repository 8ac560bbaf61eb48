"""What players read of duels: the question with its buttons, and every notice in every language."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.duel_notices import DUEL_NOTICES
from handlers.duel_question import CELLS, cells_of, question_keyboard, question_text
from handlers.notices import render
from handlers.text import utf16_len
from handlers.words import LANGUAGES, Words
from services.duels.shown import ShownQuestion
from services.pricing import PriceRule
from services.questions.packs import Category
from services.rules import GameRules

RULES = GameRules(price=PriceRule())
SHOWN = ShownQuestion(
    duel_id=2**62,
    category="science",
    position=4,
    total=5,
    text="Is 1 < 2 & 3 > 2?",
    options=["Yes", "No", "A <b>bold</b> one", "x" * 32],
    commitment="ab" * 32,
)
ANA: dict[str, Any] = {"name": "Ana <b>", "is_alias": False}
HIDDEN: dict[str, Any] = {"name": None, "is_alias": False}
TOLD: dict[str, Any] = {
    "duel": 3,
    "player": 1,
    "category": "words",
    "stake": 500,
    "receipt": "D3",
    "balance": 940,
}
SCORES: dict[str, Any] = {"right": 3, "time_ms": 7_412, "their_right": 2, "their_time_ms": 9_000, "total": 5}
END = {**TOLD, **SCORES, "bounty": 800, "rake": 200, "returned": 800, "other": HIDDEN}
RESULT = {
    "winner": {**ANA, "right": 3, "time_ms": 7_412},
    "loser": {**HIDDEN, "right": 2, "time_ms": 9_000},
    "category": "arts",
    "bounty": 800,
    "total": 5,
    "commitment": "ab",
}
SAMPLES: list[tuple[str, dict[str, Any]]] = [
    ("duel_question", {**SHOWN.facts(), "stake": 500, "seconds": 15.0}),
    *(
        ("duel_waiting", {**TOLD, **SCORES, "answered": 4, "seconds": 60, "is_paired": is_paired})
        for is_paired in (True, False)
    ),
    ("duel_paired", TOLD),
    ("duel_won", END | {"receipt": 12}),
    ("duel_lost", END),
    ("duel_tie", END),
    ("duel_refunded", {**TOLD, "returned": 525, "bonus": 25, "why": None}),
    *(
        ("duel_refunded", {**TOLD, "returned": 500, "bonus": 0, "why": why})
        for why in (None, "unanswered", "today", "budget")
    ),
    *(("duel_void", {**TOLD, "returned": 500, "why": why}) for why in ("not_sent", "down", "doubt")),
    ("duel_back", {**TOLD, "returned": 500, "receipt": 7}),
    ("duel_result", RESULT | {"is_tie": True}),
    ("duel_result", RESULT | {"is_tie": False}),
    ("challenge_expired", {"telegram_id": -5, "edit": 9, "who": ANA, "category": "leisure"}),
]


def test_every_notice_has_a_sample_here() -> None:
    assert {notice for notice, _ in SAMPLES} == set(DUEL_NOTICES)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("notice", "facts"), SAMPLES)
def test_every_notice_can_be_said(notice: str, facts: dict[str, Any], language: Any) -> None:
    (message,) = render(notice, facts, Words(language), RULES)
    assert message["parse_mode"] == "HTML"
    assert 0 < utf16_len(message["text"]) < 1_000
    assert "<Ana" not in message["text"]
    assert "Ana <b>" not in message["text"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_category_has_a_name_that_fits_a_button(language: Any) -> None:
    words = Words(language)
    for category in Category:
        name = words.plain(f"category.{category}")
        assert utf16_len(words.plain("duel.corner", category=name, n=1_000)) <= 40


def test_options_are_whole_rows_and_their_data_fits() -> None:
    rows = question_keyboard(SHOWN).inline_keyboard
    assert [[button.text for button in row] for row in rows] == [[option] for option in SHOWN.options]
    data = [str(button.callback_data) for row in rows for button in row]
    assert data == [f"d:{2**62}:4:{place}" for place in range(4)]
    assert all(len(one) <= 64 for one in data)


def test_the_question_is_shown_with_progress_time_and_commitment_and_nothing_is_interpreted() -> None:
    text = question_text(SHOWN, Words("en"), left=timedelta(seconds=7.5), time=timedelta(seconds=15))
    head, question, foot = text.split("\n\n")
    assert head == "●●●●○  ▰▰▰▰▰▱▱▱▱▱ 8 seconds"
    assert question == "<b>Is 1 &lt; 2 &amp; 3 &gt; 2?</b>"
    assert SHOWN.commitment in foot


@given(st.integers(-10_000, 700_000), st.integers(5_000, 600_000))
def test_the_bar_is_never_longer_than_its_time(left_ms: int, time_ms: int) -> None:
    cells = cells_of(timedelta(milliseconds=left_ms), timedelta(milliseconds=time_ms))
    assert 0 <= cells <= CELLS
    assert (cells == 0) == (left_ms <= 0)
    assert cells_of(timedelta(milliseconds=time_ms), timedelta(milliseconds=time_ms)) == CELLS
