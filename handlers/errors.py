"""From errors to words: players are told what they can do; everything else is kept for the worker."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from telegram import Message, PreCheckoutQuery, Update
from telegram.error import BadRequest, ChatMigrated, Forbidden, RetryAfter

from handlers.context import App, Context, read
from handlers.screens import answer, replace
from handlers.words import Words, language_of
from services.errors import UserError
from services.forgotten import Forgotten, StalePlayer

CALLBACK_TEXT_MOST = 200
_HARMLESS = (
    "query is too old",
    "not enough rights",
    "chat_write_forbidden",
    "topic_closed",
    "message thread not found",
)


@dataclass(slots=True)
class Handling:
    """How the handling of one update went: what failed, or why the player was refused."""

    error: BaseException | None = None
    refused: str | None = None


_handling: ContextVar[Handling | None] = ContextVar("handling", default=None)


@contextmanager
def watched() -> Iterator[Handling]:
    """Collect how handlers fare, which the library otherwise keeps to itself."""
    handling = Handling()
    mark = _handling.set(handling)
    try:
        yield handling
    finally:
        _handling.reset(mark)


async def on_error(update: object, context: Context) -> None:
    """Tell a player of an error that is his to mend; keep all others for the worker."""
    error = cast("Exception", context.error)
    handling = _handling.get() or Handling()
    if isinstance(error, ChatMigrated) and isinstance(update, Update) and update.effective_chat is not None:
        await _move(handling, update.effective_chat.id, error.new_chat_id, context)
        return
    if isinstance(error, StalePlayer):
        context.services.meet.drop(error.player_id)  # the next try meets him anew
    if not isinstance(error, UserError) or not isinstance(update, Update):
        _keep(handling, error)
        return
    which = _which(error)
    handling.refused = f"{error.code}.{which}" if which else error.code
    try:
        await _tell(update, context, error)
    except Exception as second:
        _keep(handling, second)


async def _move(handling: Handling, old: int, new: int, context: Context) -> None:
    """Learn from a refusal that a group became a supergroup."""
    try:
        await context.services.merge_chats(old=old, new=new)
    except Exception as second:
        _keep(handling, second)


def _keep(handling: Handling, error: BaseException) -> None:
    if handling.error is None and not _is_harmless(error):
        handling.error = error


def _is_harmless(error: BaseException) -> bool:
    """Return whether it is no bug of ours: a chat that takes nothing now, a button's answer that is too late."""
    if isinstance(error, Forbidden | RetryAfter):
        return True
    return isinstance(error, BadRequest) and any(text in error.message.lower() for text in _HARMLESS)


def words_of(error: UserError, words: Words, *, in_group: bool = False, plain: bool = False) -> str:
    """Return the words for an error, with its facts; in a group without a player's own figures."""
    key, which = f"error.{error.code}", _which(error) or ("group" if in_group else "")
    if f"error.{error.code}.{which}" in words:
        key = f"error.{error.code}.{which}"
    facts = {
        name: value
        for name, value in error.facts().items()
        if isinstance(value, int | str | timedelta | datetime)
    }
    return (words.plain if plain else words)(key, **facts)


def _which(error: UserError) -> str | None:
    """Return which of several things it was that an error speaks of, if it says so."""
    return getattr(error, "pressed", None) or getattr(error, "why", None)


async def _tell(update: Update, context: Context, error: UserError) -> None:
    if update.pre_checkout_query is not None:
        query = update.pre_checkout_query
        chosen = getattr(error, "language", None)
        words = context.services.words[language_of(chosen or query.from_user.language_code)]
        await _refuse_payment(query, words_of(error, words, plain=True))
        return
    if isinstance(error, Forgotten):
        await _tell_forgotten(update, context, error)
        return
    reader = await read(update, context)
    if update.callback_query is not None:
        text = words_of(error, reader.words, plain=True)
        await update.callback_query.answer(text[:CALLBACK_TEXT_MOST], show_alert=True)
    elif update.effective_message is not None:
        await answer(update.effective_message, words_of(error, reader.words, in_group=reader.in_group))


async def _tell_forgotten(update: Update, context: Context, error: Forgotten) -> None:
    """Tell who presses a button that he was forgotten; nothing is looked up, or he would be known again."""
    query = update.callback_query
    if query is None:
        return
    words = context.services.words[language_of(query.from_user.language_code)]
    await query.answer(words_of(error, words, plain=True), show_alert=True)
    if isinstance(query.message, Message) and query.message.chat.type == "private":
        await replace(query, words("forget.done"))


async def _refuse_payment(query: PreCheckoutQuery, text: str) -> None:
    """Tell a player why he can't pay; Telegram waits 10 s for it, so nothing is looked up."""
    await query.answer(ok=False, error_message=text[:CALLBACK_TEXT_MOST])


async def tell_number(application: App, update: Update, number: str) -> None:
    """Tell the player of a bug the number under which operators find it; never fails."""
    with suppress(Exception):  # an update that breaks the handlers may break this as well
        await _say_number(application, update, number)


async def _say_number(application: App, update: Update, number: str) -> None:
    user = update.effective_user
    words = application.bot_data["services"].words[language_of(user.language_code if user else None)]
    if update.pre_checkout_query is not None:
        await _refuse_payment(update.pre_checkout_query, words.plain("error.internal", number=number))
    elif update.callback_query is not None:
        text = words.plain("error.internal", number=number)
        await update.callback_query.answer(text[:CALLBACK_TEXT_MOST], show_alert=True)
    elif update.effective_message is not None and update.edited_message is None:
        await answer(update.effective_message, words("error.internal", number=number))


def register(application: App) -> None:
    """Translate errors of all handlers."""
    application.add_error_handler(on_error)
