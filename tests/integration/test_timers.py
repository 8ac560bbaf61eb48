"""Timers on both databases: done once, late rather than never, whatever one of them does."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Row, text

from db.schema import blocking_engine
from services.stamp import Stamp, Stamps
from services.sweep import Forget
from services.timers import RunResult, RunTimers, TimerKind, TimerRun, end_timer, set_timer
from tests.house import House, open_house

SAMPLE, REPORT = TimerKind.SAMPLE, TimerKind.REPORT


class Notebook:
    """Jobs that write their timer's cause into a table, so that what counts is what was committed."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.runs: list[TimerRun] = []
        self.parts = 1
        self.trouble: set[str] = set()

    async def open(self) -> "Notebook":
        """Make the table."""
        await self._house.write("CREATE TABLE note (cause TEXT)")
        return self

    def job(self, tx: Connection, timer: Row[Any], stamp: Stamp) -> bool:
        """Write a line; there are as many as there are parts."""
        if timer.cause in self.trouble:
            raise ValueError(timer.cause)
        tx.execute(text("INSERT INTO note (cause) VALUES (:cause)"), {"cause": timer.cause})
        count = tx.scalar(text("SELECT COUNT(*) FROM note WHERE cause = :cause"), {"cause": timer.cause})
        return int(count or 0) < self.parts

    async def tick(self, stamps: Stamps | None = None) -> None:
        """Run what is due."""
        house = self._house
        run = RunTimers(db=house.db, stamps=stamps or house.stamps, jobs={SAMPLE: self.job, REPORT: self.job})
        await run(limit=2, note=self.runs.append)

    async def lines(self) -> list[str]:
        """Return the causes of all that was done."""
        return [row.cause for row in await self._house.rows("SELECT cause FROM note")]


async def set_at(house: House, cause: str, *, seconds: int = 0, kind: TimerKind = SAMPLE) -> None:
    stamp = house.stamps.take()
    due_at = house.clock.now() + timedelta(seconds=seconds)
    await house.db.transact(set_timer, kind, cause, due_at, facts={"n": 1}, stamp=stamp)


async def test_a_timer_is_done_when_its_time_has_come_and_not_again(house: House) -> None:
    notes = await Notebook(house).open()
    await set_at(house, "later", seconds=60)
    await notes.tick()
    assert await notes.lines() == []
    house.clock.move(timedelta(seconds=60))
    for _ in range(2):
        await notes.tick()
    assert await notes.lines() == ["later"]
    assert [(run.kind, run.result) for run in notes.runs] == [(SAMPLE, RunResult.DONE)]


async def test_a_cause_is_set_once_and_stays_as_it_was(house: House) -> None:
    notes = await Notebook(house).open()
    await set_at(house, "one")
    await set_at(house, "one", seconds=900)
    await notes.tick()
    await set_at(house, "one")
    await notes.tick()
    assert await notes.lines() == ["one"]


async def test_a_timer_that_was_ended_does_nothing(house: House) -> None:
    notes = await Notebook(house).open()
    await set_at(house, "one")
    await house.db.transact(end_timer, "one", house.stamps.take())
    await notes.tick()
    assert await notes.lines() == []


async def test_t66_late_timers_run_once_and_none_is_lost_when_the_clock_jumps(house: House) -> None:
    notes = await Notebook(house).open()
    for number in range(5):
        await set_at(house, f"due {number}", seconds=60 * number)
    house.clock.move(timedelta(days=-1))
    await notes.tick()
    assert await notes.lines() == []
    house.clock.move(timedelta(days=30))
    await notes.tick()
    house.clock.move(timedelta(days=-30))
    await notes.tick()
    assert await notes.lines() == [f"due {number}" for number in range(5)]


async def test_those_with_more_to_do_take_turns(house: House) -> None:
    notes = await Notebook(house).open()
    notes.parts = 3
    for cause in ("a", "b"):
        await set_at(house, cause)
    await notes.tick()
    assert await notes.lines() == ["a", "b"] * 3
    assert [run.result for run in notes.runs] == [RunResult.MORE] * 4 + [RunResult.DONE] * 2


async def test_one_that_fails_holds_up_no_other_and_is_tried_again_later(house: House) -> None:
    notes = await Notebook(house).open()
    notes.trouble = {"a", "b"}
    for cause in ("a", "b", "c", "d"):
        await set_at(house, cause)
    with pytest.raises(ValueError, match="a"):
        await notes.tick()
    assert await notes.lines() == ["c", "d"]
    assert [run.result for run in notes.runs].count(RunResult.FAILED) == 2
    notes.trouble = set()
    await notes.tick()
    assert await notes.lines() == ["c", "d"]
    house.clock.move(timedelta(minutes=1))
    await notes.tick()
    assert await notes.lines() == ["c", "d", "a", "b"]


async def test_kinds_that_this_process_does_not_know_are_left_alone(house: House) -> None:
    notes = await Notebook(house).open()
    await set_at(house, "of newer code", kind=TimerKind.DASHBOARD)
    await notes.tick()
    assert (await notes.lines(), notes.runs) == ([], [])


async def test_t61_two_processes_do_what_is_due_once(house: House) -> None:
    notes = await Notebook(house).open()
    notes.parts = 3
    for number in range(8):
        await set_at(house, f"{number}")
    await asyncio.gather(*(notes.tick(house.other_worker(owner)) for owner in ("one", "two", "three")))
    await notes.tick()
    assert sorted(await notes.lines()) == sorted(str(number) for number in range(8) for _ in range(3))


async def test_t61_what_another_process_is_at_is_left_to_it(postgres_books: str) -> None:
    async with open_house(postgres_books) as house:
        notes = await Notebook(house).open()
        await set_at(house, "one")
        engine = blocking_engine(postgres_books)
        with engine.connect() as other:
            other.execute(text("SELECT id FROM timer FOR UPDATE"))
            await notes.tick()
            assert await notes.lines() == []
            other.rollback()
        engine.dispose()
        await notes.tick()
        assert await notes.lines() == ["one"]


async def test_looks_at_the_dashboards_are_forgotten_after_an_hour(house: House) -> None:
    for kind in (TimerKind.DASHBOARD, TimerKind.SAMPLE):
        facts: dict[str, Any] = {"due_at": house.clock.now(), "stamp": house.stamps.take()}
        await house.db.transact(set_timer, kind, kind, **facts)
        await house.db.transact(end_timer, kind, house.stamps.take())
    house.clock.move(timedelta(minutes=59))
    await Forget(db=house.db, stamps=house.stamps)()
    assert await house.value("SELECT COUNT(*) FROM timer") == 2
    house.clock.move(timedelta(minutes=2))
    await Forget(db=house.db, stamps=house.stamps)()
    assert [row.cause for row in await house.rows("SELECT cause FROM timer")] == [TimerKind.SAMPLE]


async def test_timers_done_long_ago_are_forgotten(house: House) -> None:
    notes = await Notebook(house).open()
    await set_at(house, "done")
    await set_at(house, "waiting", seconds=10**8)
    await notes.tick()
    await Forget(db=house.db, stamps=house.stamps)()
    assert await house.value("SELECT COUNT(*) FROM timer") == 2
    house.clock.move(timedelta(days=31))
    await Forget(db=house.db, stamps=house.stamps)()
    assert [row.cause for row in await house.rows("SELECT cause FROM timer")] == ["waiting"]
