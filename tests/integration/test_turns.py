"""The way of a paid message, use case by use case, on both databases: queue, price, guard, free lane, leases."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services import leases
from services.buttons import ExpiredButton, NotYours, UsedButton
from services.gifts import give
from services.history import Filter, ReadHistory, ReadReceipt, ReceiptNotFound
from services.limits import LimitKind, SetLimit
from services.overview import OverviewReader
from services.people import Met
from services.pricing import PriceRule, Window
from services.reserve import ConfirmExpired
from services.rules import GameRules, GrantRules, PotRules, TalkRules
from services.settle import Answer, LeaseLost, settle
from services.sweep import Sweep
from services.turns import Accepted
from tests.house import UNGUARDED, House, ScriptedModel

MINUTE = timedelta(minutes=1)
NEVER_WON = PotRules(ppm_per_credit=0)


async def paying(house: House, rules: GameRules = UNGUARDED) -> Met:
    """Return a player who has paid once, so that nothing is asked because it is his first."""
    house.rules = replace(rules, pot=NEVER_WON)
    ana = await house.player()
    await house.pay(ana)
    return ana


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
    for _ in range(2):
        assert await house.say(ana, message_id=7, sent_at=sent_at) is Accepted.OLD
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
    await _leave(house, ana, 150)
    await asyncio.gather(house.say(ana), house.say(group))
    await house.answer(ScriptedModel())
    states = [state for state, _ in await house.turns()]
    assert states == ["settled", "settled", "declined"]
    assert house.told("insufficient_funds")[0]["available"] == 50
    assert await house.wallet(ana) == (50, 0)


async def test_what_is_held_can_not_be_given_away(house: House) -> None:
    ana = await paying(house)
    await house.write("UPDATE player SET paid_in_window = 19")
    await _leave(house, ana, 150)
    await house.say(ana)
    with pytest.raises(Exception, match="insufficient_funds"):
        await _give(house, ana, 51)
    await _give(house, ana, 50)
    assert await house.wallet(ana) == (100, 100)
    await house.settle()
    assert await house.wallet(ana) == (0, 0)


async def test_the_next_turn_is_declined_when_the_money_is_gone(house: House) -> None:
    ana = await paying(house)
    await _leave(house, ana, 24)
    for _ in range(3):
        await house.say(ana)
    await house.answer(ScriptedModel())
    assert await house.turns() == [("settled", 5), ("settled", 10), ("declined", None), ("declined", None)]
    assert [facts["price"] for facts in house.told("insufficient_funds")] == [15, 15]


# The guard


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


async def test_a_confirmed_turn_that_is_gone_can_not_be_paid(house: House) -> None:
    ana = await house.player()
    await house.say(ana)
    await house.write("UPDATE turn SET state = 'declined', ended_at = created_at, confirm_until = NULL")
    with pytest.raises(ConfirmExpired):
        await house.press(ana, house.told("guard")[-1]["buttons"]["pay"])
    assert await house.wallet(ana) == (1_000, 0)


# The free lane


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
    await _give(house, ana, 1)
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


# The player's limit of a day


async def test_the_limit_of_a_day_counts_messages_and_gifts(house: House) -> None:
    ana = await paying(house)
    await _limit(house, ana, 30)
    await _give(house, ana, 10)
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
        await _give(house, ana, 6)
    await _give(house, ana, 5)
    await house.settle()
    assert await house.value("SELECT spent_today FROM player") == 20


# Workers and leases


async def test_t43_a_turn_is_settled_once_by_the_same_worker(house: House) -> None:
    ana = await paying(house)
    await house.say(ana)
    turn = house.last_turn()
    answer = Answer(text="fine", is_cut=False, parts=[{"text": "fine"}])
    for _ in range(3):
        more = await house.db.transact(settle, turn, answer, house.rules, house.stamps.take())
        assert more is False
    await house.release(turn)
    assert await house.wallet(ana) == (985, 0)
    assert await house.value("SELECT COUNT(*) FROM ticket") == 2
    assert len(house.told("answer")) == 2


async def test_t43_settles_at_the_same_time_charge_once(house: House) -> None:
    ana = await paying(house)
    await house.say(ana)
    turn = house.last_turn()
    answer = Answer(text="fine", is_cut=False, parts=[{"text": "fine"}])
    await asyncio.gather(
        *(house.db.transact(settle, turn, answer, house.rules, house.stamps.take()) for _ in range(5))
    )
    assert await house.wallet(ana) == (985, 0)


async def test_t60_a_stale_worker_changes_nothing(house: House) -> None:
    ana = await paying(house)
    await house.say(ana)
    stale = house.last_turn()
    house.clock.move(timedelta(seconds=91))
    other = house.other_worker()
    [taken] = await house.db.transact(leases.claim_turns, 10, alone=False, stamp=other.take())
    assert taken.turn_id == stale.turn_id
    for act in (house.settle, house.release):
        with pytest.raises(LeaseLost):
            await act(stale)
    assert await house.wallet(ana) == (995, 10)
    assert (await house.settle(taken))["price"] == 10
    with pytest.raises(LeaseLost):
        await house.settle(stale)
    assert await house.wallet(ana) == (985, 0)


async def test_a_turn_is_taken_over_only_when_its_lease_is_over_or_nobody_else_can_be_there(
    house: House,
) -> None:
    ana = await paying(house)
    await house.say(ana)
    other = house.other_worker()
    assert await house.db.transact(leases.claim_turns, 10, alone=False, stamp=other.take()) == []
    assert len(await house.db.transact(leases.claim_turns, 10, alone=True, stamp=other.take())) == 1


async def test_a_turn_taken_over_by_two_workers_at_once_goes_to_one(house: House) -> None:
    ana = await paying(house)
    await house.say(ana)
    house.clock.move(timedelta(seconds=91))
    workers = [house.other_worker(owner) for owner in ("two", "three", "four")]
    found = await asyncio.gather(
        *(house.db.transact(leases.claim_turns, 10, alone=False, stamp=one.take()) for one in workers)
    )
    assert sorted(len(turns) for turns in found) == [0, 0, 1]


async def test_t43_a_turn_taken_over_too_late_is_released_uncharged(house: House) -> None:
    ana = await paying(house)
    await house.say(ana)
    house.clock.move(timedelta(seconds=91))
    [taken] = await house.db.transact(leases.claim_turns, 10, alone=False, stamp=house.other_worker().take())
    model = ScriptedModel()
    await house.answer(model, taken)
    assert model.questions == []
    assert await house.wallet(ana) == (995, 0)
    assert house.told("released")[-1]["timed_out"]


async def test_the_sweep_begins_what_a_crash_left_waiting(house: House) -> None:
    ana = await paying(house)
    await house.say(ana)
    await house.say(ana)
    await house.settle()
    sweep = Sweep(db=house.db, stamps=house.stamps, rules=house.rules)
    assert await sweep(limit=10) == 0
    house.clock.move(timedelta(seconds=4))
    assert await sweep(limit=10) == 1
    assert [state for state, _ in await house.turns()] == ["settled", "settled", "reserved"]


async def test_t42_a_model_that_fails_once_is_asked_again(house: House) -> None:
    ana = await paying(house)
    await house.say(ana)
    await house.answer(ScriptedModel(None, ["better"]))
    assert await house.value("SELECT answer FROM turn WHERE id = 2") == "better"
    assert await house.wallet(ana) == (985, 0)


async def test_an_answer_that_was_shown_and_broke_off_is_charged_as_cut(house: House) -> None:
    class Breaking(ScriptedModel):
        async def reply(self, question):  # type: ignore[no-untyped-def]
            yield "half"
            raise RuntimeError("gone")

    ana = await paying(house)
    await house.say(ana)
    await house.answer(Breaking(), is_shown=True)
    assert [tuple(row) for row in await house.rows("SELECT answer, is_cut FROM turn WHERE id = 2")] == [
        ("half", True)
    ]
    assert await house.wallet(ana) == (985, 0)
    await house.say(ana)
    await house.answer(Breaking())
    assert await house.wallet(ana) == (985, 0)


async def test_t45_history_is_only_of_the_same_player_chat_and_topic(house: House) -> None:
    await paying(house)
    ben = await house.group(player=2)
    await house.write("UPDATE player SET paid_total = 1")
    group = await house.group()
    for who, words, thread in ((ben, "canary", None), (group, "mine", None), (group, "topic", 5)):
        await house.say(who, words, thread_id=thread)
        await house.settle()
    await house.say(group, "now")
    model = ScriptedModel()
    await house.answer(model)
    assert [exchange.text for exchange in model.questions[0].history] == ["mine"]


# Screens


async def test_overview_history_and_receipts_agree_with_the_books(house: House) -> None:
    ana = await paying(house)
    paid = [await house.pay(ana) for _ in range(9)]
    await house.say(ana)
    read = OverviewReader(db=house.db, clock=house.clock, rules=house.rules)
    seen = await read(player_id=ana.player_id, chat_id=ana.chat_id)
    assert (seen.balance, seen.held, seen.paid_today, seen.paid_total) == (725, 55, 10, 10)
    assert (seen.next_price, seen.chance_ppm, seen.free_left, seen.wins) == (60, 0, 0, 0)
    assert seen.pot is not None
    assert (seen.pot.balance, seen.pot.tickets, seen.pot.own_tickets, seen.pot.round_no) == (250, 10, 10, 1)
    assert seen.pot.prize == 225
    history = ReadHistory(db=house.db)
    first = await history(player_id=ana.player_id)
    last = await history(player_id=ana.player_id, page=99)
    assert (first.page, first.pages, last.page, len(last.receipts)) == (1, 2, 2, 3)
    assert [one.delta for one in first.receipts] == [-price for price in range(50, 10, -5)]
    assert first.receipts[0].balance == 725
    grants = await history(player_id=ana.player_id, which=Filter.GRANTS)
    assert [one.delta for one in grants.receipts] == [1_000]
    receipt = await ReadReceipt(db=house.db)(player_id=ana.player_id, number=paid[-1]["receipt"])
    assert receipt.ticket is not None
    assert (receipt.delta, receipt.ticket.n, receipt.ticket.head) == (-50, 10, paid[-1]["head"])


async def test_a_receipt_is_shown_to_its_player_alone(house: House) -> None:
    await paying(house)
    ben = await house.player(2, name="Ben")
    with pytest.raises(ReceiptNotFound):
        await ReadReceipt(db=house.db)(player_id=ben.player_id, number=2)


def _move_to(house: House, moment: datetime) -> None:
    house.clock.move(moment - house.clock.now())


async def _leave(house: House, who: Met, credits: int) -> None:
    """Have a player give away all but ``credits``."""
    balance, _ = await house.wallet(who)
    await _give(house, who, balance - credits)


async def _give(house: House, who: Met, credits: int) -> None:
    cause = f"gift:{len(house.events)}"
    await house.db.transact(
        give, who.player_id, who.chat_id, credits, cause, house.rules, house.stamps.take()
    )


async def _limit(house: House, who: Met, credits: int) -> None:
    use = SetLimit(db=house.db, stamps=house.stamps, rules=house.rules)
    await use(player_id=who.player_id, kind=LimitKind.DAY_CAP, credits=credits)
