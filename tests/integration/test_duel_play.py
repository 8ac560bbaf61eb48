"""The play of a duel: whose answers count, until when, and that nobody learns what was right."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from db.models.transport import OutboxState
from services.buttons import ExpiredButton, NotYours
from services.duels.answer import AnsweredBefore, DuelNotBegun, DuelOver
from services.duels.shown import next_question
from services.events import DuelAnswered, DuelBegan, DuelEnded
from services.inbox import RawUpdate, finish_updates, store_updates
from tests.duels import Arena
from tests.house import House

SECOND = timedelta(seconds=1)
MOMENT = timedelta(milliseconds=1)
WINDOW = 18 * SECOND
"""15 seconds for all five, and 3 of grace."""


@pytest_asyncio.fixture
async def arena(house: House) -> AsyncIterator[Arena]:
    yield await Arena.open(house)


async def test_the_time_runs_from_telegrams_success_on_the_first_question(arena: Arena) -> None:
    ana = await arena.player(1)
    duel_id = await arena.start(ana)
    arena.house.clock.move(20 * SECOND)
    arrived = arena.house.clock.now()
    arena.house.clock.move(SECOND / 2)  # until it is written down
    await arena.arrive(duel_id, at=arrived)
    began = [one for one in arena.house.events if isinstance(one, DuelBegan)][-1]
    assert (began.started_at, began.ends_at) == (arrived, arrived + 15 * SECOND)
    assert (await arena.row(duel_id)).started_at == arrived


async def test_five_answers_end_the_play(arena: Arena) -> None:
    ana = await arena.player(1)
    duel_id = await arena.begin(ana)
    for position in range(4):
        answered = await arena.answer(ana, duel_id, position)
        assert answered.next is not None
        assert (answered.next.position, answered.answered) == (position + 1, position + 1)
    assert (await arena.answer(ana, duel_id, 4)).next is None
    assert await arena.state(duel_id) == "waiting"
    ends = [one for one in arena.house.events if isinstance(one, DuelAnswered | DuelEnded)]
    assert ends[-2:] == [DuelAnswered(duel_id, 4), DuelEnded(duel_id)]


async def test_the_score_counts_right_answers_and_the_time_to_the_last_one(arena: Arena) -> None:
    ana = await arena.player(1)
    duel_id = await arena.play(ana, right=3, seconds=7)
    row = await arena.row(duel_id)
    assert (row.score, row.time_ms, row.answered) == (3, 7_000, 5)
    times = await arena.house.rows("SELECT at_ms, option FROM duel_answer ORDER BY position")
    assert [tuple(one) for one in times] == [(1_400, 0), (2_800, 0), (4_200, 0), (5_600, 1), (7_000, 1)]


async def test_t50_the_grace_is_three_seconds_and_not_a_moment_more(arena: Arena) -> None:
    ana = await arena.player(1)
    duel_id = await arena.begin(ana)
    await arena.answer(ana, duel_id, 0, late=WINDOW)
    with pytest.raises(DuelOver):
        await arena.answer(ana, duel_id, 1, late=WINDOW + MOMENT)
    row = await arena.row(duel_id)
    assert (row.answered, row.score, row.time_ms) == (1, 1, 18_000)


async def test_an_answer_is_judged_by_when_it_reached_the_bot(arena: Arena) -> None:
    ana = await arena.player(1)
    duel_id = await arena.begin(ana)
    await arena.pass_time(60)
    await arena.answer(ana, duel_id, 0, late=-45 * SECOND)
    assert (await arena.row(duel_id)).time_ms == 15_000


async def test_t50_the_first_answer_to_a_question_counts(arena: Arena) -> None:
    ana = await arena.player(1)
    duel_id = await arena.begin(ana)
    await arena.answer(ana, duel_id, 0, option=1)
    with pytest.raises(AnsweredBefore):
        await arena.answer(ana, duel_id, 0)
    assert (await arena.row(duel_id)).score == 0


async def test_t50_a_foreign_answer_changes_nothing(arena: Arena) -> None:
    ana, ben = await arena.player(1), await arena.player(2)
    duel_id = await arena.begin(ana)
    with pytest.raises(NotYours):
        await arena.answer(ben, duel_id, 0, option=1)
    assert (await arena.row(duel_id)).answered == 0


@pytest.mark.parametrize(("position", "place"), [(1, 0), (5, 0), (-1, 0), (0, 4), (0, -1), (10**18, 0)])
async def test_t50_a_question_or_option_that_is_not_shown_is_refused(
    arena: Arena, position: int, place: int
) -> None:
    ana = await arena.player(1)
    duel_id = await arena.begin(ana)
    with pytest.raises(ExpiredButton):
        await arena.press(ana, duel_id, position, place)
    assert (await arena.row(duel_id)).answered == 0


async def test_t50_an_answer_to_no_duel_is_refused(arena: Arena) -> None:
    ana = await arena.player(1)
    with pytest.raises(ExpiredButton):
        await arena.press(ana, 999, 0, 0)


async def test_t50_an_answer_after_the_end_is_refused(arena: Arena) -> None:
    ana = await arena.player(1)
    duel_id = await arena.play(ana)
    with pytest.raises(DuelOver):
        await arena.answer(ana, duel_id, 4)


async def test_an_answer_that_is_quicker_than_the_mark_comes_again(arena: Arena) -> None:
    ana = await arena.player(1)
    duel_id = await arena.start(ana)
    with pytest.raises(DuelNotBegun):
        await arena.answer(ana, duel_id, 0)
    arrived = arena.house.clock.now()
    await arena.arrive(duel_id)
    await arena.press(ana, duel_id, 0, 0, late=arrived - arena.house.clock.now() - MOMENT)
    assert (await arena.row(duel_id)).time_ms == 0


async def test_the_time_ends_the_play_with_what_was_answered(arena: Arena) -> None:
    ana = await arena.player(1)
    duel_id = await arena.begin(ana)
    await arena.answer(ana, duel_id, 0)
    await arena.pass_time(18)
    await arena.house.tick()
    assert await arena.state(duel_id) == "playing"  # a press may still be on its way into the inbox
    await arena.wait(SECOND / 2)
    row = await arena.row(duel_id)
    assert (row.state, row.answered, row.score) == ("waiting", 1, 1)
    assert row.finished_at == row.started_at + WINDOW


async def store_press(arena: Arena, update_id: int, telegram_id: int) -> list[Any]:
    """Store a press of a user that nobody handles yet."""
    update = RawUpdate(update_id, f"u{telegram_id}", b"{}")
    return await arena.house.db.transact(store_updates, [update], arena.house.stamps.take())


async def test_the_end_waits_for_presses_that_came_in_time(arena: Arena) -> None:
    ana = await arena.player(1)
    duel_id = await arena.begin(ana)
    await arena.pass_time(18)
    stored = await store_press(arena, 1, 1)
    arrived = arena.house.clock.now()
    for _ in range(3):
        await arena.wait(SECOND)
        assert await arena.state(duel_id) == "playing"
    await arena.answer(ana, duel_id, 0, late=arrived - arena.house.clock.now())
    await arena.house.db.transact(finish_updates, stored, arena.house.stamps.take())
    await arena.wait(SECOND)
    assert await arena.state(duel_id) == "waiting"
    assert (await arena.row(duel_id)).score == 1


async def test_the_end_waits_for_no_press_that_came_late_or_is_another_players(arena: Arena) -> None:
    ana = await arena.player(1)
    duel_id = await arena.begin(ana)
    await store_press(arena, 1, 2)
    await arena.pass_time(18.1)
    await store_press(arena, 2, 1)
    await arena.wait(SECOND)
    assert await arena.state(duel_id) == "waiting"


async def test_t28_who_blocks_the_bot_plays_on_to_the_deadline(arena: Arena) -> None:
    ana, ben = await arena.player(1), await arena.player(2)
    await arena.play(ana, right=1)
    duel_id = await arena.begin(ben)
    await arena.house.write("UPDATE chat SET reach = 'blocked' WHERE id = :id", id=ben.chat_id)
    await arena.pass_time(18)
    await arena.wait(SECOND)
    assert await arena.state(duel_id) == "lost"
    assert await arena.credits(ben) == 500


async def test_what_is_shown_next_follows_the_answers(arena: Arena) -> None:
    ana = await arena.player(1)
    duel_id = await arena.start(ana)
    assert await arena.house.db.read(next_question, duel_id) is None
    await arena.arrive(duel_id)
    for position in range(5):
        shown = await arena.house.db.read(next_question, duel_id)
        assert shown is not None
        assert shown.position == position
        await arena.answer(ana, duel_id, position)
    assert await arena.house.db.read(next_question, duel_id) is None


async def test_nobody_learns_what_was_right_before_the_duel_is_settled(arena: Arena) -> None:
    """What is told is the same whether all is right or all is wrong."""
    ana, ben = await arena.player(1), await arena.player(2)
    arena.rule(again_after=timedelta(0))
    told = []
    for who, option in ((ana, 0), (ben, 3)):
        duel_id = await arena.begin(who)
        answers = [await arena.answer(who, duel_id, position, option=option) for position in range(4)]
        assert all("right_option" not in repr(one) and "is_right" not in repr(one) for one in answers)
        told.append([(one.answered, one.total) for one in answers])
        if who is ana:
            await arena.answer(who, duel_id, 4, option=option)
    assert told[0] == told[1]
    waiting = arena.house.told("duel_waiting")[0]
    assert not {"right", "score", "time_ms", "returned"} & waiting.keys()


async def test_a_first_question_that_was_refused_begins_nothing(arena: Arena) -> None:
    ana = await arena.player(1)
    duel_id = await arena.start(ana)
    await arena.arrive(duel_id, OutboxState.EXPIRED)
    assert await arena.state(duel_id) == "void"
    with pytest.raises(DuelOver):
        await arena.answer(ana, duel_id, 0)
