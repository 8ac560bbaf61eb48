"""Buying without Telegram: orders placed, asked about and paid for in a house that sells."""

from dataclasses import replace

from db.models.payments import PaymentState
from services.orders import CheckOrder, Checkout, Order, PlaceOrder
from services.payments import BookPayment, Paid
from services.people import Met
from services.pricing import PriceRule
from services.rules import GameRules, PurchaseRules
from tests.house import House

SELLING = GameRules(price=PriceRule(), purchases=PurchaseRules(enabled=True))


async def order(house: House, who: Met, stars: int | None = 100) -> Order:
    """Place an order of a package, or of Premium."""
    place = PlaceOrder(db=house.db, stamps=house.stamps, rules=house.rules)
    return await place(player_id=who.player_id, stars=stars)


def checkout(placed: Order, telegram_id: int = 1, **other: int | str) -> Checkout:
    """Return what a player is about to pay for an order."""
    asked = Checkout(telegram_id=telegram_id, payload=placed.payload, currency="XTR", stars=placed.stars)
    return replace(asked, **other)  # type: ignore[arg-type]


async def check(house: House, asked: Checkout) -> None:
    """Ask whether a payment would be taken."""
    await CheckOrder(db=house.db, stamps=house.stamps, rules=house.rules)(asked)


async def pay(house: House, asked: Checkout, charge: str = "c1") -> PaymentState:
    """Book a payment."""
    book = BookPayment(db=house.db, stamps=house.stamps, rules=house.rules)
    return await book(Paid(charge_id=charge, checkout=asked, at=house.clock.now()))


async def payment_id(house: House, charge: str = "c1") -> int:
    """Return our number of a payment."""
    found = await house.value("SELECT id FROM payment WHERE charge_id = :charge", charge=charge)
    return int(found)


async def state_of(house: House, charge: str = "c1") -> str:
    """Return where a payment stands."""
    return str(await house.value("SELECT state FROM payment WHERE charge_id = :charge", charge=charge))
