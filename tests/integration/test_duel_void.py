"""Void duels: sending in doubt, a bot that was down, bad questions. Nobody loses by them."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from db.models.transport import OutboxState
from services.duels.doubt import refund_doubtful
from services.heartbeat import beat, end_beat
from tests.duels import Arena
from tests.house import House

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


@pytest_asyncio.fixture
async def arena(house: House) -> AsyncIterator[Arena]:
    yield await Arena.open(house)


async def beat_once(arena: Arena) -> None:
    """Let the process give a sign."""
    await arena.house.db.transact(beat, arena.house.rules.duels, arena.house.stamps.take())


@pytest.mark.parametrize("state", [OutboxState.FAILED, OutboxState.EXPIRED])
async def test_a_first_question_of_which_nobody_knows_makes_the_duel_void(
    arena: Arena, state: OutboxState
) -> None:
    ana = await arena.player(1)
    duel_id = await arena.start(ana)
    await arena.arrive(duel_id, state)
    assert await arena.state(duel_id) == "void"
    assert await arena.credits(ana) == 1_000
    told = arena.house.told("duel_void")[0]
    assert (told["why"], told["returned"], told["receipt"]) == ("not_sent", 500, f"D{duel_id}")
    assert await arena.begin(ana) > duel_id  # the way is free for another


async def test_a_mark_that_comes_twice_begins_once(arena: Arena) -> None:
    ana = await arena.player(1)
    duel_id = await arena.begin(ana)
    started = (await arena.row(duel_id)).started_at
    await arena.pass_time(2)
    await arena.arrive(duel_id)
    await arena.arrive(duel_id, OutboxState.FAILED)
    row = await arena.row(duel_id)
    assert (row.state, row.started_at) == ("playing", started)


async def test_the_seat_of_a_void_duel_is_somebody_elses(arena: Arena) -> None:
    ana, ben, eva = [await arena.player(number) for number in (1, 2, 3)]
    first = await arena.play(ana)
    second = await arena.start(ben)
    await arena.arrive(second, OutboxState.FAILED)
    assert await arena.state(first) == "waiting"
    third = await arena.play(eva, right=1)
    assert (await arena.state(first), await arena.state(third)) == ("won", "lost")


async def test_t51_a_bot_that_was_down_for_more_than_a_second_makes_it_void(arena: Arena) -> None:
    ana = await arena.player(1)
    duel_id = await arena.begin(ana)
    await arena.pass_time(5)
    arena.house.clock.move(SECOND + timedelta(milliseconds=1))
    await beat_once(arena)
    await arena.answer_all(ana, duel_id)
    assert await arena.state(duel_id) == "void"
    assert await arena.credits(ana) == 1_000
    assert arena.house.told("duel_void")[0]["why"] == "down"


async def test_t51_a_second_is_not_too_long(arena: Arena) -> None:
    ana = await arena.player(1)
    duel_id = await arena.begin(ana)
    await arena.pass_time(5)
    arena.house.clock.move(SECOND)
    await beat_once(arena)
    await arena.answer_all(ana, duel_id)
    assert await arena.state(duel_id) == "waiting"


async def test_t51_a_process_that_never_came_back_makes_it_void(arena: Arena) -> None:
    ana = await arena.player(1)
    duel_id = await arena.begin(ana)
    await arena.pass_time(5)
    arena.house.clock.move(20 * SECOND)
    await arena.house.tick(arena.house.other_worker())  # another one ends it
    assert await arena.state(duel_id) == "void"


async def test_t51_a_process_that_stopped_in_order_within_the_time_makes_it_void(arena: Arena) -> None:
    ana = await arena.player(1)
    duel_id = await arena.begin(ana)
    await arena.pass_time(5)
    await arena.house.db.transact(end_beat, arena.house.stamps.take())
    arena.house.clock.move(20 * SECOND)
    await arena.house.tick(arena.house.other_worker())
    assert await arena.state(duel_id) == "void"


async def test_t51_both_have_their_stakes_back_in_full(arena: Arena) -> None:
    ana, ben = await arena.player(1), await arena.player(2)
    first = await arena.play(ana)
    second = await arena.begin(ben)
    arena.house.clock.move(20 * SECOND)
    await beat_once(arena)
    await arena.house.tick()
    assert (await arena.state(first), await arena.state(second)) == ("void", "void")
    assert (await arena.credits(ana), await arena.credits(ben)) == (1_000, 1_000)
    assert await arena.sum_of("house") == 0
    assert await arena.sum_of("promo") == -2_000  # the welcomes alone


async def test_a_silence_after_the_15_seconds_or_the_last_answer_does_no_harm(arena: Arena) -> None:
    ana, ben = await arena.player(1), await arena.player(2)
    first, second = await arena.begin(ana), await arena.begin(ben)
    await arena.answer_all(ana, first)
    await arena.pass_time(10)
    arena.house.clock.move(MINUTE)
    await beat_once(arena)
    await arena.house.tick()
    assert (await arena.state(first), await arena.state(second)) == ("won", "lost")


async def test_only_the_part_of_a_silence_within_the_15_seconds_counts(arena: Arena) -> None:
    ana, ben = await arena.player(1), await arena.player(2)
    await beat_once(arena)
    arena.house.clock.move(MINUTE)
    first = await arena.begin(ana)
    arena.house.clock.move(SECOND)  # the silence of a minute ends a second after the start
    await beat_once(arena)
    await arena.pass_time(13.0)
    arena.house.clock.move(MINUTE)  # and begins a second before the end
    await beat_once(arena)
    await arena.house.tick()
    assert await arena.state(first) == "waiting"
    second = await arena.begin(ben)
    arena.house.clock.move(SECOND * 1.1)
    await beat_once(arena)
    await arena.answer_all(ben, second)
    assert await arena.state(second) == "void"


async def test_a_mark_that_was_written_down_late_makes_it_void(arena: Arena) -> None:
    ana = await arena.player(1)
    duel_id = await arena.start(ana)
    arrived = arena.house.clock.now()
    arena.house.clock.move(3 * SECOND)
    await arena.arrive(duel_id, at=arrived)
    await arena.answer_all(ana, duel_id)
    assert await arena.state(duel_id) == "void"


async def test_another_process_silence_does_no_harm(arena: Arena) -> None:
    ana = await arena.player(1)
    other = arena.house.other_worker()
    await arena.house.db.transact(beat, arena.house.rules.duels, other.take())
    duel_id = await arena.begin(ana)
    await arena.pass_time(10)
    await arena.house.db.transact(beat, arena.house.rules.duels, other.take())
    await arena.answer_all(ana, duel_id, seconds=3)
    assert await arena.state(duel_id) == "waiting"


async def withdraw(arena: Arena, duel_id: int) -> None:
    """Find a question of a duel bad, as packs do it."""
    set_id = (await arena.row(duel_id)).set_id
    content = await arena.house.value("SELECT content FROM question_set WHERE id = :id", id=set_id)
    question_id = int(content.strip(",").split(",")[0])
    stamp = arena.house.stamps.take()
    await arena.house.db.transact(refund_doubtful, question_id, arena.house.rules, stamp)
    await arena.house.tick()


async def test_who_lost_by_a_bad_question_has_his_stake_back_and_the_winner_keeps_his(arena: Arena) -> None:
    ana, ben = await arena.player(1), await arena.player(2)
    first = await arena.play(ana)
    second = await arena.play(ben, right=1)
    arena.house.clock.move(timedelta(hours=23))
    await withdraw(arena, first)
    assert (await arena.credits(ana), await arena.credits(ben)) == (1_300, 1_000)
    assert await arena.sum_of("house") == -300
    row = await arena.row(second)
    assert (row.returned, row.outcome) == (500, "lost")
    told = arena.house.told("duel_back")[0]
    assert (told["returned"], told["balance"], told["receipt"]) == (500, 1_000, row.back_entry_id)
    await withdraw(arena, first)
    assert await arena.credits(ben) == 1_000


async def test_a_duel_of_the_day_before_stays_as_it_is(arena: Arena) -> None:
    ana, ben = await arena.player(1), await arena.player(2)
    first = await arena.play(ana)
    await arena.play(ben, right=1)
    arena.house.clock.move(timedelta(hours=24, seconds=1))
    await withdraw(arena, first)
    assert await arena.credits(ben) == 500


async def test_open_duels_with_a_bad_question_are_void(arena: Arena) -> None:
    ana, ben, eva = [await arena.player(number) for number in (1, 2, 3)]
    first = await arena.play(ana)
    second = await arena.start(ben)
    await withdraw(arena, first)
    assert (await arena.state(first), await arena.state(second)) == ("void", "sending")
    third = await arena.play(eva)
    assert (await arena.row(third)).set_id != (await arena.row(second)).set_id  # nobody joins it any more
    await arena.arrive(second)
    await arena.pass_time(1)
    await arena.house.tick()
    assert await arena.state(second) == "void"
    assert (await arena.credits(ana), await arena.credits(ben)) == (1_000, 1_000)


async def test_a_question_is_not_mistaken_for_another_with_a_longer_number(arena: Arena) -> None:
    ana = await arena.player(1)
    first = await arena.play(ana)
    await arena.house.write("UPDATE question_set SET content = ',10,11,12,13,14,'")
    stamp = arena.house.stamps.take()
    await arena.house.db.transact(refund_doubtful, 1, arena.house.rules, stamp)
    await arena.house.tick()
    assert await arena.state(first) == "waiting"
