"""Admins who write as their group: they are asked to press a button, which tells who it is."""

from collections.abc import Awaitable, Callable
from typing import Final, cast

from telegram import CallbackQuery, InlineKeyboardButton, Message, Update
from telegram.ext import CallbackQueryHandler, CommandHandler, filters

from handlers.context import App, Context
from handlers.keyboards import GO, data_under, rows
from handlers.players import NOBODIES
from handlers.screens import answer
from handlers.words import language_of
from services.buttons import ExpiredButton

ANONYMOUS: Final = max(NOBODIES)
"""Telegram's stand-in for anonymous admins."""

_FROM_ANONYMOUS: Final = filters.UpdateType.MESSAGE & filters.User(ANONYMOUS) & filters.ChatType.GROUPS

Open = Callable[[Update, Context, Message], Awaitable[None]]
"""Does for whoever pressed the button, under the message it gets, what the command does for others."""


def register_anonymous(application: App, command: str, open_: Open) -> None:
    """Let anonymous admins use a command; it is ``open_`` that looks whether somebody may."""
    data = f"{GO}{command}_open:"

    async def on_command(update: Update, context: Context) -> None:
        message = cast("Message", update.effective_message)
        if message.sender_chat is None or message.sender_chat.id != message.chat_id:
            return
        words = context.services.words[language_of(None)]
        button = InlineKeyboardButton(words.plain(f"button.{command}_open"), callback_data=data)
        await answer(message, words(f"anonymous.{command}"), rows([button]))

    async def on_press(update: Update, context: Context) -> None:
        message = cast("CallbackQuery", update.callback_query).message
        if not isinstance(message, Message) or data_under(message) != [data]:
            raise ExpiredButton
        await open_(update, context, message)

    application.add_handler(CommandHandler(command, on_command, filters=_FROM_ANONYMOUS))
    application.add_handler(CallbackQueryHandler(on_press, pattern=f"^{data}$"))
