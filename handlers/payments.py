"""Payments: who is about to pay is answered, what was paid is booked, and what becomes of subscriptions noted."""

from typing import Any, Final, cast

from telegram import Message, PreCheckoutQuery, SuccessfulPayment, Update, User
from telegram.ext import BaseHandler, MessageHandler, PreCheckoutQueryHandler, filters

from handlers.context import App, Context
from handlers.players import NEW_FROM_PLAYER
from services.orders import Checkout
from services.payments import Paid
from services.subscriptions import Renewal


async def on_checkout(update: Update, context: Context) -> None:
    """Let a player pay.

    Raises:
        OrderRefused: he must not; he is told why.
    """
    query = cast("PreCheckoutQuery", update.pre_checkout_query)
    await context.services.check_order(
        Checkout(
            telegram_id=query.from_user.id,
            payload=query.invoice_payload,
            currency=query.currency,
            stars=query.total_amount,
        )
    )
    await query.answer(ok=True)


async def on_paid(update: Update, context: Context) -> None:
    """Book a payment, however late it is told; the outbox thanks for it."""
    message = cast("Message", update.message)
    payment = cast("SuccessfulPayment", message.successful_payment)
    asked = Checkout(
        telegram_id=cast("User", message.from_user).id,
        payload=payment.invoice_payload,
        currency=payment.currency,
        stars=payment.total_amount,
    )
    await context.services.book_payment(
        Paid(
            charge_id=payment.telegram_payment_charge_id,
            checkout=asked,
            at=message.date,
            until=payment.subscription_expiration_date,
            is_renewal=bool(payment.is_recurring) and not payment.is_first_recurring,
        )
    )


class _SubscriptionHandler(BaseHandler[Update, Context, None]):
    """Listens to what becomes of subscriptions, of which the library knows nothing yet."""

    def check_update(self, update: object) -> bool:
        """Return whether an update is of this kind."""
        return isinstance(update, Update) and isinstance(update.api_kwargs.get("subscription"), dict)


_RENEWALS: Final = {"active": True, "canceled": False, "failed": False}


async def on_subscription(update: Update, context: Context) -> None:
    """Note whether a player's Premium will be renewed; a state that is new to us changes nothing."""
    told: dict[str, Any] = update.api_kwargs["subscription"]
    goes_on = _RENEWALS.get(told["state"])
    if goes_on is not None:
        note = Renewal(telegram_id=told["user"]["id"], payload=told["invoice_payload"], goes_on=goes_on)
        await context.services.note_renewal(note)


def register(application: App) -> None:
    """Listen to players who pay, and to Telegram, which renews for them."""
    application.add_handler(PreCheckoutQueryHandler(on_checkout))
    application.add_handler(MessageHandler(NEW_FROM_PLAYER & filters.SUCCESSFUL_PAYMENT, on_paid))
    application.add_handler(_SubscriptionHandler(on_subscription))
