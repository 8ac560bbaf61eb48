"""One running bot: opened in order, ready, then drained in order. Built from the parts of ``bot.wiring``."""

import asyncio
import time
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from typing import Any

from telegram.error import InvalidToken, TelegramError

from bot.addresses import Listen
from bot.events import Event
from bot.intake import ALLOWED_UPDATES
from bot.logs import get_logger
from bot.metrics import EVENTS
from bot.polling import Poller
from bot.server import HttpServer
from bot.settings import WEBHOOK_PATH, Settings
from bot.web import Webhook, build_app
from bot.wiring import Parts
from handlers.menus import register_menus
from services import heartbeat, leases
from services.events import Happened
from services.membership import put_to_sleep
from services.pot import open_global_pot
from services.questions.built_in import take_in_packs
from services.reconcile import begin_reconciling
from services.samples import begin_samples

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 15.0
DRAIN_MARGIN_SECONDS = 2.0
WEBHOOK_CONNECTIONS = 40
SLEEPERS_AT_ONCE = 100
ALARMS = frozenset({Event.PAYMENT_FROZEN})
"""Facts that an operator must look at."""
WARNINGS = frozenset({Event.REFUND_REFUSED, Event.REFUND_HANGS})

log = get_logger(__name__)


class Process:
    """A bot from start to end."""

    def __init__(self, settings: Settings, parts: Parts) -> None:
        self._settings = settings
        self._parts = parts
        self._tasks: list[asyncio.Task[None]] = []
        self._webhook: Webhook | None = None
        self._server: HttpServer | None = None
        self._is_taking = False
        self._is_draining = False

    def readiness(self) -> Mapping[str, bool]:
        """Return what must be true to be ready, by name."""
        return {
            "database": self._parts.upkeep.is_database_well,
            "intake": self._is_taking,
            "running": not self._is_draining,
        }

    @property
    def address(self) -> str:
        """Return where HTTP is served, with the port that the system chose where 0 was asked for."""
        host, port = self._settings.http_listen
        return str(Listen(host, port if self._server is None else self._server.port))

    async def start(self) -> None:
        """Open everything in order; on return updates are taken in.

        Raises:
            InvalidToken: Telegram doesn't know the token.
        """
        parts = self._parts
        await parts.db.open()
        parts.db.on_commit(_log_event)
        if parts.rules.pot.enabled:
            await parts.db.transact(open_global_pot, parts.stamps.take())
            await parts.db.transact(begin_samples, parts.stamps.take())
        if parts.rules.duels.enabled:
            await take_in_packs(parts.db, parts.stamps)
        await parts.db.transact(begin_reconciling, parts.stamps.take())
        while await parts.db.transact(put_to_sleep, parts.rules, SLEEPERS_AT_ONCE, parts.stamps.take()):
            pass
        await self._serve()
        await _until_it_works("getMe", parts.application.initialize)
        await parts.upkeep.claim_all(alone=self._settings.database_url.kind == "sqlite")
        parts.upkeep.start(parts.stamps.lease)
        await self._begin_intake()
        self._spawn(self._register_menus())

    async def _serve(self) -> None:
        settings = self._settings
        if settings.webhook_url is not None and settings.webhook_secret is not None:
            self._webhook = Webhook(self._parts.intake, settings.webhook_secret.get_secret_value())
            self._webhook.is_open = False  # what comes in is handled at once, and nothing is ready for it yet
        app = build_app(self.readiness, self._webhook, WEBHOOK_PATH)
        self._server = HttpServer(app, settings.http_listen.host, settings.http_listen.port)
        await self._server.start()

    async def _begin_intake(self) -> None:
        settings = self._settings
        if settings.webhook_url is not None and settings.webhook_secret is not None:
            secret = settings.webhook_secret.get_secret_value()
            assert self._webhook is not None
            self._webhook.is_open = True
            await _until_it_works("setWebhook", lambda: self._set_webhook(secret))
        else:
            await _until_it_works("deleteWebhook", self._delete_webhook)
            self._spawn(Poller(self._parts.polling, self._parts.bot.base_url, self._parts.intake).run())
        self._is_taking = True

    async def _set_webhook(self, secret: str) -> None:
        url = self._settings.webhook_url
        info = await self._parts.bot.get_webhook_info()
        if info.url != url:
            log.info(Event.WEBHOOK_MISMATCH, mode="webhook", was_set=bool(info.url))
        await self._parts.bot.set_webhook(
            str(url),
            secret_token=secret,
            allowed_updates=list(ALLOWED_UPDATES),
            max_connections=WEBHOOK_CONNECTIONS,
        )

    async def _delete_webhook(self) -> None:
        info = await self._parts.bot.get_webhook_info()
        if info.url:
            log.warning(Event.WEBHOOK_MISMATCH, mode="polling", was_set=True)
            await self._parts.bot.delete_webhook(drop_pending_updates=False)

    async def _register_menus(self) -> None:
        services = self._parts.application.bot_data["services"]
        with suppress(asyncio.CancelledError):
            await _until_it_works("setMyCommands", lambda: register_menus(self._parts.bot, services))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(asyncio.create_task(work))

    async def failed(self) -> BaseException | None:
        """Wait until a part that must run for ever ends, and return why; usually this never returns."""
        while True:
            if not self._tasks:
                await asyncio.sleep(1)
                continue
            done, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                self._tasks.remove(task)
                if not task.cancelled() and task.exception() is not None:
                    return task.exception()

    async def drain(self) -> None:
        """Take nothing new in, finish what is under way within the time there is, leave the rest to others."""
        began = time.perf_counter()
        self._is_draining = True
        parts = self._parts
        log.info(
            Event.DRAIN_STARTED,
            updates=len(parts.lanes.held),
            turns=len(parts.turns.held),
            messages=len(parts.delivery.held),
        )
        if self._webhook is not None:
            self._webhook.is_open = False
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        parts.upkeep.stop()
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, self._settings.drain_seconds - DRAIN_MARGIN_SECONDS)):
                await parts.checkouts.idle()
                await parts.lanes.idle()
                await parts.turns.idle()
                await parts.lanes.idle()
                await parts.cashier.idle()
                await parts.delivery.idle()
        left = len(parts.lanes.held) + len(parts.turns.held) + len(parts.delivery.held)
        await parts.checkouts.stop()
        await asyncio.gather(
            parts.lanes.stop(), parts.turns.stop(), parts.delivery.stop(), parts.duels.stop()
        )
        await parts.cashier.stop()
        parts.charts.stop()
        await self._close()
        log.info(Event.DRAIN_DONE, ms=round((time.perf_counter() - began) * 1000), left=left)

    async def _close(self) -> None:
        parts = self._parts
        with suppress(Exception):
            async with asyncio.timeout(1.0):
                await parts.db.transact(leases.give_up, parts.stamps.take())
                await parts.db.transact(heartbeat.end_beat, parts.stamps.take())
        if self._server is not None:
            await self._server.stop()
        with suppress(Exception):
            await parts.application.shutdown()
        if parts.model is not None:
            with suppress(Exception):
                await parts.model.close()
        await parts.db.close()


async def _until_it_works(step: str, call: Any) -> None:
    """Make a call to Telegram again and again until it works.

    Raises:
        InvalidToken: it never will.
    """
    pause_seconds = FIRST_PAUSE_SECONDS
    while True:
        try:
            await call()
        except InvalidToken:
            raise
        except TelegramError as error:
            log.warning(Event.POLL_FAILED, step=step, why=str(error), seconds=pause_seconds)
        else:
            return
        await asyncio.sleep(pause_seconds)
        pause_seconds = min(pause_seconds * 2, LONGEST_PAUSE_SECONDS)


def _log_event(event: object) -> None:
    if isinstance(event, Happened):
        EVENTS.labels(event.name).inc()
        say = log.error if event.name in ALARMS else log.warning if event.name in WARNINGS else log.info
        say(Event(event.name), **event.facts)
