"""Quiet groups on both databases: what was said is deleted after a while, once, in calls of up to a hundred."""

import asyncio
from datetime import timedelta
from typing import Any

from db.models.transport import OutboxState
from services.deliveries import note_deliveries
from services.events import Outgoing
from services.migration import MergeChats
from services.outbox import Address, Delivered, enqueue
from services.people import Met
from services.quiet import KEPT, delete_messages
from services.stamp import Stamps
from services.timers import RunTimers, TimerKind
from tests.house import House

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
GROUP = -5


async def quiet_group(house: House) -> Met:
    """Return a player in a quiet group."""
    who = await house.group(-GROUP)
    await set_quiet(house, True)
    return who


async def set_quiet(house: House, value: bool) -> None:
    """Make all chats quiet ones, or none."""
    await house.write("UPDATE chat SET quiet = :value", value=value)


async def say(house: House, who: Met, *message_ids: int, notice: str = "answer") -> None:
    """Let the bot say things in the group, which arrive under the given ids."""
    done = []
    for message_id in message_ids:
        address, stamp = Address(chat_id=who.chat_id, language="en"), house.stamps.take()
        await house.db.transact(enqueue, address, notice, {}, key=f"{notice}:{message_id}", stamp=stamp)
        told: dict[str, Any] = {"telegram_id": GROUP, "message_id": message_id}
        message = house.events[-1]
        assert isinstance(message, Outgoing)
        done.append(Delivered(message=message, state=OutboxState.SENT, tries=1, **told))
    for _ in range(2):  # a COMMIT whose answer was lost
        await house.db.transact(note_deliveries, done, house.rules, house.stamps.take())


async def tidy(house: House, stamps: Stamps | None = None) -> None:
    """Run what is due."""
    jobs = {TimerKind.QUIET: delete_messages}
    await RunTimers(db=house.db, stamps=stamps or house.stamps, jobs=jobs)(limit=10, note=lambda _: None)


def deleted(house: House) -> list[list[int]]:
    """Return the ids of each call that deletes."""
    return [facts["delete"] for facts in house.told("delete")]


async def test_answers_are_deleted_after_an_hour_together_and_once(house: House) -> None:
    who = await quiet_group(house)
    await say(house, who, 1, 2)
    house.clock.move(30 * MINUTE)
    await say(house, who, 3)
    house.clock.move(30 * MINUTE)
    await asyncio.gather(tidy(house), tidy(house, house.other_worker()))
    assert deleted(house) == [[1, 2]]
    assert house.happened("messages_deleted") == [{"chat": who.chat_id, "count": 2}]
    # Whichever worker has the first call in hand: it has been made.
    await house.write("UPDATE outbox SET state = 'sent', ended_at = created_at WHERE state = 'waiting'")
    house.clock.move(HOUR)
    await tidy(house)
    assert deleted(house) == [[1, 2], [3]]


async def test_more_than_a_hundred_go_in_several_calls(house: House) -> None:
    who = await quiet_group(house)
    await say(house, who, *range(1, 231))
    house.clock.move(HOUR)
    await tidy(house)
    assert [len(ids) for ids in deleted(house)] == [100, 100, 30]
    assert [one for ids in deleted(house) for one in ids] == list(range(1, 231))


async def test_news_of_the_pot_and_what_is_said_elsewhere_stay(house: House) -> None:
    who = await quiet_group(house)
    for number, notice in enumerate(sorted(KEPT), 1):
        await say(house, who, number, notice=notice)
    await set_quiet(house, False)
    await say(house, who, 50)
    house.clock.move(HOUR)
    await tidy(house)
    assert deleted(house) == []


async def test_a_group_that_is_quiet_no_more_keeps_what_was_said(house: House) -> None:
    who = await quiet_group(house)
    await say(house, who, 1)
    await set_quiet(house, False)
    house.clock.move(HOUR)
    await tidy(house)
    await set_quiet(house, True)
    await tidy(house)
    assert deleted(house) == []


async def test_what_is_too_old_for_telegram_is_left(house: House) -> None:
    who = await quiet_group(house)
    await say(house, who, 1)
    house.clock.move(48 * HOUR)
    await tidy(house)
    assert deleted(house) == []


async def test_t30_messages_of_a_former_id_are_not_looked_for_in_the_supergroup(house: House) -> None:
    who = await quiet_group(house)
    await say(house, who, 1)
    await MergeChats(db=house.db, stamps=house.stamps)(old=GROUP, new=-(10**12) - 5)
    house.clock.move(HOUR)
    await tidy(house)
    assert deleted(house) == []
