"""The cashier: what is to be asked of the gateway behind a commit. What fails is asked again by timers."""

import time

from bot.events import Event
from bot.logs import get_logger
from bot.queues import Queues
from db.session import Database, DatabaseUnavailable
from services.events import Payback, ReconcileDue, SubscriptionOver
from services.paybacks import FinishPayback
from services.ports import Gateway, GatewayRefused, GatewayUnavailable
from services.reconcile import Reconcile

Errand = Payback | SubscriptionOver | ReconcileDue

log = get_logger(__name__)


class Cashier:
    """Asks the gateway for what this process has announced: one reconciliation at a time, paybacks beside it."""

    def __init__(self, db: Database, gateway: Gateway, finish: FinishPayback, reconcile: Reconcile) -> None:
        self._gateway = gateway
        self._finish = finish
        self._reconcile = reconcile
        self._queues: Queues[Errand] = Queues(self._go, name="cashier")
        self._errands = 0
        db.on_commit(self._on_commit)

    async def idle(self) -> None:
        """Wait until nothing is to be asked."""
        await self._queues.idle()

    async def stop(self) -> None:
        """Ask nothing more; timers have others ask."""
        await self._queues.stop()

    def _on_commit(self, event: object) -> None:
        if isinstance(event, ReconcileDue):
            self._queues.put("reconcile", 0, event)
        elif isinstance(event, Payback | SubscriptionOver):
            self._errands += 1
            self._queues.put(event.charge_id, self._errands, event)

    async def _go(self, errand: Errand) -> None:
        try:
            if isinstance(errand, Payback):
                await self._finish(errand)
            elif isinstance(errand, SubscriptionOver):
                await self._gateway.end_subscription(errand.telegram_id, errand.charge_id)
            else:
                await self._compare()
        except (GatewayRefused, GatewayUnavailable) as error:
            log.warning(Event.GATEWAY_FAILED, step=type(errand).__name__, why=error.reason)
        except DatabaseUnavailable as error:
            log.warning(Event.DATABASE_FAILED, step="cashier", why=repr(error))

    async def _compare(self) -> None:
        """Reconcile, and say loudly what differs."""
        began = time.perf_counter()
        done = await self._reconcile()
        for one in done.differences:
            log.error(Event.STARS_DIFFER, what=one.what, books=one.books, gateway=one.gateway)
        log.info(
            Event.RECONCILED,
            lines=done.noted.new,
            missed=done.noted.missed,
            taken=done.noted.taken,
            frozen=done.frozen,
            ms=round((time.perf_counter() - began) * 1000),
        )
