"""Turns between workers: settled once, taken over once, asked of the model with what it may see."""

import asyncio
from datetime import timedelta

import pytest

from services import leases
from services.settle import Answer, LeaseLost, settle
from services.sweep import Sweep
from tests.house import House, ScriptedModel, paying

MINUTE = timedelta(minutes=1)


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
    [taken] = await house.db.transact(
        leases.claim_turns, 10, alone=False, deadline=MINUTE, stamp=other.take()
    )
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
    assert (
        await house.db.transact(leases.claim_turns, 10, alone=False, deadline=MINUTE, stamp=other.take())
        == []
    )
    assert (
        len(await house.db.transact(leases.claim_turns, 10, alone=True, deadline=MINUTE, stamp=other.take()))
        == 1
    )


async def test_a_turn_taken_over_by_two_workers_at_once_goes_to_one(house: House) -> None:
    ana = await paying(house)
    await house.say(ana)
    house.clock.move(timedelta(seconds=91))
    workers = [house.other_worker(owner) for owner in ("two", "three", "four")]
    found = await asyncio.gather(
        *(
            house.db.transact(leases.claim_turns, 10, alone=False, deadline=MINUTE, stamp=one.take())
            for one in workers
        )
    )
    assert sorted(len(turns) for turns in found) == [0, 0, 1]


async def test_t43_a_turn_taken_over_too_late_is_released_uncharged(house: House) -> None:
    ana = await paying(house)
    await house.say(ana)
    house.clock.move(timedelta(seconds=91))
    [taken] = await house.db.transact(
        leases.claim_turns, 10, alone=False, deadline=MINUTE, stamp=house.other_worker().take()
    )
    model = ScriptedModel()
    await house.answer(model, taken)
    assert model.questions == []
    assert await house.wallet(ana) == (995, 0)
    assert house.told("released")[-1]["why"] == "timeout"


@pytest.mark.parametrize(("seconds", "is_free"), [(89, False), (91, True)])
async def test_t59_a_turn_whose_worker_died_is_free_half_a_minute_after_its_deadline_whatever_was_renewed(
    house: House, seconds: int, is_free: bool
) -> None:
    ana = await paying(house)
    await house.say(ana)
    house.clock.move(timedelta(seconds=59))
    await house.db.transact(leases.renew, {"inbox": [], "outbox": []}, house.stamps.take())
    house.clock.move(timedelta(seconds=seconds - 59))
    claim = leases.claim_turns
    taken = await house.db.transact(
        claim, 10, alone=False, deadline=MINUTE, stamp=house.other_worker().take()
    )
    assert bool(taken) is is_free


async def test_a_turn_that_is_taken_over_in_time_is_its_new_workers_until_after_the_deadline(
    house: House,
) -> None:
    ana = await paying(house)
    await house.say(ana)
    reserved_at = house.clock.now()
    await house.db.transact(leases.give_up, house.stamps.take())
    house.clock.move(timedelta(seconds=20))
    other = house.other_worker()
    await house.db.transact(leases.claim_turns, 10, alone=False, deadline=MINUTE, stamp=other.take())
    assert await house.turn_lease() == reserved_at + timedelta(seconds=90)


async def test_a_process_leaves_alone_what_it_has_in_hand_when_the_lease_is_over(house: House) -> None:
    ana = await paying(house)
    await house.say(ana)
    turn = house.last_turn()
    house.clock.move(timedelta(seconds=100))
    stamp, held = house.stamps.take(), [turn.turn_id]
    claim = leases.claim_turns
    assert await house.db.transact(claim, 10, alone=False, deadline=MINUTE, stamp=stamp, held=held) == []
    await house.settle(turn)
    assert await house.wallet(ana) == (985, 0)


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


@pytest.mark.parametrize(("reason", "asked"), [("http_5xx", 2), ("refused", 1), ("bad_key", 1), ("down", 1)])
async def test_t42_a_failure_is_tried_once_more_only_where_that_may_help(
    house: House, reason: str, asked: int
) -> None:
    ana = await house.player()
    await house.say(ana, always_paid=False)
    model = ScriptedModel(None, None, reason=reason)
    await house.answer(model)
    assert len(model.questions) == asked
    assert house.happened("model_failed")[-1]["why"] == reason


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
