"""The jobs of upkeep: who takes over what, and a database that is away or silent."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot import upkeep
from bot.beats import Beats
from bot.upkeep import Upkeep
from db.session import Database, DatabaseUnavailable
from services import leases
from services.leases import Claimed
from services.rules import DuelRules
from services.stamp import Stamps
from services.stopping import stopped_of
from services.sweep import Forget, Sweep
from services.timers import RunResult, RunTimers, TimerKind, TimerRun
from tests.app import CountedEntropy, MovableClock
from tests.virtual_time import now, run


class Workers:
    """Something that has rows in hand and takes more."""

    def __init__(self, *held: int) -> None:
        self.held = list(held)
        self.taken: list[object] = []
        self.stopped: list[int] = []

    def put(self, work: list[object]) -> None:
        """Take work."""
        self.taken.extend(work)

    def cut(self, numbers: list[int]) -> None:
        """Stop some of it."""
        self.stopped.extend(numbers)


class Asked:
    """A database that writes down what it is asked; it may be away, or never answer."""

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[Any, tuple[Any, ...], dict[str, Any]]] = []
        self.trouble: Exception | None = None
        self.is_silent = False

    def on_commit(self, listener: object) -> None:
        """Announce nothing."""

    async def transact(self, function: Callable[..., object], *args: Any, **kwargs: Any) -> object:
        """Answer with the next answer."""
        self.asked.append((function, args, kwargs))
        if self.is_silent:
            await asyncio.Event().wait()
        if self.trouble is not None:
            raise self.trouble
        return self.answers.pop(0) if self.answers else None

    read = transact


class House:
    """An upkeep with all that it needs, made up."""

    def __init__(self, *answers: object) -> None:
        self.db = Asked(*answers)
        self.lanes, self.turns, self.delivery = Workers(1, 2), Workers(), Workers(3)
        self.swept: list[int] = []
        self.forgotten = 0
        self.limits: list[int] = []
        stamps = Stamps(
            clock=MovableClock(), entropy=CountedEntropy(), owner="me", lease=timedelta(seconds=90)
        )
        parts: dict[str, Any] = {name: getattr(self, name) for name in ("lanes", "turns", "delivery")}
        self.upkeep = Upkeep(
            db=cast("Database", self.db),
            stamps=stamps,
            sweep=cast("Sweep", self._sweep),
            forget=cast("Forget", self._forget),
            timers=cast("RunTimers", self._timers),
            beats=Beats(cast("Database", self.db), stamps, DuelRules()),
            deadline=timedelta(seconds=60),
            **parts,
        )

    async def _sweep(self, *, limit: int) -> int:
        self.swept.append(limit)
        return 0

    async def _timers(self, *, limit: int, note: Callable[[TimerRun], None]) -> int:
        self.limits.append(limit)
        note(TimerRun(kind=TimerKind.REFUND, result=RunResult.MORE, ms=5))
        return 1

    async def _forget(self) -> int:
        self.forgotten += 1
        return 0


def claimed(updates: int = 0, turns: int = 0, messages: int = 0) -> Claimed:
    """Return work that was taken over; what it is doesn't matter here."""
    work = [[SimpleNamespace(n=n) for n in range(count)] for count in (updates, turns, messages)]
    return Claimed(*cast("Any", work))


async def test_what_is_taken_over_goes_to_those_who_do_it() -> None:
    house = House(claimed(2, 1, 3))
    assert await house.upkeep.claim() == 6
    assert [len(one.taken) for one in (house.lanes, house.turns, house.delivery)] == [2, 1, 3]


async def test_at_the_start_all_is_taken_over_batch_by_batch() -> None:
    house = House(claimed(100), claimed(40), claimed())
    await house.upkeep.claim_all(alone=True)
    assert len(house.lanes.taken) == 140
    assert [kwargs["alone"] for _, _, kwargs in house.db.asked] == [True] * 3


async def test_leases_of_what_is_in_hand_are_renewed() -> None:
    house = House()
    await house.upkeep.renew()
    function, (held, stamp), _ = house.db.asked[0]
    assert function is leases.renew
    assert held == {"inbox": [1, 2], "outbox": [3]}
    assert stamp.lease_until - stamp.now == timedelta(seconds=90)


async def test_answers_that_were_stopped_elsewhere_are_ended_here() -> None:
    house = House([8])
    await house.upkeep.look_for_stops()
    assert house.db.asked == []
    house.turns.held += [7, 8]
    await house.upkeep.look_for_stops()
    assert [(function, *args) for function, args, _ in house.db.asked] == [(stopped_of, [7, 8])]
    assert house.turns.stopped == [8]


async def test_nothing_is_asked_of_the_database_when_nothing_is_in_hand() -> None:
    house = House()
    house.lanes.held.clear()
    house.delivery.held.clear()
    await house.upkeep.renew()
    assert house.db.asked == []


async def test_t64_a_database_that_is_away_is_told_once_and_again_when_it_is_back(
    capsys: pytest.CaptureFixture[str],
) -> None:
    house = House()
    house.db.trouble = DatabaseUnavailable("disk full")
    for _ in range(3):
        await house.upkeep._run("ping", house.upkeep.ping)
    seen = [house.upkeep.is_database_well]
    house.db.trouble = None
    await house.upkeep._run("ping", house.upkeep.ping)
    seen.append(house.upkeep.is_database_well)
    assert seen == [False, True]
    assert capsys.readouterr().out.count("readiness_changed") == 2


def test_t63_a_database_that_does_not_answer_is_away(capsys: pytest.CaptureFixture[str]) -> None:
    async def scenario() -> None:
        house = House()
        house.db.is_silent = True
        began = now()
        await house.upkeep._run("ping", house.upkeep.ping)
        assert now() - began == upkeep.PING_SECONDS * 2
        assert not house.upkeep.is_database_well

    run(scenario())
    assert "critical" not in capsys.readouterr().out


async def test_a_job_that_fails_is_logged_and_ends_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    house = House()
    house.db.trouble = ValueError("a bug")
    await house.upkeep._run("claim", house.upkeep.claim)
    assert house.upkeep.is_database_well
    assert "a bug" in capsys.readouterr().out


async def test_every_job_ticks_late_rather_than_never_and_never_twice_at_once() -> None:
    house = House()
    house.upkeep.start(timedelta(seconds=90))
    jobs = {job.id: job for job in house.upkeep._scheduler.get_jobs()}
    assert set(jobs) == {"claim", "stops", "renew", "sweep", "timers", "forget", "ping"}
    assert jobs["renew"].trigger.interval == timedelta(seconds=30)
    assert {(job.misfire_grace_time, job.coalesce, job.max_instances) for job in jobs.values()} == {
        (None, True, 1)
    }
    house.upkeep.stop()
    house.upkeep.stop()


async def test_the_sweep_has_a_limit() -> None:
    house = House()
    await house.upkeep.sweep()
    assert house.swept == [upkeep.SWEEP_MOST]


async def test_timers_have_a_limit_and_every_run_is_logged(capsys: pytest.CaptureFixture[str]) -> None:
    house = House()
    await house.upkeep.run_timers()
    assert house.limits == [upkeep.TIMERS_MOST]
    logged = capsys.readouterr().out
    assert all(part in logged for part in ("timer_done", "refund", "more"))


def test_the_look_at_the_dashboards_is_no_news(capsys: pytest.CaptureFixture[str]) -> None:
    upkeep._note_timer(TimerRun(kind=TimerKind.DASHBOARD, result=RunResult.DONE, ms=5))
    assert capsys.readouterr().out == ""
    upkeep._note_timer(TimerRun(kind=TimerKind.DASHBOARD, result=RunResult.FAILED, ms=5))
    assert "failed" in capsys.readouterr().out
