"""Two processes on one Postgres database at the same duels: everything happens once."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest_asyncio

from db.models.transport import OutboxState
from db.session import open_database
from services.events import Outgoing
from tests.duels import Arena, both
from tests.house import open_house


@pytest_asyncio.fixture
async def arenas(postgres_books: str) -> AsyncIterator[tuple[Arena, Arena]]:
    """Give the same place twice, each with a process of its own."""
    async with open_house(postgres_books) as house:
        db = open_database(postgres_books)
        await db.open()
        other = replace(house, db=db, stamps=house.other_worker())
        yield await Arena.open(house), Arena(house=other)
        await db.close()


async def test_t48_two_replicas_settle_one_duel_once(arenas: tuple[Arena, Arena]) -> None:
    one, two = arenas
    for number in range(1, 11, 2):
        ana, ben = await one.player(number), await one.player(number + 1)
        first, second = await one.begin(ana), await one.begin(ben)
        for position in range(4):
            await one.answer(ana, first, position)
            await two.answer(ben, second, position, option=1)
        await both(one.answer(ana, first, 4), two.answer(ben, second, 4, option=1))
        assert (await one.state(first), await one.state(second)) == ("won", "lost")
        assert (await one.credits(ana), await one.credits(ben)) == (1_300, 500)
    assert await one.sum_of("house") == 5 * 200


async def test_t48_two_schedulers_refund_one_duel_once(arenas: tuple[Arena, Arena]) -> None:
    one, two = arenas
    ana = await one.player(1)
    await one.play(ana)
    one.house.clock.move(timedelta(minutes=31))
    await both(one.house.tick(), two.house.tick(two.house.stamps))
    assert await one.credits(ana) == 1_025


async def test_t48_two_starts_on_two_replicas_take_one_stake(arenas: tuple[Arena, Arena]) -> None:
    one, two = arenas
    for number in range(1, 6):
        who = await one.player(number)
        ended = await both(one.start(who), two.start(who))
        assert sorted(type(start).__name__ for start in ended) == ["OpenDuel", "int"]
        assert await one.house.wallet(who) == (1_000, 500)


async def test_two_replicas_do_not_give_one_seat_away_twice(arenas: tuple[Arena, Arena]) -> None:
    one, two = arenas
    for number in range(1, 16, 3):
        ana, ben, eva = [await one.player(number + more) for more in range(3)]
        first = await one.play(ana)
        second, third = await both(one.start(ben), two.start(eva))
        sets = [(await one.row(duel_id)).set_id for duel_id in (first, second, third)]
        assert len(set(sets)) == 2, sets
        for arena in arenas:  # what each has in hand fails
            sent = [event.facts.get("duel_id") for event in arena.house.events if isinstance(event, Outgoing)]
            for duel_id in {second, third}.intersection(sent):
                await arena.arrive(duel_id, OutboxState.FAILED)
        await one.wait(timedelta(minutes=31))


async def test_an_answer_that_two_replicas_handle_counts_once(arenas: tuple[Arena, Arena]) -> None:
    one, two = arenas
    ana = await one.player(1)
    duel_id = await one.begin(ana)
    for position in range(5):
        ended = await both(one.answer(ana, duel_id, position), two.answer(ana, duel_id, position, option=1))
        assert len([answer for answer in ended if isinstance(answer, Exception)]) == 1
    assert (await one.row(duel_id)).answered == 5
