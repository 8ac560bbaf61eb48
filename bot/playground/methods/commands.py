"""Methods about the bot's commands, per scope and language."""

import re
from typing import Any

from bot.playground.errors import bad_request
from bot.playground.models import Json
from bot.playground.profile import scope_key
from bot.playground.registry import Call, method

_NAME = re.compile(r"[a-z0-9_]+")
_LANGUAGE = re.compile(r"[a-z]{2}")
MAX_COMMANDS = 100


def language_code(call: Call) -> str:
    """Return the language of a call, empty for the default.

    Raises:
        ApiError: no two-letter code.
    """
    code = call.text("language_code")
    if code and not _LANGUAGE.fullmatch(code):
        raise bad_request("invalid language code specified")
    return code


def _key(call: Call) -> tuple[str, str]:
    scope = call.get("scope")
    key = scope_key(scope)
    if ":" in key:
        chat_id = scope["chat_id"]
        if chat_id not in call.core.chats and chat_id not in call.core.users:
            raise bad_request("chat not found")
    return key, language_code(call)


@method("setMyCommands", "commands! scope language_code")
def set_my_commands(call: Call) -> bool:
    """Set the commands of one scope and language."""
    raw = call.get("commands")
    if not isinstance(raw, list):
        raise bad_request("can't parse commands: expected an Array of BotCommand")
    if len(raw) > MAX_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    key, commands = _key(call), [_command(one) for one in raw]
    if commands:
        call.core.profile.commands[key] = commands
    else:
        call.core.profile.commands.pop(key, None)
    call.core.signals.fire("bot")
    return True


def _command(raw: Any) -> Json:
    if not isinstance(raw, dict):
        raise bad_request("can't parse BotCommand: expected an Object")
    for name in ("command", "description"):
        if not isinstance(raw.get(name), str):
            raise bad_request(f"can't parse BotCommand: Can't find field \"{name}\"")
    command, description = raw["command"].strip().removeprefix("/"), raw["description"].strip()
    if not command:
        raise bad_request("command must be non-empty")
    if len(command) > 32:
        raise bad_request("command length must not exceed 32")
    if not _NAME.fullmatch(command):
        raise bad_request("BOT_COMMAND_INVALID")
    if not description:
        raise bad_request("command description must be non-empty")
    if len(description) > 256:
        raise bad_request("command description length must not exceed 256")
    return {"command": command, "description": description}


@method("getMyCommands", "scope language_code")
def get_my_commands(call: Call) -> list[Json]:
    """Return the commands of one scope and language."""
    return call.core.profile.commands.get(_key(call), [])


@method("deleteMyCommands", "scope language_code")
def delete_my_commands(call: Call) -> bool:
    """Delete the commands of one scope and language."""
    call.core.profile.commands.pop(_key(call), None)
    call.core.signals.fire("bot")
    return True
