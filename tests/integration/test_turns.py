"""Messages taken in, queued, priced when their turn comes, and refused, on both databases."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from services.rules import GrantRules
from services.turns import Accepted
from tests.house import UNGUARDED, House, ScriptedModel, paying

MINUTE = timedelta(minutes=1)


async def test_a_message_is_held_answered_and_charged(house: House) -> None:
    ana = await paying(house)
    assert await house.say(ana) is Accepted.TAKEN
    assert await house.wallet(ana) == (995, 10)
    receipt = await house.settle()
    assert (receipt["price"], receipt["ticket"], receipt["balance"]) == (10, 2, 985)
    assert await house.wallet(ana) == (985, 0)


async def test_prices_rise_by_step_up_to_the_cap(house: House) -> None:
    ana = await paying(house)
    await house.write("UPDATE player SET paid_in_window = 15")
    prices = [(await house.pay(ana))["price"] for _ in range(6)]
    assert prices == [80, 85, 90, 95, 100, 100]


async def test_the_first_twenty_messages_cost_five_to_a_hundred(house: House) -> None:
    ana = await paying(house, replace(UNGUARDED, grants=GrantRules(welcome=5_000)))
    prices = [5]
    for _ in range(21):
        house.clock.move(MINUTE)
        prices.append((await house.pay(ana))["price"])
    assert prices == [*range(5, 101, 5), 100, 100]


async def test_waiting_messages_are_priced_one_by_one_when_their_turn_comes(house: House) -> None:
    ana = await paying(house)
    for _ in range(3):
        await house.say(ana)
    assert await house.turns() == [("settled", 5), ("reserved", 10), ("waiting", None), ("waiting", None)]
    model = ScriptedModel()
    for _ in range(3):
        await house.answer(model)
    assert [price for _, price in await house.turns()] == [5, 10, 15, 20]
    assert [question.text for question in model.questions] == ["hello"] * 3


async def test_a_failed_message_never_raises_the_price(house: House) -> None:
    ana = await paying(house)
    for _ in range(3):
        await house.say(ana)
    model = ScriptedModel(None, None, ["a", "b"], ["  "])
    for _ in range(3):
        await house.answer(model)
    states = await house.turns()
    assert states == [("settled", 5), ("released", 10), ("settled", 10), ("released", 15)]
    assert await house.wallet(ana) == (985, 0)
    assert await house.value("SELECT COUNT(*) FROM ticket") == 2
    assert [facts["price"] for facts in house.told("released")] == [10, 15]


async def test_only_five_messages_wait_and_the_sixth_is_told(house: House) -> None:
    ana = await paying(house)
    taken = [await house.say(ana) for _ in range(7)]
    assert taken == [Accepted.TAKEN] * 6 + [Accepted.QUEUE_FULL]
    assert len(house.told("queue_full")) == 1


async def test_one_turn_is_under_way_per_player_over_all_chats(house: House) -> None:
    ana = await paying(house)
    group = await house.group(9)
    assert group.player_id == ana.player_id
    await asyncio.gather(*(house.say(who) for who in (ana, group, ana, group)))
    states = [state for state, _ in await house.turns()]
    assert sorted(states) == ["reserved", "settled", "waiting", "waiting", "waiting"]


async def test_players_do_not_wait_for_each_other(house: House) -> None:
    ana = await paying(house)
    ben = await house.player(2, name="Ben")
    await house.write("UPDATE player SET paid_total = 1 WHERE id = :id", id=ben.player_id)
    await house.say(ana)
    await house.say(ben)
    assert [state for state, _ in await house.turns()] == ["settled", "reserved", "reserved"]


async def test_t02_the_same_message_again_is_taken_once(house: House) -> None:
    ana = await paying(house)
    await house.say(ana, message_id=7)
    assert await house.say(ana, message_id=7) is Accepted.DUPLICATE
    await house.settle()
    assert await house.say(ana, message_id=7) is Accepted.DUPLICATE
    assert await house.wallet(ana) == (985, 0)


async def test_t35_an_album_is_charged_once(house: House) -> None:
    ana = await paying(house)
    found = [await house.say(ana, media_group_id="album") for _ in range(3)]
    assert found == [Accepted.TAKEN, Accepted.DUPLICATE, Accepted.DUPLICATE]


async def test_t05_an_old_message_is_not_charged_and_its_sender_is_told_once(house: House) -> None:
    ana = await paying(house)
    sent_at = house.clock.now() - timedelta(minutes=10, seconds=1)
    found = [await house.say(ana, message_id=7, sent_at=sent_at) for _ in range(2)]
    assert found == [Accepted.OLD, Accepted.DUPLICATE]
    assert len(house.told("old_message")) == 1
    assert await house.say(ana, sent_at=house.clock.now() - timedelta(minutes=10)) is Accepted.TAKEN


async def test_t38_a_flood_is_dropped_and_told_once_a_minute(house: House) -> None:
    ana = await paying(house, replace(UNGUARDED, talk=replace(UNGUARDED.talk, queue_length=100)))
    house.clock.move(MINUTE)
    found = [await house.say(ana) for _ in range(23)]
    assert found == [Accepted.TAKEN] * 20 + [Accepted.FLOOD] + [Accepted.FLOOD_MORE] * 2
    assert len(house.told("flood_told")) == 1
    house.clock.move(MINUTE)
    assert await house.say(ana) is Accepted.TAKEN


async def test_t02_a_message_that_was_dropped_is_not_taken_when_it_comes_again(house: House) -> None:
    ana = await paying(house)
    house.clock.move(MINUTE)
    found = [await house.say(ana, message_id=number) for number in range(1, 22)]
    assert found[-1] is Accepted.FLOOD
    house.clock.move(MINUTE)
    assert await house.say(ana, message_id=21) is Accepted.DUPLICATE
    assert await house.value("SELECT text FROM turn WHERE message_id = 21") == ""


async def test_t38_others_are_not_slowed_by_a_flood(house: House) -> None:
    ana = await paying(house)
    ben = await house.player(2, name="Ben")
    for _ in range(25):
        await house.say(ana)
    assert await house.say(ben) is Accepted.TAKEN


async def test_a_busy_group_declines_and_says_so_once_a_minute(house: House) -> None:
    ana = await paying(house, replace(UNGUARDED, talk=replace(UNGUARDED.talk, group_per_minute=3)))
    group = await house.group()
    await house.write("UPDATE outbox SET state = 'sent', ended_at = created_at")
    await house.say(group)
    await house.settle()
    await house.say(group)
    ben = await house.group(player=2)
    await house.write("UPDATE player SET paid_total = 1")
    assert await house.say(ben) is Accepted.TAKEN
    carla = await house.group(player=3)
    assert [await house.say(carla) for _ in range(2)] == [Accepted.GROUP_BUSY] * 2
    assert len(house.told("group_busy")) == 1
    assert await house.say(ana) is Accepted.TAKEN


async def test_t46_two_messages_at_once_with_money_for_one(house: House) -> None:
    ana = await paying(house)
    group = await house.group()
    await house.write("UPDATE player SET paid_in_window = 19")
    await house.leave(ana, 150)
    await asyncio.gather(house.say(ana), house.say(group))
    await house.answer(ScriptedModel())
    states = [state for state, _ in await house.turns()]
    assert states == ["settled", "settled", "declined"]
    assert house.told("insufficient_funds")[0]["available"] == 50
    assert await house.wallet(ana) == (50, 0)


async def test_what_is_held_can_not_be_given_away(house: House) -> None:
    ana = await paying(house)
    await house.write("UPDATE player SET paid_in_window = 19")
    await house.leave(ana, 150)
    await house.say(ana)
    with pytest.raises(Exception, match="insufficient_funds"):
        await house.gift(ana, 51)
    await house.gift(ana, 50)
    assert await house.wallet(ana) == (100, 100)
    await house.settle()
    assert await house.wallet(ana) == (0, 0)


async def test_the_next_turn_is_declined_when_the_money_is_gone(house: House) -> None:
    ana = await paying(house)
    await house.leave(ana, 24)
    for _ in range(3):
        await house.say(ana)
    await house.answer(ScriptedModel())
    assert await house.turns() == [("settled", 5), ("settled", 10), ("declined", None), ("declined", None)]
    assert [facts["price"] for facts in house.told("insufficient_funds")] == [15, 15]


async def test_t05_what_waited_through_an_outage_is_not_charged(house: House) -> None:
    ana = await paying(house)
    for _ in range(3):
        await house.say(ana)
    house.clock.move(timedelta(minutes=10))
    await house.say(ana)
    house.clock.move(timedelta(seconds=1))
    await house.release()
    await house.promote_next(player_id=ana.player_id)
    states = [state for state, _ in await house.turns()]
    assert states == ["settled", "released", "declined", "declined", "reserved"]
    assert len(house.told("old_message")) == 2
    assert (await house.settle())["price"] == 10
