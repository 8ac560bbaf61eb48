"""The command ``playground``: a Telegram of our own with a page, and the real bot as a process beside it."""

import asyncio
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from bot.commands import WRONG_EXIT
from bot.commands.bot_process import BotProcess
from bot.commands.model_switch import EnvironmentSwitch
from bot.instance_lock import AlreadyRunning, InstanceLock
from bot.logs import configure_logging
from bot.playground.server import build_app
from bot.playground.telegram import Telegram
from bot.playground.updates import FIRST_UPDATE_ID
from bot.playground.vault import Vault
from bot.server import HttpServer
from bot.settings import Settings
from services.moved_clock import Lead

TOKEN = "7000000001:playground-token-known-to-nobody-else"  # noqa: S105
HOST = "127.0.0.1"
DATABASE = Path("data/playground.db")
CLOCK_SUFFIX = ".clock"
STARS_SUFFIX = ".stars"
BEGINNING = 1_750_000_000
"""Unix seconds; ids of a playground begin with the time since then, so that none was used before."""
IDS_PER_SECOND = 10


def run_playground(settings: Settings, *, port: int) -> None:
    """Serve the page and run the bot until SIGINT or SIGTERM.

    Args:
        settings: what was set counts for the bot too, but for its token and its Bot API server.
        port: where the page is served; 0 lets the system choose.
    """
    configure_logging("console", "WARNING")
    given = settings.model_fields_set
    try:
        if "database_url" not in given:
            _begin_new_books()
        asyncio.run(_play(given, _clock_file(settings), port))
    except (OSError, AlreadyRunning) as error:
        print(f"the playground can't start: {error}", file=sys.stderr)
        sys.exit(WRONG_EXIT)


def _begin_new_books() -> None:
    """Remove the books of the last playground: this one begins with a new world.

    Raises:
        AlreadyRunning: another playground uses them.
    """
    with InstanceLock(DATABASE):
        for suffix in ("", "-wal", "-shm", CLOCK_SUFFIX, STARS_SUFFIX):
            Path(f"{DATABASE}{suffix}").unlink(missing_ok=True)


def _clock_file(settings: Settings) -> Path:
    """Return where the time is kept: beside the books, for which it must never go back."""
    database = settings.database_url.path if "database_url" in settings.model_fields_set else DATABASE
    path = Path(f"{database or DATABASE}{CLOCK_SUFFIX}")
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


async def _play(given: set[str], clock_file: Path, port: int) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    environment: dict[str, str] = {}
    bot = BotProcess(environment)
    stars = Vault(clock_file.with_suffix(STARS_SUFFIX)).open()
    telegram = _telegram(int(time.time()), lead=Lead.open(clock_file, create=True), bank=stars)
    switch = EnvironmentSwitch(bot, environment)
    server = HttpServer(build_app(telegram, supervisor=bot, switch=switch), HOST, port)
    await server.start()
    url = f"http://{HOST}:{server.port}"
    environment.update(_environment(url, clock_file, given))
    switch.url = url
    print(f"\n  Potluck's playground: {url}", flush=True)
    print("  (the bot talks to a Telegram of its own, on this machine; Ctrl+C ends it)\n", flush=True)
    await bot.start()
    await stop.wait()
    await bot.stop()
    await server.stop()


def _telegram(now_seconds: int, **kept: Any) -> Telegram:
    """Return a Telegram whose ids are new also to a database that knows an earlier playground's."""
    before = max(0, now_seconds - BEGINNING) * IDS_PER_SECOND
    return Telegram.with_cast(
        tokens=[TOKEN], first_message_id=before + 1, first_update_id=FIRST_UPDATE_ID + before, **kept
    )


def _environment(url: str, clock_file: Path, given: set[str]) -> dict[str, str]:
    """Return the bot's environment: the playground's own values for all that isn't set, also in ``.env``."""
    values = {"DATABASE_URL": f"sqlite:///{DATABASE}", "HTTP_LISTEN": f"{HOST}:0", "LOG_FORMAT": "console"}
    defaults = {name: value for name, value in values.items() if name.lower() not in given}
    own = {"BOT_TOKEN": TOKEN, "BOT_API_URL": url, "CLOCK_FILE": str(clock_file)}
    return dict(os.environ) | defaults | own
