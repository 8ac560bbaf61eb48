"""Timers: what is to be done at a time, once per cause, by whichever process comes first."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from time import perf_counter
from typing import Any

from sqlalchemy import Connection, Row

from db.queries import timers
from db.session import Database, DatabaseUnavailable
from services.stamp import Stamp, Stamps

KEEP_DONE = timedelta(days=30)
KEEP_LOOKS = timedelta(hours=1)
"""The looks at the dashboards are too many to be kept for as long."""
TRY_AGAIN = timedelta(minutes=1)
IN_A_MOMENT = timedelta(seconds=1)


class TimerKind(StrEnum):
    """What a timer does when its time has come."""

    REFUND = "refund"
    """Pays the next batch of what a refunded round owes."""
    SLEEP = "sleep"
    """Refunds the round of a group that the bot has been away from for too long."""
    REPORT = "report"
    """Sends a group its report."""
    SAMPLE = "sample"
    """Notes how much is in a pot."""
    FORGET = "forget"
    """Erases the next batch of what a forgotten player said."""
    DASHBOARD = "dashboard"
    """Brings the pinned messages of groups up to date."""
    QUIET = "quiet"
    """Deletes what the bot said in a quiet group."""
    ERASE = "erase"
    """Erases what was said in a deleted conversation."""
    CHALLENGE = "challenge"
    """Says that nobody accepted a challenge."""
    DUEL_END = "duel_end"
    """Ends the play of a duel whose time is over."""
    DUEL_PAIR = "duel_pair"
    """Refunds a duel that found no opponent."""
    DUEL_DOUBT = "duel_doubt"
    """Gives back the stakes of the next duels with a bad question."""
    PREMIUM = "premium"
    """Tells a player that his Premium ends, or has ended."""
    PAYBACK = "payback"
    """Has the gateway asked again to give Stars back."""
    RECONCILE = "reconcile"
    """Has the gateway's list compared with the books."""


class RunResult(StrEnum):
    """How a run of a timer ended."""

    DONE = "done"
    """It will not run again."""
    MORE = "more"
    """It did a part and runs again at once."""
    FAILED = "failed"
    """Nothing was changed; it is tried again a minute later."""


Job = Callable[[Connection, Row[Any], Stamp], bool]
"""Does what a timer's row is for, in the transaction that ends it; True if there is more to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerRun:
    """One run of a timer, and how long it took."""

    kind: TimerKind
    result: RunResult
    ms: int


def set_timer(
    tx: Connection,
    kind: TimerKind,
    cause: str,
    due_at: datetime,
    *,
    chat_id: int | None = None,
    round_id: int | None = None,
    facts: Mapping[str, object] | None = None,
    stamp: Stamp,
) -> None:
    """Have something done at a time; the same ``cause`` is set once, and stays as it was set first."""
    tx.execute(
        timers.ADD_TIMER,
        {
            "kind": kind,
            "cause": cause,
            "due_at": due_at,
            "chat_id": chat_id,
            "round_id": round_id,
            "facts": dict(facts or {}),
            "created_at": stamp.now,
        },
    )


def end_timer(tx: Connection, cause: str, stamp: Stamp) -> None:
    """Have nothing done any more, if it isn't done yet."""
    tx.execute(timers.END_TIMER_OF_CAUSE, {"of_cause": cause, "at": stamp.now})


def wait_on(tx: Connection, timer: Row[Any], stamp: Stamp) -> bool:
    """Have a timer run again in a moment, and return that there is more to do."""
    tx.execute(timers.POSTPONE_TIMER, {"timer_id": timer.id, "to_due_at": stamp.now + IN_A_MOMENT})
    return True


def forget_timers(tx: Connection, most: int, stamp: Stamp) -> int:
    """Delete at most ``most`` timers that were done long ago and return how many."""
    often = {"often": TimerKind.DASHBOARD, "often_before": stamp.now - KEEP_LOOKS}
    before = {"before": stamp.now - KEEP_DONE, "most": most}
    return tx.execute(timers.FORGET_TIMERS, before | often).rowcount


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTimers:
    """Run the timers whose time has come, each in a transaction of its own; any number of processes may."""

    db: Database
    stamps: Stamps
    jobs: Mapping[TimerKind, Job]

    async def __call__(self, *, limit: int, note: Callable[[TimerRun], None]) -> int:
        """Run until nothing is due, in turn, at most ``limit`` side by side; return how many runs there were.

        One that fails holds up no other, and is tried again after a while.

        Args:
            limit: how many take turns while they have more to do.
            note: is told of every run.

        Raises:
            Exception: what the first one failed with that did, when all others have run.
        """
        skipped: set[int] = set()
        errors: list[Exception] = []
        runs = 0
        while due := await self.db.read(_due, self.jobs, skipped, limit, self.stamps.clock.now()):
            for timer_id in due:
                run = await self._run(timer_id, errors)
                if run is None or run.result is not RunResult.MORE:
                    skipped.add(timer_id)  # done, or another process is at it
                if run is not None:
                    note(run)
                    runs += 1
        for error in errors:
            raise error
        return runs

    async def _run(self, timer_id: int, errors: list[Exception]) -> TimerRun | None:
        began = perf_counter()
        try:
            ran = await self.db.transact(_run_timer, timer_id, self.jobs, self.stamps.take())
        except DatabaseUnavailable:
            raise
        except Exception as error:
            errors.append(error)
            ran = await self.db.transact(_postpone, timer_id, self.stamps.take())
        if ran is None:
            return None
        kind, result = ran
        return TimerRun(kind=kind, result=result, ms=round((perf_counter() - began) * 1000))


def _due(
    tx: Connection, jobs: Mapping[TimerKind, Job], skipped: Collection[int], most: int, now: datetime
) -> Sequence[int]:
    facts = {"now": now, "kinds": [kind.value for kind in jobs], "skipped": list(skipped), "most": most}
    return tx.scalars(timers.DUE_TIMERS, facts).all()


def _postpone(tx: Connection, timer_id: int, stamp: Stamp) -> tuple[TimerKind, RunResult] | None:
    facts = {"timer_id": timer_id, "to_due_at": stamp.now + TRY_AGAIN}
    kind = tx.scalar(timers.POSTPONE_TIMER, facts)
    return None if kind is None else (TimerKind(kind), RunResult.FAILED)


def _run_timer(
    tx: Connection, timer_id: int, jobs: Mapping[TimerKind, Job], stamp: Stamp
) -> tuple[TimerKind, RunResult] | None:
    """Run a timer if it is still to be run, and mark it as done in the same transaction unless there is more."""
    row = tx.execute(timers.TAKE_TIMER, {"timer_id": timer_id}).first()
    if row is None:
        return None
    kind = TimerKind(row.kind)
    if jobs[kind](tx, row, stamp):
        return kind, RunResult.MORE
    tx.execute(timers.END_TIMER, {"timer_id": timer_id, "at": stamp.now})
    return kind, RunResult.DONE
