"""What no topic knows: commands that don't exist, and buttons of other times or other people's making."""

from contextlib import suppress
from typing import Final, cast

from telegram import CallbackQuery, Message, Update
from telegram.error import BadRequest
from telegram.ext import ApplicationHandlerStop, CallbackQueryHandler, MessageHandler, filters

from handlers.context import App, Context, read
from handlers.players import NEW_FROM_PLAYER, is_place
from handlers.screens import answer
from handlers.words import language_of
from services.buttons import ExpiredButton

_BEFORE_ALL: Final = -1


async def on_unknown(update: Update, context: Context) -> None:
    """Say that a command is unknown; in groups only if it names this bot, since it may be another's."""
    message = cast("Message", update.effective_message)
    if message.chat.type == "private" or is_addressed(message, context.bot.username):
        reader = await read(update, context)
        await answer(message, reader.words("error.unknown_command"))


def is_addressed(message: Message, username: str) -> bool:
    """Return whether the command at the start of a message names the bot: ``/command@bot``."""
    command = (message.text or "").split(maxsplit=1)[:1]
    return bool(command) and command[0].casefold().endswith(f"@{username.casefold()}")


async def on_any_press(update: Update, context: Context) -> None:
    """Stop a press under no message of a chat of the game, before any topic looks.

    The message is too old for Telegram to show it, or the press is forged.
    """
    query = cast("CallbackQuery", update.callback_query)
    if is_place(update.effective_chat) and not query.from_user.is_bot:
        return
    words = context.services.words[language_of(query.from_user.language_code)]
    with suppress(BadRequest):
        await query.answer(words.plain("error.expired_button"), show_alert=True)
    raise ApplicationHandlerStop


async def on_unknown_press(update: Update, context: Context) -> None:
    """Refuse a button that nobody knows.

    Raises:
        ExpiredButton: always.
    """
    raise ExpiredButton


def register(application: App) -> None:
    """Listen to what is left; this comes after all other topics."""
    application.add_handler(CallbackQueryHandler(on_any_press), group=_BEFORE_ALL)
    application.add_handler(MessageHandler(NEW_FROM_PLAYER & filters.COMMAND, on_unknown))
    application.add_handler(CallbackQueryHandler(on_unknown_press))
