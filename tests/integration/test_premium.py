"""Premium: what it gives, to its date and no longer, and what is said before its end and after it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import pytest_asyncio

from services.forget import ACTIONS, StillSubscribed
from services.leases import claim_turns
from services.people import Met
from services.pricing import PriceRule
from services.rules import GameRules, ModelRules, PurchaseRules, TalkRules
from services.usage import ReadUsage
from tests.buying import checkout, order, pay
from tests.house import House, ScriptedModel, open_house

DAY = timedelta(days=1)
PERIOD = 30 * DAY
GIVES = PurchaseRules(enabled=True, premium_free_per_day=4, premium_history_turns=2, premium_history_chars=40)
TALK = TalkRules(free_per_day=1, history_turns=1, history_chars=20)
RULES = GameRules(price=PriceRule(), talk=TALK, purchases=GIVES)


@pytest_asyncio.fixture
async def house(books_url: str) -> AsyncIterator[House]:
    """Give a house that sells Premium."""
    async with open_house(books_url, RULES) as opened:
        yield opened


async def subscribe(house: House, who: Met, charge: str = "c1") -> datetime:
    """Have a player pay for Premium; return its end."""
    await pay(house, checkout(await order(house, who, None)), charge)
    return house.clock.now() + PERIOD


async def cancel(house: House, who: Met) -> None:
    """Have a player's Premium not renew."""
    await house.write("UPDATE player SET premium_canceled = TRUE WHERE id = :id", id=who.player_id)


async def forget(house: House, who: Met) -> None:
    """Have a player forgotten by his button."""
    tokens = await house.offer(who, {action: {} for action in ACTIONS})
    await house.press(who, tokens["forget"])


async def free_today(house: House, who: Met) -> int:
    """Return how many free messages a player still gets answered today."""
    answered = 0
    while True:
        await house.say(who, always_paid=False)
        if (await house.turns())[-1][0] != "reserved":
            return answered
        await house.settle()
        answered += 1


async def test_premium_gives_more_free_messages_a_day_until_its_date(house: House) -> None:
    ana = await house.player()
    assert await free_today(house, ana) == 1
    until = await subscribe(house, ana)
    assert await free_today(house, ana) == 3
    house.clock.move(DAY)
    assert await free_today(house, ana) == 4
    house.clock.move(until - house.clock.now() - timedelta(seconds=1))
    await house.say(ana, always_paid=False)
    assert (await house.settle())["free_left"] == 3
    house.clock.move(timedelta(seconds=1))
    assert await free_today(house, ana) == 0


async def test_premium_is_his_alone_who_paid_for_it(house: House) -> None:
    ana, ben = await house.player(), await house.player(2)
    await subscribe(house, ana)
    assert await free_today(house, ben) == 1


async def test_the_last_free_message_tells_of_premium_where_it_can_be_bought(house: House) -> None:
    ana = await house.player()
    await house.say(ana, always_paid=False)
    assert (await house.settle())["premium"] == 4
    await subscribe(house, ana)
    await house.say(ana, always_paid=False)
    assert (await house.settle())["premium"] == 0
    house.rules = replace(RULES, purchases=replace(GIVES, enabled=False))
    await house.say(await house.player(2), always_paid=False)
    assert (await house.settle())["premium"] == 0


async def test_premium_never_gives_less(house: House) -> None:
    rules = replace(RULES, talk=TalkRules(free_per_day=9, history_turns=9, history_chars=900))
    assert rules.with_premium().talk == rules.talk
    assert replace(RULES, model=ModelRules(player_day_tokens=0)).with_premium().model.player_day_tokens == 0


async def shown(house: House, who: Met) -> list[str]:
    """Ask a model; return what of the conversation it is shown."""
    model = ScriptedModel()
    await house.say(who, "and now?", always_paid=False)
    await house.answer(model)
    return [exchange.text for exchange in model.questions[0].history]


async def test_premium_shows_the_model_more_of_the_conversation(house: House) -> None:
    house.rules = replace(RULES, talk=replace(TALK, free_per_day=9))
    ana = await house.player()
    for words in ("first", "second", "third"):
        await house.say(ana, words, always_paid=False)
        await house.settle()
    assert await shown(house, ana) == ["third"]
    await subscribe(house, ana)
    assert await shown(house, ana) == ["third", "and now?"]


async def test_a_turn_that_is_taken_over_is_still_one_with_premium(house: House) -> None:
    ana = await house.player()
    await subscribe(house, ana)
    await house.say(ana, always_paid=False)
    assert house.last_turn().has_premium
    house.clock.move(timedelta(minutes=3))
    stamp = house.other_worker().take()
    (taken,) = await house.db.transact(
        claim_turns, 10, alone=True, deadline=timedelta(minutes=1), stamp=stamp
    )
    assert taken.has_premium
    await house.release(taken)


async def test_the_better_model_is_asked_for_who_has_premium(house: House) -> None:
    ana, ben = await house.player(), await house.player(2)
    await subscribe(house, ana)
    asked = ScriptedModel()
    for who in (ana, ben):
        await house.say(who, always_paid=False)
        await house.answer(asked)
    assert [question.has_premium for question in asked.questions] == [True, False]


async def test_the_cap_of_tokens_is_higher_with_premium(house: House) -> None:
    ana = await house.player()
    gives = replace(GIVES, premium_day_tokens=500)
    house.rules = replace(
        RULES, model=ModelRules(is_there=True, player_day_tokens=100, day_tokens=0), purchases=gives
    )
    use = ReadUsage(db=house.db, clock=house.clock, rules=house.rules)
    assert (await use(player_id=ana.player_id)).tokens_left == 100
    await subscribe(house, ana)
    assert (await use(player_id=ana.player_id)).tokens_left == 500


async def told_when_due(house: House, until: datetime) -> list[str]:
    """Let the time go on to two hours behind the end; return what was told, with the days that were left."""
    told = []
    while house.clock.now() < until + timedelta(hours=2):
        await house.tick()
        for notice in ("premium_ends", "premium_ended"):
            new = [f"{notice} {(until - house.clock.now()).days}" for _ in house.told(notice)]
            told += new
        house.events.clear()
        house.clock.move(timedelta(hours=1))
    return told


async def test_who_has_cancelled_is_told_three_days_before_the_end_and_after_it(house: House) -> None:
    ana = await house.player()
    until = await subscribe(house, ana)
    await cancel(house, ana)
    assert await told_when_due(house, until) == ["premium_ends 3", "premium_ended -1"]


async def test_t58_premium_that_nothing_was_heard_of_ends_by_its_date_and_is_told_once(house: House) -> None:
    ana = await house.player()
    until = await subscribe(house, ana)
    assert await told_when_due(house, until) == ["premium_ended -1"]
    assert await free_today(house, ana) == 1


async def test_t58_a_renewal_that_comes_late_leaves_nothing_to_tell(house: House) -> None:
    ana = await house.player()
    placed = checkout(await order(house, ana, None))
    await pay(house, placed, "c1")
    house.clock.move(PERIOD + timedelta(minutes=30))
    await house.tick()
    assert await free_today(house, ana) == 1
    await pay(house, placed, "c2")
    house.clock.move(timedelta(hours=1))
    await house.tick()
    assert (house.told("premium_ends"), house.told("premium_ended")) == ([], [])
    assert await free_today(house, ana) == 3


async def test_premium_stays_with_who_is_forgotten_and_comes_back(house: House) -> None:
    ana = await house.player()
    until = await subscribe(house, ana)
    with pytest.raises(StillSubscribed):
        await forget(house, ana)
    await cancel(house, ana)
    await forget(house, ana)
    house.clock.move(PERIOD - 2 * DAY)
    await house.tick()
    assert house.told("premium_ends") == []
    assert (await house.player()).player_id == ana.player_id
    assert await free_today(house, ana) == 4
    house.clock.move(until - house.clock.now() + timedelta(hours=2))
    await house.tick()
    assert len(house.told("premium_ended")) == 1
