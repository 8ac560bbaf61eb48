"""Stars: purses, invoices, what was charged, subscriptions, and the bot's own list of transactions."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from bot.playground.errors import PlayError
from bot.playground.models import Json

CURRENCY = "XTR"
FIRST_STARS = 10_000
MOST_STARS = 1_000_000
PERIOD_SECONDS = 2_592_000
LINK = "https://t.me/$"
_KEPT_LINKS = 20_000


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Invoice:
    """What somebody is asked to pay; with a period it is the beginning of a subscription."""

    title: str
    description: str
    payload: str
    stars: int
    start_parameter: str = ""
    period_seconds: int | None = None

    def view(self) -> Json:
        """Return an ``Invoice``."""
        return {
            "title": self.title,
            "description": self.description,
            "start_parameter": self.start_parameter,
            "currency": CURRENCY,
            "total_amount": self.stars,
        }

    def button(self) -> Json:
        """Return the button that pays."""
        return {"text": f"Pay ⭐️{self.stars}", "pay": True}


@dataclass(slots=True, kw_only=True)
class Charge:
    """Stars that a user has paid, once."""

    id: str
    user_id: int
    title: str
    payload: str
    stars: int
    at: int
    subscription_id: str | None = None
    until: int | None = None
    is_returned: bool = False

    @property
    def is_first(self) -> bool:
        """Tell whether a subscription began with it."""
        return self.subscription_id == self.id

    def paid_content(self) -> Json:
        """Return the content of the message about the payment."""
        view = self._view() | {"provider_payment_charge_id": f"{self.user_id}_0"}
        if self.until is not None:
            view |= {"subscription_expiration_date": self.until, "is_recurring": True}
            view |= {"is_first_recurring": True} if self.is_first else {}
        return {"successful_payment": view}

    def refunded_content(self) -> Json:
        """Return the content of the message about its refund."""
        return {"refunded_payment": self._view()}

    def _view(self) -> Json:
        return {
            "currency": CURRENCY,
            "total_amount": self.stars,
            "invoice_payload": self.payload,
            "telegram_payment_charge_id": self.id,
        }


class State(StrEnum):
    """Whether a subscription goes on."""

    ACTIVE = "active"
    """It will be renewed."""
    CANCELED = "canceled"
    """It lasts to the end of its period."""
    FAILED = "failed"
    """Its renewal wasn't paid."""


@dataclass(slots=True, kw_only=True)
class Subscription:
    """What is paid again every 30 days; it is named by its first charge."""

    id: str
    user_id: int
    title: str
    payload: str
    stars: int
    until: int
    due_at: float
    state: State = State.ACTIVE
    is_barred: bool = False
    """Whether the bot has cancelled it, so that the user can't take that back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """A line of the bot's list; Stars that went out are negative."""

    id: str
    user_id: int
    payload: str
    stars: int
    at: int
    period_seconds: int | None = None


@dataclass(slots=True)
class Bank:
    """Who has how many Stars, and why."""

    balance: int = 0
    purses: dict[int, int] = field(default_factory=dict)
    charges: dict[str, Charge] = field(default_factory=dict)
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    transactions: list[Transaction] = field(default_factory=list)
    keep: Callable[[], None] = lambda: None
    """Called after every change."""
    _links: dict[str, Invoice] = field(default_factory=dict)

    def purse(self, user_id: int) -> int:
        """Return how many Stars a user has."""
        return self.purses.get(user_id, FIRST_STARS)

    def top_up(self, user_id: int, stars: int) -> None:
        """Put Stars into a purse.

        Raises:
            PlayError: none, or too many.
        """
        if not 0 < stars <= MOST_STARS or self.purse(user_id) + stars > MOST_STARS:
            raise PlayError(f"a purse takes from 1 Star on and holds {MOST_STARS} at most")
        self.purses[user_id] = self.purse(user_id) + stars
        self.keep()

    def new_link(self, invoice: Invoice) -> str:
        """Return an address that leads to an invoice."""
        link = LINK + secrets.token_urlsafe(12)
        self._links[link] = invoice
        if len(self._links) > _KEPT_LINKS:
            self._links.pop(next(iter(self._links)))
        return link

    def invoice_of(self, link: str) -> Invoice:
        """Return the invoice that a link leads to.

        Raises:
            PlayError: there is none.
        """
        if link not in self._links:
            raise PlayError("no such invoice", 404)
        return self._links[link]

    def take(self, user_id: int, invoice: Invoice, at: int) -> Charge | None:
        """Move the Stars of an invoice to the bot; None if the purse doesn't hold as many."""
        if self.purse(user_id) < invoice.stars:
            return None
        self.purses[user_id] = self.purse(user_id) - invoice.stars
        charge = Charge(
            id=new_charge_id(),
            user_id=user_id,
            title=invoice.title,
            payload=invoice.payload,
            stars=invoice.stars,
            at=at,
        )
        self.charges[charge.id] = charge
        self._note(charge, invoice.stars, at, invoice.period_seconds)
        return charge

    def give_back(self, charge: Charge, at: int, *, is_listed: bool = True) -> None:
        """Move the Stars of a charge back to who has paid them, with or without a line in the list."""
        charge.is_returned = True
        self.purses[charge.user_id] = self.purse(charge.user_id) + charge.stars
        if is_listed:
            self._note(charge, -charge.stars, at, None)
        else:
            self.balance -= charge.stars
        self.keep()

    def _note(self, charge: Charge, stars: int, at: int, period_seconds: int | None) -> None:
        self.balance += stars
        line = Transaction(
            id=charge.id,
            user_id=charge.user_id,
            payload=charge.payload,
            stars=stars,
            at=at,
            period_seconds=period_seconds,
        )
        self.transactions.append(line)
        self.keep()

    def charges_of(self, user_id: int) -> Iterator[Charge]:
        """Yield what a user has paid, newest first."""
        return (one for one in reversed(self.charges.values()) if one.user_id == user_id)

    def subscriptions_of(self, user_id: int) -> Iterator[Subscription]:
        """Yield the subscriptions of a user, newest first."""
        return (one for one in reversed(self.subscriptions.values()) if one.user_id == user_id)


def new_charge_id() -> str:
    """Return an id as Telegram gives one to a payment in Stars; no two are ever the same."""
    return f"stx{secrets.token_urlsafe(66)}"
