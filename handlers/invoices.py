"""Invoices in Telegram Stars, as Telegram wants them: of packages of credits and of Premium."""

from typing import Any, Final

from telegram import LabeledPrice

from handlers.words import Words
from services.orders import CURRENCY

START: Final = "deposit"
"""Where the button of a forwarded copy leads: nobody can pay another player's invoice."""


def package_invoice(payload: str, *, stars: int, credits: int, words: Words) -> dict[str, Any]:
    """Return the parameters of sendInvoice for a package, without the chat."""
    title = words.plain("invoice.title", credits=credits)
    description = words.plain("invoice.description", credits=credits)
    return _terms(payload, stars, title, description) | {"start_parameter": START}


def premium_invoice(payload: str, *, stars: int, words: Words, **gives: object) -> dict[str, Any]:
    """Return the parameters of createInvoiceLink for Premium, without the period."""
    title = words.plain("invoice.premium_title")
    return _terms(payload, stars, title, words.plain("invoice.premium_description", **gives))


def _terms(payload: str, stars: int, title: str, description: str) -> dict[str, Any]:
    return {
        "title": title,
        "description": description,
        "payload": payload,
        "provider_token": "",
        "currency": CURRENCY,
        "prices": [LabeledPrice(title, stars)],
    }
