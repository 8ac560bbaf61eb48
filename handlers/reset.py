"""/reset: an admin closes the round of his group's pot; which way is asked by buttons that only he can press."""

from typing import Final, cast

from telegram import CallbackQuery, InlineKeyboardButton, Message, Update
from telegram.ext import CallbackQueryHandler, CommandHandler, filters

from handlers.admins import admin_rights
from handlers.context import App, Context, Reader, read, thread_of
from handlers.keyboards import GO, rows
from handlers.navigation import acknowledge
from handlers.players import NEW_FROM_PLAYER, NOBODIES
from handlers.screens import answer
from handlers.words import language_of
from services.buttons import ExpiredButton
from services.reset import NotAdmin

OPEN: Final = f"{GO}reset_open:"
ANONYMOUS: Final = max(NOBODIES)
"""Telegram's stand-in for anonymous admins."""


async def on_reset(update: Update, context: Context) -> None:
    """Ask an admin which way; the question comes by the outbox, and nothing changes before its buttons.

    Raises:
        NotAdmin: the caller is none.
        PotsOff, ResetToday: there is nothing to reset, or not again today.
    """
    message = cast("Message", update.effective_message)
    reader = await read(update, context)
    if not reader.in_group:
        await answer(message, reader.words("reset.private"))
        return
    await _ask(context, reader, message, f"{reader.chat_id}:{message.message_id}")


async def on_anonymous(update: Update, context: Context) -> None:
    """Ask an anonymous admin to press a button, which tells who it is."""
    message = cast("Message", update.effective_message)
    if message.sender_chat is None or message.sender_chat.id != message.chat_id:
        return
    words = context.services.words[language_of(None)]
    button = InlineKeyboardButton(words.plain("button.reset_open"), callback_data=OPEN)
    await answer(message, words("reset.anonymous"), rows([button]))


async def on_open(update: Update, context: Context) -> None:
    """Ask the admin who pressed the button under an anonymous admin's question; once each.

    Raises:
        ExpiredButton: the data was put under another message.
        NotAdmin: somebody else pressed it.
        PotsOff, ResetToday: there is nothing to reset, or not again today.
    """
    query = cast("CallbackQuery", update.callback_query)
    reader = await read(update, context)
    message = query.message
    if not isinstance(message, Message) or not reader.in_group or _data_under(message) != [OPEN]:
        raise ExpiredButton
    await _ask(context, reader, message, f"{reader.chat_id}:{message.message_id}:{reader.player_id}")
    await acknowledge(query)


def _data_under(message: Message) -> list[object]:
    markup = message.reply_markup
    return [button.callback_data for line in (markup.inline_keyboard if markup else ()) for button in line]


async def _ask(context: Context, reader: Reader, message: Message, label: str) -> None:
    if not await admin_rights(context, reader.chat.id, reader.user.id, live=True):
        raise NotAdmin
    await context.services.ask_reset(
        player_id=reader.player_id,
        chat_id=reader.chat_id,
        thread_id=thread_of(message),
        reply_to=message.message_id,
        label=label,
    )


def register(application: App) -> None:
    """Listen to /reset and to the button for anonymous admins."""
    application.add_handler(CommandHandler("reset", on_reset, filters=NEW_FROM_PLAYER))
    anonymous = filters.UpdateType.MESSAGE & filters.User(ANONYMOUS) & filters.ChatType.GROUPS
    application.add_handler(CommandHandler("reset", on_anonymous, filters=anonymous))
    application.add_handler(CallbackQueryHandler(on_open, pattern=f"^{OPEN}$"))
