"""Buttons under messages. Those that act carry a token; those that show carry where to go and for whom."""

from collections.abc import Sequence

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, MaybeInaccessibleMessage, Message

ACT = "b:"
GO = "n:"


def act(text: str, token: str) -> InlineKeyboardButton:
    """Return a button that does something, once."""
    return InlineKeyboardButton(text, callback_data=ACT + token)


def go(text: str, topic: str, *arguments: object, owner: int | None = None) -> InlineKeyboardButton:
    """Return a button that shows something; with ``owner`` (our player key) to that player alone."""
    parts = [topic, *map(str, arguments), str(owner or "")]
    return InlineKeyboardButton(text, callback_data=GO + ":".join(parts))


def going(data: str) -> tuple[list[str], int | None]:
    """Return the arguments of such a button's data, and its owner; what is malformed comes back empty."""
    parts = data.removeprefix(GO).split(":")[1:]
    if not parts:
        return [], None
    owner = parts.pop()
    return parts, int(owner) if owner.isascii() and owner.isdigit() and len(owner) <= 18 else None


def rows(*lines: Sequence[InlineKeyboardButton]) -> InlineKeyboardMarkup:
    """Return a keyboard of the given rows; empty ones are left out."""
    return InlineKeyboardMarkup([list(line) for line in lines if line])


def data_under(message: MaybeInaccessibleMessage | None) -> list[object]:
    """Return the data of the buttons under a message, None for those without; empty if it can't be seen."""
    markup = message.reply_markup if isinstance(message, Message) else None
    return [button.callback_data for line in (markup.inline_keyboard if markup else ()) for button in line]
