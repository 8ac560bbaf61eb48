"""Methods about the bot's name, descriptions and menu button."""

from bot.playground.errors import bad_request
from bot.playground.methods.commands import language_code
from bot.playground.models import Json
from bot.playground.registry import Call, method

_BUTTONS = frozenset({"default", "commands", "web_app"})


def _store(call: Call, texts: dict[str, str], name: str, limit: int, refusal: str) -> bool:
    text, code = call.text(name), language_code(call)
    if len(text) > limit:
        raise bad_request(refusal)
    if text:
        texts[code] = text
    else:
        texts.pop(code, None)
    call.core.signals.fire("bot")
    return True


def _read(call: Call, texts: dict[str, str], default: str = "") -> str:
    return texts.get(language_code(call), texts.get("", default))


@method("setMyName", "name language_code")
def set_my_name(call: Call) -> bool:
    """Set the bot's name, at most 64 characters."""
    return _store(call, call.core.profile.names, "name", 64, "BOT_TITLE_INVALID")


@method("getMyName", "language_code")
def get_my_name(call: Call) -> Json:
    """Return the bot's name."""
    return {"name": _read(call, call.core.profile.names, call.core.bot.first_name)}


@method("setMyDescription", "description language_code")
def set_my_description(call: Call) -> bool:
    """Set the text of the empty chat, at most 512 characters."""
    texts = call.core.profile.descriptions
    return _store(call, texts, "description", 512, "BOT_DESCRIPTION_INVALID")


@method("getMyDescription", "language_code")
def get_my_description(call: Call) -> Json:
    """Return the text of the empty chat."""
    return {"description": _read(call, call.core.profile.descriptions)}


@method("setMyShortDescription", "short_description language_code")
def set_my_short_description(call: Call) -> bool:
    """Set the text of the bot's profile, at most 120 characters."""
    texts = call.core.profile.short_descriptions
    return _store(call, texts, "short_description", 120, "BOT_SHORT_DESCRIPTION_INVALID")


@method("getMyShortDescription", "language_code")
def get_my_short_description(call: Call) -> Json:
    """Return the text of the bot's profile."""
    return {"short_description": _read(call, call.core.profile.short_descriptions)}


@method("setChatMenuButton", "chat_id menu_button")
def set_chat_menu_button(call: Call) -> bool:
    """Set what the button beside the message field does."""
    button = call.get("menu_button") or {"type": "default"}
    if not isinstance(button, dict) or button.get("type") not in _BUTTONS:
        raise bad_request("can't parse MenuButton: unsupported type specified")
    call.core.profile.menu_buttons[call.get("chat_id")] = button
    return True


@method("getChatMenuButton", "chat_id")
def get_chat_menu_button(call: Call) -> Json:
    """Return what the button beside the message field does."""
    buttons = call.core.profile.menu_buttons
    default = buttons.get(None, {"type": "default"})
    return buttons.get(call.get("chat_id"), default)
