"""A player's purchases as he sees them: what was paid, where it stands, and whether it can be given back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row

from db.models.payments import PaymentState, Product
from db.queries import payments
from db.session import Database
from services import ledger
from services.orders import StarsOff
from services.paybacks import why_not
from services.payment_states import NotRefundable
from services.ports import Clock
from services.rules import GameRules

PAGE_SIZE: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """A payment of a player; ``why`` he can't have it back by himself, None if he can."""

    number: int
    product: Product | None
    stars: int
    credits: int
    at: datetime
    state: PaymentState
    why: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchasePage:
    """One page of purchases; pages count from 1 to ``pages`` (at least 1)."""

    bought: tuple[Bought, ...]
    page: int
    pages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPurchases:
    """Show a player's purchases, the newest first."""

    db: Database
    clock: Clock
    rules: GameRules

    async def __call__(self, *, player_id: int, page: int = 1) -> PurchasePage:
        """Return the page nearest to ``page``.

        Raises:
            StarsOff: nothing is for sale, and he never bought anything.
        """
        return await self.db.read(_page, player_id, page, self.rules, self.clock.now())


def _page(tx: Connection, player_id: int, page: int, rules: GameRules, now: datetime) -> PurchasePage:
    count = tx.execute(payments.COUNT_OF_PLAYER, {"player_id": player_id}).scalar_one()
    if not count and not rules.purchases.enabled:
        raise StarsOff
    pages = max(1, -(-count // PAGE_SIZE))
    page = min(max(page, 1), pages)
    facts = {"player_id": player_id, "most": PAGE_SIZE, "skip": (page - 1) * PAGE_SIZE}
    available = ledger.available(tx, ledger.wallet_of(player_id))
    found = tx.execute(payments.PAYMENTS_OF_PLAYER, facts)
    bought = tuple(_bought(row, available, rules, now) for row in found)
    return PurchasePage(bought=bought, page=page, pages=pages)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPurchase:
    """Show a purchase that a player may have given back."""

    db: Database
    clock: Clock
    rules: GameRules

    async def __call__(self, *, player_id: int, number: int) -> Bought:
        """Return the purchase.

        Raises:
            NotRefundable: it isn't his, or can't be given back.
        """
        return await self.db.read(_purchase, player_id, number, self.rules, self.clock.now())


def _purchase(tx: Connection, player_id: int, number: int, rules: GameRules, now: datetime) -> Bought:
    row = tx.execute(payments.PAYMENT_OF_ID, {"of_payment": number}).first()
    if row is None or row.player_id != player_id:
        raise NotRefundable(why="unknown")
    bought = _bought(row, ledger.available(tx, ledger.wallet_of(player_id)), rules, now)
    if bought.why is not None:
        raise NotRefundable(why=bought.why)
    return bought


def _bought(row: Row[Any], available: int, rules: GameRules, now: datetime) -> Bought:
    return Bought(
        number=row.id,
        product=None if row.product is None else Product(row.product),
        stars=row.stars,
        credits=row.credits,
        at=row.paid_at,
        state=PaymentState(row.state),
        why=why_not(row, available=available, rules=rules, now=now),
    )
