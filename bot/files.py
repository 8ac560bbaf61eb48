"""Fetching the files of messages from Telegram."""

from telegram.error import TelegramError
from telegram.ext import ExtBot

from services.ports import FileUnavailable


class TelegramFiles:
    """Gets files through the Bot API."""

    def __init__(self, bot: ExtBot[None]) -> None:
        self._bot = bot

    async def fetch(self, file_id: str, most: int) -> bytes:
        """Return what is in a file; nothing of one that Telegram calls bigger is fetched.

        Raises:
            FileUnavailable: it can't be had, or is too big.
        """
        try:
            file = await self._bot.get_file(file_id)
            if (file.file_size or 0) > most:
                raise FileUnavailable(is_too_big=True)
            return bytes(await file.download_as_bytearray())
        except TelegramError:  # whose text may hold the address, and that the token
            raise FileUnavailable from None
