"""Debts: they block play until deposits have covered them, and nothing that the house gives away does."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from services.debts import InDebt
from services.forget import ACTIONS
from services.gifts import AskGift, give
from services.grants import TakeDaily
from services.operator_grants import GrantCredits, Granted
from services.orders import OrderRefused
from services.people import Met
from services.reclaims import reclaim
from tests.buying import SELLING, check, checkout, order, pay
from tests.house import House, open_house

OWED = 700


@pytest_asyncio.fixture
async def house(books_url: str) -> AsyncIterator[House]:
    """Give a house that sells."""
    async with open_house(books_url, SELLING) as opened:
        yield opened


async def indebted(house: House) -> Met:
    """Return a player who has nothing and owes."""
    ana = await house.player()
    await pay(house, checkout(await order(house, ana)))
    await house.leave(ana, 1_000 - OWED)
    await house.db.transact(reclaim, "c1", house.rules, house.stamps.take())
    assert await debt(house, ana) == OWED
    return ana


async def debt(house: House, who: Met) -> int:
    """Return what a player owes."""
    return int(await house.value("SELECT debt_credits FROM player WHERE id = :id", id=who.player_id))


async def grant(house: House, credits: int, cause: str = "1:1") -> Granted:
    """Give credits in an operator's name."""
    use = GrantCredits(db=house.db, stamps=house.stamps)
    return await use(telegram_id=1, credits=credits, reason="sorry", operator_id=7, cause=cause)


@pytest.mark.parametrize("is_paid", [True, False])
async def test_t53_who_owes_gets_no_answer_paid_or_free(house: House, is_paid: bool) -> None:
    ana = await indebted(house)
    await house.say(ana, always_paid=is_paid)
    assert (await house.turns())[-1] == ("declined", None)
    assert house.told("in_debt")[-1] == {"debt": OWED, "in_group": False}


async def test_t53_a_group_does_not_hear_how_much_somebody_owes_nor_too_often(house: House) -> None:
    await indebted(house)
    group = await house.group()
    for _ in range(3):
        await house.say(group)
    assert [one["in_group"] for one in house.told("in_debt")] == [True]


async def test_t53_what_waits_and_what_is_asked_about_is_refused_once_there_is_a_debt(house: House) -> None:
    ana = await house.player()
    await pay(house, checkout(await order(house, ana)))
    await house.say(ana)
    await house.gift(ana, 1_990)
    await house.db.transact(reclaim, "c1", house.rules, house.stamps.take())
    with pytest.raises(InDebt):
        await house.press(ana, house.told("guard")[-1]["buttons"]["pay"])
    assert await house.wallet(ana) == (0, 0)


async def test_t53_who_owes_gives_no_gifts_and_takes_no_daily_credits(house: House) -> None:
    ana = await indebted(house)
    stamp = house.stamps.take()
    ask = AskGift(db=house.db, stamps=house.stamps, rules=house.rules)
    daily = TakeDaily(db=house.db, stamps=house.stamps, rules=house.rules.grants)
    with pytest.raises(InDebt):
        await ask(player_id=ana.player_id, chat_id=ana.chat_id, thread_id=None, message_id=1, credits=1)
    with pytest.raises(InDebt):
        await house.db.transact(give, ana.player_id, ana.chat_id, 1, "gift", house.rules, stamp)
    with pytest.raises(InDebt):
        await daily(player_id=ana.player_id, chat_id=ana.chat_id)
    assert await house.value("SELECT COUNT(*) FROM budget WHERE kind = 'daily'") == 0


async def test_an_operators_grant_covers_a_debt_first_and_both_are_told(house: House) -> None:
    ana = await indebted(house)
    first = await grant(house, 300)
    assert (first.repaid, first.debt, first.balance) == (300, OWED - 300, 0)
    rest = await grant(house, 500, "1:2")
    assert (rest.repaid, rest.debt, rest.balance) == (OWED - 300, 0, 100)
    told = [(one["repaid"], one["debt"], one["balance"]) for one in house.told("grant_received")]
    assert told == [(300, 400, 0), (400, 0, 100)]
    assert (await house.wallet(ana), await debt(house, ana)) == ((100, 0), 0)


async def test_t53_a_purchase_covers_a_debt_and_play_goes_on(house: House) -> None:
    ana = await indebted(house)
    await pay(house, checkout(await order(house, ana)), "c2")
    assert (await house.wallet(ana), await debt(house, ana)) == ((300, 0), 0)
    await house.say(ana, always_paid=False)
    assert (await house.settle())["kind"] == "free"


async def test_t54_premium_is_not_sold_to_who_owes(house: House) -> None:
    ana = await house.player()
    placed = checkout(await order(house, ana, None))
    await indebted(house)
    with pytest.raises(InDebt):
        await order(house, ana, None)
    with pytest.raises(OrderRefused) as raised:
        await check(house, placed)
    assert raised.value.why == "in_debt"


async def test_what_comes_back_from_a_pot_pays_off_no_debt(house: House) -> None:
    await house.group()
    ana, group = await house.player(), await house.group()
    await pay(house, checkout(await order(house, ana)))
    await house.gift(group, 1_900)
    await house.db.transact(reclaim, "c1", house.rules, house.stamps.take())
    house.clock.move(timedelta(days=8))
    await house.reset(group, "reset_refund")
    await house.tick()
    assert (await house.wallet(ana), await debt(house, ana)) == ((1_900, 0), 900)


async def test_a_debt_survives_forgetting_and_coming_back(house: House) -> None:
    ana = await indebted(house)
    tokens = await house.offer(ana, {action: {} for action in ACTIONS})
    await house.press(ana, tokens["forget"])
    assert (await house.player()).player_id == ana.player_id
    await house.say(ana)
    assert house.told("in_debt")[-1]["debt"] == OWED
