"""/stop: the player ends his answer under way, or cancels his messages that wait."""

from typing import cast

from telegram import Message, Update
from telegram.ext import CommandHandler

from handlers.context import App, Context, read
from handlers.players import NEW_FROM_PLAYER


async def on_stop(update: Update, context: Context) -> None:
    """Stop it; what became of it is told where the answer is, or by the outbox.

    Raises:
        NothingToStop: there is nothing of his.
    """
    message, reader = cast("Message", update.effective_message), await read(update, context)
    await context.services.stop(
        player_id=reader.player_id,
        chat_id=reader.chat_id,
        thread_id=reader.thread_id,
        message_id=message.message_id,
    )


def register(application: App) -> None:
    """Listen to the command; the button under a growing answer is one that acts."""
    application.add_handler(CommandHandler("stop", on_stop, filters=NEW_FROM_PLAYER))
