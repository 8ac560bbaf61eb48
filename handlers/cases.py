"""/payments: what of payments waits for an operator, and his decisions. To all others this command doesn't exist."""

from typing import Final

from telegram import Update
from telegram.ext import CommandHandler

from handlers.context import App, Context, arguments
from handlers.keyboards import act, rows
from handlers.navigation import Look, Screen, look_of, on_button
from handlers.paysupport import parse_target, turning
from handlers.players import NEW_FROM_PLAYER
from handlers.screens import show
from handlers.unknown import on_unknown
from services.amounts import parse_whole
from services.buttons import ExpiredButton
from services.cases import ACTION, Case

TOPIC: Final = "payments"
NUMBER_MOST: Final = 999_999_999_999


def is_operator(look: Look) -> bool:
    """Return whether an operator looks, in his private chat."""
    return not look.reader.in_group and look.reader.user.id in look.services.operator_ids


async def on_payments(update: Update, context: Context) -> None:
    """Show an operator the open cases, or the payment whose number he names."""
    look = await look_of(update, context, ())
    if not is_operator(look) or update.effective_message is None:
        await on_unknown(update, context)
        return
    wanted = arguments(update.effective_message)
    if wanted:
        screen = await _case(look, parse_whole(wanted, least=1, most=NUMBER_MOST))
    else:
        screen = await _page(look, 1)
    await show(update, screen.text, screen.keyboard)


async def payments_go(look: Look) -> Screen:
    """Draw the page or the case that a button leads to.

    Raises:
        ExpiredButton: who pressed it is no operator (any more), or its data was changed.
    """
    if not is_operator(look):
        raise ExpiredButton
    what, number = parse_target(look.arguments)
    return await (_case(look, number) if what == "case" else _page(look, number))


async def _page(look: Look, page: int) -> Screen:
    found, words = await look.services.cases(page=page), look.words
    lines = [_line(look, one) for one in found.cases] or [words("case.none")]
    if found.pages > 1:
        lines.append(words("history.page", page=found.page, pages=found.pages))
    sums = words(
        "case.sums",
        debtors=found.debtors,
        debt=found.debt_credits,
        reclaimed=found.reclaimed,
        stars=found.reclaimed_stars,
    )
    opening = [look.go("button.case", TOPIC, "case", one.number, number=one.number) for one in found.cases]
    text = "\n\n".join([words("case.title"), *lines, sums])
    return Screen(text, rows(opening, turning(look, TOPIC, found.page, found.pages)))


def _line(look: Look, one: Case) -> str:
    reason = look.words.plain(_reason(look, one))
    return look.words("case.item", number=one.number, stars=one.stars, at=one.at, reason=reason)


def _reason(look: Look, one: Case) -> str:
    key = f"case.reason.{one.reason}"
    return key if one.reason is not None and key in look.words else f"case.state.{one.state}"


async def _case(look: Look, number: int) -> Screen:
    one, words = await look.services.case(number=number), look.words
    text = words(
        "case.screen",
        number=number,
        stars=one.stars,
        credits=one.credits,
        at=one.at,
        name=one.name or "-",
        telegram_id=one.telegram_id,
        charge=one.charge_id,
        state=words.plain(f"case.state.{one.state}"),
        reason=words.plain(_reason(look, one)),
        listed=words.plain("case.listed" if one.is_listed else "case.unlisted"),
    )
    actions = {f"{ACTION}{decision}": {"payment": number} for decision in one.decisions}
    tokens = await look.offer(actions) if actions else {}
    deciding = [[act(words.plain(f"button.{action}"), token)] for action, token in tokens.items()]
    return Screen(text, rows(*deciding, [look.go("button.cases", TOPIC, "page", 1)]))


def register(application: App) -> None:
    """Listen to /payments and its buttons."""
    application.add_handler(CommandHandler(TOPIC, on_payments, filters=NEW_FROM_PLAYER))
    application.add_handler(on_button(TOPIC, payments_go, is_private=True))
