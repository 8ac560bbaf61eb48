"""Two replicas, both ticking on one database while the clock is moved: every report and every refund once."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio

from services.group_settings import ChangeGroup
from services.membership import LeaveGroup
from services.people import Met
from services.reports import ReportJob
from services.samples import take_samples
from services.timers import Job, RunTimers, TimerKind
from tests.house import JOBS, NEVER_WON, UNGUARDED, House, open_house

HOUR, WEEK = timedelta(hours=1), timedelta(days=7)
RULES = replace(UNGUARDED, pot=NEVER_WON)
ALL_JOBS: Mapping[TimerKind, Job] = {
    **JOBS,
    TimerKind.REPORT: ReportJob(RULES),
    TimerKind.SAMPLE: take_samples,
}
GROUPS = 6
LEFT = 2
"""Of how many of the groups the bot is removed."""
PUT_IN = (
    "SELECT SUM(f.fed_credits) FROM round_player f JOIN round r ON r.id = f.round_id "
    "JOIN pot p ON p.id = r.pot_id JOIN chat c ON c.id = p.chat_id WHERE c.telegram_id >= :first"
)


@pytest_asyncio.fixture
async def replicas(postgres_books: str) -> AsyncIterator[tuple[House, House]]:
    """Give two processes' houses on one database; its books are audited at the end."""
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(open_house(postgres_books, RULES))
        two = await stack.enter_async_context(open_house(postgres_books, RULES, check=False))
        two.clock, two.stamps = one.clock, replace(one.other_worker(), clock=one.clock)
        yield one, two


async def tick(house: House, times: int = 1) -> None:
    """Run what is due, as a process does every second."""
    use = RunTimers(db=house.db, stamps=house.stamps, jobs=ALL_JOBS)
    for _ in range(times):
        await use(limit=4, note=lambda _: None)


async def playing(house: House) -> list[Met]:
    """Return one of two players in each of some groups with a daily report at 13:00; it is 12:00."""
    for number in range(1, GROUPS + 1):
        for player in (1, 2):
            await house.pay(await house.group(number, player=player))
    members = [await house.group(number) for number in range(1, GROUPS + 1)]
    change = ChangeGroup(db=house.db, stamps=house.stamps)
    for who in members:
        for name, value in (("report_hour", 13), ("report", "daily")):
            await change(chat_id=who.chat_id, player_id=who.player_id, name=name, value=value)
    return members


async def count(house: House, notice: str) -> dict[int, int]:
    """Return how often something was said in each chat."""
    sql = "SELECT chat_id, COUNT(*) AS times FROM outbox WHERE notice = :notice GROUP BY chat_id"
    return {row.chat_id: row.times for row in await house.rows(sql, notice=notice)}


async def test_t61_an_hour_at_once_brings_each_report_once_though_two_replicas_tick(
    replicas: tuple[House, House],
) -> None:
    one, two = replicas
    members = await playing(one)
    one.clock.move(HOUR)
    await asyncio.gather(tick(one, 3), tick(two, 3))
    assert await count(one, "report") == {who.chat_id: 1 for who in members}


@pytest.mark.parametrize("steps", [[WEEK], [HOUR, WEEK, HOUR]])
async def test_t61_t66_a_week_while_both_tick_brings_every_report_and_every_refund_once(
    replicas: tuple[House, House], steps: list[timedelta]
) -> None:
    one, two = replicas
    members = await playing(one)
    for number in range(1, LEFT + 1):
        await LeaveGroup(db=one.db, stamps=one.stamps, rules=RULES)(telegram_id=-number)
    put_in = await one.value(PUT_IN, first=-LEFT)
    ticking = asyncio.gather(tick(one, 30), tick(two, 30))
    for step in steps:
        one.clock.move(step)
        await asyncio.sleep(0)
    await ticking
    await asyncio.gather(tick(one), tick(two))
    assert await count(one, "report") == {who.chat_id: 1 for who in members[LEFT:]}
    paid = "SELECT COUNT(*) AS times, SUM(amount) AS credits FROM refund_due WHERE entry_id IS NOT NULL"
    assert [tuple(row) for row in await one.rows(paid)] == [(2 * LEFT, put_in)]
    assert await one.value("SELECT COUNT(*) FROM entry WHERE kind = 'refund'") == 2 * LEFT
    assert await one.value("SELECT COUNT(*) FROM entry WHERE kind = 'refund_owed'") == LEFT
