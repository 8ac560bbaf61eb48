"""What people do who pay: the bot is asked whether it takes the payment."""

from bot.playground.models import User
from bot.playground.people import People
from bot.playground.queries import Checkout
from bot.playground.updates import QUERY_TTL_SECONDS
from bot.playground.views import user_json


class Buyers(People):
    """The users' side of payments."""

    def pre_checkout(self, user: User | int, *, payload: str = "order", amount: int = 100) -> Checkout:
        """Confirm a payment of ``amount`` Stars as a user, whatever invoice it is of.

        Returns:
            The query; await it for the bot's answer: ``ok`` and, if it refuses, ``error_message``.
        """
        user = self.user(user)
        checkout = Checkout(
            id=self.new_token(), user_id=user.id, at=self.time(), payload=payload, amount=amount
        )
        self.checkouts.add(checkout)
        asked = {
            "id": checkout.id,
            "from": user_json(user),
            "currency": "XTR",
            "total_amount": amount,
            "invoice_payload": payload,
        }
        expires_at = self.time() + QUERY_TTL_SECONDS
        self.updates.add("pre_checkout_query", asked, queue=f"checkout:{user.id}", expires_at=expires_at)
        self.signals.fire("checkout", user=user.id)
        return checkout
