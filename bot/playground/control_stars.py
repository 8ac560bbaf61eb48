"""The controls of Stars under /play: purses, paying, subscriptions, charge-backs, the bot's transactions."""

from itertools import islice
from typing import Any

from starlette.requests import Request
from starlette.routing import BaseRoute, Route

from bot.playground.bank import Charge, Subscription
from bot.playground.core import CHECKOUT_SECONDS
from bot.playground.errors import PlayError
from bot.playground.inputs import acting, looking, need, needed_number, optional
from bot.playground.models import Json
from bot.playground.telegram import Telegram

_ACTIONS = ("cancel", "resume", "renew")
_SHOWN = 100


class StarControl:
    """One function for each control."""

    def __init__(self, telegram: Telegram) -> None:
        self.telegram = telegram

    async def show(self, request: Request) -> Json:
        """Return a user's purse, payments and subscriptions, and the bot's balance and newest transactions."""
        user, bank = self.telegram.user(optional(request.query_params.get("user")) or 0), self.telegram.bank
        return {
            "purse": bank.purse(user.id),
            "charges": [_charge(one) for one in islice(bank.charges_of(user.id), _SHOWN)],
            "subscriptions": [self._subscription(one) for one in bank.subscriptions_of(user.id)],
            "balance": bank.balance,
            "transactions": [
                {"id": one.id, "user": one.user_id, "stars": one.stars, "at": one.at}
                for one in islice(reversed(bank.transactions), _SHOWN)
            ],
        }

    async def invoice(self, request: Request) -> Json:
        """Return what a link asks for."""
        invoice = self.telegram.bank.invoice_of(request.query_params.get("link", ""))
        return invoice.view() | {"subscription_period": invoice.period_seconds}

    async def pay(self, body: Json) -> Json:
        """Pay a message's invoice, or a link's, and wait for the bot's answer."""
        user, link, chat = needed_number(body, "user"), body.get("link"), optional(body.get("chat"))
        message = None if link else needed_number(body, "message")
        checkout = self.telegram.pay(user, message, chat=chat, link=link)
        answer = await checkout.wait(CHECKOUT_SECONDS)
        return {"answer": answer, "charge": checkout.charge.id if checkout.charge else None}

    async def top_up(self, body: Json) -> Json:
        """Put Stars into a purse."""
        return {"purse": self.telegram.top_up(needed_number(body, "user"), needed_number(body, "stars"))}

    async def subscription(self, body: Json) -> Json:
        """Cancel a subscription, take that back, or renew it now."""
        action, which = str(need(body, "action")), str(need(body, "subscription"))
        if action not in _ACTIONS:
            raise PlayError(f"unknown action: {action}; known are {', '.join(_ACTIONS)}")
        getattr(self.telegram, action)(which)
        return self._subscription(self.telegram.subscription(which))

    async def charge_back(self, body: Json) -> Json:
        """Let Telegram take the Stars of a payment back."""
        self.telegram.charge_back(str(need(body, "charge")), is_listed=bool(body.get("listed", True)))
        return {"ok": True}

    async def deliver(self, body: Json) -> Json:
        """Deliver the updates that a fault holds back."""
        self.telegram.courier.release(all_of_them=True)
        return {"ok": True}

    def _subscription(self, one: Subscription) -> Json:
        return {
            "id": one.id,
            "title": one.title,
            "stars": one.stars,
            "until": one.until,
            "state": one.state,
            "barred": one.is_barred,
            "over": one.until <= self.telegram.time(),
        }


def _charge(one: Charge) -> Json:
    return {"id": one.id, "title": one.title, "stars": one.stars, "at": one.at, "returned": one.is_returned}


def star_routes(telegram: Telegram) -> list[BaseRoute]:
    """Return the routes of these controls."""
    control = StarControl(telegram)
    actions: dict[str, Any] = {
        "pay": control.pay,
        "topup": control.top_up,
        "subscription": control.subscription,
        "chargeback": control.charge_back,
        "deliver": control.deliver,
    }
    return [
        Route("/play/stars", looking(control.show), methods=["GET"]),
        Route("/play/invoice", looking(control.invoice), methods=["GET"]),
        *(Route(f"/play/{name}", acting(action), methods=["POST"]) for name, action in actions.items()),
    ]
