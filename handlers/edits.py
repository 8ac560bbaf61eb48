"""Edited messages: what was asked is asked in its new words, or answered again."""

from typing import Final, cast

from telegram import Message, Update, User
from telegram.ext import MessageHandler, filters

from handlers.context import App, Context
from handlers.players import FROM_PLAYER
from handlers.said import kept, question_of
from services.edits import Edit

_EDITED: Final = filters.UpdateType.EDITED_MESSAGE & FROM_PLAYER & (filters.TEXT | filters.CAPTION)


async def on_edit(update: Update, context: Context) -> None:
    """Follow an edit; one of a message that was none for the bot is none of its business."""
    message, user = cast("Message", update.edited_message), cast("User", update.effective_user)
    text = question_of(message, context.bot.username)
    if text is None or not text.strip():
        return
    await context.services.edit(
        Edit(
            telegram_id=user.id,
            telegram_chat_id=message.chat_id,
            message_id=message.message_id,
            text=kept(text, context.services.rules.talk.question_chars),
        )
    )


def register(application: App) -> None:
    """Listen to edited messages."""
    application.add_handler(MessageHandler(_EDITED, on_edit))
