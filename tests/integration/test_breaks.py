"""A break: nothing that costs credits, no early end, and nothing of it is charged."""

from datetime import timedelta

import pytest

from services.breaks import ACTIONS, OnBreak, take_break
from services.buttons import UsedButton
from services.gifts import AskGift
from services.people import Met
from tests.house import House, paying

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


async def begin(house: House, who: Met, days: int) -> None:
    """Have a player take a break by its button."""
    tokens = await house.offer(who, {action: {"days": days} for action in ACTIONS})
    await house.press(who, tokens["break"])


async def gift(house: House, who: Met) -> None:
    """Have a player ask to give something to the pot."""
    ask = AskGift(db=house.db, stamps=house.stamps, rules=house.rules)
    await ask(player_id=who.player_id, chat_id=who.chat_id, thread_id=None, message_id=1, credits=5)


async def ends(house: House, who: Met) -> timedelta:
    """Return how long the player's break still lasts, as the books say."""
    taken = await house.db.transact(take_break, who.player_id, 0, house.stamps.take())
    return taken - house.clock.now()


async def test_a_break_is_made_longer_and_never_shorter(house: House) -> None:
    ana = await house.player()
    await begin(house, ana, 7)
    await begin(house, ana, 1)
    assert await ends(house, ana) == 7 * DAY
    house.clock.move(DAY)
    await begin(house, ana, 7)
    assert await ends(house, ana) == 7 * DAY


async def test_the_button_of_a_break_works_once(house: House) -> None:
    ana = await house.player()
    tokens = await house.offer(ana, {action: {"days": 1} for action in ACTIONS})
    await house.press(ana, tokens["break_keep"])
    with pytest.raises(UsedButton):
        await house.press(ana, tokens["break"])
    assert await ends(house, ana) == timedelta(0)


async def test_during_a_break_paid_messages_are_declined_and_free_ones_answered(house: House) -> None:
    ana = await house.player()
    await begin(house, ana, 1)
    await house.say(ana)
    await house.say(ana, always_paid=False)
    await house.settle()
    assert await house.turns() == [("declined", None), ("settled", 0)]
    told = house.told("on_break")[-1]
    assert told["until"] == (house.clock.now() + DAY).isoformat()
    assert await house.wallet(ana) == (1_000, 0)


async def test_a_break_ends_by_itself(house: House) -> None:
    ana = await paying(house)
    await begin(house, ana, 1)
    house.clock.move(DAY - SECOND)
    await house.say(ana)
    house.clock.move(SECOND)
    await house.pay(ana)
    assert [state for state, _ in await house.turns()] == ["settled", "declined", "settled"]


async def test_what_was_asked_and_what_waits_is_declined_when_its_turn_comes(house: House) -> None:
    ana = await paying(house)
    await house.say(ana, "under way")
    await house.say(ana, "waits")
    await begin(house, ana, 7)
    await house.settle()
    await house.promote_next(player_id=ana.player_id)
    assert [state for state, _ in await house.turns()] == ["settled", "settled", "declined"]
    assert len(house.told("on_break")) == 1


async def test_an_asked_price_is_not_paid_during_a_break(house: House) -> None:
    ana = await house.player()
    await house.say(ana)
    pay = house.told("guard")[-1]["buttons"]["pay"]
    await begin(house, ana, 1)
    with pytest.raises(OnBreak):
        await house.press(ana, pay)
    assert (await house.turns(), await house.wallet(ana)) == ([("asking", 5)], (1_000, 0))


async def test_no_gift_is_asked_about_or_given_during_a_break(house: House) -> None:
    ana = await house.player()
    await gift(house, ana)
    give = house.told("gift_ask")[-1]["buttons"]["gift"]
    await begin(house, ana, 1)
    with pytest.raises(OnBreak):
        await gift(house, ana)
    with pytest.raises(OnBreak):
        await house.press(ana, give)
    assert await house.wallet(ana) == (1_000, 0)


async def test_a_group_hears_of_a_break_once_a_minute_at_most(house: House) -> None:
    ana, group = await house.player(), await house.group()
    await begin(house, ana, 1)
    for _ in range(5):
        await house.say(group)
    assert len(house.told("on_break")) == 1
    house.clock.move(timedelta(minutes=1, seconds=1))
    await house.say(group)
    assert len(house.told("on_break")) == 2
    assert {state for state, _ in await house.turns()} == {"declined"}


async def test_t66_a_clock_that_goes_back_ends_no_break(house: House) -> None:
    ana = await house.player()
    await begin(house, ana, 1)
    house.clock.move(-3 * DAY)
    await begin(house, ana, 1)
    assert await ends(house, ana) == 4 * DAY
    await house.say(ana)
    assert await house.turns() == [("declined", None)]
