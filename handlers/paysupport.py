"""/paysupport: a player's purchases, and those given back that can be. And what Telegram tells of refunds."""

from typing import Final, cast

from telegram import InlineKeyboardButton, Message, RefundedPayment, Update
from telegram.ext import MessageHandler, filters

from handlers.context import App, Context
from handlers.keyboards import act, rows
from handlers.navigation import Look, Screen, on_button, on_command
from services.amounts import BadNumber, parse_whole
from services.buttons import ExpiredButton
from services.purchases import Bought

TOPIC: Final = "paysupport"
_MOST: Final = 999_999_999_999


async def paysupport_screen(look: Look) -> Screen:
    """Draw the newest purchases.

    Raises:
        StarsOff: nothing is for sale, and nothing was bought.
    """
    return await _page(look, 1)


async def paysupport_go(look: Look) -> Screen:
    """Draw a page of purchases, or ask whether one is to be given back, as a button says.

    Raises:
        ExpiredButton: its data was changed.
        NotRefundable: it can't be given back (any more).
    """
    what, number = parse_target(look.arguments)
    return await (_ask(look, number) if what == "back" else _page(look, number))


def parse_target(words: tuple[str, ...]) -> tuple[str, int]:
    """Return what a button leads to, and its number.

    Raises:
        ExpiredButton: its data was changed.
    """
    try:
        what, number = words
        return what, parse_whole(number, least=1, most=_MOST)
    except (ValueError, BadNumber):
        raise ExpiredButton from None


async def _page(look: Look, page: int) -> Screen:
    found = await look.services.purchases(player_id=look.reader.player_id, page=page)
    words, within = look.words, look.rules.purchases.refund_within
    lines = [_line(look, one) for one in found.bought] or [words("paysupport.empty")]
    if found.pages > 1:
        lines.append(words("history.page", page=found.page, pages=found.pages))
    text = "\n\n".join([words("paysupport.title", within=within), *lines, words("paysupport.other")])
    refunds = [[_refund(look, one)] for one in found.bought if one.why is None]
    return Screen(text, rows(*refunds, turning(look, TOPIC, found.page, found.pages)))


def turning(look: Look, topic: str, page: int, pages: int) -> list[InlineKeyboardButton]:
    """Return the buttons that turn the pages of a topic."""
    buttons = []
    if page > 1:
        buttons.append(look.go("button.prev", topic, "page", page - 1))
    if page < pages:
        buttons.append(look.go("button.next", topic, "page", page + 1))
    return buttons


def _line(look: Look, one: Bought) -> str:
    words = look.words
    what = "paysupport.other_product" if one.product is None else f"paysupport.{one.product}"
    return words(
        "paysupport.item",
        number=one.number,
        at=one.at,
        stars=one.stars,
        what=words.plain(what, n=one.credits),
        state=words.plain(f"paysupport.state.{one.why or 'free'}"),
    )


def _refund(look: Look, one: Bought) -> InlineKeyboardButton:
    return look.go("button.refund", TOPIC, "back", one.number, number=one.number, stars=one.stars)


async def _ask(look: Look, number: int) -> Screen:
    one = await look.services.purchase(player_id=look.reader.player_id, number=number)
    tokens = await look.offer({"refund": {"payment": number}, "refund_keep": {}})
    yes = act(look.words.plain("button.refund_yes", stars=one.stars), tokens["refund"])
    no = act(look.words.plain("button.cancel"), tokens["refund_keep"])
    text = look.words("paysupport.ask", number=number, stars=one.stars, amount=one.credits)
    return Screen(text, rows([yes], [no]))


async def on_refunded(update: Update, context: Context) -> None:
    """Note that Telegram gave Stars back; the message may come from the bot itself."""
    payment = cast("RefundedPayment", cast("Message", update.message).refunded_payment)
    await context.services.note_refund(charge_id=payment.telegram_payment_charge_id)


def register(application: App) -> None:
    """Listen to /paysupport, its buttons, and to refunds."""
    application.add_handler(on_command(TOPIC, paysupport_screen, is_private=True))
    application.add_handler(on_button(TOPIC, paysupport_go, is_private=True))
    told = filters.UpdateType.MESSAGE & filters.StatusUpdate.REFUNDED_PAYMENT
    application.add_handler(MessageHandler(told, on_refunded))
