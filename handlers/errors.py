"""From errors to words: players are told what they can do; everything else is kept for the worker."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from typing import cast

from telegram import Update
from telegram.error import BadRequest, Forbidden, TelegramError

from handlers.context import App, Context, read
from handlers.screens import answer
from handlers.words import Words, language_of
from services.buttons import UsedButton
from services.errors import UserError

CALLBACK_TEXT_MOST = 200
_failures: ContextVar[list[BaseException] | None] = ContextVar("failures", default=None)


@contextmanager
def failures_of() -> Iterator[list[BaseException]]:
    """Collect what handlers fail with, which the library otherwise keeps to itself."""
    failures: list[BaseException] = []
    mark = _failures.set(failures)
    try:
        yield failures
    finally:
        _failures.reset(mark)


async def on_error(update: object, context: Context) -> None:
    """Tell a player of an error that is his to mend; keep all others for the worker."""
    error = cast("Exception", context.error)
    failures = _failures.get()
    try:
        if isinstance(error, UserError) and isinstance(update, Update):
            await _tell(update, context, error)
        elif failures is not None and not _is_harmless(error):
            failures.append(error)
    except Exception as second:
        if failures is not None and not _is_harmless(second):
            failures.append(second)


def _is_harmless(error: BaseException) -> bool:
    """Return whether nothing is lost: nobody reads a blocked chat or waits for an old button's answer."""
    if isinstance(error, Forbidden):
        return True
    return isinstance(error, BadRequest) and "query is too old" in error.message.lower()


def words_of(error: UserError, words: Words, *, in_group: bool = False, plain: bool = False) -> str:
    """Return the words for an error, with its facts; in a group without a player's own figures."""
    key = f"error.{error.code}"
    variant = (
        f"{key}.{error.pressed}" if isinstance(error, UsedButton) else f"{key}.group" if in_group else key
    )
    if variant in words:
        key = variant
    facts = {name: value for name, value in error.facts().items() if isinstance(value, int | str | timedelta)}
    return (words.plain if plain else words)(key, **facts)


async def _tell(update: Update, context: Context, error: UserError) -> None:
    reader = await read(update, context)
    if update.callback_query is not None:
        text = words_of(error, reader.words, plain=True)
        await update.callback_query.answer(text[:CALLBACK_TEXT_MOST], show_alert=True)
    elif update.effective_message is not None:
        await answer(update.effective_message, words_of(error, reader.words, in_group=reader.in_group))


async def tell_number(application: App, update: Update, number: str) -> None:
    """Tell the player of a bug the number under which operators find it; never fails."""
    user = update.effective_user
    words = application.bot_data["services"].words[language_of(user.language_code if user else None)]
    try:
        if update.callback_query is not None:
            text = words.plain("error.internal", number=number)
            await update.callback_query.answer(text[:CALLBACK_TEXT_MOST], show_alert=True)
        elif update.effective_message is not None and update.edited_message is None:
            await answer(update.effective_message, words("error.internal", number=number))
    except TelegramError:
        return


def register(application: App) -> None:
    """Translate errors of all handlers."""
    application.add_error_handler(on_error)
