"""Sending files."""

from typing import IO

from telegram import InputFile, Message, ReplyParameters
from telegram.constants import ParseMode


async def send_file(message: Message, name: str, content: bytes | IO[bytes], caption: str) -> None:
    """Send a file with a caption (Telegram HTML) to where ``message`` is; in groups as a reply to it.

    An open file is sent piece by piece, and not read into memory.
    """
    in_group = message.chat.type != "private"
    await message.get_bot().send_document(
        message.chat_id,
        InputFile(content, filename=name, read_file_handle=False),
        caption=caption,
        parse_mode=ParseMode.HTML,
        message_thread_id=message.message_thread_id if message.is_topic_message else None,
        reply_parameters=ReplyParameters(message.message_id, allow_sending_without_reply=True)
        if in_group
        else None,
    )
