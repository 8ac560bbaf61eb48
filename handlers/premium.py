"""/premium: what it gives and costs, until when the reader has it, and the way to Telegram's window."""

from typing import cast

from telegram import CallbackQuery, InlineKeyboardButton, Update
from telegram.ext import CallbackQueryHandler

from handlers.context import App, Context
from handlers.invoices import premium_invoice
from handlers.keyboards import GO, rows
from handlers.navigation import Look, Screen, acknowledge, on_command, pressed
from handlers.screens import replace
from handlers.words import Html
from services.buttons import ExpiredButton
from services.orders import check_sold
from services.premium import has_premium


async def premium_screen(look: Look) -> Screen:
    """Draw what Premium gives, and until when the reader has it or how he gets it.

    Raises:
        StarsOff: nothing is sold here.
    """
    player, sold = look.reader.player, look.rules.purchases
    if has_premium(player, look.services.clock.now()):
        key = "premium.canceled" if player.premium_canceled else "premium.active"
        return Screen(look.words(key, until=player.premium_until, free=sold.premium_free_per_day))
    check_sold(sold)
    text = look.words(
        "premium.screen",
        free=sold.premium_free_per_day,
        basic=look.rules.talk.free_per_day,
        stars=sold.premium_stars,
        period=sold.premium_period,
        better=Html("\n" + look.words("premium.better") if look.rules.model.has_better else ""),
    )
    return Screen(text, rows([look.go("button.subscribe", "subscribe", stars=sold.premium_stars)]))


async def on_subscribe(update: Update, context: Context) -> None:
    """Order Premium and put the link to Telegram's window in the place of the screen.

    Raises:
        StarsOff, HasPremium, OnBreak, InDebt: it can't be bought.
    """
    query, look = cast("CallbackQuery", update.callback_query), await pressed(update, context)
    if look.reader.in_group:
        raise ExpiredButton
    sold, words = look.rules.purchases, look.words
    order = await look.services.place_order(player_id=look.reader.player_id, stars=None)
    terms = premium_invoice(
        order.payload,
        stars=order.stars,
        words=words,
        free=sold.premium_free_per_day,
        period=sold.premium_period,
    )
    link = await context.bot.create_invoice_link(**terms, subscription_period=sold.premium_period)
    await acknowledge(query)
    button = InlineKeyboardButton(words.plain("button.subscribe", stars=order.stars), url=link)
    await replace(query, words("premium.link", ttl=sold.order_ttl), rows([button]))


def register(application: App) -> None:
    """Listen to /premium and its button."""
    application.add_handler(on_command("premium", premium_screen, is_private=True))
    application.add_handler(CallbackQueryHandler(on_subscribe, pattern=f"^{GO}subscribe:"))
