"""/export: a player's own conversations as a file, Markdown or JSON."""

import asyncio
from enum import StrEnum
from typing import Final, cast

from telegram import CallbackQuery, InlineKeyboardButton, Message, Update
from telegram.ext import CallbackQueryHandler, CommandHandler

from handlers.chats import only_key, parse_key
from handlers.context import App, Context, arguments
from handlers.export_text import markdown_file
from handlers.files import send_file
from handlers.keyboards import GO, rows
from handlers.navigation import Look, Screen, acknowledge, look_of, on_button, pointer, pressed
from handlers.players import NEW_FROM_PLAYER
from handlers.screens import answer
from services.buttons import ExpiredButton
from services.export import json_file

FILE_NAME: Final = "potluck-conversations"
ALL: Final = "all"
_ALL: Final = frozenset({ALL, "todo", "todas"})


class Format(StrEnum):
    """What a file is written in."""

    MARKDOWN = "md"
    """To be read."""
    JSON = "json"
    """To be used by programs."""


async def export_screen(look: Look) -> Screen:
    """Draw the choice of formats, for the conversation that goes on and for all."""
    return Screen(look.words("export.how"), rows(_formats(look, "current"), _formats(look, ALL)))


async def export_one(look: Look) -> Screen:
    """Draw the choice of formats for one conversation.

    Raises:
        ExpiredButton: the button was changed.
    """
    key = only_key(look)
    return Screen(
        look.words("export.which"), rows(_formats(look, key), [look.go("button.back", "chat", key)])
    )


def _formats(look: Look, which: object) -> list[InlineKeyboardButton]:
    name = which if which in (ALL, "current") else "current"
    return [look.go(f"button.export_{name}_{one}", "export_as", one, which) for one in Format]


async def on_export(update: Update, context: Context) -> None:
    """Send the file that is asked for, or ask which.

    Raises:
        NoConversation: there is nothing to export.
    """
    message = cast("Message", update.effective_message)
    look = await look_of(update, context, tuple(arguments(message).casefold().split(maxsplit=2)))
    if look.reader.in_group:
        screen = pointer(look, "export")
        await answer(message, screen.text, screen.keyboard)
        return
    match look.arguments:
        case (one,) if one in list(Format):
            await _send(look, message, Format(one), await _current(look))
        case (one, which) if one in list(Format) and which in _ALL:
            await _send(look, message, Format(one), None)
        case _:
            screen = await export_screen(look)
            await answer(message, screen.text, screen.keyboard)


async def on_export_button(update: Update, context: Context) -> None:
    """Send the file that a button asks for.

    Raises:
        NoConversation: there is nothing to export.
        ExpiredButton: the button was changed.
    """
    query = cast("CallbackQuery", update.callback_query)
    look = await pressed(update, context)
    message = query.message
    if look.reader.in_group or len(look.arguments) != 2 or not isinstance(message, Message):
        raise ExpiredButton
    one, which = look.arguments
    if one not in list(Format):
        raise ExpiredButton
    match which:
        case "current":
            key: int | None = await _current(look)
        case "all":
            key = None
        case _:
            key = parse_key(which)
    await _send(look, message, Format(one), key)
    await acknowledge(query)


async def _current(look: Look) -> int:
    reader = look.reader
    return await look.services.export.current(chat_id=reader.chat_id, thread_id=reader.thread_id)


async def _send(look: Look, message: Message, how: Format, key: int | None) -> None:
    """Send one conversation, or all of them without a key; the file is built beside the event loop."""
    reader = look.reader
    export = await look.services.export(
        player_id=reader.player_id, chat_id=reader.chat_id, conversation_id=key
    )
    if how is Format.JSON:
        content = await asyncio.to_thread(json_file, export)
    else:
        content = await asyncio.to_thread(markdown_file, export, look.words)
    caption = look.words(
        "export.caption_cut" if export.is_cut else "export.caption",
        turns=export.turns,
        n=len(export.conversations),
    )
    await send_file(message, f"{FILE_NAME}.{how}", content, caption)


def register(application: App) -> None:
    """Listen to /export and its buttons."""
    application.add_handler(CommandHandler("export", on_export, filters=NEW_FROM_PLAYER))
    application.add_handler(on_button("export", export_one, is_private=True))
    application.add_handler(CallbackQueryHandler(on_export_button, pattern=f"^{GO}export_as:"))
