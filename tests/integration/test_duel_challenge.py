"""Challenges: played by who posted them and by the first who accepts, and by nobody else."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import Connection, insert

from db.models.duels import challenge
from db.models.transport import OutboxState
from services.duels.challenges import ChallengeOver, MetLately
from services.duels.sets import draw_set
from services.duels.start import OpenDuel
from services.people import Met
from services.rules import GameRules
from services.stamp import Stamp
from tests.duels import CATEGORY, Arena, both
from tests.house import House

TOKEN = "token"
HOUR = timedelta(hours=1)


@pytest_asyncio.fixture
async def arena(house: House) -> AsyncIterator[Arena]:
    yield await Arena.open(house)


def add_challenge(tx: Connection, who: Met, rules: GameRules, stamp: Stamp) -> None:
    """Store a challenge of a player in the chat of ``who``."""
    drawn = draw_set(tx, who.player_id, CATEGORY, "en", rules.duels, stamp, is_open=False)
    row = {"token": TOKEN, "set_id": drawn.id, "chat_id": who.chat_id, "player_id": who.player_id}
    tx.execute(insert(challenge).values(**row, created_at=stamp.now, expires_at=stamp.now + HOUR))


async def post(arena: Arena, who: Met) -> None:
    """Have a player challenge his group."""
    group = await arena.house.group(1, player=1)
    await arena.house.db.transact(add_challenge, group, arena.house.rules, arena.house.stamps.take())


async def test_two_play_a_challenge_and_the_group_hears_how_it_ended(arena: Arena) -> None:
    ana, ben = await arena.player(1), await arena.player(2)
    await post(arena, ana)
    first = await arena.play(ana, challenge=TOKEN)
    second = await arena.play(ben, challenge=TOKEN, right=2)
    assert (await arena.state(first), await arena.state(second)) == ("won", "lost")
    told = arena.house.told("duel_result")[0]
    assert (told["winner"]["name"], told["winner"]["right"], told["loser"]["right"]) == ("Ana", 5, 2)


async def test_who_accepts_may_play_first(arena: Arena) -> None:
    ana, ben = await arena.player(1), await arena.player(2)
    await post(arena, ana)
    second = await arena.play(ben, challenge=TOKEN, right=2)
    first = await arena.play(ana, challenge=TOKEN)
    assert (await arena.state(first), await arena.state(second)) == ("won", "lost")


async def test_a_challenge_is_for_two(arena: Arena) -> None:
    ana, ben, eva = [await arena.player(number) for number in (1, 2, 3)]
    await post(arena, ana)
    ended = await both(arena.start(ben, challenge=TOKEN), arena.start(eva, challenge=TOKEN))
    assert sorted(type(one).__name__ for one in ended) == ["ChallengeOver", "int"]
    other = await arena.begin(ana)  # nobody takes a challenge's seat without its token, and he has none here
    assert (await arena.row(other)).set_id != 1


async def test_t48_nobody_plays_a_challenge_with_himself(arena: Arena) -> None:
    ana = await arena.player(1)
    await post(arena, ana)
    await arena.play(ana, challenge=TOKEN)
    with pytest.raises(OpenDuel):
        await arena.start(ana, challenge=TOKEN)


async def test_a_challenge_expires(arena: Arena) -> None:
    ana, ben = await arena.player(1), await arena.player(2)
    await post(arena, ana)
    arena.house.clock.move(HOUR)
    for who, token in ((ana, TOKEN), (ben, TOKEN), (ben, "unknown")):
        with pytest.raises(ChallengeOver):
            await arena.start(who, challenge=token)


async def test_nobody_accepts_what_has_been_refunded_or_soon_is(arena: Arena) -> None:
    ana, ben = await arena.player(1), await arena.player(2)
    await post(arena, ana)
    await arena.play(ana, challenge=TOKEN)
    await arena.wait(timedelta(minutes=29))
    with pytest.raises(ChallengeOver):
        await arena.start(ben, challenge=TOKEN)
    await arena.wait(timedelta(minutes=2))
    with pytest.raises(ChallengeOver):
        await arena.start(ben, challenge=TOKEN)
    assert await arena.house.wallet(ben) == (1_000, 0)


async def test_the_same_two_can_not_meet_in_a_challenge_either(arena: Arena) -> None:
    ana, ben = await arena.player(1), await arena.player(2)
    await arena.play(ana, right=1)
    await arena.play(ben)
    await post(arena, ana)
    with pytest.raises(MetLately):
        await arena.start(ben, challenge=TOKEN)


async def test_a_rival_whose_duel_is_void_leaves_the_challenge_to_another(arena: Arena) -> None:
    ana, ben, eva = [await arena.player(number) for number in (1, 2, 3)]
    await post(arena, ana)
    first = await arena.play(ana, challenge=TOKEN)
    await arena.arrive(await arena.start(ben, challenge=TOKEN), OutboxState.FAILED)
    third = await arena.play(eva, challenge=TOKEN, right=1)
    assert (await arena.state(first), await arena.state(third)) == ("won", "lost")


async def test_a_challenge_is_played_once(arena: Arena) -> None:
    ana = await arena.player(1)
    await post(arena, ana)
    await arena.arrive(await arena.start(ana, challenge=TOKEN), OutboxState.FAILED)
    with pytest.raises(ChallengeOver):
        await arena.start(ana, challenge=TOKEN)
    assert await arena.house.wallet(ana) == (1_000, 0)


async def test_nobody_is_seated_at_a_challenge_by_chance(arena: Arena) -> None:
    ana, ben = await arena.player(1), await arena.player(2)
    await post(arena, ana)
    first = await arena.play(ana, challenge=TOKEN)
    second = await arena.play(ben)
    assert (await arena.row(first)).set_id != (await arena.row(second)).set_id
