"""The pot of one group switched off by its admins: half price, all to the house, no ticket, others untouched."""

from dataclasses import replace

import pytest

from services.gifts import PotsOff
from services.overview import OverviewReader
from services.people import Met
from tests.house import NEVER_WON, UNGUARDED, House


async def switch(house: House, who: Met, *, pot_on: bool) -> None:
    """Switch a chat's pot."""
    await house.write("UPDATE chat SET pot_on = :on WHERE id = :id", on=pot_on, id=who.chat_id)


async def credited(house: House, kind: str) -> int:
    """Return what accounts of a kind have got in all."""
    sql = "SELECT COALESCE(SUM(t.amount), 0) FROM transfer t JOIN account a ON a.id = t.credit_id WHERE a.kind = :k"
    return int(await house.value(sql, k=kind))


async def paid_group(house: House) -> Met:
    """Return a player in a group who has paid once: 5 credits, all of them in the pot."""
    house.rules = replace(UNGUARDED, pot=NEVER_WON)
    group = await house.group()
    await house.pay(group)
    return group


async def test_without_its_pot_a_group_pays_half_rounded_up_to_the_house_and_draws_nothing(
    house: House,
) -> None:
    group = await paid_group(house)
    await switch(house, group, pot_on=False)
    receipts = [await house.pay(group) for _ in range(2)]
    assert [receipt["price"] for receipt in receipts] == [5, 8]  # half of 10, half of 15 rounded up
    assert not any("ticket" in receipt for receipt in receipts)
    assert (await credited(house, "house"), await credited(house, "pot")) == (13, 5)
    assert await house.value("SELECT COUNT(*) FROM ticket") == 1


async def test_other_chats_of_the_same_player_keep_their_pots(house: House) -> None:
    group = await paid_group(house)
    await switch(house, group, pot_on=False)
    ana = await house.player()
    receipt = await house.pay(ana)
    assert (receipt["price"], receipt["ticket"]) == (10, 1)


async def test_a_turn_keeps_the_pot_that_it_was_priced_with(house: House) -> None:
    group = await paid_group(house)
    await house.say(group)
    await switch(house, group, pot_on=False)
    full = await house.settle()
    assert (full["price"], full["ticket"]) == (10, 2)
    await house.say(group)
    await switch(house, group, pot_on=True)
    half = await house.settle()
    assert half["price"] == 8
    assert "ticket" not in half
    assert (await credited(house, "house"), await credited(house, "pot")) == (1 + 8, 5 + 9)


async def test_nobody_gives_to_a_pot_that_is_switched_off_and_what_is_in_it_stays(house: House) -> None:
    group = await paid_group(house)
    await house.gift(group, 100)
    await switch(house, group, pot_on=False)
    with pytest.raises(PotsOff):
        await house.gift(group, 100)
    read = OverviewReader(db=house.db, clock=house.clock, rules=house.rules)
    overview = await read(player_id=group.player_id, chat_id=group.chat_id)
    assert (overview.pot, overview.next_price, overview.chance_ppm) == (None, 5, 0)
    await switch(house, group, pot_on=True)
    again = await read(player_id=group.player_id, chat_id=group.chat_id)
    assert again.pot is not None
    assert again.pot.balance == 105


async def test_a_price_that_doubles_with_the_pot_is_asked_about_again(house: House) -> None:
    house.rules = replace(UNGUARDED, pot=NEVER_WON)
    group = await house.group()
    await switch(house, group, pot_on=False)
    await house.say(group)
    asked = house.told("guard")[-1]
    assert (asked["price"], asked["pot_enabled"]) == (3, False)
    await switch(house, group, pot_on=True)
    await house.press(group, asked["buttons"]["pay"])
    again = house.told("guard")[-1]
    assert (again["price"], again["pot_enabled"], again["is_changed"]) == (5, True, True)
