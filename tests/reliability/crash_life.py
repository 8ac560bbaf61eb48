"""One life of the bot that can end at any commit or call, as by ``kill -9``: nothing of it ever goes on."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine
from typing import Any, TypeVar, cast

import httpx
from starlette.types import ASGIApp

from bot.playground.telegram import Telegram
from bot.playground.transport import transport
from bot.process import Process
from bot.settings import Settings
from bot.wiring import build
from db.session import Backend, Job
from services.ports import Entropy, Model
from tests.app import MovableClock
from tests.canary import CANARY_TOKEN

PATIENCE_SECONDS = 60.0

T = TypeVar("T")


class Fate:
    """Counts the points that a life passes, and ends it at one of them."""

    def __init__(self, ends_at: int | None = None) -> None:
        self._ends_at = ends_at
        self.passed: list[str] = []
        self.is_counting = False
        self.over = asyncio.Event()

    async def between(self, name: str, work: Callable[[], Awaitable[T]]) -> T:
        """Do something between two points."""
        await self.point(f"before {name}")
        result = await self.heard(work)
        await self.point(f"after {name}")
        return result

    async def heard(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do something; a life that is over by then never learns how it went."""
        await self.alive()
        try:
            result = await work()
        except Exception:
            await self.alive()
            raise
        await self.alive()
        return result

    async def point(self, name: str) -> None:
        """Pass a point; never return if the life is over or ends here."""
        if self.is_counting and not self.over.is_set():
            self.passed.append(name)
            if len(self.passed) == self._ends_at:
                self.over.set()
        await self.alive()

    async def alive(self) -> None:
        """Return at once, or never if the life is over."""
        if self.over.is_set():
            await asyncio.get_running_loop().create_future()


class MortalBackend:
    """A database of which a life that is over hears nothing any more."""

    def __init__(self, inner: Backend, fate: Fate) -> None:
        self._inner = inner
        self._fate = fate
        self._under_way: set[asyncio.Future[Any]] = set()

    async def open(self) -> None:
        """Connect."""
        await self._inner.open()

    async def close(self) -> None:
        """Disconnect."""
        await self._inner.close()

    async def transact(self, job: Job[T]) -> T:
        """Commit a job; the life may end before it, or when it is committed and nobody knows."""
        name = f"the commit of {_name_of(job)}"
        return await self._fate.between(name, lambda: self._finish(self._inner.transact(job)))

    async def read(self, job: Job[T]) -> T:
        """Read; that changes nothing, so a life doesn't end here."""
        return await self._fate.heard(lambda: self._finish(self._inner.read(job)))

    async def _finish(self, work: Coroutine[Any, Any, T]) -> T:
        task = asyncio.ensure_future(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return await task

    async def rest(self) -> None:
        """Wait for what had reached the database when the life ended: it is committed, or it isn't."""
        while self._under_way:
            await asyncio.wait(self._under_way)


def _name_of(job: Job[Any]) -> str:
    """Return the name of the function that a job of ``Database.transact`` runs."""
    cells = dict(zip(job.__code__.co_freevars, job.__closure__ or (), strict=True))
    return str(cells["fn"].cell_contents.__name__).lstrip("_")


class MortalTransport(httpx.AsyncBaseTransport):
    """The way to Telegram; the life may end before a call gets there, or when its answer is on the way."""

    def __init__(self, inner: httpx.AsyncBaseTransport, fate: Fate) -> None:
        self._inner = inner
        self._fate = fate

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Make a call."""
        name = f"the call of {request.url.path.rpartition('/')[2]}"
        return await self._fate.between(name, lambda: self._inner.handle_async_request(request))


class Door:
    """Stands in for the HTTP server: Telegram's posts come to the app without sockets."""

    def __init__(self, app: ASGIApp, _host: str, _port: int) -> None:
        self.app = app
        self.port = 0

    async def start(self) -> None:
        """Open, at once."""

    async def stop(self) -> None:
        """Close, at once."""


async def _nothing() -> None:
    """Stand in for what takes its time and isn't looked at."""


class Life:
    """A whole application, from its start to its end at a point, or for ever."""

    def __init__(
        self,
        settings: Settings,
        *,
        telegram: Telegram,
        clock: MovableClock,
        entropy: Entropy,
        model: Model,
        ends_at: int | None,
        with_menus: bool,
    ) -> None:
        self._telegram = telegram
        self._others = asyncio.all_tasks()
        self.fate = Fate(ends_at)
        self.parts = build(
            settings,
            token=CANARY_TOKEN,
            clock=clock,
            entropy=entropy,
            model=model,
            httpx_options={"transport": MortalTransport(transport(telegram), self.fate)},
        )
        self._backend = MortalBackend(self.parts.db._backend, self.fate)
        self.parts.db._backend = self._backend
        self.parts.charts.is_there = False  # a picture takes a second to draw, and says nothing of a crash
        self.parts.upkeep.start = lambda lease: None  # type: ignore[method-assign]  # a tick comes when it is told
        self.process = Process(settings, self.parts)
        if not with_menus:
            self.process._register_menus = _nothing  # type: ignore[method-assign]

    @property
    def app(self) -> ASGIApp:
        """Return what serves HTTP."""
        door: Any = self.process._server  # a Door stands in for it
        return cast("ASGIApp", door.app)

    async def start(self) -> None:
        """Start, and wait until the menus of commands are set as well, if they are."""
        await self.process.start()
        await asyncio.wait(self.process._tasks[-1:])

    async def quiet(self) -> None:
        """Wait until every update is taken in, handled and answered."""
        lanes, turns, delivery = self.parts.lanes, self.parts.turns, self.parts.delivery
        await self._telegram.drained(PATIENCE_SECONDS)
        while True:
            await lanes.idle()
            await turns.idle()
            await delivery.idle()
            if not (lanes.held or turns.held or delivery.held):
                return

    async def tick(self) -> None:
        """Let upkeep look once for what a dead process has left."""
        await self.parts.upkeep.claim_all(alone=False)
        await self.parts.upkeep.sweep()

    async def do_what_is_due(self) -> None:
        """Let upkeep run the timers whose time has come."""
        await self.parts.upkeep.run_timers()
        await self.quiet()

    async def drop(self) -> None:
        """Let go of it all, without another write."""
        self.fate.over.set()
        await self._backend.rest()
        while tasks := self._own_tasks():
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        await self._backend.close()

    def _own_tasks(self) -> Collection[asyncio.Task[Any]]:
        others = self._others | set(self._telegram.webhook._tasks.values())
        return asyncio.all_tasks() - others - {asyncio.current_task()}
