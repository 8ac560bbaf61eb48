"""What is given away: once, within its budget of the day, and by operators with a reason."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.entry_kinds import EntryKind
from services.grants import BudgetSpent, DailyGiven, DailyTaken, TakeDaily, TooRich
from services.ledger import HOUSE, AlreadyPosted, Move, NewEntry, post, wallet_of
from services.operator_grants import GrantCredits, Granted, NoSuchPlayer
from services.people import Met
from services.rules import GrantRules
from tests.house import RULES, House

DAY = timedelta(days=1)


async def daily(house: House, who: Met) -> DailyGiven:
    use = TakeDaily(db=house.db, stamps=house.stamps, rules=house.rules.grants)
    return await use(player_id=who.player_id, chat_id=who.chat_id)


async def grant(house: House, telegram_id: int, credits: int = 50, cause: str = "1:1") -> Granted:
    use = GrantCredits(db=house.db, stamps=house.stamps)
    return await use(telegram_id=telegram_id, credits=credits, reason="sorry", operator_id=7, cause=cause)


async def poor(house: House, number: int = 1) -> Met:
    """Return a player who was left with 100 credits."""
    who = await house.player(number)
    mine = wallet_of(who.player_id)
    new = NewEntry(
        kind=EntryKind.GRANT, cause=f"poor:{number}", at=house.clock.now(), moves=[Move(mine, HOUSE, 900)]
    )
    await house.db.transact(post, new)
    return who


async def spent(house: House, kind: str) -> list[int]:
    rows = await house.rows("SELECT spent FROM budget WHERE kind = :kind ORDER BY day", kind=kind)
    return [row.spent for row in rows]


async def test_a_new_player_gets_his_welcome_once(house: House) -> None:
    met = await asyncio.gather(*(house.player() for _ in range(6)))
    assert len({who.player_id for who in met}) == 1
    assert await house.wallet(met[0]) == (1_000, 0)
    assert len(house.happened("grant")) == 1
    assert await spent(house, "welcome") == [1_000]


async def test_the_welcome_waits_for_the_next_day_when_its_budget_is_spent(house: House) -> None:
    house.rules = replace(RULES, grants=GrantRules(welcome_budget=2_500))
    players = [await house.player(number) for number in (1, 2, 3)]
    assert [await house.wallet(who) for who in players] == [(1_000, 0), (1_000, 0), (0, 0)]
    assert house.happened("budget_spent") == [{"budget": "welcome"}]
    await house.player(3)
    assert await house.wallet(players[2]) == (0, 0)
    house.clock.move(DAY)
    await house.player(3)
    await house.player(3)
    assert await house.wallet(players[2]) == (1_000, 0)
    assert await spent(house, "welcome") == [2_000, 1_000]


async def test_a_budget_is_never_passed_by_many_at_once(house: House) -> None:
    house.rules = replace(RULES, grants=GrantRules(welcome_budget=7_999))
    players = await asyncio.gather(*(house.player(number) for number in range(1, 21)))
    balances = [(await house.wallet(who))[0] for who in players]
    assert sorted(balances) == [0] * 13 + [1_000] * 7
    assert await spent(house, "welcome") == [7_000]


async def test_no_welcome_is_given_where_it_is_set_to_nothing(house: House) -> None:
    house.rules = replace(RULES, grants=GrantRules(welcome=0))
    assert await house.wallet(await house.player()) == (0, 0)


async def test_the_daily_credits_rise_with_each_day_in_a_row(house: House) -> None:
    house.rules = replace(RULES, grants=GrantRules(daily_below=10_000))
    ana = await house.player()
    given = []
    for _ in range(7):
        given.append(await daily(house, ana))
        house.clock.move(DAY)
    assert [one.credits for one in given] == [50, 60, 70, 80, 90, 100, 100]
    assert [one.streak for one in given] == [1, 2, 3, 4, 5, 6, 7]
    house.clock.move(DAY)
    assert (await daily(house, ana)).credits == 50


async def test_the_daily_credits_come_once_per_utc_day(house: House) -> None:
    ana = await poor(house)
    house.clock.move(datetime(2026, 11, 21, 23, 59, tzinfo=UTC) - house.clock.now())
    given = await daily(house, ana)
    assert given.balance == 150
    assert [told["receipt"] for told in house.told("daily")] == [given.receipt]
    with pytest.raises(DailyTaken) as raised:
        await daily(house, ana)
    assert raised.value.wait == timedelta(minutes=1)
    house.clock.move(timedelta(minutes=1))
    assert (await daily(house, ana)).credits == 60


async def test_t66_a_clock_that_goes_back_gives_no_second_daily(house: House) -> None:
    ana = await poor(house)
    await daily(house, ana)
    house.clock.move(-DAY)
    with pytest.raises(DailyTaken):
        await daily(house, ana)
    house.clock.move(DAY)
    with pytest.raises(DailyTaken):
        await daily(house, ana)
    assert await house.wallet(ana) == (150, 0)


async def test_the_daily_credits_asked_for_many_times_at_once_come_once(house: House) -> None:
    ana = await poor(house)
    found = await asyncio.gather(*(daily(house, ana) for _ in range(10)), return_exceptions=True)
    assert sum(isinstance(one, DailyGiven) for one in found) == 1
    assert sum(isinstance(one, DailyTaken) for one in found) == 9
    assert await spent(house, "daily") == [50]


async def test_who_holds_enough_gets_no_daily_credits(house: House) -> None:
    ana = await house.player()
    with pytest.raises(TooRich) as raised:
        await daily(house, ana)
    assert raised.value.facts() == {"below": 500, "balance": 1_000}
    assert await spent(house, "daily") == []


async def test_the_border_of_enough_is_five_hundred(house: House) -> None:
    ana = await poor(house)
    await grant(house, 1, 400)
    with pytest.raises(TooRich):
        await daily(house, ana)
    mine = wallet_of(ana.player_id)
    new = NewEntry(kind=EntryKind.GRANT, cause="one", at=house.clock.now(), moves=[Move(mine, HOUSE, 1)])
    await house.db.transact(post, new)
    assert (await daily(house, ana)).balance == 549


async def test_a_spent_budget_leaves_the_day_to_be_claimed_later(house: House) -> None:
    house.rules = replace(RULES, grants=GrantRules(daily_budget=99))
    ana, ben = await poor(house), await poor(house, 2)
    await daily(house, ana)
    with pytest.raises(BudgetSpent):
        await daily(house, ben)
    house.rules = RULES
    assert (await daily(house, ben)).streak == 1


async def test_an_operator_grants_with_a_reason_once_per_message(house: House) -> None:
    ana = await house.player(5, name="Ana")
    granted = await grant(house, 5)
    assert (granted.credits, granted.player_name, granted.balance) == (50, "Ana", 1_050)
    with pytest.raises(AlreadyPosted):
        await grant(house, 5, 70)
    assert await house.wallet(ana) == (1_050, 0)
    assert [told["receipt"] for told in house.told("grant_received")] == [granted.receipt]
    facts: Any = await house.value("SELECT facts FROM entry WHERE cause = 'grant:1:1'")
    facts = json.loads(facts) if isinstance(facts, str) else facts
    assert (facts["reason"], facts["operator"], facts["delta"]) == ("sorry", 7, 50)
    assert house.happened("grant")[-1]["operator"] == 7


async def test_nobody_is_granted_credits_who_never_played(house: House) -> None:
    with pytest.raises(NoSuchPlayer):
        await grant(house, 99)
