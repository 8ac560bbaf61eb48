"""Upkeep on a schedule: leases renewed and taken over, turns begun or stopped, timers run, old rows forgotten."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from time import perf_counter

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.beats import Beats
from bot.bugs import report
from bot.clock_watch import Every, wall_now, watch_clock
from bot.delivery import Delivery
from bot.events import Event
from bot.lanes import Lanes
from bot.logs import get_logger
from bot.metrics import IN_HAND
from bot.turns import TurnWorkers
from db.session import Database, DatabaseUnavailable
from services import leases
from services.stamp import Stamps
from services.stopping import stopped_of
from services.sweep import Forget, Sweep
from services.timers import RunResult, RunTimers, TimerKind, TimerRun

CLAIM_SECONDS = 1.0
STOPS_SECONDS = 1.0
SWEEP_SECONDS = 3.0
TIMERS_SECONDS = 1.0
FORGET_SECONDS = 3_600.0
PING_SECONDS = 2.0
CLAIM_MOST = 100
SWEEP_MOST = 100
TIMERS_MOST = 100
SLOW_SECONDS = 5.0

log = get_logger(__name__)


class Upkeep:
    """The jobs that keep this process's work and the table's leases together; the scheduler only ticks."""

    def __init__(
        self,
        *,
        db: Database,
        stamps: Stamps,
        lanes: Lanes,
        turns: TurnWorkers,
        delivery: Delivery,
        sweep: Sweep,
        forget: Forget,
        timers: RunTimers,
        beats: Beats,
        deadline: timedelta,
    ) -> None:
        self._db = db
        self._stamps = stamps
        self._lanes = lanes
        self._turns = turns
        self._delivery = delivery
        self._sweep = sweep
        self._forget = forget
        self._timers = timers
        self._beats = beats
        self._deadline = deadline
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._renewed_at = stamps.clock.now()
        self._one_run = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []
        self.is_database_well = True

    def start(self, lease: timedelta) -> None:
        """Begin to tick."""
        jobs: list[tuple[str, Callable[[], Awaitable[object]], float]] = [
            ("claim", self.claim, CLAIM_SECONDS),
            ("stops", self.look_for_stops, STOPS_SECONDS),
            ("renew", self.renew, lease.total_seconds() / 3),
            ("sweep", self.sweep, SWEEP_SECONDS),
            ("timers", self.run_timers, TIMERS_SECONDS),
            ("forget", self._forget, FORGET_SECONDS),
            ("ping", self.ping, PING_SECONDS),
        ]
        for name, job, seconds in jobs:
            self._scheduler.add_job(
                self._run,
                Every(seconds),
                args=[name, job],
                id=name,
                coalesce=True,
                misfire_grace_time=None,
                max_instances=1,
            )
        self._scheduler.start()
        self._tasks = [
            asyncio.create_task(watch_clock(self.tick_now), name="clock watch"),
            asyncio.create_task(self._beats.run(), name="beats"),
        ]

    def tick_now(self) -> None:
        """Let every job run at once; its next time was reckoned by a clock that has been set."""
        for job in self._scheduler.get_jobs():
            job.modify(next_run_time=wall_now())

    def stop(self) -> None:
        """Tick no more."""
        for task in self._tasks:
            task.cancel()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    async def _run(self, name: str, job: Callable[[], Awaitable[object]]) -> None:
        began = perf_counter()
        try:
            await job()
        except asyncio.CancelledError:
            return  # the process stops; the scheduler would call it an error
        except DatabaseUnavailable as error:
            self._set_database_well(False, str(error))
        except Exception as error:
            report(log, error, step=name)
        seconds = perf_counter() - began
        if seconds > SLOW_SECONDS:
            log.warning(Event.SLOW_STEP, step=name, ms=round(seconds * 1000))

    async def claim_all(self, *, alone: bool) -> None:
        """Take over all that nobody works on; with ``alone`` also what a dead process still seems to own."""
        while await self.claim(alone=alone):
            pass

    async def claim(self, *, alone: bool = False) -> int:
        """Take over some of what nobody works on, and return how much it was."""
        if self._stamps.clock.now() - self._renewed_at > self._stamps.lease / 2:
            await self.renew()  # after an outage, what is in hand must not be taken over from ourselves
        claimed = await self._db.transact(
            leases.claim,
            CLAIM_MOST,
            alone=alone,
            deadline=self._deadline,
            stamp=self._stamps.take(),
            held=self._turns.held,
        )
        self._lanes.put(claimed.updates)
        self._turns.put(claimed.turns)
        self._delivery.put(claimed.messages)
        return len(claimed.updates) + len(claimed.turns) + len(claimed.messages)

    async def look_for_stops(self) -> None:
        """End the answers in hand that players stopped through another process."""
        if held := self._turns.held:
            self._turns.cut(await self._db.read(stopped_of, held))

    async def renew(self) -> None:
        """Prolong the leases of what is in hand."""
        held = {"inbox": self._lanes.held, "outbox": self._delivery.held}
        for table, ids in (*held.items(), ("turn", self._turns.held)):
            IN_HAND.labels(table).set(len(ids))
        stamp = self._stamps.take()
        if any(held.values()):
            await self._db.transact(leases.renew, held, stamp)
        self._renewed_at = stamp.now

    async def sweep(self) -> None:
        """Begin turns that nothing begins any more."""
        await self._sweep(limit=SWEEP_MOST)

    async def run_timers(self) -> None:
        """Do what is due; when this returns it is done, also what another tick had begun."""
        async with self._one_run:
            await self._timers(limit=TIMERS_MOST, note=_note_timer)

    async def ping(self) -> None:
        """Look whether the database takes writes.

        Raises:
            DatabaseUnavailable: it doesn't, or not in time.
        """
        try:
            async with asyncio.timeout(PING_SECONDS * 2):
                await self._beats.beat()
        except TimeoutError:
            raise DatabaseUnavailable("it did not answer in time") from None
        self._set_database_well(True, "")

    def _set_database_well(self, is_well: bool, why: str) -> None:
        if is_well != self.is_database_well:
            self.is_database_well = is_well
            log.warning(Event.READINESS_CHANGED, database=is_well, why=why)


def _note_timer(run: TimerRun) -> None:
    is_routine = run.kind is TimerKind.DASHBOARD and run.result is RunResult.DONE  # twice a minute, for ever
    note = log.debug if is_routine else log.info
    note(Event.TIMER_DONE, kind=run.kind, ms=run.ms, result=run.result)
