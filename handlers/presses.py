"""Presses of buttons that act: pay or cancel a message, give or keep a gift."""

from typing import cast

from telegram import CallbackQuery, Update
from telegram.ext import CallbackQueryHandler

from handlers.context import App, Context, Reader, read
from handlers.keyboards import ACT
from handlers.navigation import acknowledge
from handlers.screens import replace
from services.presses import Done

TOKEN_MOST = 32


async def on_press(update: Update, context: Context) -> None:
    """Do what the button stands for, then put what was done in the place of the question."""
    query = cast("CallbackQuery", update.callback_query)
    reader = await read(update, context)
    token = (query.data or "").removeprefix(ACT)[:TOKEN_MOST]
    done = await context.services.press(token=token, player_id=reader.player_id, chat_id=reader.chat_id)
    await acknowledge(query)
    await replace(query, _words_of(done, reader))


def _words_of(done: Done, reader: Reader) -> str:
    match done.action:
        case "pay":
            return reader.words("guard.paid", price=done.facts["price"])
        case "cancel":
            return reader.words("guard.cancelled")
        case "gift":
            return reader.words("contribute.confirmed", amount=done.facts["credits"])
        case _:
            return reader.words("contribute.kept")


def register(application: App) -> None:
    """Listen to presses of buttons that act."""
    application.add_handler(CallbackQueryHandler(on_press, pattern=f"^{ACT}"))
