"""What people do who pay: they confirm an invoice, the bot is asked, the Stars move, and the bot is told."""

from collections.abc import Callable
from typing import Any

from bot.playground.bank import CURRENCY, Charge, Invoice, new_charge_id
from bot.playground.courier import Letter
from bot.playground.errors import PlayError
from bot.playground.methods.messages import origin_of
from bot.playground.models import Chat, Json, Message, User
from bot.playground.people import People
from bot.playground.queries import Checkout
from bot.playground.updates import MESSAGE_TTL_SECONDS, QUERY_TTL_SECONDS
from bot.playground.views import message_json, user_json


class Buyers(People):
    """The users' side of payments."""

    def top_up(self, user: User | int, stars: int) -> int:
        """Put Stars into a user's purse and return how many it holds then.

        Raises:
            PlayError: none, or too many.
        """
        user = self.user(user)
        self.bank.top_up(user.id, stars)
        self._show(user)
        return self.bank.purse(user.id)

    def pay(
        self,
        user: User | int,
        message_id: int | None = None,
        *,
        chat: Chat | User | int | None = None,
        link: str | None = None,
    ) -> Checkout:
        """Confirm the invoice of a message (by default one of the private chat), or of a link.

        Returns:
            The query; await it for the bot's answer; its ``charge`` is what was paid then.

        Raises:
            PlayError: there is no such invoice, or the purse doesn't hold as many Stars.
        """
        user = self.user(user)
        chat = self.chat(user if chat is None else chat)
        invoice = self.bank.invoice_of(link) if link else self._invoice(chat, message_id)
        if self.bank.purse(user.id) < invoice.stars:
            raise PlayError(f"{user.first_name} has {self.bank.purse(user.id)} Stars, not {invoice.stars}")
        place = self.private_chat(user) if link else chat
        return self.pre_checkout(
            user,
            payload=invoice.payload,
            amount=invoice.stars,
            on_allowed=lambda: self.charge(user, invoice, chat=place),
        )

    def _invoice(self, chat: Chat, message_id: int | None) -> Invoice:
        message = chat.messages.get(message_id or 0)
        if message is None or message.invoice is None:
            raise PlayError("no such invoice", 404)
        return message.invoice

    def pre_checkout(
        self,
        user: User | int,
        *,
        payload: str = "order",
        amount: int = 100,
        on_allowed: Callable[[], Charge | None] | None = None,
    ) -> Checkout:
        """Ask the bot whether a user may pay ``amount`` Stars, whatever invoice that is of.

        Returns:
            The query; await it for the bot's answer: ``ok`` and, if it refuses, ``error_message``.
        """
        user = self.user(user)
        checkout = Checkout(
            id=self.new_token(),
            user_id=user.id,
            at=self.time(),
            payload=payload,
            amount=amount,
            on_allowed=on_allowed,
        )
        self.checkouts.add(checkout)
        asked = {
            "id": checkout.id,
            "from": user_json(user),
            "currency": CURRENCY,
            "total_amount": amount,
            "invoice_payload": payload,
        }
        self._tell("pre_checkout_query", asked, user, "checkout", QUERY_TTL_SECONDS)
        self.signals.fire("checkout", user=user.id)
        return checkout

    def charge(self, user: User | int, invoice: Invoice, *, chat: Chat | None = None) -> Charge | None:
        """Let a user pay without asking the bot, which is told; None if the purse doesn't hold as many Stars."""
        user = self.user(user)
        charge = self.bank.take(user.id, invoice, int(self.time()))
        if charge is not None:
            if invoice.period_seconds is not None:
                self.begin_subscription(charge, invoice.period_seconds)
            self.tell_payment(user, charge.paid_content(), chat=chat)
        return charge

    def begin_subscription(self, charge: Charge, period_seconds: int) -> None:
        """Let a payment be the first of many."""
        raise NotImplementedError

    def forge_payment(self, user: User | int, *, payload: str, stars: int) -> str:
        """Tell the bot of a payment that was never made; return the id it claims to have."""
        user = self.user(user)
        forged = Charge(
            id=new_charge_id(), user_id=user.id, title="", payload=payload, stars=stars, at=int(self.time())
        )
        self.tell_payment(user, forged.paid_content())
        return forged.id

    def charge_back(self, charge: Charge | str, *, is_listed: bool = True) -> None:
        """Let Telegram take the Stars of a payment back; the bot is not told, its list and balance are.

        Args:
            is_listed: whether the list of transactions shows it, too, as a refund.

        Raises:
            PlayError: there is no such payment, or its Stars have gone back already.
        """
        found = self.bank.charges.get(charge) if isinstance(charge, str) else charge
        if found is None:
            raise PlayError("no such payment", 404)
        if found.is_returned:
            raise PlayError("the Stars have gone back already")
        self.bank.give_back(found, int(self.time()), is_listed=is_listed)
        self._show(self.user(found.user_id))

    def tell_payment(
        self, user: User, content: Json, *, chat: Chat | None = None, at: int | None = None
    ) -> None:
        """Put a service message about a payment into a chat, by default the private one."""
        place = chat or self.private_chat(user)
        place.started = True
        self.add_message(place, user, content, date=at, author=user, service=True)
        self._show(user)

    def forward(
        self,
        user: User | int,
        source: Chat | User | int,
        message_id: int,
        to: Chat | User | int | None = None,
    ) -> Json:
        """Forward a message; the copy of an invoice can be paid if that has no start parameter."""
        message = self.chat(source).messages[message_id]
        if message.invoice is None:
            return super().forward(user, source, message_id, to)
        return message_json(self._forward_invoice(self.user(user), message, message.invoice, to))

    def _forward_invoice(
        self, user: User, message: Message, invoice: Invoice, to: Chat | User | int | None
    ) -> Message:
        link = f"https://t.me/{self.bot.username}?start={invoice.start_parameter}"
        button: Json = {"text": invoice.title, "url": link} if invoice.start_parameter else invoice.button()
        copy = self.add_message(
            self.chat(user if to is None else to),
            user,
            dict(message.content),
            extra={"forward_origin": origin_of(message)},
            markup={"inline_keyboard": [[button]]},
        )
        copy.invoice = None if invoice.start_parameter else invoice
        return copy

    def _tell(self, kind: str, payload: Any, user: User, queue: str, ttl_seconds: int) -> None:
        letter = Letter(kind, payload, f"{queue}:{user.id}", self.time() + ttl_seconds)
        self.courier.carry(letter, about=kind, chat_id=user.id)

    def tell_subscription(self, user: User, payload: str, state: str) -> None:
        """Tell the bot how a user's subscription stands."""
        view = {"user": user_json(user), "invoice_payload": payload, "state": state}
        self._tell("subscription", view, user, "subscription", MESSAGE_TTL_SECONDS)
        self._show(user)

    def _show(self, user: User) -> None:
        self.signals.fire("stars", user=user.id)
