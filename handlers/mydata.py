"""/mydata: all that is held about a player, as a JSON file, zipped if it would be too large for Telegram."""

import asyncio
import tempfile
import zipfile
from collections.abc import AsyncIterator
from typing import IO, Final, cast

from telegram import Message, Update
from telegram.ext import CommandHandler

from handlers.context import App, Context
from handlers.files import send_file
from handlers.navigation import Look, Screen, look_of, pointer
from handlers.players import NEW_FROM_PLAYER
from handlers.screens import answer

NAME: Final = "potluck-mydata.json"
FILE_MOST: Final = 40 * 2**20
"""Bytes; Telegram takes 50 MB from bots."""
_IN_MEMORY: Final = 2**20


async def on_mydata(update: Update, context: Context) -> None:
    """Send the file, in private alone."""
    message = cast("Message", update.effective_message)
    look = await look_of(update, context, ())
    if look.reader.in_group:
        screen = pointer(look, "mydata")
        await answer(message, screen.text, screen.keyboard)
        return
    pieces = context.services.mydata(player_id=look.reader.player_id)
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as file:
        size = await _write(pieces, file)
        await _send(look, message, file, size)


async def _write(pieces: AsyncIterator[bytes], file: IO[bytes]) -> int:
    async for piece in pieces:
        file.write(piece)
    size = file.tell()
    file.seek(0)
    return size


async def _send(look: Look, message: Message, file: IO[bytes], size: int) -> None:
    caption = look.words("mydata.caption")
    if size <= FILE_MOST:
        await send_file(message, NAME, file, caption)
        return
    with tempfile.TemporaryFile() as packed:
        await asyncio.to_thread(_pack, file, packed)  # seconds of work
        await send_file(message, f"{NAME}.zip", packed, caption)


def _pack(file: IO[bytes], packed: IO[bytes]) -> None:
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive, archive.open(NAME, "w") as inner:
        while piece := file.read(_IN_MEMORY):
            inner.write(piece)
    packed.seek(0)


async def mydata_screen(look: Look) -> Screen:
    """Draw how to get the file."""
    return Screen(look.words("mydata.how"))


def register(application: App) -> None:
    """Listen to /mydata."""
    application.add_handler(CommandHandler("mydata", on_mydata, filters=NEW_FROM_PLAYER))
