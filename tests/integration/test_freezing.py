"""Frozen players: nothing that costs credits until an operator lifts it; free messages go on."""

import pytest

from services.freezing import PlayerFrozen, SetFrozen
from services.gifts import AskGift
from services.people import Met
from tests.house import House, paying

OPERATOR = 9


async def freeze(house: House, who: Met, *, is_frozen: bool = True) -> None:
    """Have an operator freeze a player, or let him go."""
    use = SetFrozen(db=house.db, clock=house.clock)
    await use(player_id=who.player_id, operator_id=OPERATOR, is_frozen=is_frozen)


async def test_a_frozen_player_pays_nothing_and_his_free_messages_go_on(house: House) -> None:
    ana = await house.player()
    await freeze(house, ana)
    await house.say(ana)
    await house.say(ana, always_paid=False)
    await house.settle()
    assert await house.turns() == [("declined", None), ("settled", 0)]
    assert len(house.told("player_frozen")) == 1
    assert await house.wallet(ana) == (1_000, 0)


async def test_an_asked_price_is_not_paid_and_no_gift_is_given_while_frozen(house: House) -> None:
    ana = await house.player()
    await house.say(ana)
    pay = house.told("guard")[-1]["buttons"]["pay"]
    await freeze(house, ana)
    with pytest.raises(PlayerFrozen):
        await house.press(ana, pay)
    ask = AskGift(db=house.db, stamps=house.stamps, rules=house.rules)
    with pytest.raises(PlayerFrozen):
        await ask(player_id=ana.player_id, chat_id=ana.chat_id, thread_id=None, message_id=1, credits=5)
    assert await house.wallet(ana) == (1_000, 0)


async def test_what_is_under_way_goes_on_and_who_is_let_go_plays_again(house: House) -> None:
    ana = await paying(house)
    await house.say(ana)
    await freeze(house, ana)
    await house.settle()
    await freeze(house, ana, is_frozen=False)
    await house.pay(ana)
    assert [state for state, _ in await house.turns()] == ["settled"] * 3


async def test_each_change_is_logged_once_with_who_made_it(house: House) -> None:
    ana = await house.player()
    facts = {"player": ana.player_id, "operator": OPERATOR}
    for is_frozen in (True, True, False, False):
        await freeze(house, ana, is_frozen=is_frozen)
    assert house.happened("player_frozen") == [facts]
    assert house.happened("player_unfrozen") == [facts]


async def test_a_group_hears_of_it_once_a_minute_at_most(house: House) -> None:
    await house.player()
    group = await house.group()
    await freeze(house, group)
    for _ in range(5):
        await house.say(group)
    assert len(house.told("player_frozen")) == 1
