"""The watch on the machine's clock: what it calls a jump."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot import clock_watch
from tests.virtual_time import now, run

START = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


class SetClock:
    """A wall clock that runs with the loop's and is set by hand."""

    def __init__(self) -> None:
        self.set_by = timedelta()

    def now(self) -> datetime:
        """Return its time."""
        return START + timedelta(seconds=now()) + self.set_by


@pytest.mark.parametrize(("hours", "calls"), [(-1, 1), (1, 1), (0, 0)])
def test_t66_a_clock_that_is_set_is_noticed_within_a_second_and_once(
    monkeypatch: pytest.MonkeyPatch, hours: int, calls: int
) -> None:
    async def scenario() -> None:
        clock, jumps, began = SetClock(), [], now()
        monkeypatch.setattr(clock_watch, "wall_now", clock.now)
        watch = asyncio.create_task(clock_watch.watch_clock(lambda: jumps.append(now())))
        await asyncio.sleep(10.5)
        clock.set_by += timedelta(hours=hours)
        await asyncio.sleep(10)
        watch.cancel()
        assert len(jumps) == calls
        assert all(at - began <= 11.5 for at in jumps)

    run(scenario())


def test_t66_a_clock_that_is_slewed_by_a_time_service_is_no_jump(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        clock, jumps = SetClock(), []
        monkeypatch.setattr(clock_watch, "wall_now", clock.now)
        watch = asyncio.create_task(clock_watch.watch_clock(lambda: jumps.append(now())))
        for _ in range(20):
            await asyncio.sleep(1)
            clock.set_by += timedelta(milliseconds=500)
        watch.cancel()
        assert jumps == []

    run(scenario())
