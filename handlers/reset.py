"""/reset: an admin closes the round of his group's pot; which way is asked by buttons that only he can press."""

from typing import cast

from telegram import CallbackQuery, Message, Update
from telegram.ext import CommandHandler

from handlers.admins import admin_rights
from handlers.anonymous import register_anonymous
from handlers.context import App, Context, Reader, read, thread_of
from handlers.navigation import acknowledge
from handlers.players import NEW_FROM_PLAYER
from handlers.screens import answer
from services.buttons import ExpiredButton
from services.reset import NotAdmin


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


async def on_open(update: Update, context: Context, message: Message) -> None:
    """Ask the admin who pressed the button under an anonymous admin's question; once each.

    Raises:
        ExpiredButton: there is no such button in private chats.
        NotAdmin: somebody else pressed it.
        PotsOff, ResetToday: there is nothing to reset, or not again today.
    """
    reader = await read(update, context)
    if not reader.in_group:
        raise ExpiredButton
    await _ask(context, reader, message, f"{reader.chat_id}:{message.message_id}:{reader.player_id}")
    await acknowledge(cast("CallbackQuery", update.callback_query))


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
    register_anonymous(application, "reset", on_open)
