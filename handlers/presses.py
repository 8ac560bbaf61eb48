"""Presses of buttons that act: pay or cancel a message, give or keep a gift, reset a pot, take a break."""

from typing import cast

from telegram import CallbackQuery, Update
from telegram.ext import CallbackQueryHandler

from handlers.admins import admin_rights
from handlers.context import App, Context, Reader, read
from handlers.keyboards import ACT
from handlers.navigation import acknowledge
from handlers.screens import replace
from services.presses import Done
from services.reset import NotAdmin

TOKEN_MOST = 32


async def on_press(update: Update, context: Context) -> None:
    """Do what the button stands for, then put what was done in the place of the question."""
    query = cast("CallbackQuery", update.callback_query)
    reader = await read(update, context)
    token = (query.data or "").removeprefix(ACT)[:TOKEN_MOST]
    done = await _press(context, reader, token)
    await acknowledge(query)
    await replace(query, _words_of(done, reader))


async def _press(context: Context, reader: Reader, token: str) -> Done:
    """Press, and where only an admin may, ask Telegram whether this is one now and press again.

    Raises:
        NotAdmin: he is none (any more).
    """
    press, player_id, chat_id = context.services.press, reader.player_id, reader.chat_id
    try:
        return await press(token=token, player_id=player_id, chat_id=chat_id)
    except NotAdmin:
        if not await admin_rights(context, reader.chat.id, reader.user.id, live=True):
            raise
    return await press(token=token, player_id=player_id, chat_id=chat_id, is_admin=True)


def _words_of(done: Done, reader: Reader) -> str:
    match done.action:
        case "pay":
            return reader.words("guard.paid", price=done.facts["price"])
        case "cancel":
            return reader.words("guard.cancelled")
        case "gift":
            return reader.words("contribute.confirmed", amount=done.facts["credits"])
        case "break":
            return reader.words("break.taken", until=done.facts["until"])
        case "break_keep":
            return reader.words("break.kept")
        case "forget":
            return reader.words("forget.done")
        case "forget_keep":
            return reader.words("forget.kept")
        case "reset_carry" | "reset_refund":
            return reader.words("reset.confirmed")
        case "reset_keep":
            return reader.words("reset.kept")
        case _:
            return reader.words("contribute.kept")


def register(application: App) -> None:
    """Listen to presses of buttons that act."""
    application.add_handler(CallbackQueryHandler(on_press, pattern=f"^{ACT}"))
