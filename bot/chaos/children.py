"""The bot's processes: started, found ready, killed, paused, ended; what they log stays in files."""

import asyncio
import itertools
import os
import random
import signal
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import httpx

from bot.orphans import end_with_parent

SCRIPT = Path(__file__).resolve().parents[2] / "bot.py"
HOST = "127.0.0.1"
PORTS = range(15_000, 32_000)
"""Below what systems give to outgoing connections, so that a port stays free until the child takes it."""
LOOK_SECONDS = 0.1
END_SECONDS = 20.0


class Child:
    """One place for a process; there may be many lives in it, one after the other."""

    def __init__(self, name: str, directory: Path, environment: Mapping[str, str]) -> None:
        self.name = name
        self.port = 0
        self.life = 0
        self.born_at = 0.0
        self.start_seconds = 1.5
        self._directory = directory
        self._environment = environment
        self._process: asyncio.subprocess.Process | None = None
        self._is_paused = False

    @property
    def is_alive(self) -> bool:
        """Return whether there is a process, be it paused."""
        return self._process is not None and self._process.returncode is None

    @property
    def code(self) -> int | None:
        """Return how the last process ended, negative for a signal."""
        return None if self._process is None else self._process.returncode

    @property
    def log(self) -> Path:
        """Return the file of what this life logs."""
        return self._directory / f"{self.name}-{self.life:03}.log"

    async def spawn(self) -> None:
        """Start a process in this place."""
        self.life += 1
        self.port = free_port()
        self._is_paused = False
        self.born_at = time.monotonic()
        environment = {**self._environment, "HTTP_LISTEN": f"{HOST}:{self.port}"}
        with self.log.open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                str(SCRIPT),
                "run",
                cwd=self._directory,
                env=environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,  # Ctrl+C is for us: we end the bot
                preexec_fn=end_with_parent(signal.SIGKILL),
            )

    async def ready(self, client: httpx.AsyncClient) -> bool:
        """Wait until the process takes updates; return False if it ended before."""
        while self.is_alive:
            with suppress(httpx.HTTPError):
                answer = await client.get(f"http://{HOST}:{self.port}/readyz")
                if answer.is_success:
                    self.start_seconds = time.monotonic() - self.born_at
                    return True
            await asyncio.sleep(LOOK_SECONDS)
        return False

    async def gone(self) -> int:
        """Wait until the process has ended and return its exit code."""
        assert self._process is not None
        return await self._process.wait()

    def send(self, number: signal.Signals) -> None:
        """Send a signal, if there is somebody to get it."""
        if self._process is not None and self.is_alive:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)

    async def kill(self) -> None:
        """Kill the process at once."""
        self.send(signal.SIGKILL)
        await self.gone()

    def pause(self) -> None:
        """Stop the process in the middle of whatever it does."""
        self.send(signal.SIGSTOP)
        self._is_paused = True

    def resume(self) -> None:
        """Let a paused process go on as if nothing had been."""
        if self._is_paused:
            self.send(signal.SIGCONT)
            self._is_paused = False

    async def end(self) -> int:
        """Ask the process to finish and return its exit code; one that doesn't is killed."""
        if self._process is None:
            return 0
        self.resume()
        self.send(signal.SIGTERM)
        try:
            return await asyncio.wait_for(self.gone(), END_SECONDS)
        except TimeoutError:
            await self.kill()
            return -signal.SIGKILL

    def last_lines(self, most: int = 3) -> str:
        """Return the end of this life's log."""
        with suppress(OSError):
            lines = self.log.read_text(errors="replace").splitlines()
            return "\n".join(line[:500] for line in lines[-most:])
        return ""


class Front(httpx.AsyncBaseTransport):
    """The one address of several processes: posts go to them in turns, past those that nobody listens at."""

    def __init__(self, children: Sequence[Child]) -> None:
        self._children = children
        self._next = itertools.count()
        self._inner = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Carry a request to a process.

        Raises:
            ConnectError: nobody listens.
        """
        first = next(self._next)
        for number in range(len(self._children)):
            child = self._children[(first + number) % len(self._children)]
            if child.is_alive:
                request.url = request.url.copy_with(host=HOST, port=child.port)
                with suppress(httpx.ConnectError):
                    return await self._inner.handle_async_request(request)
        raise httpx.ConnectError("nobody listens", request=request)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


def environment_of(settings: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a child: nothing of ours but what programs need to run at all."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "VIRTUAL_ENV") if name in os.environ}
    return {**kept, **settings}


def free_port() -> int:
    """Return a port of loopback that nobody listens on.

    Raises:
        OSError: there seems to be none.
    """
    for port in random.SystemRandom().sample(PORTS, 50):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                probe.bind((HOST, port))
                return port
    raise OSError("no port of loopback is free")
