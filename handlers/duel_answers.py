"""Answers of duels: presses of options. Whether one was right is told nobody before the duel is settled."""

import re
from typing import Final, cast

from telegram import CallbackQuery, Update
from telegram.ext import CallbackQueryHandler

from handlers.arrival import arrived_at
from handlers.context import App, Context, read
from handlers.duel_question import ANSWER
from handlers.navigation import acknowledge
from services.buttons import ExpiredButton

_DATA: Final = re.compile(rf"{ANSWER}([1-9][0-9]{{0,17}}):([0-9]):([0-9])")


async def on_answer(update: Update, context: Context) -> None:
    """Take an answer; the stage of the duel shows the next question, the outbox the end.

    Raises:
        NotYours, ExpiredButton, AnsweredBefore, DuelOver: it doesn't count.
        DuelNotBegun: it isn't known yet that the first question has arrived; tried again.
    """
    query = cast("CallbackQuery", update.callback_query)
    found = _DATA.fullmatch(query.data or "")
    if found is None:
        raise ExpiredButton
    duel_id, position, place = map(int, found.groups())
    reader = await read(update, context)
    await context.services.answer_duel(
        player_id=reader.player_id,
        duel_id=duel_id,
        position=position,
        place=place,
        received_at=arrived_at(),
    )
    await acknowledge(query)


def register(application: App) -> None:
    """Listen to presses of options."""
    application.add_handler(CallbackQueryHandler(on_answer, pattern=f"^{ANSWER}"))
