"""Short ways to buy in a running bot, for tests of purchases: an invoice, a payment, a subscription."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import text

from bot.playground.bank import Charge, Invoice, Subscription
from bot.playground.models import Json, User
from bot.playground.queries import Checkout
from tests.app import Running
from tests.scene import Scene, scene

SELLING: dict[str, Any] = {"stars_enabled": True}
PACKAGE = "1,000 credits · ⭐ 100"


@asynccontextmanager
async def shop(database_url: str, **settings: Any) -> AsyncIterator[Scene]:
    """Run a bot that sells among its people."""
    async with scene(database_url, **{**SELLING, **settings}) as here:
        yield here


async def invoice_for(here: Scene, user: User, package: str = PACKAGE) -> int:
    """Ask for the invoice of a package and return the message's id."""
    await here.ask(user, "/deposit")
    await here.app.press(user, user, here.app.last_id(user), package)
    message = here.app.telegram.from_bot(user)[-1]
    assert message.invoice is not None
    return message.id


def invoice_of(here: Scene, user: User, message_id: int) -> Invoice:
    """Return the invoice that is in a message."""
    found = here.app.telegram.chat(user).messages[message_id].invoice
    assert found is not None
    return found


async def answered(app: Running, checkout: Checkout) -> Json:
    """Return what the bot answers to somebody who is about to pay, when all that follows is done."""
    answer = await checkout
    assert answer is not None
    await app.settled()
    return answer


async def buy(here: Scene, user: User, package: str = PACKAGE) -> Charge:
    """Buy a package and return what was charged."""
    checkout = here.app.telegram.pay(user, await invoice_for(here, user, package))
    assert (await answered(here.app, checkout))["ok"]
    assert checkout.charge is not None
    return checkout.charge


async def link_for(here: Scene, user: User) -> str:
    """Ask for Premium and return the link to Telegram's window."""
    await here.ask(user, "/premium")
    [button] = here.buttons(user)
    await here.press(user, button)
    markup = here.app.telegram.from_bot(user)[-1].markup
    assert markup is not None
    return str(markup["inline_keyboard"][0][0]["url"])


async def subscribe(here: Scene, user: User) -> Subscription:
    """Subscribe to Premium and return the subscription."""
    telegram = here.app.telegram
    checkout = telegram.pay(user, link=await link_for(here, user))
    assert (await answered(here.app, checkout))["ok"]
    return next(telegram.bank.subscriptions_of(user.id))


async def rows(app: Running, statement: str) -> list[tuple[Any, ...]]:
    """Return what a statement reads."""
    return [tuple(row) for row in await app.parts.db.read(lambda tx: tx.execute(text(statement)).all())]
