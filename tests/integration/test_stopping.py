"""Stopping answers and noting where they grow: once, by their player and their worker alone, whoever comes first."""

import asyncio
from datetime import timedelta

import pytest

from services import leases
from services.buttons import NotYours, UsedButton
from services.events import StopAsked, TurnReserved
from services.growing import note_shown, stop_token
from services.people import Met
from services.settle import LeaseLost
from services.stopping import NothingToStop, StopTurns, stopped_of
from tests.house import House, ScriptedModel, paying

MINUTE = timedelta(minutes=1)


async def stop(house: House, who: Met, message_id: int = 1) -> None:
    """Let a player write /stop."""
    use = StopTurns(db=house.db, stamps=house.stamps)
    await use(player_id=who.player_id, chat_id=who.chat_id, thread_id=None, message_id=message_id)


async def show(house: House, turn: TurnReserved, message_id: int) -> str:
    """Let an answer grow in a message; return the token of its button."""
    stamp = house.stamps.take()
    await house.db.transact(note_shown, turn, message_id, house.rules, stamp)
    return stop_token(turn, stamp)


async def take_over(house: House) -> list[TurnReserved]:
    """Let another worker take over what nobody works on."""
    claim, stamp = leases.claim_turns, house.other_worker().take()
    return await house.db.transact(claim, 10, alone=True, deadline=MINUTE, stamp=stamp)


async def test_a_stop_is_told_to_who_answers_and_kept_for_other_processes(house: House) -> None:
    ana = await paying(house)
    await house.say(ana)
    turn_id = house.last_turn().turn_id
    assert await house.db.read(stopped_of, [turn_id]) == []
    first = house.clock.now()
    for number in range(2):
        await stop(house, ana, number)
        house.clock.move(timedelta(seconds=1))
    assert [event for event in house.events if isinstance(event, StopAsked)] == [StopAsked(turn_id)] * 2
    assert await house.db.read(stopped_of, [turn_id, 999]) == [turn_id]
    assert await house.db.read(stopped_of, []) == []
    (taken,) = await take_over(house)
    assert taken.is_stopped
    assert house.clock.now() > first


async def test_the_stop_of_one_player_leaves_others_alone(house: House) -> None:
    ana = await paying(house)
    ben = await house.player(2)
    await house.say(ana)
    with pytest.raises(NothingToStop):
        await stop(house, ben)
    assert await house.db.read(stopped_of, [house.last_turn().turn_id]) == []


async def test_with_nothing_under_way_what_waits_is_cancelled_and_counted(house: House) -> None:
    ana = await paying(house)
    for _ in range(3):
        await house.say(ana)
    await house.settle()
    await stop(house, ana)
    assert house.told("waiting_cancelled") == [{"n": 2}]
    assert [state for state, _ in await house.turns()] == ["settled", "settled", "declined", "declined"]
    assert await house.wallet(ana) == (985, 0)
    with pytest.raises(NothingToStop):
        await stop(house, ana)


async def test_an_answer_that_is_stopped_when_it_was_read_is_charged_as_cut(house: House) -> None:
    ana = await paying(house)
    await house.say(ana)
    never, stopped = asyncio.Event(), asyncio.get_running_loop().create_future()

    class Slow(ScriptedModel):
        async def reply(self, question):  # type: ignore[no-untyped-def]
            yield "half"
            stopped.set_result(None)
            await never.wait()

    await house.answer(Slow(), is_shown=True, stop=stopped)
    assert await house.value("SELECT is_cut FROM turn WHERE id = 2")
    assert house.told("answer")[-1]["cut"] == "stopped"
    assert await house.wallet(ana) == (985, 0)


async def test_an_answer_that_is_stopped_before_it_was_read_costs_nothing(house: House) -> None:
    ana = await paying(house)
    await house.say(ana)
    stopped: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    stopped.set_result(None)
    model = ScriptedModel()
    await house.answer(model, stop=stopped)
    assert model.questions == []
    assert house.told("released")[-1]["why"] == "stopped"
    assert "buttons" not in house.told("released")[-1]
    assert not house.happened("model_failed")
    assert await house.wallet(ana) == (995, 0)


async def test_a_stop_and_a_settle_at_once_leave_one_end(house: House) -> None:
    ana = await paying(house)
    for number in range(5):
        await house.say(ana)
        await asyncio.gather(house.settle(), stop(house, ana, number), return_exceptions=True)
    assert [state for state, _ in await house.turns()] == ["settled"] * 6
    assert await house.value("SELECT COUNT(*) FROM ticket") == 6


async def test_where_an_answer_grows_is_known_to_its_successor_and_to_what_ends_it(house: House) -> None:
    await paying(house)
    group = await house.group()
    await house.say(group)
    await show(house, house.last_turn(), 77)
    (taken,) = await take_over(house)
    assert taken.shown_id == 77
    await house.settle(taken)
    where = {"chat_id": taken.telegram_chat_id, "message_id": 77, "is_late": True}
    assert house.told("answer")[-1]["instead_of"] == where
    await house.say(group)
    await show(house, house.last_turn(), 78)
    (taken,) = await take_over(house)
    await house.release(taken)
    assert house.told("released")[-1]["instead_of"] == {**where, "message_id": 78}


async def test_t60_a_stale_worker_notes_no_message_and_no_button(house: House) -> None:
    await paying(house)
    await house.say(await house.group())
    stale = house.last_turn()
    (taken,) = await take_over(house)
    with pytest.raises(LeaseLost):
        await show(house, stale, 77)
    assert await house.value("SELECT COUNT(*) FROM turn WHERE shown_id IS NOT NULL") == 0
    assert await house.value("SELECT COUNT(*) FROM button WHERE action = 'stop'") == 0
    await house.settle(taken)


async def test_t18_t19_the_button_is_its_players_and_works_once(house: House) -> None:
    await paying(house)
    group, other = await house.group(), await house.group(player=2)
    await house.say(group)
    token = await show(house, house.last_turn(), 77)
    with pytest.raises(NotYours):
        await house.press(other, token)
    assert (await house.press(group, token)).action == "stop"
    with pytest.raises(UsedButton):
        await house.press(group, token)
    await house.settle()


async def test_the_button_of_an_answer_that_has_ended_stops_nothing(house: House) -> None:
    await paying(house)
    group = await house.group()
    await house.say(group)
    token = await show(house, house.last_turn(), 77)
    await house.settle()
    await house.say(group)
    with pytest.raises(NothingToStop):
        await house.press(group, token)
    assert await house.db.read(stopped_of, [house.last_turn().turn_id]) == []
    await house.settle()
