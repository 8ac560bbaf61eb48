"""The start of a duel: who may stake, which set he gets, and that one press takes one stake."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select

from db.models.duels import duel, question_set
from services.breaks import OnBreak, take_break
from services.buttons import ExpiredButton, UsedButton
from services.debts import InDebt
from services.duels.draw import commitment, draw
from services.duels.sets import NoNewQuestions
from services.duels.start import DuelsOff, OpenDuel, TooYoung
from services.freezing import PlayerFrozen
from services.ledger import InsufficientFunds
from services.limits import DayLimitReached
from tests.duels import OPTIONS, Arena, both
from tests.house import House

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest_asyncio.fixture
async def arena(house: House) -> AsyncIterator[Arena]:
    yield await Arena.open(house)


async def test_a_start_holds_500_and_sends_the_first_question(arena: Arena) -> None:
    ana = await arena.player(1)
    duel_id = await arena.start(ana)
    assert await arena.house.wallet(ana) == (1_000, 500)
    question: Mapping[str, Any] = arena.question(duel_id).facts
    assert (question["position"], question["total"], question["seconds"]) == (0, 5, 15)
    assert set(question["options"]) == set(OPTIONS)
    assert await arena.state(duel_id) == "sending"


async def test_the_set_is_what_its_seed_draws_and_its_commitment_is_shown_at_first(arena: Arena) -> None:
    ana = await arena.player(1)
    duel_id = await arena.start(ana)
    sets = await arena.house.db.read(lambda tx: tx.execute(select(question_set)).all())
    pool = (await arena.house.rows("SELECT digest FROM question_pool WHERE language = 'en'"))[0]
    drawn = draw(sets[0].seed, pool_size=12, questions=5)
    assert [list(order) for order in drawn.orders] == sets[0].orders
    assert [place + 1 for place in drawn.questions] == sets[0].question_ids
    assert arena.question(duel_id).facts["commitment"] == commitment(pool.digest, sets[0].seed).hex()
    assert sets[0].languages == ["en", "es"]


async def test_t48_a_second_start_is_refused(arena: Arena) -> None:
    ana = await arena.player(1)
    await arena.start(ana)
    with pytest.raises(OpenDuel):
        await arena.start(ana)
    assert await arena.house.wallet(ana) == (1_000, 500)


async def test_t48_two_starts_at_once_take_one_stake(arena: Arena) -> None:
    ana = await arena.player(1)
    ended = await both(arena.start(ana), arena.start(ana))
    assert sorted(type(one).__name__ for one in ended) == ["OpenDuel", "int"]
    assert await arena.house.wallet(ana) == (1_000, 500)


async def test_one_press_of_the_stakes_button_takes_one_stake(arena: Arena) -> None:
    ana = await arena.player(1)
    facts = {"category": "science", "stake": 500, "bounty": 800}
    tokens = await arena.house.offer(ana, {"duel": facts, "duel_keep": {}})
    done = await arena.house.press(ana, tokens["duel"])
    assert done.action == "duel"
    with pytest.raises(UsedButton):
        await arena.house.press(ana, tokens["duel"])
    assert await arena.house.wallet(ana) == (1_000, 500)


async def test_a_button_that_says_other_figures_does_nothing(arena: Arena) -> None:
    ana = await arena.player(1)
    facts = {"category": "science", "stake": 100, "bounty": 800}
    tokens = await arena.house.offer(ana, {"duel": facts})
    with pytest.raises(ExpiredButton):
        await arena.house.press(ana, tokens["duel"])
    assert await arena.house.wallet(ana) == (1_000, 0)


async def test_an_account_must_be_24_hours_old(arena: Arena) -> None:
    ana = await arena.house.player(1)
    with pytest.raises(TooYoung) as told:
        await arena.start(ana)
    assert told.value.wait == timedelta(hours=24)
    arena.house.clock.move(timedelta(hours=24))
    await arena.start(ana)


async def test_duels_can_be_switched_off(arena: Arena) -> None:
    ana = await arena.player(1)
    arena.rule(enabled=False)
    with pytest.raises(DuelsOff):
        await arena.start(ana)


async def test_no_duel_on_a_break(arena: Arena) -> None:
    ana = await arena.player(1)
    await arena.house.db.transact(take_break, ana.player_id, 1, arena.house.stamps.take())
    with pytest.raises(OnBreak):
        await arena.start(ana)


async def test_no_duel_with_a_debt_or_while_frozen(arena: Arena) -> None:
    ana, ben = await arena.player(1), await arena.player(2)
    await arena.house.write("UPDATE player SET frozen_at = created_at WHERE id = :id", id=ben.player_id)
    with pytest.raises(PlayerFrozen):
        await arena.start(ben)
    await arena.house.write("UPDATE player SET debt_credits = 5 WHERE id = :id", id=ana.player_id)
    with pytest.raises(InDebt):
        await arena.start(ana)
    await arena.house.write("UPDATE player SET debt_credits = 0 WHERE id = :id", id=ana.player_id)


async def test_no_duel_without_500_credits(arena: Arena) -> None:
    ana = await arena.player(1)
    await arena.house.gift(ana, 501)
    with pytest.raises(InsufficientFunds):
        await arena.start(ana)


async def test_a_stake_counts_to_the_days_limit_while_it_is_held_and_when_it_is_lost(arena: Arena) -> None:
    ana, ben = await arena.player(1), await arena.player(2)
    await arena.house.write("UPDATE player SET day_cap_credits = 700 WHERE id = :id", id=ana.player_id)
    await arena.play(ana, right=1)
    await arena.play(ben, right=2)
    assert await arena.credits(ana) == 500
    assert await arena.house.value("SELECT spent_today FROM player WHERE id = :id", id=ana.player_id) == 500
    with pytest.raises(DayLimitReached):
        await arena.start(ana)
    arena.house.clock.move(timedelta(days=1))
    await arena.start(ana)


async def test_a_duel_is_played_in_private_only(arena: Arena) -> None:
    ana = await arena.player(1)
    group = await arena.house.group(1, player=1)
    with pytest.raises(ExpiredButton):
        await arena.start(replace(ana, chat_id=group.chat_id))


async def set_of(arena: Arena, duel_id: int) -> int:
    """Return the set of a duel."""
    return int((await arena.row(duel_id)).set_id)


async def test_a_set_with_somebody_waiting_is_offered_first(arena: Arena) -> None:
    ana, ben, eva = [await arena.player(number) for number in (1, 2, 3)]
    first = await arena.play(ana)
    second = await arena.start(ben)
    third = await arena.start(eva)
    assert await set_of(arena, first) == await set_of(arena, second) != await set_of(arena, third)


async def test_both_get_the_same_questions_in_the_same_order_of_options(arena: Arena) -> None:
    ana, ben = await arena.player(1), await arena.player(2)
    first, second = await arena.begin(ana), await arena.begin(ben)
    for name in ("text", "options", "commitment"):
        assert arena.question(first).facts[name] == arena.question(second).facts[name]


async def test_a_player_never_gets_a_set_twice(house: House) -> None:
    arena = await Arena.open(house, count=6)
    arena.rule(stake=1, bounty=2)
    ana = await arena.player(1)
    for _ in range(6):  # five of six questions: six sets
        await arena.play(ana)
        await arena.wait(31 * MINUTE)
    contents = select(question_set.c.content).join(duel)
    played = await house.db.read(lambda tx: tx.scalars(contents).all())
    assert len(set(played)) == 6
    with pytest.raises(NoNewQuestions):
        await arena.start(ana)


async def test_nobody_joins_a_set_that_he_has_had(house: House) -> None:
    arena = await Arena.open(house, count=5)
    ana, ben = await arena.player(1), await arena.player(2)
    await arena.play(ana)
    await arena.wait(31 * MINUTE)
    await arena.play(ben)
    with pytest.raises(NoNewQuestions):
        await arena.start(ana)


async def test_the_same_two_do_not_meet_twice_within_two_hours(arena: Arena) -> None:
    arena.rule(stake=10, bounty=16)
    ana, ben = await arena.player(1), await arena.player(2)
    await arena.play(ana)
    await arena.play(ben, right=1)
    await arena.play(ana)
    second = await arena.play(ben)
    assert await arena.state(second) == "waiting"
    await arena.wait(2 * HOUR)
    third = await arena.play(ana)
    fourth = await arena.play(ben, right=1)
    assert (await arena.state(third), await arena.state(fourth)) == ("won", "lost")


async def test_nobody_joins_who_could_not_finish_in_the_others_30_minutes(arena: Arena) -> None:
    ana, ben, eva = [await arena.player(number) for number in (1, 2, 3)]
    first = await arena.play(ana)
    started = (await arena.row(first)).started_at
    latest = started + arena.house.rules.duels.room_within
    arena.house.clock.move(latest - arena.house.clock.now() + timedelta(seconds=1))
    assert await set_of(arena, await arena.start(ben)) != await set_of(arena, first)
    arena.house.clock.move(-timedelta(seconds=1))
    assert await set_of(arena, await arena.start(eva)) == await set_of(arena, first)


async def test_nobody_joins_a_duel_that_has_not_begun(arena: Arena) -> None:
    ana, ben = await arena.player(1), await arena.player(2)
    first, second = await arena.start(ana), await arena.start(ben)
    assert await set_of(arena, first) != await set_of(arena, second)


async def test_two_who_come_at_once_do_not_take_one_seat(arena: Arena) -> None:
    ana, ben, eva = [await arena.player(number) for number in (1, 2, 3)]
    first = await arena.play(ana)
    second, third = await both(arena.start(ben), arena.start(eva))
    sets = [await set_of(arena, one) for one in (first, second, third)]
    assert len(set(sets)) == 2
    assert sets[1] != sets[2]


async def test_a_set_is_for_those_who_read_its_languages(house: House) -> None:
    arena = await Arena.open(house, languages=("en",))
    ana, ben = await arena.player(1), await arena.player(2)
    await house.write("UPDATE player SET language = 'es' WHERE id = :id", id=ben.player_id)
    first, second = await arena.begin(ana), await arena.begin(ben)
    assert await set_of(arena, first) != await set_of(arena, second)
    assert (await arena.row(second)).language == "en"  # there are no words in his language


async def test_two_languages_meet_in_one_set(arena: Arena) -> None:
    ana, ben = await arena.player(1), await arena.player(2)
    await arena.house.write("UPDATE player SET language = 'es' WHERE id = :id", id=ben.player_id)
    first, second = await arena.begin(ana), await arena.begin(ben)
    assert await set_of(arena, first) == await set_of(arena, second)
    assert [(await arena.row(one)).language for one in (first, second)] == ["en", "es"]
