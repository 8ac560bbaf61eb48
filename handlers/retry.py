"""/retry: a message that was left without an answer is asked again."""

from typing import cast

from telegram import Message, Update
from telegram.ext import CommandHandler

from handlers.context import App, Context, meet
from handlers.players import NEW_FROM_PLAYER
from handlers.said import message_of


async def on_retry(update: Update, context: Context) -> None:
    """Ask the player's last message here again.

    Raises:
        NothingToRetry: it was not left without an answer.
    """
    message = cast("Message", update.effective_message)
    met = await meet(update, context)
    await context.services.retry(message_of(message, met, "", always_paid=False))


def register(application: App) -> None:
    """Listen to /retry."""
    application.add_handler(CommandHandler("retry", on_retry, filters=NEW_FROM_PLAYER))
