"""The real program as a child process, its lines of log collected and judged."""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from bot.events import Event
from bot.playground.server import build_app
from bot.playground.telegram import Telegram
from bot.server import HttpServer
from tests.canary import CANARY_SECRET, CANARY_TOKEN

SCRIPT = Path(__file__).parents[1] / "bot.py"
PATIENCE_SECONDS = 30.0
CANARY_PASSWORD = "canary-password-that-must-not-be-seen"
_CANARIES = (CANARY_TOKEN, CANARY_SECRET, CANARY_PASSWORD)
_EVENTS = frozenset(Event)

Line = dict[str, Any]
T = TypeVar("T")


@asynccontextmanager
async def telegram_server(telegram: Telegram) -> AsyncIterator[str]:
    """Serve the fake Telegram on loopback and give its address."""
    server = HttpServer(build_app(telegram), "127.0.0.1", 0)
    await server.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        await telegram.aclose()
        await server.stop()


class Child:
    """One run of ``python bot.py`` in a directory of its own, so that no ``.env`` is found."""

    def __init__(self, directory: Path, *arguments: str, **env: str) -> None:
        self._directory = directory
        self._arguments = arguments or ("run",)
        self._env = {"PATH": os.environ["PATH"], **env}
        self._readers: list[asyncio.Task[None]] = []
        self._changed = asyncio.Event()
        self.out: list[str] = []
        self.err: list[str] = []
        self.began = 0.0
        self.process: asyncio.subprocess.Process

    async def start(self) -> "Child":
        """Start the program."""
        self.began = time.perf_counter()
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(SCRIPT),
            *self._arguments,
            cwd=self._directory,
            env=self._env,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        pairs = ((self.process.stdout, self.out), (self.process.stderr, self.err))
        self._readers = [asyncio.create_task(self._collect(stream, into)) for stream, into in pairs]
        return self

    async def _collect(self, stream: asyncio.StreamReader | None, into: list[str]) -> None:
        assert stream is not None
        async for line in stream:
            into.append(line.decode().removesuffix("\n"))
            self._changed.set()

    async def line(self, event: Event, *, nth: int = 1, **facts: object) -> Line:
        """Wait for the ``nth`` line of an event with these facts."""

        def find() -> Line | None:
            found = [one for one in self.lines() if one["event"] == event and facts.items() <= one.items()]
            return found[nth - 1] if len(found) >= nth else None

        return await self.until(find)

    async def until(self, find: Callable[[], T | None]) -> T:
        """Wait until ``find`` gives something; it is asked after every line."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not (found := find()):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError("\n".join([*self.out[-20:], *self.err[-20:]])) from None
        return found

    def lines(self) -> list[Line]:
        """Return the lines of log so far; the playground says something to people too."""
        is_bot = self._arguments[0] == "run"
        return [json.loads(line) for line in self.out if is_bot or line.startswith("{")]

    async def address(self) -> str:
        """Return where the program serves HTTP, once it is ready."""
        return f"http://{(await self.line(Event.READY))['listen']}"

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        self.process.send_signal(number)

    async def end(self) -> int:
        """Wait for the end and return the exit code; every line must be an event and without secrets."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            code = await self.process.wait()
            await asyncio.gather(*self._readers)
        text = "\n".join([*self.out, *self.err])
        assert not [canary for canary in _CANARIES if canary in text]
        assert {line["event"] for line in self.lines()} <= _EVENTS
        return code

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and wait for the end."""
        self.send(number)
        return await self.end()

    async def discard(self) -> None:
        """Kill the program if a test left it running."""
        if self.process.returncode is None:
            self.process.kill()
            await self.process.wait()
        await asyncio.gather(*self._readers)
