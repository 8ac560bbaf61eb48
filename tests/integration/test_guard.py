"""The price guard: who is asked, and what a confirmation is good for, on both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.buttons import ExpiredButton, NotYours, UsedButton
from services.confirm import ConfirmExpired
from services.people import Met
from services.rules import TalkRules
from services.sweep import Sweep
from tests.house import NEVER_WON, UNGUARDED, House, ScriptedModel, paying

MINUTE = timedelta(minutes=1)


async def test_the_first_paid_message_always_asks(house: House) -> None:
    house.rules = replace(house.rules, pot=NEVER_WON)
    ana = await house.player()
    await house.say(ana)
    asked = house.told("guard")[-1]
    assert (asked["price"], asked["is_first"], asked["is_changed"]) == (5, True, False)
    assert await house.wallet(ana) == (1_000, 0)
    await house.press(ana, asked["buttons"]["pay"])
    assert await house.wallet(ana) == (1_000, 5)
    assert (await house.settle())["price"] == 5


async def test_a_message_dearer_than_the_limit_asks_and_a_cheaper_one_does_not(house: House) -> None:
    ana = await paying(house, replace(UNGUARDED, talk=TalkRules(free_per_day=0)))
    await house.write("UPDATE player SET paid_in_window = 4")
    await house.say(ana)
    assert house.told("guard")[1:] == []
    await house.settle()
    await house.say(ana)
    asked = house.told("guard")[-1]
    assert (asked["price"], asked["limit"], asked["is_first"]) == (30, 25, False)


async def test_a_confirmation_is_for_its_player_alone_and_works_once(house: House) -> None:
    ana, ben = await house.player(), await house.player(2, name="Ben")
    await house.say(ana)
    buttons = house.told("guard")[-1]["buttons"]
    with pytest.raises(NotYours):
        await house.press(Met(player_id=ben.player_id, chat_id=ana.chat_id), buttons["pay"])
    with pytest.raises(ExpiredButton):
        await house.press(Met(player_id=ana.player_id, chat_id=ben.chat_id), buttons["pay"])
    await house.press(ana, buttons["pay"])
    for name in ("pay", "cancel"):
        with pytest.raises(UsedButton):
            await house.press(ana, buttons[name])
    assert await house.wallet(ana) == (1_000, 5)


async def test_a_confirmation_comes_too_late_after_ten_minutes(house: House) -> None:
    ana = await house.player()
    await house.say(ana)
    house.clock.move(timedelta(minutes=10))
    with pytest.raises(ExpiredButton):
        await house.press(ana, house.told("guard")[-1]["buttons"]["pay"])
    await Sweep(db=house.db, stamps=house.stamps, rules=house.rules)(limit=10)
    assert await house.turns() == [("declined", 5)]


async def test_a_confirmation_is_good_until_its_last_second(house: House) -> None:
    ana = await house.player()
    await house.say(ana)
    house.clock.move(timedelta(minutes=10, seconds=-1))
    await house.press(ana, house.told("guard")[-1]["buttons"]["pay"])
    assert await house.turns() == [("reserved", 5)]


async def test_cancelling_costs_nothing_and_lets_the_next_go_on(house: House) -> None:
    ana = await house.player()
    await house.say(ana)
    await house.press(ana, house.told("guard")[-1]["buttons"]["cancel"])
    with pytest.raises(UsedButton):
        await house.press(ana, house.told("guard")[-1]["buttons"]["pay"])
    assert await house.turns() == [("declined", 5)]
    assert await house.wallet(ana) == (1_000, 0)


async def test_a_price_that_rose_after_it_was_agreed_to_is_asked_again(house: House) -> None:
    house.rules = replace(house.rules, pot=NEVER_WON)
    ana = await house.player()
    await house.say(ana)
    await house.say(ana)
    first, second = house.told("guard")
    assert (first["price"], second["price"]) == (5, 5)
    await house.press(ana, first["buttons"]["pay"])
    await house.press(ana, second["buttons"]["pay"])
    await house.answer(ScriptedModel())
    asked = house.told("guard")[-1]
    assert (asked["price"], asked["is_changed"]) == (10, True)
    assert await house.wallet(ana) == (995, 0)
    await house.press(ana, asked["buttons"]["pay"])
    assert (await house.settle())["price"] == 10


async def test_t05_a_confirmation_does_not_outlast_an_outage(house: House) -> None:
    ana = await paying(house, replace(UNGUARDED, talk=TalkRules(free_per_day=0, guard=5)))
    await house.say(ana)
    await house.press(ana, house.told("guard")[-1]["buttons"]["pay"])
    await house.say(ana)
    await house.settle()
    await house.promote_next(player_id=ana.player_id)
    await house.say(ana, always_paid=True)
    first, second = house.told("guard")[-2:]
    await house.press(ana, first["buttons"]["pay"])
    house.clock.move(MINUTE)
    await house.press(ana, second["buttons"]["pay"])
    house.clock.move(timedelta(minutes=10, seconds=1))
    await house.release()
    await house.promote_next(player_id=ana.player_id)
    assert [state for state, _ in await house.turns()] == ["settled", "settled", "released", "declined"]
    assert len(house.told("old_message")) == 1
    assert await house.wallet(ana) == (985, 0)


async def test_a_confirmed_turn_that_is_gone_can_not_be_paid(house: House) -> None:
    ana = await house.player()
    await house.say(ana)
    await house.write("UPDATE turn SET state = 'declined', ended_at = created_at, confirm_until = NULL")
    with pytest.raises(ConfirmExpired):
        await house.press(ana, house.told("guard")[-1]["buttons"]["pay"])
    assert await house.wallet(ana) == (1_000, 0)
