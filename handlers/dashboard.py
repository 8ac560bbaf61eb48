"""The dashboard of a group: its text, and its button, which answers to anybody."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from typing import Any, cast

from telegram import CallbackQuery, InlineKeyboardMarkup, Update
from telegram.error import BadRequest
from telegram.ext import CallbackQueryHandler

from handlers.context import App, Context, read
from handlers.keyboards import GO, go, rows
from handlers.words import Html, Words
from services.gifts import PotsOff

TOPIC = "dashboard"


def dashboard_text(facts: Mapping[str, Any], words: Words, *, house_bps: int) -> str:
    """Return what is true of a pot for everybody in its group."""
    wins = [
        words(
            "dashboard.win_item",
            day=date.fromisoformat(win["day"]),
            prize=win["prize"],
            round_no=win["round"],
            ticket=win["ticket"],
        )
        for win in facts["wins"]
    ]
    return words(
        "dashboard.screen",
        amount=facts["pot"],
        prize=facts["prize"],
        round_no=facts["round"],
        tickets=facts["tickets"],
        price=facts["prices"][0],
        cap=facts["prices"][1],
        chance_ppm=facts["ppm"][0],
        cap_ppm=facts["ppm"][1],
        house_bps=house_bps,
        wins=Html("\n".join(wins) or words("pot.no_wins")),
        commitment=facts["commitment"],
    )


def dashboard_keyboard(words: Words) -> InlineKeyboardMarkup:
    """Return the button under a dashboard."""
    return rows([go(words.plain("button.how"), TOPIC)])


async def on_how(update: Update, context: Context) -> None:
    """Tell whoever presses the button how the game goes, without a word to the group.

    Raises:
        PotsOff: the group's pot was switched off.
    """
    query, reader = cast("CallbackQuery", update.callback_query), await read(update, context)
    if not context.services.rules.in_chat(pot_on=reader.pot_on).pot.enabled:
        raise PotsOff
    with suppress(BadRequest):  # that it has waited too long doesn't matter
        await query.answer(reader.words.plain("dashboard.how"), show_alert=True)


def register(application: App) -> None:
    """Listen to the button under dashboards."""
    application.add_handler(CallbackQueryHandler(on_how, pattern=f"^{GO}{TOPIC}:$"))
