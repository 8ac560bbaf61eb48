"""Draws charts in a process of its own, so that the bot's memory stays small; without the extra there are none."""

import asyncio
import signal
from concurrent.futures import ProcessPoolExecutor
from importlib.util import find_spec
from multiprocessing import get_context

from bot.events import Event
from bot.logs import get_logger
from bot.orphans import end_with_parent
from handlers.charts import Chart, draw

MOST_CHARTS = 50
IDLE_SECONDS = 60.0
DEADLINE_SECONDS = 30

log = get_logger(__name__)


class ChartWorker:
    """One process that is started when a chart is wanted and ended when none has been wanted for a while."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None
        self._idle: asyncio.TimerHandle | None = None
        self.is_there = find_spec("matplotlib") is not None

    async def __call__(self, chart: Chart) -> bytes | None:
        """Return the picture, or None if it can't be drawn: what it shows is then said in words alone."""
        if not self.is_there:
            return None
        if self._idle is not None:
            self._idle.cancel()
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._running(), draw_in_time, chart)
        except Exception as error:  # whatever it is: a report must not fail for its picture
            log.warning(Event.CHART_FAILED, why=repr(error))
            self.stop()
            return None
        finally:
            self._idle = loop.call_later(IDLE_SECONDS, self.stop)

    def _running(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                max_workers=1,
                mp_context=get_context("spawn"),
                initializer=prepare,
                max_tasks_per_child=MOST_CHARTS,
            )
        return self._pool

    def stop(self) -> None:
        """End the process; the next chart starts another one."""
        if self._idle is not None:
            self._idle.cancel()
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None


def prepare() -> None:
    """Make a new process die with the bot, and leave the signal to stop to the bot."""
    end_with_parent(signal.SIGKILL)()
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def draw_in_time(chart: Chart) -> bytes:
    """Return the picture; a process that takes too long for it is ended by its own alarm."""
    signal.alarm(DEADLINE_SECONDS)
    try:
        return draw(chart)
    finally:
        signal.alarm(0)
