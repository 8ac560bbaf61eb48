"""Showing screens: sent at once as a new message, or put in place of the one whose button was pressed."""

from typing import cast

from telegram import CallbackQuery, InlineKeyboardMarkup, LinkPreviewOptions, Message, ReplyParameters, Update
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


async def show(update: Update, text: str, keyboard: InlineKeyboardMarkup | None = None) -> None:
    """Show ``text`` (Telegram HTML): in place of the screen whose button was pressed, else as a new message."""
    if update.callback_query is not None:
        await replace(update.callback_query, text, keyboard)
    else:
        await answer(cast("Message", update.effective_message), text, keyboard)


async def answer(message: Message, text: str, keyboard: InlineKeyboardMarkup | None = None) -> None:
    """Send ``text`` (Telegram HTML) to where ``message`` came from; in groups as a reply to it.

    Raises:
        ChatMigrated: the group became a supergroup, and the text was sent there.
    """
    try:
        await _send(message, text, keyboard)
    except ChatMigrated as error:
        await message.get_bot().send_message(
            error.new_chat_id,
            text,
            parse_mode=ParseMode.HTML,
            reply_markup=keyboard,
            link_preview_options=_NO_PREVIEW,
        )
        raise


async def _send(message: Message, text: str, keyboard: InlineKeyboardMarkup | None) -> None:
    in_group = message.chat.type != "private"
    await message.get_bot().send_message(
        message.chat_id,
        text,
        parse_mode=ParseMode.HTML,
        reply_markup=keyboard,
        message_thread_id=message.message_thread_id if message.is_topic_message else None,
        reply_parameters=ReplyParameters(message.message_id, allow_sending_without_reply=True)
        if in_group
        else None,
        link_preview_options=_NO_PREVIEW,
    )


async def replace(query: CallbackQuery, text: str, keyboard: InlineKeyboardMarkup | None = None) -> None:
    """Put ``text`` in place of the message whose button was pressed; one that is gone is left alone."""
    try:
        await query.edit_message_text(
            text, parse_mode=ParseMode.HTML, reply_markup=keyboard, link_preview_options=_NO_PREVIEW
        )
    except BadRequest as error:
        reason = error.message.lower()
        if "not modified" not in reason and "not found" not in reason and "can't be edited" not in reason:
            raise
    except TypeError:
        return  # the message is too old: Telegram doesn't show it to bots any more
