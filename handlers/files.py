"""Sending files."""

from telegram import InputFile, Message, ReplyParameters
from telegram.constants import ParseMode


async def send_file(message: Message, name: str, content: bytes, caption: str) -> None:
    """Send a file with a caption (Telegram HTML) to where ``message`` is; in groups as a reply to it."""
    in_group = message.chat.type != "private"
    await message.get_bot().send_document(
        message.chat_id,
        InputFile(content, filename=name),
        caption=caption,
        parse_mode=ParseMode.HTML,
        message_thread_id=message.message_thread_id if message.is_topic_message else None,
        reply_parameters=ReplyParameters(message.message_id, allow_sending_without_reply=True)
        if in_group
        else None,
    )
