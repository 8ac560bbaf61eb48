"""The real bot as a child process of the playground: started, restarted, stopped and killed from the page."""

import asyncio
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from bot.orphans import end_with_parent

STOP_SECONDS = 12.0
SCRIPT = Path(__file__).resolve().parents[2] / "bot.py"


class BotProcess:
    """One bot at a time; what the page asks for is done one after the other."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._child: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()

    async def state(self) -> bool | None:
        """Return whether the bot runs."""
        return self._child is not None and self._child.returncode is None

    async def start(self) -> None:
        """Start the bot unless it runs."""
        async with self._turn:
            await self._begin()

    async def stop(self) -> None:
        """Ask the bot to finish, and wait for it."""
        async with self._turn:
            await self._end(signal.SIGTERM)

    async def kill(self) -> None:
        """Kill the bot at once and start it again."""
        async with self._turn:
            await self._end(signal.SIGKILL)
            await self._begin()

    async def restart(self) -> None:
        """Let the bot finish, then start it again."""
        async with self._turn:
            await self._end(signal.SIGTERM)
            await self._begin()

    async def _begin(self) -> None:
        if not await self.state():
            self._child = await asyncio.create_subprocess_exec(
                sys.executable,
                str(SCRIPT),
                "run",
                env=self._environment,
                start_new_session=True,  # Ctrl+C is for us: we end the bot
                preexec_fn=end_with_parent(signal.SIGTERM),  # else it would poll nothing for ever
            )

    async def _end(self, number: signal.Signals) -> None:
        child = self._child
        if child is None or child.returncode is not None:
            return
        with suppress(ProcessLookupError):
            child.send_signal(number)
        try:
            await asyncio.wait_for(child.wait(), STOP_SECONDS)
        except TimeoutError:
            child.kill()
            await child.wait()
