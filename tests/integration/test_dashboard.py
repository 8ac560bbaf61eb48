"""Dashboards on both databases: at most one edit a minute with any number of replicas, whatever is late or lost."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from db.models.transport import OutboxState
from services.dashboard import DashboardJob
from services.deliveries import note_deliveries
from services.events import Outgoing
from services.group_settings import ChangeGroup
from services.migration import MergeChats
from services.outbox import Delivered
from services.people import Met
from services.stamp import Stamps
from services.timers import RunTimers, TimerKind
from tests.house import NEVER_WON, UNGUARDED, House
from tests.integration.outbox_steps import end

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
GROUP = -5


async def look(house: House, stamps: Stamps | None = None) -> None:
    """Run what is due."""
    jobs = {TimerKind.DASHBOARD: DashboardJob(house.rules)}
    await RunTimers(db=house.db, stamps=stamps or house.stamps, jobs=jobs)(limit=10, note=lambda _: None)


async def choose(house: House, who: Met, name: str, value: object) -> None:
    """Change a setting of a group."""
    change = ChangeGroup(db=house.db, stamps=house.stamps)
    await change(chat_id=who.chat_id, player_id=who.player_id, name=name, value=value)


def dashboards(house: House) -> list[Outgoing]:
    """Return all that was to be posted or edited, the oldest first."""
    return [one for one in house.events if isinstance(one, Outgoing) and one.notice == "dashboard"]


async def arrive(house: House, state: OutboxState = OutboxState.SENT, **more: Any) -> Outgoing:
    """Let the last dashboard arrive, as message 9 of the group."""
    message = dashboards(house)[-1]
    told: dict[str, Any] = {"telegram_id": GROUP, "message_id": 9, **more}
    done = Delivered(message=message, state=state, tries=1, **told)
    await house.db.transact(note_deliveries, [done], house.rules, house.stamps.take())
    return message


async def send_the_rest(house: House) -> None:
    """Send all that is no dashboard, so that any replica may write to the group next."""
    said = [one for one in house.events if isinstance(one, Outgoing) and one.notice != "dashboard"]
    await end(house.db, house.stamps, *said)


async def group_with_one(house: House) -> Met:
    """Return a player in a group whose dashboard was just posted."""
    house.rules = replace(UNGUARDED, pot=NEVER_WON)
    who = await house.group(-GROUP)
    await choose(house, who, "dashboard", True)
    await look(house)
    await arrive(house)
    return who


async def stored(house: House, who: Met, name: str) -> Any:
    """Return a column of the group's row."""
    return await house.value(f"SELECT {name} FROM chat WHERE id = :id", id=who.chat_id)


async def test_t61_two_replicas_edit_once_a_minute_at_most(house: House) -> None:
    who = await group_with_one(house)
    edited = []
    for _ in range(50):
        await house.gift(who, 1)
        await send_the_rest(house)
        house.clock.move(7 * SECOND)
        before = len(dashboards(house))
        await asyncio.gather(look(house), look(house, house.other_worker()), look(house))
        for _ in range(len(dashboards(house)) - before):
            edited.append(house.clock.now())
            await arrive(house)
    assert len(edited) >= 4
    assert all(after - at >= MINUTE for at, after in pairwise(edited))
    assert {one.facts["edit"] for one in dashboards(house)[1:]} == {9}
    assert await house.value("SELECT COUNT(*) FROM timer WHERE kind = 'dashboard' AND done_at IS NULL") == 1


async def test_an_edit_that_waits_is_not_followed_by_another_and_the_minute_begins_when_it_arrives(
    house: House,
) -> None:
    who = await group_with_one(house)
    for _ in range(3):
        await house.pay(who)
        house.clock.move(MINUTE)
        await look(house)
    assert len(dashboards(house)) == 2
    await arrive(house)
    house.clock.move(59 * SECOND)
    await look(house)
    assert len(dashboards(house)) == 2
    house.clock.move(MINUTE)
    await look(house)
    assert dashboards(house)[-1].facts["tickets"] == 3


async def test_one_that_can_not_be_edited_is_posted_anew_and_one_that_can_not_be_posted_ends(
    house: House,
) -> None:
    who = await group_with_one(house)
    await house.pay(who)
    await send_the_rest(house)
    house.clock.move(MINUTE)
    await look(house)
    await arrive(house, OutboxState.FAILED, message_id=None, error="message to edit not found")
    house.clock.move(2 * MINUTE)
    await asyncio.gather(look(house), look(house, house.other_worker()))
    assert ["edit" in one.facts for one in dashboards(house)] == [False, True, False]
    await arrive(house, OutboxState.FAILED, message_id=None, error="not enough rights")
    assert await stored(house, who, "dashboard_at") is None
    assert house.happened("dashboard_off") == [{"chat": who.chat_id, "why": "not enough rights"}]
    house.clock.move(2 * MINUTE)
    await look(house)
    assert len(dashboards(house)) == 3
    assert await house.value("SELECT COUNT(*) FROM timer WHERE kind = 'dashboard' AND done_at IS NULL") == 0


async def test_a_post_that_arrives_after_the_switch_off_is_forgotten_and_not_pinned(house: House) -> None:
    house.rules = replace(UNGUARDED, pot=NEVER_WON)
    who = await house.group(-GROUP)
    await choose(house, who, "dashboard", True)
    await look(house)
    await choose(house, who, "dashboard", False)
    await arrive(house)
    assert await stored(house, who, "dashboard_id") is None
    assert house.told("pin") == house.told("unpin") == []


@pytest.mark.parametrize("is_late", [False, True])
async def test_t30_after_a_move_the_former_message_is_let_alone(house: House, is_late: bool) -> None:
    who = await group_with_one(house)
    await house.pay(who, telegram_chat_id=GROUP)
    house.clock.move(MINUTE)
    await look(house)
    if not is_late:
        await arrive(house)
    new = -(10**12) - 5
    await MergeChats(db=house.db, stamps=house.stamps)(old=GROUP, new=new)
    if is_late:
        await arrive(house, OutboxState.FAILED, message_id=None, error="moved")
    house.clock.move(2 * MINUTE)
    await look(house)
    last = dashboards(house)[-1]
    assert "edit" not in last.facts
    await arrive(house, telegram_id=new, message_id=3)
    assert await stored(house, who, "dashboard_id") == 3
    assert house.told("pin")[-1] == {"telegram_id": new, "pin": 3}


async def test_where_no_pot_is_left_all_dashboards_end(house: House) -> None:
    who = await group_with_one(house)
    house.rules = replace(house.rules, pot=replace(NEVER_WON, enabled=False))
    house.clock.move(MINUTE)
    await look(house)
    assert await stored(house, who, "dashboard_at") is None
    assert house.told("unpin") == [{"telegram_id": GROUP, "unpin": 9}]


async def test_a_language_that_is_taken_back_is_shown_again(house: House) -> None:
    who = await group_with_one(house)
    for language in ("es", "en", "es", "en"):
        await choose(house, who, "language", language)
        house.clock.move(2 * MINUTE)
        await look(house)
        assert dashboards(house)[-1].language == language
        await arrive(house)
