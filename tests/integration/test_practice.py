"""The way into duels and practice: what is offered, and what stays secret while somebody may play it for a stake."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from services.buttons import ExpiredButton
from services.duels.inviting import ChallengeOpen, PostChallenge, Posted
from services.duels.lobby import Corner, ReadLobby
from services.duels.practice import AskPractice, JudgePractice, NothingToPractise, PracticeQuestion
from services.duels.start import TooYoung
from services.ledger import InsufficientFunds
from services.people import Met
from tests.duels import CATEGORY, Arena
from tests.house import House

HALF_AN_HOUR = timedelta(minutes=30)


@pytest_asyncio.fixture
async def arena(house: House) -> AsyncIterator[Arena]:
    """Give an arena in which any set holds all questions."""
    yield await Arena.open(house, count=5)


async def practise(arena: Arena, last_id: int | None = None, language: str = "en") -> PracticeQuestion:
    """Return a question without stake."""
    use = AskPractice(db=arena.house.db, stamps=arena.house.stamps)
    return await use(category=CATEGORY, language=language, last_id=last_id)


async def is_told(arena: Arena, asked: PracticeQuestion) -> bool:
    """Return whether anybody is told what is right."""
    use = JudgePractice(db=arena.house.db, stamps=arena.house.stamps)
    try:
        judged = await use(question_id=asked.question_id, order=asked.order, place=0, language="en")
    except ExpiredButton:
        return False
    assert judged.right == "right"
    assert judged.is_right is (asked.options[0] == "right")
    return True


async def challenge(arena: Arena, who: Met) -> Posted:
    """Have a player challenge a group."""
    house = arena.house
    group = await house.group(1, player=1)
    use = PostChallenge(db=house.db, stamps=house.stamps, rules=house.rules)
    where = {"chat_id": group.chat_id, "thread_id": 3, "message_id": 77}
    return await use(player_id=who.player_id, category=CATEGORY, **where)


async def test_another_question_follows_and_all_languages_but_ours_read_english(arena: Arena) -> None:
    asked = await practise(arena)
    assert sorted(asked.options) == ["right", "worse", "worst", "wrong"]
    for _ in range(20):
        assert (await practise(arena, asked.question_id)).question_id != asked.question_id
    assert (await practise(arena, language="de")).text.startswith(CATEGORY)


async def test_questions_of_an_open_duel_are_no_practice(arena: Arena) -> None:
    asked, ana = await practise(arena), await arena.player(1)
    duel_id = await arena.start(ana)
    for _ in range(2):
        assert not await is_told(arena, asked)
        with pytest.raises(NothingToPractise):
            await practise(arena)
        if await arena.state(duel_id) == "sending":
            await arena.arrive(duel_id)
            await arena.answer_all(ana, duel_id)
    await arena.wait(HALF_AN_HOUR)
    assert await arena.state(duel_id) == "refunded"
    assert await is_told(arena, asked)


async def test_questions_of_a_challenge_are_no_practice_until_it_expires(arena: Arena) -> None:
    asked = await practise(arena)
    posted = await challenge(arena, await arena.player(1))
    assert not await is_told(arena, asked)
    arena.house.clock.move(posted.expires_at - arena.house.clock.now())
    assert await is_told(arena, asked)


async def test_the_lobby_counts_who_plays(arena: Arena) -> None:
    read = ReadLobby(db=arena.house.db, rules=arena.house.rules.duels)
    for language in ("en", "es", "de"):
        assert await read(language=language) == (Corner(category=CATEGORY, players=0),)
    await arena.play(await arena.player(1))
    await arena.start(await arena.player(2))
    assert await read(language="en") == (Corner(category=CATEGORY, players=2),)


async def test_a_category_with_too_few_questions_is_not_offered(house: House) -> None:
    arena = await Arena.open(house, count=4)
    assert await ReadLobby(db=arena.house.db, rules=arena.house.rules.duels)(language="en") == ()


async def test_one_challenge_at_a_time_and_only_of_who_may_duel(arena: Arena) -> None:
    ana = await arena.player(1)
    await challenge(arena, ana)
    with pytest.raises(ChallengeOpen):
        await challenge(arena, ana)
    young = await arena.house.player(2)
    with pytest.raises(TooYoung):
        await challenge(arena, young)
    arena.rule(stake=1_001, bounty=1_500)
    with pytest.raises(InsufficientFunds):
        await challenge(arena, await arena.player(3))


async def test_an_expired_challenge_says_so_once_unless_it_was_accepted(arena: Arena) -> None:
    posted = await challenge(arena, await arena.player(1))
    await arena.wait(HALF_AN_HOUR)
    (told,) = arena.house.told("challenge_expired")
    assert (told["edit"], told["who"]["name"], told["category"]) == (77, "Ana", CATEGORY)
    ben = await arena.player(2)
    again = await challenge(arena, await arena.player(3))
    assert again.token != posted.token
    await arena.play(ben, challenge=again.token)
    await arena.wait(2 * HALF_AN_HOUR)
    assert len(arena.house.told("challenge_expired")) == 1
