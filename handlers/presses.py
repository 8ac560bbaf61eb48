"""Presses of buttons that act: pay, cancel, retry or stop a message, buy credits, reset a pot and so on."""

from dataclasses import replace
from typing import Any, Final, cast

from telegram import CallbackQuery, Update
from telegram.ext import CallbackQueryHandler

from handlers.admins import admin_rights
from handlers.context import App, Context, Reader, read
from handlers.keyboards import ACT
from handlers.navigation import acknowledge
from handlers.screens import replace as replace_screen
from services import stopping
from services.presses import Done, Press
from services.reset import NotAdmin

TOKEN_MOST = 32


async def on_press(update: Update, context: Context) -> None:
    """Do what the button stands for, then put what was done in the place of the question."""
    query = cast("CallbackQuery", update.callback_query)
    reader = await read(update, context)
    token = (query.data or "").removeprefix(ACT)[:TOKEN_MOST]
    done = await _press(context, reader, token, query.message.message_id if query.message else 0)
    if done.action == stopping.ACTION:  # the answer comes to its end where the button is
        await acknowledge(query, reader.words.plain("stop.pressed"))
        return
    await acknowledge(query)
    await replace_screen(query, _words_of(done, reader))


async def _press(context: Context, reader: Reader, token: str, message_id: int) -> Done:
    """Press, and where only an admin may, ask Telegram whether this is one now and press again.

    Raises:
        NotAdmin: he is none (any more).
    """
    what: dict[str, Any] = {"token": token, "message_id": message_id}
    is_operator = reader.user.id in context.services.operator_ids and not reader.in_group
    what["operator_id"] = reader.user.id if is_operator else None
    press = Press(player_id=reader.player_id, chat_id=reader.chat_id, **what)
    try:
        return await context.services.press(press)
    except NotAdmin:
        if not await admin_rights(context, reader.chat.id, reader.user.id, live=True):
            raise
    return await context.services.press(replace(press, is_admin=True))


def _words_of(done: Done, reader: Reader) -> str:
    return reader.words(_WORDS[done.action.partition(":")[0]], amount=done.facts.get("credits"), **done.facts)


_WORDS: Final = {
    "pay": "guard.paid",
    "cancel": "guard.cancelled",
    "retry": "retry.begun",
    "gift": "contribute.confirmed",
    "keep": "contribute.kept",
    "break": "break.taken",
    "break_keep": "break.kept",
    "forget": "forget.done",
    "forget_keep": "forget.kept",
    "restore": "chats.restored",
    "question_withdraw": "reports.withdrawn",
    "question_keep": "reports.kept",
    "duel": "duel.begun",
    "buy": "deposit.ordered",
    "refund": "paysupport.begun",
    "refund_keep": "paysupport.kept",
    "case_credit": "case.done_credit",
    "case_return": "case.done_return",
    "case_leave": "case.done_leave",
    "case_write_off": "case.done_write_off",
    "case_again": "case.done_again",
    "reset_carry": "reset.confirmed",
    "reset_refund": "reset.confirmed",
    "reset_keep": "reset.kept",
}
"""What is said of each action, in the place of its question."""


def register(application: App) -> None:
    """Listen to presses of buttons that act."""
    application.add_handler(CallbackQueryHandler(on_press, pattern=f"^{ACT}"))
