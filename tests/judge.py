"""Judges the bot's calls by aiogram's models of the Bot API: types, unknown fields at any depth, lengths.

Plain validation lets unknown fields and too long texts pass; this doesn't.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import aiogram.methods
from aiogram.methods import TelegramMethod
from pydantic import BaseModel, ValidationError

from bot.playground.errors import ApiError
from bot.playground.html import parse_html
from bot.playground.telegram import Telegram
from bot.playground.utf16 import utf16_length

Params = dict[str, Any]
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_PARSE_MODES = frozenset({"HTML", "MarkdownV2", "Markdown"})
_ACTIONS = frozenset({"text", "style", "icon_custom_emoji_id"})
_MODELS: dict[str, type[TelegramMethod[Any]]] = {
    model.__api_method__: model
    for model in vars(aiogram.methods).values()
    if isinstance(model, type) and issubclass(model, TelegramMethod) and model is not TelegramMethod
}


def judge_call(method: str, params: Params) -> list[str]:
    """Return what is wrong with a call; empty for a valid one."""
    model = _MODELS.get(method)
    if model is None:
        return [f"{method}: no such method in the Bot API"]
    try:
        call = model.model_validate(params)
    except ValidationError as error:
        return [f"{method}: {_where(one['loc'])}: {one['msg']}" for one in error.errors()]
    problems = [f"unknown field {path}" for path in _unknown(call, "")]
    problems += [problem for check in _CHECKS for problem in check(method, params)]
    return [f"{method}: {problem}" for problem in problems]


def judge_journal(telegram: Telegram) -> list[str]:
    """Return what is wrong with any call that the fake Telegram remembers."""
    problems: list[str] = []
    for record in telegram.calls:
        uploads = {one["field"]: f"attach://{one['field']}" for one in record.files}
        wanted = {name: value for name, value in uploads.items() if not _attached(record.params, name)}
        found = judge_call(record.method, wanted | record.params)
        found += [f"{record.method}: {violation}" for violation in record.violations]
        problems += [f"call {record.n}: {problem}" for problem in dict.fromkeys(found)]
    return problems


def _attached(params: Params, name: str) -> bool:
    return f"attach://{name}" in params.values()


def _where(place: tuple[int | str, ...]) -> str:
    return ".".join(map(str, place)) or "call"


def _unknown(value: Any, path: str) -> Iterator[str]:
    """Yield the paths of the fields that no model knows."""
    if isinstance(value, BaseModel):
        yield from (f"{path}{name}" for name in value.model_extra or {})
        for name in value.__class__.model_fields:
            yield from _unknown(getattr(value, name), f"{path}{name}.")
    elif isinstance(value, list | tuple):
        for index, one in enumerate(value):
            yield from _unknown(one, f"{path}{index}.")


def _texts(method: str, params: Params) -> Iterator[str]:
    """Check lengths after parsing, and entities, of texts and captions."""
    limit = 200 if method == "answerCallbackQuery" else 4_096
    fields = (("text", "entities", limit), ("caption", "caption_entities", 1_024))
    for name, entities, longest in fields:
        if name in params:
            yield from _text(params, name, entities, longest)
    if method in ("sendMessage", "editMessageText") and not str(params["text"]).strip():
        yield "text is empty"
    mode = params.get("parse_mode")
    if mode is not None and mode not in _PARSE_MODES:
        yield f"unknown parse_mode {mode!r}"


def _text(params: Params, name: str, entities: str, longest: int) -> Iterator[str]:
    text = str(params[name])
    if params.get("parse_mode") == "HTML":
        try:
            text = parse_html(text)[0]
        except ApiError as error:
            yield f"{name}: {error.description}"
            return
    length = utf16_length(text)
    if length > longest:
        yield f"{name} has {length} UTF-16 units, at most {longest} are allowed"
    yield from _entities(params, entities, length)


def _entities(params: Params, name: str, length: int) -> Iterator[str]:
    given = params.get(name) or []
    if given and params.get("parse_mode"):
        yield f"{name} beside parse_mode is ignored"
    if len(given) > 100:
        yield f"{len(given)} {name}, at most 100 are allowed"
    for one in given:
        if one["offset"] < 0 or one["length"] < 1 or one["offset"] + one["length"] > length:
            yield f"{name}: {one['type']} at {one['offset']} + {one['length']} lies outside of the text"


def _keyboard(method: str, params: Params) -> Iterator[str]:
    markup = params.get("reply_markup")
    rows = markup.get("inline_keyboard") if isinstance(markup, dict) else None
    buttons = [one for row in rows or [] for one in row]
    if len(buttons) > 100:
        yield f"{len(buttons)} buttons, at most 100 are allowed"
    for one in buttons:
        if not str(one.get("text", "")).strip():
            yield "a button without text"
        if len(one.keys() - _ACTIONS) != 1:
            yield f"the button {one.get('text')!r} must do exactly one thing"
        if "callback_data" in one and not 1 <= _bytes(one["callback_data"]) <= 64:
            yield f"callback_data of {_bytes(one['callback_data'])} bytes, 1 to 64 are allowed"


def _bytes(value: Any) -> int:
    return len(str(value).encode())


def _commands(method: str, params: Params) -> Iterator[str]:
    commands = params.get("commands") or []
    if len(commands) > 100:
        yield f"{len(commands)} commands, at most 100 are allowed"
    for one in commands:
        if not _COMMAND.fullmatch(one["command"]):
            yield f"the command {one['command']!r} must be 1 to 32 of a-z, 0-9, _"
        if not 1 <= len(one["description"]) <= 256:
            yield f"the description of {one['command']!r} must have 1 to 256 characters"


def _own_texts(method: str, params: Params) -> Iterator[str]:
    for name, longest in (("description", 512), ("short_description", 120), ("name", 64)):
        if method.startswith("setMy") and len(str(params.get(name, ""))) > longest:
            yield f"{name} is longer than {longest} characters"


def _drafts(method: str, params: Params) -> Iterator[str]:
    if method == "sendMessageDraft":
        if int(params["draft_id"]) == 0:
            yield "draft_id must not be 0"
        if int(params["chat_id"]) < 0:
            yield "drafts are for private chats only"


def _webhooks(method: str, params: Params) -> Iterator[str]:
    if "secret_token" in params and not _SECRET.fullmatch(str(params["secret_token"])):
        yield "secret_token must be 1 to 256 of A-Z, a-z, 0-9, _ and -"
    if method == "getUpdates" and not 0 <= int(params.get("timeout", 0)) <= 50:
        yield "a poll lasts at most 50 s"
    if params.get("drop_pending_updates") is True:
        yield "drop_pending_updates would throw payments away"


def _polls(method: str, params: Params) -> Iterator[str]:
    if method != "sendPoll":
        return
    if not 1 <= utf16_length(str(params["question"])) <= 300:
        yield "a question has 1 to 300 characters"
    if not 1 <= len(params["options"]) <= 12:
        yield "a poll has at most 12 options"
    if any(not 1 <= utf16_length(str(one.get("text", ""))) <= 100 for one in params["options"]):
        yield "an option has 1 to 100 characters"
    if "open_period" in params and int(params["open_period"]) < 5:
        yield "open_period is at least 5 s"


def _invoices(method: str, params: Params) -> Iterator[str]:
    if method not in ("sendInvoice", "createInvoiceLink"):
        return
    if not 1 <= utf16_length(str(params["title"])) <= 32:
        yield "a title has 1 to 32 characters"
    if not 1 <= utf16_length(str(params["description"])) <= 255:
        yield "a description has 1 to 255 characters"
    if not 1 <= _bytes(params["payload"]) <= 128:
        yield "a payload has 1 to 128 bytes"
    if params["currency"] == "XTR":
        prices = params["prices"]
        if len(prices) != 1 or not 1 <= int(prices[0]["amount"]) <= 25_000:
            yield "Stars need exactly one price of 1 to 25,000"


_CHECKS: tuple[Callable[[str, Params], Iterator[str]], ...] = (
    _texts,
    _keyboard,
    _commands,
    _own_texts,
    _drafts,
    _webhooks,
    _polls,
    _invoices,
)
