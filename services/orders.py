"""Orders: what a player is about to buy, stored before he is shown an invoice, and checked before he pays."""

import asyncio
import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Connection, Row

from db.models.payments import Product
from db.queries import payments, people
from db.session import Database, DatabaseUnavailable, announce, unfinished
from services.breaks import break_of, check_break
from services.debts import check_debt
from services.errors import UserError
from services.events import Happened
from services.outbox import Address, enqueue, language_for
from services.people import player_row
from services.premium import has_premium
from services.rules import GameRules, PurchaseRules
from services.stamp import Stamp, Stamps

CURRENCY = "XTR"
ACTION = "buy"
"""Begins the actions of the buttons of packages, ``buy:100`` for that of 100 Stars."""
MOST_CREDITS = 2**63 - 1
LOOK_SECONDS = 1.0
"""How long an order is looked up while its player waits to pay; he can try again, Telegram's 10 s are soon over."""


class StarsOff(UserError):
    """Nothing is for sale: this is a play-money game."""

    code: ClassVar[str] = "stars_off"


class NoSuchPackage(UserError):
    """Nothing is sold at this price."""

    code: ClassVar[str] = "no_such_package"


class HasPremium(UserError):
    """The player has a subscription already."""

    code: ClassVar[str] = "has_premium"

    def __init__(self, *, until: datetime) -> None:
        super().__init__()
        self.until = until


class OrderRefused(UserError):
    """A payment must not be made; ``why`` says for what reason, ``language`` is the one that its player chose."""

    code: ClassVar[str] = "order_refused"

    def __init__(self, *, why: str, language: str | None = None) -> None:
        super().__init__()
        self.why = why
        self.language = language


def check_sold(sold: PurchaseRules) -> None:
    """Refuse where nothing is for sale.

    Raises:
        StarsOff: this is a play-money game.
    """
    if not sold.enabled:
        raise StarsOff


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What an invoice is made of; ``payload`` names the order."""

    payload: str
    product: Product
    stars: int
    credits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceOrder:
    """Store what a player is about to buy."""

    db: Database
    stamps: Stamps
    rules: GameRules

    async def __call__(self, *, player_id: int, stars: int | None) -> Order:
        """Return the order of a package of credits, or of Premium if ``stars`` is None.

        Raises:
            StarsOff, NoSuchPackage, HasPremium, OnBreak, InDebt: it can't be bought; credits can in debt.
        """
        with unfinished():  # it is shown behind the commit; another order does no harm
            return await self.db.transact(place_order, player_id, stars, self.rules, self.stamps.take())


def place_order(tx: Connection, player_id: int, stars: int | None, rules: GameRules, stamp: Stamp) -> Order:
    """Store an order in this transaction; see ``PlaceOrder``."""
    check_sold(rules.purchases)
    player = player_row(tx, player_id, lock=True)
    check_break(player, stamp.now)
    payload = base64.urlsafe_b64encode(stamp.random(f"order:{player_id}:{stamp.token}", 24)).decode()
    if stars is None:
        check_debt(player)
        check_no_premium(player, stamp.now)
        order = Order(
            payload=payload, product=Product.PREMIUM, stars=rules.purchases.premium_stars, credits=0
        )
    else:
        bought = dict(rules.purchases.packages).get(stars)
        if bought is None:
            raise NoSuchPackage
        order = Order(payload=payload, product=Product.CREDITS, stars=stars, credits=bought)
    row = {
        "payload": order.payload,
        "player_id": player_id,
        "product": order.product,
        "stars": order.stars,
        "credits": order.credits,
        "created_at": stamp.now,
        "expires_at": stamp.now + rules.purchases.order_ttl,
    }
    tx.execute(payments.ADD_PURCHASE, row)
    facts = {"player": player_id, "product": order.product, "stars": order.stars, "credits": order.credits}
    announce(tx, Happened("order_placed", facts))
    return order


def send_invoice(
    tx: Connection,
    player_id: int,
    chat_id: int,
    stars: int,
    rules: GameRules,
    stamp: Stamp,
    thread_id: int | None = None,
) -> Order:
    """Order a package of credits and have its invoice sent to the player's private chat.

    Raises:
        StarsOff, NoSuchPackage, OnBreak: it can't be bought.
    """
    order = place_order(tx, player_id, stars, rules, stamp)
    address = Address(chat_id=chat_id, thread_id=thread_id, language=language_for(player_row(tx, player_id)))
    facts = {"payload": order.payload, "stars": order.stars, "credits": order.credits}
    enqueue(tx, address, "invoice", facts, key=f"invoice:{order.payload}", stamp=stamp)
    return order


def check_no_premium(player: Row[Any], now: datetime) -> None:
    """Refuse a second subscription, also where the first one was cancelled: it can be taken up again in Telegram.

    Raises:
        HasPremium: it lasts.
    """
    if has_premium(player, now):
        raise HasPremium(until=player.premium_until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """What a player is about to pay, as Telegram asks."""

    telegram_id: int
    payload: str
    currency: str
    stars: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOrder:
    """Tell, before a player pays, whether his payment would be taken."""

    db: Database
    stamps: Stamps
    rules: GameRules

    async def __call__(self, checkout: Checkout) -> None:
        """Return if he may pay.

        Raises:
            OrderRefused: he must not, or it can't be known in time.
        """
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                await self.db.read(check_order, checkout, self.rules, self.stamps.clock.now())
        except (DatabaseUnavailable, TimeoutError):
            raise OrderRefused(why="later") from None


def check_order(tx: Connection, checkout: Checkout, rules: GameRules, now: datetime) -> None:
    """Check an order before it is paid; see ``CheckOrder``."""
    if not rules.purchases.enabled:
        raise OrderRefused(why="off")
    order = tx.execute(payments.PURCHASE, {"of_payload": checkout.payload[:64]}).first()
    player = tx.execute(people.PLAYER_OF_TELEGRAM, {"telegram_id": checkout.telegram_id}).first()
    if order is None or player is None:
        raise OrderRefused(why="unknown")
    if (
        why := problem_of(order, player, checkout)
        or _untimely(order, now)
        or _unwanted(tx, order, player, now)
    ):
        raise OrderRefused(why=why, language=player.language)


def problem_of(
    order: Row[tuple[object, ...]], player: Row[tuple[object, ...]], checkout: Checkout
) -> str | None:
    """Return why a payment isn't what its order asks for, if it isn't."""
    if order.player_id != player.id:
        return "not_yours"
    if checkout.currency != CURRENCY or checkout.stars != order.stars:
        return "wrong_amount"
    return None


def _untimely(order: Row[tuple[object, ...]], now: datetime) -> str | None:
    if order.paid_at is not None:
        return "paid"
    return "expired" if order.expires_at <= now else None


def _unwanted(
    tx: Connection, order: Row[tuple[object, ...]], player: Row[tuple[object, ...]], now: datetime
) -> str | None:
    if break_of(player, now) is not None:
        return "on_break"
    if order.product == Product.PREMIUM:
        if has_premium(player, now):
            return "canceled" if player.premium_canceled else "has_premium"
        return "in_debt" if player.debt_credits else None
    return "overflow" if overflows(tx, player.id, order.credits) else None


def overflows(tx: Connection, player_id: int, credits: int) -> bool:
    """Tell whether a wallet can't hold as many more credits."""
    row = tx.execute(payments.BALANCE, {"player_id": player_id}).one()
    return bool(row.balance + credits > MOST_CREDITS)
