"""The free lane, the day, the window of prices and the limit of a day, on both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.limits import LimitKind, SetLimit
from services.people import Met
from services.pricing import PriceRule, Window
from services.rules import TalkRules
from services.turns import Accepted
from tests.house import UNGUARDED, House, ScriptedModel, paying

MINUTE = timedelta(minutes=1)


async def test_t39_five_messages_a_day_are_free_feed_no_pot_and_give_no_ticket(house: House) -> None:
    ana = await house.player()
    receipts = []
    for _ in range(5):
        await house.say(ana, always_paid=False)
        receipts.append(await house.settle())
    assert [receipt["free_left"] for receipt in receipts] == [4, 3, 2, 1, 0]
    assert await house.wallet(ana) == (1_000, 0)
    assert await house.value("SELECT COUNT(*) FROM ticket") == 0
    await house.say(ana, always_paid=False)
    assert house.told("guard")[-1]["price"] == 5


async def test_a_failed_free_message_leaves_its_slot(house: House) -> None:
    ana = await house.player()
    for _ in range(4):
        await house.say(ana, always_paid=False)
        await house.settle()
    await house.say(ana, always_paid=False)
    await house.answer(ScriptedModel(None, None))
    assert house.told("released")[-1]["is_free"]
    await house.say(ana, always_paid=False)
    assert (await house.settle())["kind"] == "free"


async def test_in_a_group_nothing_is_free(house: House) -> None:
    group = await house.group()
    await house.say(group, always_paid=False)
    assert house.told("guard")[-1]["price"] == 5


async def test_waiting_messages_take_the_free_slots_that_are_left(house: House) -> None:
    ana = await paying(house, replace(UNGUARDED, talk=TalkRules(free_per_day=2)))
    for _ in range(4):
        await house.say(ana, always_paid=False)
    model = ScriptedModel()
    for _ in range(4):
        await house.answer(model)
    assert [price for _, price in await house.turns()] == [5, 0, 0, 10, 15]


async def test_t39_a_new_day_begins_at_midnight_in_utc(house: House) -> None:
    ana = await paying(house, replace(UNGUARDED, talk=TalkRules(free_per_day=1)))
    await house.say(ana, always_paid=False)
    await house.settle()
    _move_to(house, datetime(2026, 11, 21, 23, 59, 59, tzinfo=UTC))
    assert (await house.pay(ana, always_paid=False))["price"] == 10
    house.clock.move(timedelta(seconds=1))
    await house.say(ana, always_paid=False)
    assert (await house.settle())["kind"] == "free"
    assert (await house.pay(ana, always_paid=False))["price"] == 5


async def test_t66_a_clock_that_goes_back_gives_no_second_day(house: House) -> None:
    ana = await paying(house, replace(UNGUARDED, talk=TalkRules(free_per_day=1)))
    _move_to(house, datetime(2026, 11, 22, 0, 0, 1, tzinfo=UTC))
    await house.say(ana, always_paid=False)
    await house.settle()
    assert (await house.pay(ana))["price"] == 5
    for step in (timedelta(hours=-1), timedelta(hours=1), timedelta(hours=-2), timedelta(hours=2)):
        house.clock.move(step)
        assert await house.say(ana, always_paid=False) is Accepted.TAKEN
        assert (await house.settle())["kind"] == "paid"
    assert await house.value("SELECT paid_in_window FROM player") == 5


async def test_t66_a_clock_far_back_holds_no_hold_open_and_loses_none(house: House) -> None:
    ana = await paying(house)
    await house.say(ana)
    house.clock.move(timedelta(days=-3))
    assert (await house.settle())["price"] == 10
    assert await house.wallet(ana) == (985, 0)


async def test_a_message_counts_for_the_day_of_its_reserve(house: House) -> None:
    ana = await paying(house)
    _move_to(house, datetime(2026, 11, 21, 23, 59, 59, tzinfo=UTC))
    await house.say(ana)
    house.clock.move(timedelta(seconds=2))
    await house.gift(ana, 1)
    assert (await house.settle())["price"] == 10
    assert (await house.pay(ana))["price"] == 5
    assert await house.value("SELECT paid_today FROM player") == 1
    assert await house.value("SELECT spent_today FROM player") == 6


@pytest.mark.parametrize(
    ("window", "days", "price"),
    [(Window.DAY, 1, 5), (Window.WEEK, 1, 10), (Window.WEEK, 2, 5), (Window.LIFETIME, 400, 10)],
)
async def test_prices_start_anew_with_their_window(
    house: House, window: Window, days: int, price: int
) -> None:
    ana = await paying(house, replace(UNGUARDED, price=PriceRule(window=window)))
    house.clock.move(timedelta(days=days))
    assert (await house.pay(ana))["price"] == price


async def test_the_limit_of_a_day_counts_messages_and_gifts(house: House) -> None:
    ana = await paying(house)
    await _limit(house, ana, 30)
    await house.gift(ana, 10)
    assert (await house.pay(ana))["price"] == 10
    await house.say(ana)
    assert house.told("day_limit")[-1]["spent"] == 25
    house.clock.move(timedelta(days=1))
    assert (await house.pay(ana))["price"] == 5


async def test_the_limit_of_a_day_counts_what_is_held(house: House) -> None:
    ana = await paying(house)
    await _limit(house, ana, 20)
    await house.say(ana)
    with pytest.raises(Exception, match="day_limit"):
        await house.gift(ana, 6)
    await house.gift(ana, 5)
    await house.settle()
    assert await house.value("SELECT spent_today FROM player") == 20


def _move_to(house: House, moment: datetime) -> None:
    house.clock.move(moment - house.clock.now())


async def _limit(house: House, who: Met, credits: int) -> None:
    use = SetLimit(db=house.db, stamps=house.stamps, rules=house.rules)
    await use(player_id=who.player_id, kind=LimitKind.DAY_CAP, credits=credits)
