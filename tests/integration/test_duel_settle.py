"""Settlement and refunds of duels: who gets what, to the credit, once."""

import random
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from tests.duels import Arena
from tests.house import House

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest_asyncio.fixture
async def arena(house: House) -> AsyncIterator[Arena]:
    yield await Arena.open(house)


async def pair(arena: Arena, *, first: tuple[int, float], second: tuple[int, float]) -> tuple[int, int]:
    """Have two players meet; each has so many right answers in so many seconds. Return both balances."""
    ana, ben = await arena.player(1), await arena.player(2)
    await arena.play(ana, right=first[0], seconds=first[1])
    await arena.play(ben, right=second[0], seconds=second[1])
    return await arena.credits(ana), await arena.credits(ben)


@pytest.mark.parametrize(
    ("first", "second", "left"),
    [
        ((5, 9.0), (4, 2.0), (1_300, 500)),
        ((2, 2.0), (3, 9.0), (500, 1_300)),
        ((3, 5.0), (3, 6.0), (1_300, 500)),
        ((3, 6.0), (3, 5.0), (500, 1_300)),
    ],
)
async def test_the_higher_score_wins_800_and_the_house_keeps_200(
    arena: Arena, first: tuple[int, float], second: tuple[int, float], left: tuple[int, int]
) -> None:
    assert await pair(arena, first=first, second=second) == left
    assert await arena.sum_of("house") == 200


async def test_both_are_told_with_their_receipts(arena: Arena) -> None:
    await pair(arena, first=(5, 9.0), second=(4, 2.0))
    won, lost = arena.house.told("duel_won")[0], arena.house.told("duel_lost")[0]
    entries = "SELECT id, cause FROM entry WHERE kind LIKE 'duel%' ORDER BY id"
    causes = {row.id: row.cause for row in await arena.house.rows(entries)}
    assert {causes[one["receipt"]] for one in (won, lost)} == {f"duel:{won['duel']}", f"duel:{lost['duel']}"}
    assert (won["right"], won["their_right"], won["time_ms"], won["their_time_ms"]) == (5, 4, 9_000, 2_000)
    assert (won["balance"], won["returned"], won["bounty"], won["rake"]) == (1_300, 800, 800, 200)
    assert (lost["balance"], lost["returned"], lost["other"]["name"]) == (500, 0, "P1")


async def test_t52_a_full_tie_gives_both_100_percent_back_without_bonus(arena: Arena) -> None:
    assert await pair(arena, first=(3, 5.0), second=(3, 5.0)) == (1_000, 1_000)
    assert (
        await arena.sum_of("house")
        == await arena.house.value("SELECT COUNT(*) FROM budget WHERE kind = 'duel_bonus'")
        == 0
    )
    assert {one["returned"] for one in arena.house.told("duel_tie")} == {500}


async def test_t52_nothing_right_on_both_sides_is_a_tie_whoever_was_faster(arena: Arena) -> None:
    assert await pair(arena, first=(0, 5.0), second=(0, 2.0)) == (1_000, 1_000)


async def test_without_an_opponent_105_percent_come_back_after_30_minutes(arena: Arena) -> None:
    ana = await arena.player(1)
    duel_id = await arena.play(ana)
    started = (await arena.row(duel_id)).started_at
    await arena.wait(started + 30 * MINUTE - arena.house.clock.now() - timedelta(seconds=1))
    assert await arena.state(duel_id) == "waiting"
    await arena.wait(timedelta(seconds=1))
    assert await arena.state(duel_id) == "refunded"
    assert await arena.credits(ana) == 1_025
    told = arena.house.told("duel_refunded")[0]
    assert (told["returned"], told["bonus"], told["balance"], told["why"]) == (525, 25, 1_025, None)
    assert not {"right", "score", "time_ms"} & told.keys()


async def test_t49_without_an_answer_there_is_no_bonus(arena: Arena) -> None:
    ana = await arena.player(1)
    duel_id = await arena.begin(ana)
    await arena.pass_time(19)
    await arena.wait(31 * MINUTE)
    assert await arena.state(duel_id) == "refunded"
    assert await arena.credits(ana) == 1_000
    told = arena.house.told("duel_refunded")[0]
    assert (told["why"], told["receipt"]) == ("unanswered", f"D{duel_id}")


async def test_t49_a_lone_account_gains_at_most_one_bonus_a_day(arena: Arena) -> None:
    ana = await arena.player(1)
    for _ in range(5):
        await arena.play(ana)
        await arena.wait(31 * MINUTE)
    assert await arena.credits(ana) == 1_025
    assert [one["why"] for one in arena.house.told("duel_refunded")] == [None, *["today"] * 4]
    await arena.wait(timedelta(days=1))
    await arena.play(ana)
    await arena.wait(31 * MINUTE)
    assert await arena.credits(ana) == 1_050


async def test_t49_bonuses_stay_within_the_days_budget(arena: Arena) -> None:
    arena.rule(bonus_budget=60)
    players = [await arena.player(number) for number in range(1, 4)]
    for who in players:
        await arena.play(who)
        await arena.wait(31 * MINUTE)
    assert [await arena.credits(who) for who in players] == [1_025, 1_025, 1_000]
    assert arena.house.told("duel_refunded")[2]["why"] == "budget"
    assert arena.house.happened("budget_spent") == [{"budget": "duel_bonus"}]


async def test_a_pair_is_settled_as_soon_as_both_results_are_there(arena: Arena) -> None:
    ana, ben = await arena.player(1), await arena.player(2)
    first, second = await arena.begin(ana), 0
    await arena.pass_time(1)
    second = await arena.begin(ben)
    await arena.answer_all(ben, second, right=2)
    assert await arena.state(second) == "waiting"
    assert arena.house.told("duel_waiting")[0]["is_paired"]
    await arena.answer_all(ana, first, right=1)
    assert (await arena.state(first), await arena.state(second)) == ("lost", "won")
    rows = await arena.row(first), await arena.row(second)
    assert (rows[0].opponent_id, rows[1].opponent_id) == (second, first)


async def test_who_waits_is_told_when_somebody_takes_the_other_seat(arena: Arena) -> None:
    ana, ben = await arena.player(1), await arena.player(2)
    first = await arena.play(ana)
    duel_id = await arena.start(ben)
    assert arena.house.told("duel_paired") == []
    await arena.arrive(duel_id)
    assert [one["duel"] for one in arena.house.told("duel_paired")] == [first]


async def test_an_opponent_who_comes_in_the_last_minute_is_still_paired(arena: Arena) -> None:
    ana, ben = await arena.player(1), await arena.player(2)
    first = await arena.play(ana)
    await arena.wait((await arena.row(first)).started_at + 28 * MINUTE - arena.house.clock.now())
    second = await arena.play(ben, right=1)
    await arena.wait(31 * MINUTE)
    assert (await arena.state(first), await arena.state(second)) == ("won", "lost")


async def test_a_refunded_duel_leaves_the_other_seat_to_somebody_else(arena: Arena) -> None:
    """The opponent began so late that the first one was refunded while he played: a slow delivery."""
    ana, ben, eva = [await arena.player(number) for number in (1, 2, 3)]
    first = await arena.play(ana)
    second = await arena.start(ben)
    await arena.wait(31 * MINUTE)
    assert await arena.state(first) == "refunded"
    await arena.arrive(second)
    await arena.answer_all(ben, second)
    third = await arena.play(eva, right=1)
    assert (await arena.state(second), await arena.state(third)) == ("won", "lost")


async def test_a_promised_bounty_is_paid_though_the_figures_changed(arena: Arena) -> None:
    ana, ben = await arena.player(1), await arena.player(2)
    first = await arena.play(ana)
    second = await arena.begin(ben)
    arena.rule(stake=100, bounty=100)
    await arena.answer_all(ben, second, right=1)
    assert (await arena.credits(ana), await arena.credits(ben)) == (1_300, 500)
    assert (await arena.row(first)).returned == 800


async def test_t49_two_equal_bots_that_play_each_other_for_a_day_lose_money(arena: Arena) -> None:
    arena.rule(stake=50, bounty=80)
    ana, ben = await arena.player(1), await arena.player(2)
    chance = random.Random(1)
    for _ in range(11):  # they can't meet more often in a day
        for who in (ana, ben):
            await arena.play(who, right=chance.randint(2, 4), seconds=chance.choice((4.0, 6.0)))
        for who in (ana, ben):  # and meanwhile each tries to be refunded with the bonus
            await arena.play(who)
            await arena.wait(31 * MINUTE)
        await arena.wait(2 * HOUR - 62 * MINUTE)
    outcomes = Counter(row.outcome for row in await arena.house.rows("SELECT outcome FROM duel"))
    assert (outcomes["won"] >= 7, outcomes["tie"] <= 8) == (True, True)
    bonuses = -await arena.sum_of("promo") - 2_000
    assert bonuses <= 2 * 2 * (50 * 5 // 100)  # one each for the two days that it touches
    left = await arena.credits(ana) + await arena.credits(ben)
    assert left == 2_000 + bonuses - 20 * outcomes["won"] < 2_000
