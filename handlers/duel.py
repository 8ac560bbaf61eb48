"""/duel: in private the way to a stake; in a group, a challenge to whoever accepts."""

from typing import cast

from telegram import CallbackQuery, Update
from telegram.ext import CallbackQueryHandler

from handlers.challenge import post_screen
from handlers.context import App, Context
from handlers.duel_screens import duel_screen, stake_screen
from handlers.keyboards import GO
from handlers.navigation import Look, Screen, acknowledge, on_command, pressed
from handlers.screens import replace
from services.buttons import ExpiredButton


async def on_corner(update: Update, context: Context) -> None:
    """Show what a button asks for: the categories, or what one of them costs; in a group, post the challenge.

    Raises:
        ExpiredButton: it asks for none, or its message can't be seen any more.
    """
    query = cast("CallbackQuery", update.callback_query)
    look = await pressed(update, context)
    screen = await _screen(look, query.message.message_id if query.message else 0)
    await acknowledge(query)
    await replace(query, screen.text, screen.keyboard)


async def _screen(look: Look, message_id: int) -> Screen:
    match look.arguments:
        case ():
            return await duel_screen(look)
        case (category,) if look.reader.in_group:
            return await post_screen(look, category, message_id)
        case (category,):
            return await stake_screen(look, category)
    raise ExpiredButton


def register(application: App) -> None:
    """Listen to /duel and its buttons."""
    application.add_handler(on_command("duel", duel_screen))
    application.add_handler(CallbackQueryHandler(on_corner, pattern=f"^{GO}duel:"))
