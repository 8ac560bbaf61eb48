"""A gateway as odd as Telegram: with a list of its own, refunds that time out and work, answers that contradict."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.events import Payback, ReconcileDue, SubscriptionOver
from services.orders import Checkout
from services.paybacks import FinishPayback
from services.ports import INVOICE, GatewayRefused, GatewayUnavailable, StarLine
from services.reconcile import Reconcile, Reconciled
from tests.house import House


@dataclass(kw_only=True)
class OddGateway:
    """Holds the Stars of a bot. Faults are given as a script: one for each call, "" for none."""

    listed: list[StarLine] = field(default_factory=list)
    script: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    hidden: int = 0
    """Stars of which the list says nothing."""
    page: int = 100
    """It gives no more lines at once, whatever is asked for."""

    def pay(self, asked: Checkout, charge: str, at: datetime, period: int | None = None) -> None:
        """Take a payment."""
        self.listed.append(
            StarLine(
                charge_id=charge,
                is_incoming=True,
                stars=asked.stars,
                partner=INVOICE,
                at=at,
                telegram_id=asked.telegram_id,
                payload=asked.payload,
                period_seconds=period,
            )
        )

    def take(self, charge: str) -> None:
        """Give a payment back to its payer, and say nothing."""
        paid = next(line for line in self.listed if line.charge_id == charge and line.is_incoming)
        self.listed.append(
            StarLine(
                charge_id=charge,
                is_incoming=False,
                stars=paid.stars,
                partner=INVOICE,
                at=paid.at,
                telegram_id=paid.telegram_id,
                payload=paid.payload,
            )
        )

    async def give_back(self, telegram_id: int, charge_id: str) -> None:
        """Refund a payment as the script says: ``before`` nothing is done, ``after`` all is, and nobody hears of it.

        Raises:
            GatewayRefused: there is no such payment of that user, or it says ``refused``.
            GatewayUnavailable: the answer is lost.
        """
        self.asked.append(charge_id)
        fault = self.script.pop(0) if self.script else ""
        if fault == "before":
            raise GatewayUnavailable(reason="Timed out")
        if fault == "refused":
            raise GatewayRefused(reason="Bad Request: BALANCE_TOO_LOW")
        ways = [
            line.is_incoming
            for line in self.listed
            if (line.charge_id, line.telegram_id) == (charge_id, telegram_id)
        ]
        if not ways:
            raise GatewayRefused(reason="Bad Request: CHARGE_NOT_FOUND")
        if all(ways):
            self.take(charge_id)
        if fault == "after":
            raise GatewayUnavailable(reason="Timed out")

    async def lines(self, offset: int, limit: int) -> Sequence[StarLine]:
        """Return a part of the list."""
        return self.listed[offset : offset + min(limit, self.page)]

    async def balance(self) -> int:
        """Return how many Stars there are."""
        return self.hidden + sum(line.stars if line.is_incoming else -line.stars for line in self.listed)

    async def end_subscription(self, telegram_id: int, charge_id: str) -> None:
        """Note which subscription is not to be renewed."""
        self.ended.append(charge_id)


async def reconcile(house: House, gateway: OddGateway) -> Reconciled:
    """Reconcile once."""
    use = Reconcile(db=house.db, stamps=house.stamps, rules=house.rules, gateway=gateway)
    return await use()


async def ask_gateway(house: House, gateway: OddGateway) -> None:
    """Ask for all that was announced since the last time, as the cashier does; what fails is left to timers."""
    use = FinishPayback(db=house.db, stamps=house.stamps, gateway=gateway)
    waiting = [event for event in house.events if isinstance(event, Payback)]
    house.events[:] = [event for event in house.events if not isinstance(event, Payback)]
    for payback in waiting:
        try:
            await use(payback)
        except GatewayUnavailable:
            continue


__all__ = ["OddGateway", "ReconcileDue", "SubscriptionOver", "ask_gateway", "reconcile"]
