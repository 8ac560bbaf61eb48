"""/new: the conversation of a chat or topic ends, and the next message begins another."""

from typing import cast

from telegram import CallbackQuery, Message, Update
from telegram.ext import CommandHandler

from handlers.admins import admin_rights
from handlers.anonymous import register_anonymous
from handlers.context import App, Context, Reader, read
from handlers.navigation import acknowledge
from handlers.players import NEW_FROM_PLAYER
from handlers.screens import answer, replace
from services.reset import NotAdmin


async def on_new(update: Update, context: Context) -> None:
    """End the conversation of this chat and topic, so that the next message begins another.

    Raises:
        NotAdmin: in a group only its admins may.
    """
    message, reader = cast("Message", update.effective_message), await read(update, context)
    await answer(message, await _begin_anew(context, reader))


async def on_open(update: Update, context: Context, _: Message) -> None:
    """Do it for the admin who pressed the button under an anonymous admin's question.

    Raises:
        NotAdmin: somebody else pressed it.
    """
    query, reader = cast("CallbackQuery", update.callback_query), await read(update, context)
    said = await _begin_anew(context, reader)
    await acknowledge(query)
    await replace(query, said)


async def _begin_anew(context: Context, reader: Reader) -> str:
    if reader.in_group and not await admin_rights(context, reader.chat.id, reader.user.id, live=False):
        raise NotAdmin
    has_ended = await context.services.begin_anew(
        player_id=reader.player_id, chat_id=reader.chat_id, thread_id=reader.thread_id
    )
    key = "new.done" if has_ended else "new.fresh"
    return reader.words(f"{key}.group" if reader.in_group else key)


def register(application: App) -> None:
    """Listen to /new and to the button for anonymous admins."""
    application.add_handler(CommandHandler("new", on_new, filters=NEW_FROM_PLAYER))
    register_anonymous(application, "new", on_open)
