"""A player's own limits: lower at once, higher after a day; and gifts within them."""

from datetime import timedelta

import pytest

from services.gifts import AskGift, PotsOff
from services.ledger import InsufficientFunds
from services.limits import DayLimitReached, Limit, LimitKind, Limits, ReadLimits, SetLimit
from services.people import Met
from services.presses import Done
from services.rules import GameRules, PotRules
from tests.house import RULES, House

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


async def set_limit(house: House, who: Met, kind: LimitKind, credits: int | None) -> Limits:
    use = SetLimit(db=house.db, stamps=house.stamps, rules=house.rules)
    return await use(player_id=who.player_id, kind=kind, credits=credits)


async def limits(house: House, who: Met) -> Limits:
    return await ReadLimits(db=house.db, stamps=house.stamps, rules=house.rules)(player_id=who.player_id)


async def ask(house: House, who: Met, credits: int, message_id: int = 1) -> None:
    use = AskGift(db=house.db, stamps=house.stamps, rules=house.rules)
    await use(
        player_id=who.player_id, chat_id=who.chat_id, thread_id=None, message_id=message_id, credits=credits
    )


async def answer(house: House, who: Met, button: str) -> Done:
    return await house.press(who, house.told("gift_ask")[-1]["buttons"][button])


async def test_the_guard_begins_at_the_default(house: House) -> None:
    ana = await house.player()
    assert await limits(house, ana) == Limits(guard=Limit(credits=25), day_cap=Limit(credits=None))


@pytest.mark.parametrize("kind", list(LimitKind))
async def test_a_limit_is_lowered_at_once_and_raised_after_a_day(house: House, kind: LimitKind) -> None:
    ana = await house.player()
    await set_limit(house, ana, kind, 10)
    raised = getattr(await set_limit(house, ana, kind, 40), kind)
    assert raised == Limit(credits=10, next_credits=40, next_at=house.clock.now() + DAY)
    house.clock.move(DAY - SECOND)
    assert getattr(await limits(house, ana), kind).credits == 10
    house.clock.move(SECOND)
    assert getattr(await limits(house, ana), kind) == Limit(credits=40)


@pytest.mark.parametrize("kind", list(LimitKind))
async def test_a_lower_limit_takes_back_a_raise_that_waits(house: House, kind: LimitKind) -> None:
    ana = await house.player()
    await set_limit(house, ana, kind, 10)
    await set_limit(house, ana, kind, 40)
    await set_limit(house, ana, kind, 5)
    house.clock.move(2 * DAY)
    assert getattr(await limits(house, ana), kind) == Limit(credits=5)


async def test_a_raise_asked_for_again_waits_anew(house: House) -> None:
    ana = await house.player()
    await set_limit(house, ana, LimitKind.GUARD, 40)
    house.clock.move(DAY - SECOND)
    again = await set_limit(house, ana, LimitKind.GUARD, 90)
    assert again.guard == Limit(credits=25, next_credits=90, next_at=house.clock.now() + DAY)


async def test_a_raise_that_is_due_is_kept_when_the_other_limit_changes(house: House) -> None:
    ana = await house.player()
    await set_limit(house, ana, LimitKind.GUARD, 40)
    house.clock.move(DAY)
    await set_limit(house, ana, LimitKind.DAY_CAP, 100)
    assert await limits(house, ana) == Limits(guard=Limit(credits=40), day_cap=Limit(credits=100))


async def test_the_limit_of_a_day_is_lifted_after_a_day(house: House) -> None:
    ana = await house.player()
    await set_limit(house, ana, LimitKind.DAY_CAP, 10)
    lifted = await set_limit(house, ana, LimitKind.DAY_CAP, None)
    assert lifted.day_cap == Limit(credits=10, next_credits=None, next_at=house.clock.now() + DAY)
    with pytest.raises(DayLimitReached):
        await ask(house, ana, 11)
    house.clock.move(DAY)
    assert (await limits(house, ana)).day_cap == Limit(credits=None)
    await ask(house, ana, 11)


async def test_t66_a_clock_that_goes_back_brings_no_early_raise(house: House) -> None:
    ana = await house.player()
    await set_limit(house, ana, LimitKind.GUARD, 40)
    house.clock.move(-DAY)
    assert (await limits(house, ana)).guard.credits == 25


async def test_a_gift_is_asked_once_more_and_goes_in_whole(house: House) -> None:
    ana = await house.player()
    await ask(house, ana, 70)
    assert await house.wallet(ana) == (1_000, 0)
    done = await answer(house, ana, "gift")
    assert (done.action, done.facts["pot"], done.facts["balance"]) == ("gift", 70, 930)
    assert await house.wallet(ana) == (930, 0)
    assert await house.value("SELECT fed_credits FROM round_player") == 70


async def test_a_gift_that_is_kept_costs_nothing(house: House) -> None:
    ana = await house.player()
    await ask(house, ana, 70)
    assert (await answer(house, ana, "keep")).action == "keep"
    assert await house.wallet(ana) == (1_000, 0)


async def test_a_gift_is_checked_again_when_it_is_confirmed(house: House) -> None:
    ana = await house.player()
    await ask(house, ana, 70)
    await set_limit(house, ana, LimitKind.DAY_CAP, 69)
    with pytest.raises(DayLimitReached):
        await answer(house, ana, "gift")
    assert await house.wallet(ana) == (1_000, 0)
    await set_limit(house, ana, LimitKind.DAY_CAP, None)
    house.clock.move(DAY)
    await ask(house, ana, 1_000, message_id=2)
    first = house.told("gift_ask")[-1]["buttons"]["gift"]
    await ask(house, ana, 1, message_id=3)
    await answer(house, ana, "gift")
    with pytest.raises(InsufficientFunds):
        await house.press(ana, first)
    assert await house.wallet(ana) == (999, 0)


async def test_nobody_gives_what_he_does_not_have(house: House) -> None:
    ana = await house.player()
    with pytest.raises(InsufficientFunds):
        await ask(house, ana, 1_001)


async def test_where_pots_are_off_nothing_is_given(house: House) -> None:
    house.rules = GameRules(price=RULES.price, pot=PotRules(enabled=False))
    ana = await house.player()
    with pytest.raises(PotsOff):
        await ask(house, ana, 5)


async def test_a_gift_of_a_group_goes_to_the_group(house: House) -> None:
    group = await house.group()
    await ask(house, group, 30)
    await answer(house, group, "gift")
    assert await house.value("SELECT balance FROM account WHERE kind = 'pot'") == 30
