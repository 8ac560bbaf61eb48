"""The buttons from one screen to the others."""

from typing import Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from handlers.keyboards import rows
from handlers.navigation import Look

_PRIVATE: Final = ("price", "balance", "history", "pot", "duel", "fair", "help")
_GROUP: Final = ("price", "pot", "fair", "help")
_OF_POTS: Final = frozenset({"pot", "fair"})
_PER_ROW: Final = 3


def shortcuts(look: Look, here: str) -> InlineKeyboardMarkup:
    """Return the way from the screen ``here`` to the others."""
    has_duels = look.rules.duels.enabled
    topics = [
        topic
        for topic in (_GROUP if look.reader.in_group else _PRIVATE)
        if topic != here and (look.has_pot or topic not in _OF_POTS) and (has_duels or topic != "duel")
    ]
    buttons = [look.go(f"button.{topic}", topic) for topic in topics]
    return rows(*_in_rows(buttons))


def _in_rows(buttons: list[InlineKeyboardButton]) -> list[list[InlineKeyboardButton]]:
    """Spread buttons over as few rows as needed, evenly."""
    count = -(-len(buttons) // _PER_ROW)
    size = -(-len(buttons) // max(1, count))
    return [buttons[start : start + size] for start in range(0, len(buttons), max(1, size))]
