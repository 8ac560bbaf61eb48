"""Reports of groups on both databases: what they tell, when they come, and that each comes once."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from db.models.transport import outbox
from services import draw
from services.group_settings import BadSetting, ChangeGroup
from services.people import Met
from services.pricing import PriceRule
from services.refunds import lock_round, refund_round
from services.reports import ReportJob
from services.rules import PotRules
from services.samples import begin_samples, take_samples
from services.stamp import Stamps
from services.timers import Job, RunTimers, TimerKind
from tests.house import NEVER_WON, UNGUARDED, House

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CERTAIN = PotRules(ppm_per_credit=draw.ROLLS // 5)


async def run_timers(house: House, stamps: Stamps | None = None) -> None:
    """Run what is due."""
    jobs: dict[TimerKind, Job] = {
        TimerKind.REPORT: ReportJob(house.rules),
        TimerKind.SAMPLE: take_samples,
    }
    await RunTimers(db=house.db, stamps=stamps or house.stamps, jobs=jobs)(limit=10, note=lambda _: None)


async def choose(house: House, who: Met, **settings: object) -> None:
    """Change settings of a group."""
    for name, value in settings.items():
        change = ChangeGroup(db=house.db, stamps=house.stamps)
        await change(chat_id=who.chat_id, player_id=who.player_id, name=name, value=value)


async def sent(house: House) -> list[Mapping[str, Any]]:
    """Return the facts of all reports, the oldest first."""
    statement = select(outbox.c.facts).where(outbox.c.notice == "report").order_by(outbox.c.id)
    return await house.db.read(lambda tx: list(tx.scalars(statement)))


async def waiting(house: House) -> list[str]:
    """Return the causes of the reports that are still to come."""
    rows = await house.rows(
        "SELECT cause FROM timer WHERE kind = 'report' AND done_at IS NULL ORDER BY cause"
    )
    return [row.cause for row in rows]


async def reported_group(house: House, **settings: object) -> Met:
    """Return a player in a group with a daily report at 18:00 UTC; it is 12:00, and nobody ever wins."""
    house.rules = replace(UNGUARDED, pot=NEVER_WON)
    group = await house.group()
    await choose(house, group, report="daily", **settings)
    return group


async def test_a_report_tells_the_pot_its_change_tickets_players_and_the_houses_take(house: House) -> None:
    group = await reported_group(house)
    await house.pay(group)
    await house.pay(group)
    await house.pay(await house.group(player=2))
    await house.gift(group, 100)
    house.clock.move(6 * HOUR)
    await run_timers(house)
    (told,) = await sent(house)
    assert (told["pot"], told["change"], told["prize"]) == (119, 119, 107)
    assert (told["tickets"], told["players"], told["house"], told["wins"]) == (3, 2, 1, 0)
    assert told["points"][0][1] == 0
    assert told["points"][-1] == [int(house.clock.now().timestamp()), 119]


async def test_the_next_report_tells_only_what_came_since(house: House) -> None:
    group = await reported_group(house)
    await house.pay(group)
    house.clock.move(6 * HOUR)
    await run_timers(house)
    house.clock.move(HOUR)
    await house.pay(group)
    house.clock.move(DAY)
    await run_timers(house)
    first, second = await sent(house)
    assert [(one["pot"], one["change"], one["tickets"]) for one in (first, second)] == [(5, 5, 1), (14, 9, 1)]


async def test_winners_are_named_as_they_want_to_be(house: House) -> None:
    house.rules = replace(UNGUARDED, pot=CERTAIN, price=PriceRule(base=5, step=0))
    group = await house.group()
    ben, eve = await house.group(player=2), await house.group(player=3)
    await choose(house, group, report="daily")
    await house.write("UPDATE player SET alias = 'Fox' WHERE id = :id", id=ben.player_id)
    await house.write("UPDATE player SET hidden = :yes WHERE id = :id", yes=True, id=eve.player_id)
    for who in (group, ben, eve):
        await house.pay(who)
    house.clock.move(6 * HOUR)
    await run_timers(house)
    (told,) = await sent(house)
    assert [one["who"] for one in told["winners"]] == [
        {"name": None, "is_alias": False},
        {"name": "Fox", "is_alias": True},
        {"name": "Ana", "is_alias": False},
    ]
    assert (told["wins"], len(told["won_at"])) == (3, 3)


async def test_idle_groups_get_none_and_the_one_after_it_tells_all_since_the_last(house: House) -> None:
    group = await reported_group(house)
    house.clock.move(6 * HOUR)
    await run_timers(house)
    assert await sent(house) == []
    await house.pay(group)
    house.clock.move(DAY)
    await run_timers(house)
    (told,) = await sent(house)
    assert (told["tickets"], told["change"]) == (1, 5)


async def test_a_group_without_its_pot_or_without_the_bot_gets_none(house: House) -> None:
    group = await reported_group(house)
    await house.pay(group)
    await choose(house, group, pot_on=False)
    house.clock.move(6 * HOUR)
    await run_timers(house)
    await choose(house, group, pot_on=True)
    await house.write("UPDATE chat SET reach = 'kicked' WHERE id = :id", id=group.chat_id)
    house.clock.move(DAY)
    await run_timers(house)
    assert await sent(house) == []
    await house.write("UPDATE chat SET reach = 'ok' WHERE id = :id", id=group.chat_id)
    house.clock.move(DAY)
    await run_timers(house)
    assert len(await sent(house)) == 1


async def test_t61_two_replicas_send_each_report_once(house: House) -> None:
    group = await reported_group(house)
    for _ in range(3):
        await house.pay(group)
        house.clock.move(DAY)
        await asyncio.gather(run_timers(house), run_timers(house, house.other_worker()))
    assert len(await sent(house)) == 3
    assert len(await waiting(house)) == 1


async def test_t61_two_replicas_that_tick_for_an_hour_send_each_report_and_pay_each_refund_once(
    house: House,
) -> None:
    ana, ben = await reported_group(house), await house.group(2, player=2)
    await choose(house, ben, report="daily")
    for who in (ana, ben):
        await house.pay(who)
    house.clock.move(5 * HOUR + HOUR / 2)
    pot_id = await house.value("SELECT id FROM pot WHERE chat_id = :id", id=ben.chat_id)
    locked = await house.db.transact(lock_round, pot_id)
    await house.db.transact(refund_round, pot_id, locked.row.id, house.stamps.take())
    replicas = (house.stamps, house.other_worker())
    for _ in range(60):
        house.clock.move(HOUR / 60)
        await asyncio.gather(*(run(house, one) for one in replicas for run in (run_timers, House.tick)))
    assert sorted(told["pot"] for told in await sent(house)) == [0, 5]
    assert len(await waiting(house)) == 2
    assert await house.value("SELECT COUNT(*) FROM entry WHERE kind = 'refund'") == 1
    assert [await house.wallet(who) for who in (ana, ben)] == [(995, 0), (1_000, 0)]


async def test_t66_a_clock_that_is_moved_by_an_hour_brings_no_second_report_and_loses_none(
    house: House,
) -> None:
    group = await reported_group(house)
    await house.pay(group)
    for step in (5 * HOUR, HOUR, -HOUR, HOUR, 0 * HOUR):
        house.clock.move(step)
        await run_timers(house)
        await house.pay(group)
    assert len(await sent(house)) == 1
    house.clock.move(DAY - HOUR)
    await run_timers(house)
    assert len(await sent(house)) == 1
    house.clock.move(HOUR)
    await run_timers(house)
    assert len(await sent(house)) == 2


async def test_t66_after_an_outage_one_late_report_comes_and_then_the_usual_ones(house: House) -> None:
    group = await reported_group(house)
    await house.pay(group)
    house.clock.move(5 * DAY)
    await run_timers(house)
    await run_timers(house)
    (told,) = await sent(house)
    assert told["tickets"] == 1
    assert await waiting(house) == [f"report:{group.chat_id}:2026-11-26"]
    await house.pay(group)
    house.clock.move(6 * HOUR)
    await run_timers(house)
    assert len(await sent(house)) == 2


async def test_a_new_hour_moves_the_report_that_waits_and_keeps_what_it_is_compared_with(
    house: House,
) -> None:
    group = await reported_group(house)
    await house.pay(group)
    await choose(house, group, report_hour=14)
    assert await waiting(house) == [f"report:{group.chat_id}:2026-11-21"]
    house.clock.move(2 * HOUR)
    await run_timers(house)
    (told,) = await sent(house)
    assert (told["tickets"], told["change"]) == (1, 5)


async def test_a_later_hour_on_the_day_of_a_report_waits_for_the_next_day(house: House) -> None:
    group = await reported_group(house)
    await house.pay(group)
    house.clock.move(6 * HOUR)
    await run_timers(house)
    await choose(house, group, report_hour=20)
    assert await waiting(house) == [f"report:{group.chat_id}:2026-11-22"]


async def test_time_zone_weekly_and_off_are_followed_at_once(house: House) -> None:
    group = await reported_group(house, timezone="Asia/Tokyo")
    assert await waiting(house) == [f"report:{group.chat_id}:2026-11-22"]
    await choose(house, group, report="weekly")
    assert await waiting(house) == [f"report:{group.chat_id}:2026-11-23"]
    await choose(house, group, report="off")
    assert await waiting(house) == []


async def test_what_is_no_setting_or_no_value_is_refused(house: House) -> None:
    group = await house.group()
    wrong = (
        ("telegram_id", 1),
        ("report", "hourly"),
        ("report_hour", 24),
        ("report_hour", True),
        ("quiet", 1),
    )
    for name, value in (*wrong, ("timezone", ""), ("topic_id", -1), ("language", "")):
        with pytest.raises(BadSetting):
            await choose(house, group, **{name: value})
    with pytest.raises(BadSetting):
        await choose(house, await house.player(), pot_on=False)


async def test_samples_are_taken_once_an_hour_of_pots_that_changed(house: House) -> None:
    group = await reported_group(house)
    await house.db.transact(begin_samples, house.stamps.take())
    await house.db.transact(begin_samples, house.stamps.take())
    for paid in (True, False, True):
        if paid:
            await house.pay(group)
        house.clock.move(HOUR)
        await asyncio.gather(run_timers(house), run_timers(house, house.other_worker()))
    assert [row.balance for row in await house.rows("SELECT balance FROM pot_sample ORDER BY at")] == [5, 14]
    house.clock.move(3 * HOUR)
    await run_timers(house)
    (told,) = await sent(house)
    assert [size for _, size in told["points"]] == [0, 5, 14, 14]


async def test_old_samples_are_let_go(house: House) -> None:
    group = await reported_group(house)
    await house.db.transact(begin_samples, house.stamps.take())
    for _ in range(2):
        await house.pay(group)
        house.clock.move(61 * DAY)
        await run_timers(house)
    assert await house.value("SELECT COUNT(*) FROM pot_sample") == 1
