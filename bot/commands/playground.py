"""The command ``playground``: a Telegram of our own with a page, and the real bot as a process beside it."""

import asyncio
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

from bot.commands.run import WRONG_EXIT
from bot.logs import configure_logging
from bot.playground.server import build_app
from bot.playground.telegram import Telegram
from bot.server import HttpServer

TOKEN = "7000000001:playground-token-known-to-nobody-else"  # noqa: S105
HOST = "127.0.0.1"
DATABASE = Path("data/playground.db")
STOP_SECONDS = 12.0
SCRIPT = Path(__file__).resolve().parents[2] / "bot.py"


class BotProcess:
    """The bot as a child process: started, restarted, stopped and killed from the page."""

    def __init__(self) -> None:
        self.environment: dict[str, str] = {}
        self._child: asyncio.subprocess.Process | None = None

    async def state(self) -> bool | None:
        """Return whether the bot runs."""
        return self._child is not None and self._child.returncode is None

    async def start(self) -> None:
        """Start the bot unless it runs."""
        if not await self.state():
            self._child = await asyncio.create_subprocess_exec(
                sys.executable, str(SCRIPT), "run", env=self.environment, start_new_session=True
            )

    async def stop(self) -> None:
        """Ask the bot to finish, and wait for it."""
        await self._end(signal.SIGTERM)

    async def kill(self) -> None:
        """Kill the bot at once and start it again."""
        await self._end(signal.SIGKILL)
        await self.start()

    async def restart(self) -> None:
        """Let the bot finish, then start it again."""
        await self.stop()
        await self.start()

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


def run_playground(*, port: int) -> None:
    """Serve the page and run the bot until SIGINT or SIGTERM."""
    configure_logging("console", "WARNING")
    try:
        asyncio.run(_play(port))
    except OSError as error:
        print(f"the playground can't start: {error}", file=sys.stderr)
        sys.exit(WRONG_EXIT)


async def _play(port: int) -> None:
    bot = BotProcess()
    server = HttpServer(build_app(Telegram.with_cast(tokens=[TOKEN]), supervisor=bot), HOST, port)
    await server.start()
    url = f"http://{HOST}:{server.port}"
    bot.environment = _environment(url)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    print(f"\n  Potluck's playground: {url}", flush=True)
    print("  (no BOT_TOKEN is set: the bot talks to a Telegram of its own; Ctrl+C ends it)\n", flush=True)
    await bot.start()
    await stop.wait()
    await bot.stop()
    await server.stop()


def _environment(url: str) -> dict[str, str]:
    """Return the bot's environment; a playground begins with a new world, so also with new books."""
    environment = dict(os.environ) | {"BOT_TOKEN": TOKEN, "BOT_API_URL": url}
    environment.setdefault("LOG_FORMAT", "console")
    if "DATABASE_URL" not in os.environ:
        for suffix in ("", "-wal", "-shm"):
            Path(f"{DATABASE}{suffix}").unlink(missing_ok=True)
        environment["DATABASE_URL"] = f"sqlite:///{DATABASE}"
    return environment
