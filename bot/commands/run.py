"""The command ``run``: one bot process until SIGTERM or SIGINT."""

import asyncio
import os
import platform
import signal
import sys
import time
from contextlib import AbstractContextManager, nullcontext
from importlib.metadata import version

from sqlalchemy.exc import InterfaceError, OperationalError
from telegram.error import InvalidToken

from bot.commands import FAILED_EXIT, INTERRUPTED_EXIT, WRONG_EXIT
from bot.events import Event
from bot.instance_lock import AlreadyRunning, InstanceLock
from bot.logs import configure_logging, get_logger
from bot.redaction import redactor
from bot.settings import Settings, SettingsError, describe
from db.schema import SchemaTooNew, migrate
from db.session import DatabaseUnavailable
from services.llm.connect import ExtraMissingError
from services.moved_clock import Lead, MovedClock
from services.ports import Clock

_NAMED = ("python-telegram-bot", "sqlalchemy", "starlette")

log = get_logger(__name__)


def run_bot(settings: Settings) -> None:
    """Run the bot; exit 2 where a setting or the surroundings are wrong, 1 where it fails later."""
    began = time.perf_counter()
    configure_logging(settings.log_format, settings.log_level, settings.secrets())
    log.info(
        Event.START,
        pid=os.getpid(),
        python=platform.python_version(),
        **{name.replace("-", "_"): version(name) for name in _NAMED},
        settings=describe(settings),
    )
    try:
        with _lock(settings):
            _migrate(settings)
            code = asyncio.run(_run(settings, began))
    except ExtraMissingError:
        _refuse("MODEL is set, but the extra llm isn't installed; install it: uv sync --extra llm")
    except (AlreadyRunning, SchemaTooNew, SettingsError) as error:
        _refuse(str(error))
    except InvalidToken:
        _refuse("BOT_TOKEN is not known to Telegram; get it from @BotFather and set it as it is")
    except (OperationalError, InterfaceError, DatabaseUnavailable) as error:
        _refuse(f"the database can't be used: {_reason(settings, getattr(error, 'orig', error))}")
    except OSError as error:
        _refuse(f"can't start: {error}")
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED_EXIT)
    else:
        sys.exit(code)


def _reason(settings: Settings, error: object) -> str:
    """Return the first line of an error, without secrets."""
    return redactor(settings.secrets())((str(error).splitlines() or [repr(error)])[0])


def _refuse(line: str) -> None:
    print(line, file=sys.stderr)
    sys.exit(WRONG_EXIT)


def _lock(settings: Settings) -> AbstractContextManager[object]:
    path = settings.database_url.path
    return nullcontext() if path is None else InstanceLock(path)


def _migrate(settings: Settings) -> None:
    began = time.perf_counter()
    before, after = migrate(settings.database_url.sync_url)
    if before != after:
        ms = round((time.perf_counter() - began) * 1000)
        log.info(Event.MIGRATION, before=before, after=after, ms=ms)


def _clock(settings: Settings) -> Clock | None:
    """Return the playground's clock if its time can be moved, else None: the machine's."""
    return None if settings.clock_file is None else MovedClock(Lead.open(settings.clock_file))


async def _run(settings: Settings, began: float) -> int:
    from bot.bugs import report
    from bot.process import Process
    from bot.wiring import build

    assert settings.bot_token is not None
    token, clock = settings.bot_token.get_secret_value(), _clock(settings)
    process = Process(settings, build(settings, token=token, clock=clock))
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    starting = asyncio.create_task(process.start())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if starting.done():
        try:
            starting.result()
        except BaseException:
            await process.drain()
            raise
        mode = "webhook" if settings.webhook_url else "polling"
        log.info(
            Event.READY,
            seconds=round(time.perf_counter() - began, 2),
            mode=mode,
            listen=process.address,
        )
    else:
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
    failing = asyncio.create_task(process.failed())
    await asyncio.wait({stopping, failing}, return_when=asyncio.FIRST_COMPLETED)
    failing.cancel()
    await process.drain()
    if failing.done() and not failing.cancelled() and (error := failing.result()) is not None:
        report(log, error, step="run")
        return FAILED_EXIT
    return 0
