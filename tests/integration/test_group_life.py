"""The bot is removed from a group: its round sleeps, goes on if the bot is back in time, and else is paid back."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio

from db.models.people import ChatKind
from handlers.notices import render
from handlers.words import Words
from services.membership import Joined, JoinGroup, LeaveGroup, note_unreachable, put_to_sleep
from services.people import Met, Place
from services.timers import RunResult, TimerKind
from tests.house import NEVER_WON, UNGUARDED, House, open_house

GROUP = -7
WEEK = timedelta(days=7)
RULES = replace(UNGUARDED, pot=NEVER_WON)
ROUNDS = "SELECT outcome FROM round r JOIN pot p ON p.id = r.pot_id WHERE p.chat_id = :id ORDER BY k"


@pytest_asyncio.fixture
async def house(books_url: str) -> AsyncIterator[House]:
    """Give a house in which nobody wins; its books are audited at the end."""
    async with open_house(books_url, RULES) as opened:
        yield opened


async def leave(house: House) -> None:
    """Remove the bot from the group."""
    await LeaveGroup(db=house.db, stamps=house.stamps, rules=house.rules)(telegram_id=GROUP)


async def join(house: House, cause: str = "again") -> None:
    """Add the bot to the group."""
    joined = Joined(
        place=Place(telegram_id=GROUP, kind=ChatKind.GROUP, title="Friends"),
        language="en",
        bot_name="potluck_bot",
        is_admin=False,
        sees_all=False,
        cause=cause,
    )
    await JoinGroup(db=house.db, stamps=house.stamps, rules=house.rules)(joined)


async def paid(house: House) -> Met:
    """Return a player who has put 5 credits into the group's pot and is left with 995."""
    await house.player()
    who = await house.group(-GROUP)
    await house.pay(who, telegram_chat_id=GROUP)
    return who


async def outcomes(house: House, who: Met) -> list[str | None]:
    """Return how the rounds of the group ended."""
    return [row.outcome for row in await house.rows(ROUNDS, id=who.chat_id)]


async def is_asleep(house: House, who: Met) -> bool:
    """Return whether the group's round sleeps."""
    return await house.value("SELECT removed_at FROM chat WHERE id = :id", id=who.chat_id) is not None


async def test_t29_a_round_sleeps_and_is_paid_back_after_seven_days(house: House) -> None:
    who = await paid(house)
    await leave(house)
    house.clock.move(WEEK - timedelta(seconds=1))
    assert await house.tick() == []
    assert await outcomes(house, who) == [None]
    house.clock.move(timedelta(seconds=1))
    runs = await house.tick()
    assert [(run.kind, run.result) for run in runs] == [
        (TimerKind.SLEEP, RunResult.DONE),
        (TimerKind.REFUND, RunResult.DONE),
    ]
    assert await outcomes(house, who) == ["refunded", None]
    assert await house.wallet(who) == (1_000, 0)
    assert [told["credits"] for told in house.told("refund_paid")] == [5]
    assert house.told("refund_all_paid") == []  # nobody there would hear it


async def test_t29_back_within_seven_days_the_round_goes_on_and_the_group_is_told(house: House) -> None:
    who = await paid(house)
    await leave(house)
    house.clock.move(WEEK - timedelta(seconds=1))
    await join(house)
    house.clock.move(WEEK)
    assert await house.tick() == []
    assert await outcomes(house, who) == [None]
    assert [(told["round"], told["pot"]) for told in house.told("group_back")] == [(1, 5)]
    assert house.told("welcome_group") == []
    assert not await is_asleep(house, who)


async def test_t29_back_too_late_it_is_paid_back_even_before_its_timer_runs(house: House) -> None:
    who = await paid(house)
    await leave(house)
    house.clock.move(WEEK)
    await join(house)
    assert await outcomes(house, who) == ["refunded", None]
    await house.tick()
    assert await house.wallet(who) == (1_000, 0)
    assert house.told("group_back") == []
    assert len(house.told("welcome_group")) == 1


async def test_t29_a_second_absence_has_seven_days_of_its_own(house: House) -> None:
    who = await paid(house)
    for _ in range(2):
        await leave(house)
        house.clock.move(timedelta(days=5))
        await join(house, str(house.clock.now()))
    await leave(house)
    house.clock.move(timedelta(days=3))
    assert await house.tick() == []
    house.clock.move(timedelta(days=4))
    await house.tick()
    assert await outcomes(house, who) == ["refunded", None]


@pytest.mark.parametrize("times", [1, 3])
async def test_t29_being_removed_is_noted_once_from_the_first_word_of_it(house: House, times: int) -> None:
    who = await paid(house)
    for _ in range(times):
        await leave(house)
        house.clock.move(timedelta(days=1))
    assert await house.value("SELECT COUNT(*) FROM timer WHERE kind = 'sleep'") == 1
    house.clock.move(WEEK - timedelta(days=times))
    await house.tick()
    assert await outcomes(house, who) == ["refunded", None]


async def test_t29_what_was_carried_in_stays_and_nothing_is_refunded_of_a_round_without_tickets(
    house: House,
) -> None:
    who = await paid(house)
    await house.reset(who, "reset_carry")
    await leave(house)
    house.clock.move(WEEK)
    await house.tick()
    assert await outcomes(house, who) == ["carried", None]
    sql = "SELECT a.balance FROM account a JOIN pot p ON p.id = a.owner_id WHERE a.kind = 'pot' AND p.chat_id = :id"
    assert await house.value(sql, id=who.chat_id) == 5


async def test_t29_a_refused_message_tells_of_the_removal_and_a_question_of_the_return(house: House) -> None:
    who = await paid(house)
    facts = (who.chat_id, GROUP, house.rules, house.stamps.take())
    assert await house.db.transact(note_unreachable, *facts)
    assert await is_asleep(house, who)
    before = house.clock.now()
    house.clock.move(timedelta(minutes=1))
    await house.say(who, telegram_chat_id=GROUP, sent_at=before)  # written before, handled late
    assert await is_asleep(house, who)
    await house.settle()
    await house.pay(who, telegram_chat_id=GROUP)
    assert not await is_asleep(house, who)


async def test_t29_a_group_that_was_left_before_that_was_noted_sleeps_from_now_on(house: House) -> None:
    who = await paid(house)
    await house.write("UPDATE chat SET reach = 'kicked' WHERE id = :id", id=who.chat_id)
    for _ in range(2):
        assert not await house.db.transact(put_to_sleep, house.rules, 10, house.stamps.take())
        house.clock.move(WEEK)
    await house.tick()
    assert await outcomes(house, who) == ["refunded", None]
    assert await house.wallet(who) == (1_000, 0)


async def test_a_returning_group_without_its_pot_hears_nothing_of_pots(house: House) -> None:
    who = await paid(house)
    await house.write("UPDATE chat SET pot_on = :off WHERE id = :id", off=False, id=who.chat_id)
    await leave(house)
    await join(house)
    (told,) = house.told("welcome_group")
    assert (told["pot_on"], told["price"]) == (False, 3)
    (said,) = render("welcome_group", told, Words("en"), house.rules)
    assert "pot" not in said["text"].lower().replace("potluck", "")


async def test_t29_a_refusal_under_a_former_id_says_nothing_of_the_group(house: House) -> None:
    who = await paid(house)
    facts = (who.chat_id, GROUP - 1, house.rules, house.stamps.take())
    assert not await house.db.transact(note_unreachable, *facts)
    assert not await is_asleep(house, who)


async def test_t29_a_group_that_nobody_knows_is_left_without_a_trace(house: House) -> None:
    await leave(house)
    assert await house.value("SELECT COUNT(*) FROM chat") == 0


async def test_t29_an_answer_that_was_under_way_is_settled_and_paid_back_with_the_rest(house: House) -> None:
    who = await paid(house)
    await house.say(who, telegram_chat_id=GROUP)
    await leave(house)
    await house.settle()
    assert await house.wallet(who) == (985, 0)
    house.clock.move(WEEK)
    await house.tick()
    assert await house.wallet(who) == (999, 0)  # the house keeps its credit
    assert await outcomes(house, who) == ["refunded", None]


async def test_t29_t61_two_schedulers_and_a_return_at_once_pay_back_once(house: House) -> None:
    who = await paid(house)
    await leave(house)
    house.clock.move(WEEK)
    await asyncio.gather(house.tick(), house.tick(house.other_worker()), join(house))
    await house.tick()
    assert await outcomes(house, who) == ["refunded", None]
    assert await house.wallet(who) == (1_000, 0)
    assert not await is_asleep(house, who)
