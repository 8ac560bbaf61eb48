"""Payments: whoever is about to pay is told at once that nothing is for sale. No money is moved here."""

from telegram import Update
from telegram.ext import PreCheckoutQueryHandler

from handlers.context import App, Context
from services.errors import UserError


class NothingForSale(UserError):
    """Somebody is about to pay, with an invoice that can't be ours."""

    code = "nothing_for_sale"


async def on_checkout(update: Update, context: Context) -> None:
    """Refuse every payment; nothing is read for it, so that the answer comes in time.

    Raises:
        NothingForSale: always.
    """
    raise NothingForSale


def register(application: App) -> None:
    """Listen to players who are about to pay."""
    application.add_handler(PreCheckoutQueryHandler(on_checkout))
