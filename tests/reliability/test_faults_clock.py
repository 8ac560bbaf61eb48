"""Clocks that jump: no second quota, no early refund, no lost timer, and nothing twice between two processes."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from bot.playground.telegram import Telegram
from db.session import Database
from services import heartbeat, leases
from tests.app import MovableClock, running
from tests.reliability.storm import STORM, Echo, Party, rows
from tests.stand_ins import WEBHOOK, ScriptedModel, ToProcess, logged, turns_of

JUMPS = 12
FREE_A_DAY = 3
PATIENCE_SECONDS = 30
DAILY: dict[str, Any] = {
    "free_messages_per_day": FREE_A_DAY,
    "daily_below_credits": 10**6,
    "guard_limit_credits": 10**6,
    "messages_per_minute": 10**6,
    "queue_length": 10_000,
}


@pytest.mark.parametrize("seed", range(3))
async def test_t66_no_jump_of_the_clock_gives_more_than_one_days_gifts_a_day(
    sqlite_url: str, seed: int
) -> None:
    """The clock of a player's day only goes forward; so there are as many gifts as it ever had days."""
    chance, clock = random.Random(seed), MovableClock()
    telegram = Telegram()
    ben = telegram.add_user("Ben", language_code="en")
    days = [clock.now().date()]
    async with running(sqlite_url, telegram=telegram, clock=clock, model=Echo(), **DAILY) as app:
        for n in range(JUMPS):
            for text in ("/daily", *(f"{n}-{m}" for m in range(FREE_A_DAY + 1))):
                await app.say(ben, ben, text)
                if "Pay 5 and send" in app.buttons(ben):
                    await app.press(ben, ben, app.last_id(ben), "Pay 5 and send")
            clock.move(timedelta(hours=chance.randint(-72, 72)))
            days.append(clock.now().date())
        furthest = {max(days[: n + 1]) for n in range(JUMPS)}
        given = await rows(app, "SELECT cause, COUNT(*) FROM entry WHERE kind = 'daily' GROUP BY cause")
        assert len(given) == len(furthest)
        free = await rows(
            app, "SELECT day, COUNT(*) FROM turn WHERE is_free AND state = 'settled' GROUP BY day"
        )
        assert {str(day) for day, _ in free} == {str(day) for day in furthest}
        assert {count for _, count in free} == {FREE_A_DAY}


@pytest.mark.parametrize(
    "jump", [timedelta(days=-400), timedelta(hours=-1), timedelta(hours=1), timedelta(5)]
)
async def test_t66_a_jump_while_the_model_is_at_work_refunds_nothing_and_answers_once(
    database_url: str, jump: timedelta
) -> None:
    gate = asyncio.Event()
    model = ScriptedModel(("echo first end",), (gate, "echo second end"))
    party = Party(Telegram(), players=1)
    (ben,) = party.players
    async with running(database_url, telegram=party.telegram, model=model, **STORM) as app:
        await party.agree(app)
        party.telegram.say(ben, ben, "second")
        await model.asked(2)
        app.clock.move(jump)
        for job in ("renew", "claim", "sweep", "ping"):
            await getattr(app.parts.upkeep, job)()
        await app.parts.upkeep._forget()
        assert await turns_of(app) == ["settled", "reserved"]
        gate.set()
        await app.settled()
        assert len(model.questions) == 2
        assert await turns_of(app) == ["settled"] * 2
        assert [said.partition(" end")[0] for said in app.texts(ben)[1:]] == ["echo first", "echo second"]


async def test_t66_a_process_whose_clock_ran_ahead_takes_work_over_and_nothing_is_booked_twice(
    postgres_url: str,
) -> None:
    """By its clock all leases and all deadlines are over: it gives the prices back, and a late answer costs nothing."""
    gate, party = asyncio.Event(), Party(Telegram(backoff=lambda _: 0.1), players=3)
    slow = ScriptedModel(*[("first",)] * 3, (gate, "too late"))
    way = party.telegram.webhook.transport = ToProcess()
    settings: dict[str, Any] = {"telegram": party.telegram, **STORM, **WEBHOOK}
    ahead = MovableClock()
    ahead.move(timedelta(minutes=20))
    with logged() as log:
        async with running(postgres_url, model=slow, **settings) as app:
            way.process = app.process
            await party.agree(app)
            party.ask_all(1)
            await slow.asked(6)
            async with running(postgres_url, model=Echo(), clock=ahead, **settings) as other:
                await other.settled()
            gate.set()
            await app.settled()
            assert await turns_of(app) == ["settled"] * 3 + ["released"] * 3
            assert await rows(
                app, "SELECT kind, COUNT(*) FROM entry WHERE kind = 'message' GROUP BY kind"
            ) == [("message", 3)]
            assert await rows(app, "SELECT SUM(held), 0 FROM account WHERE kind = 'player'") == [(0, 0)]
            assert not [said for said in said_by(party) if "too late" in said]
            assert len([said for said in said_by(party) if "Nothing was charged" in said]) == 3
    assert len(log.of("lease_lost")) == 3
    await party.telegram.aclose()


def said_by(party: Party) -> list[str]:
    """Return all that the bot said."""
    return [said for where in party.places for said in party.telegram.texts(where)]


class Beats:
    """Counts the work of upkeep as the database sees it."""

    def __init__(self, db: Database) -> None:
        self.count: dict[object, int] = {leases.claim: 0, heartbeat.beat: 0}
        self._real = db.transact
        db.transact = self._transact  # type: ignore[method-assign, assignment]

    async def _transact(self, job: Any, *args: Any, **kwargs: Any) -> Any:
        if job in self.count:
            self.count[job] += 1
        return await self._real(job, *args, **kwargs)

    async def go_on(self) -> None:
        """Wait until every job has run twice more."""
        wanted = {job: count + 2 for job, count in self.count.items()}
        async with asyncio.timeout(PATIENCE_SECONDS):
            while any(self.count[job] < count for job, count in wanted.items()):  # noqa: ASYNC110
                await asyncio.sleep(0.02)


@pytest.mark.parametrize("jump", [timedelta(days=-30), timedelta(hours=-2), timedelta(days=20_000)])
async def test_t66_upkeep_goes_on_when_the_machines_clock_is_set(
    sqlite_url: str, jump: timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its scheduler goes by the machine's clock: without the watch it would wait for as long as that went back."""
    for name in ("bot.upkeep.CLAIM_SECONDS", "bot.upkeep.PING_SECONDS", "bot.clock_watch.LOOK_SECONDS"):
        monkeypatch.setattr(name, 0.2)
    now = datetime.now(UTC)
    async with running(sqlite_url) as app:
        beats = Beats(app.parts.db)
        await beats.go_on()
        with time_machine.travel(now + jump, tick=True):
            await beats.go_on()
            assert abs(datetime.now(UTC) - now - jump) < timedelta(seconds=PATIENCE_SECONDS)
        await beats.go_on()
