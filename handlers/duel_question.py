"""A question of a duel as a message: how far one is, the time left, and the options as buttons. No rules here."""

from datetime import timedelta
from typing import Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from handlers.keyboards import rows
from handlers.words import Words
from services.duels.shown import ShownQuestion

ANSWER: Final = "d:"
CELLS: Final = 10
"""The bar of the time that is left has so many."""


def question_text(shown: ShownQuestion, words: Words, *, left: timedelta, time: timedelta) -> str:
    """Return the text of a question, as Telegram HTML; ``left`` is what remains of ``time``."""
    return words(
        "duel.question",
        progress="●" * shown.position + "○" * (shown.total - shown.position),
        bar="▰" * cells_of(left, time) + "▱" * (CELLS - cells_of(left, time)),
        left=left,
        question=shown.text,
        category=words.plain(f"category.{shown.category}"),
        commitment=shown.commitment,
    )


def cells_of(left: timedelta, time: timedelta) -> int:
    """Return how many cells of the bar are full when ``left`` remains of ``time``."""
    return max(0, min(CELLS, -(-left * CELLS // time)))


def question_keyboard(shown: ShownQuestion) -> InlineKeyboardMarkup:
    """Return the options, each in a row of its own, so that a long one can be read."""
    data = f"{ANSWER}{shown.duel_id}:{shown.position}"
    return rows(
        *(
            [InlineKeyboardButton(option, callback_data=f"{data}:{place}")]
            for place, option in enumerate(shown.options)
        )
    )
