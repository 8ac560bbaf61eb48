"""Checks reply markups: inline keyboards are kept with the message, the other kinds only looked at."""

from typing import Any

from bot.playground.errors import bad_request
from bot.playground.formatting import checked_url
from bot.playground.models import Json

_ACTIONS = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)
MAX_BUTTONS = 100
MAX_DATA_BYTES = 64


def read_markup(raw: Any, *, inline_only: bool = False) -> tuple[Json | None, bool]:
    """Return the inline keyboard to store, and whether the message stays editable.

    Raises:
        ApiError: a markup that Telegram refuses.
    """
    if raw in (None, "", {}):
        return None, True
    if not isinstance(raw, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in raw:
        return _inline(raw["inline_keyboard"]), True
    if inline_only:
        raise bad_request("inline keyboard expected")
    if "keyboard" in raw and not isinstance(raw["keyboard"], list):
        raise bad_request('field "keyboard" must be of type Array')
    if not {"keyboard", "remove_keyboard", "force_reply"} & set(raw):
        return None, True
    return None, False


def _inline(rows: Any) -> Json | None:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request('field "inline_keyboard" must be of type Array')
    kept = [[_button(button) for button in row] for row in rows if row]
    if sum(map(len, kept)) > MAX_BUTTONS:
        raise bad_request("reply markup is too long")
    return {"inline_keyboard": kept} if kept else None


def _button(raw: Any) -> Json:
    if not isinstance(raw, dict):
        raise _unreadable("expected an Object")
    if not isinstance(raw.get("text"), str):
        raise _unreadable('Can\'t find field "text"')
    if not any(name in raw for name in _ACTIONS):
        raise _unreadable("Text buttons are unallowed in the inline keyboard")
    if not raw["text"].strip():
        raise bad_request("BUTTON_TEXT_INVALID")
    if "callback_data" in raw:
        _check_data(raw["callback_data"])
    if "url" in raw:
        return raw | {"url": _url(raw["url"])}
    return dict(raw)


def _check_data(data: Any) -> None:
    if not isinstance(data, str) or not 1 <= len(data.encode("utf-8", "surrogatepass")) <= MAX_DATA_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")


def _url(url: Any) -> str:
    checked = checked_url(url) if isinstance(url, str) else None
    if checked is None:
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    return checked


def _unreadable(reason: str) -> Exception:
    return bad_request(f"can't parse inline keyboard button: {reason}")
