"""What the outbox sends, as the parameters of sendMessage."""

from typing import Any

from telegram import InlineKeyboardMarkup


def html_payload(text: str, keyboard: InlineKeyboardMarkup | None = None) -> list[dict[str, Any]]:
    """Return one message of Telegram HTML, without previews of links."""
    message: dict[str, Any] = {
        "text": text,
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    }
    return [message | {"reply_markup": keyboard.to_dict()} if keyboard else message]
