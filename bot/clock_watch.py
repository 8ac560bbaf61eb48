"""Ticks that outlive a machine's clock that is set: what waits for a time of day would wait too long, or not at all."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from apscheduler.triggers.base import BaseTrigger

from bot.events import Event
from bot.logs import get_logger

LOOK_SECONDS = 1.0
JUMP_SECONDS = 2.0

log = get_logger(__name__)


class Every(BaseTrigger):  # type: ignore[misc]
    """Due again some seconds after now.

    The scheduler's own trigger counts every time that was missed: when the clock goes forward by a month, the
    whole process stands still for seconds; by years, for an hour.
    """

    def __init__(self, seconds: float) -> None:
        self.interval = timedelta(seconds=seconds)

    def get_next_fire_time(self, _previous: datetime | None, now: datetime) -> datetime:
        """Return when the job is due again."""
        return now + self.interval


def wall_now() -> datetime:
    """Return the time of the machine's clock, which may be set at any moment."""
    return datetime.now(UTC)


async def watch_clock(on_jump: Callable[[], None]) -> None:
    """Call ``on_jump`` whenever the clock was set, forward or back, until cancelled."""
    offset = _offset()
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        before, offset = offset, _offset()
        if abs(offset - before) > JUMP_SECONDS:
            log.warning(Event.CLOCK_JUMPED, seconds=round(offset - before, 1))
            on_jump()


def _offset() -> float:
    """Return by how much the machine's clock is ahead of the one that only runs."""
    return wall_now().timestamp() - asyncio.get_running_loop().time()
