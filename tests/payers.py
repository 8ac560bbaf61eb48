"""Short ways to ask for Stars and to pay them, for tests of the fake Telegram's payments."""

from typing import Any

from bot.playground.bank import Charge
from bot.playground.models import Json, User
from bot.playground.queries import Checkout
from bot.playground.telegram import Telegram

GOODS: dict[str, Any] = {
    "title": "Credits",
    "description": "2,500 credits",
    "payload": "order",
    "currency": "XTR",
    "provider_token": "",
    "prices": [{"label": "Credits", "amount": 100}],
}
PERIOD_SECONDS = 2_592_000


async def ask_for(telegram: Telegram, user: User, *, amount: int = 100, **more: Any) -> Json:
    """Send an invoice to a user and return the message."""
    telegram.private_chat(user).started = True
    prices = [{"label": "Credits", "amount": amount}]
    sent: Json = await telegram.api("sendInvoice", chat_id=user.id, **{**GOODS, "prices": prices, **more})
    return sent


async def allow(telegram: Telegram, checkout: Checkout) -> None:
    """Answer as the bot that a payment may be made."""
    await telegram.api("answerPreCheckoutQuery", pre_checkout_query_id=checkout.id, ok=True)


async def paid_link(telegram: Telegram, user: User, **more: Any) -> Charge:
    """Let a user pay by a link, and return what was paid."""
    link = await telegram.api("createInvoiceLink", **{**GOODS, **more})
    checkout = telegram.pay(user, link=link)
    await allow(telegram, checkout)
    assert checkout.charge is not None
    return checkout.charge


async def subscribed(telegram: Telegram, user: User, *, stars: int = 250) -> Charge:
    """Let a user begin a subscription, and return its first charge."""
    prices = [{"label": "Premium", "amount": stars}]
    return await paid_link(
        telegram, user, prices=prices, payload="premium", subscription_period=PERIOD_SECONDS
    )
