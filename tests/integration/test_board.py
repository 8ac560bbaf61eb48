"""Leaderboards and past rounds on both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest

from db.models.people import ChatKind
from db.models.pots import Outcome
from services import draw
from services.alias import SetAlias
from services.board import Order, Period, Place, ReadBoard, ReadRounds
from services.people import Meet, Met, Sender
from services.people import Place as Chat
from services.pricing import PriceRule
from services.rules import PotRules
from tests.house import FORGET_KEY, NEVER_WON, UNGUARDED, House

CERTAIN = PotRules(ppm_per_credit=draw.ROLLS // 5)


async def board(
    house: House, who: Met, period: Period = Period.ROUND, order: Order = Order.CREDITS
) -> list[tuple[int, str | None, int, int]]:
    """Return the places of a leaderboard."""
    read = ReadBoard(db=house.db, clock=house.clock)
    places: tuple[Place, ...] = await read(chat_id=who.chat_id, period=period, order=order)
    return [(one.place, one.who.name, one.credits, one.tickets) for one in places]


async def member(house: House, number: int, name: str, username: str | None = None) -> Met:
    """Return a player of the group with a name."""
    place = Chat(telegram_id=-1, kind=ChatKind.GROUP, title="Friends")
    sender = Sender(telegram_id=number, name=name, username=username, language="en")
    meet = Meet(db=house.db, stamps=house.stamps, rules=house.rules, key=FORGET_KEY)
    return await meet(sender=sender, place=place)


async def test_places_are_given_by_credits_or_by_tickets(house: House) -> None:
    house.rules = replace(UNGUARDED, pot=NEVER_WON)
    ana, ben = await member(house, 1, "Ana"), await member(house, 2, "Ben")
    for who in (ana, ana, ben):
        await house.pay(who)
    await house.gift(ben, 100)
    assert await board(house, ana) == [(1, "Ben", 105, 1), (2, "Ana", 14, 2)]
    assert await board(house, ana, order=Order.TICKETS) == [(1, "Ana", 14, 2), (2, "Ben", 105, 1)]
    assert await board(house, ana, Period.WEEK) == [(1, "Ana", 15, 2), (2, "Ben", 5, 1)]


async def test_the_week_begins_on_monday_and_goes_on_over_rounds(house: House) -> None:
    house.rules = replace(UNGUARDED, pot=CERTAIN, price=PriceRule(base=5, step=0))
    ana = await member(house, 1, "Ana")
    await house.pay(ana)
    await house.pay(ana)
    assert await board(house, ana) == []
    assert await board(house, ana, Period.WEEK) == [(1, "Ana", 10, 2)]
    house.clock.move(timedelta(days=2))
    assert await board(house, ana, Period.WEEK) == []


async def test_hidden_players_keep_their_place_without_a_name(house: House) -> None:
    house.rules = replace(UNGUARDED, pot=NEVER_WON)
    ana = await member(house, 1, "Ana")
    await house.pay(ana)
    await SetAlias(db=house.db)(player_id=ana.player_id, alias="Fox", hidden=True)
    assert await board(house, ana) == [(1, None, 5, 1)]
    await SetAlias(db=house.db)(player_id=ana.player_id, alias="Fox", hidden=False)
    assert await board(house, ana) == [(1, "Fox", 5, 1)]


async def test_t26_a_username_that_went_to_someone_else_takes_no_place_with_it(house: House) -> None:
    house.rules = replace(UNGUARDED, pot=NEVER_WON)
    ana = await member(house, 1, "Ana", "queen")
    await house.pay(ana)
    await member(house, 1, "Ana")
    await member(house, 2, "Eve", "queen")
    assert await board(house, ana) == [(1, "Ana", 5, 1)]


@pytest.mark.parametrize("page", [-3, 1, 99])
async def test_past_rounds_are_shown_page_by_page(house: House, page: int) -> None:
    house.rules = replace(UNGUARDED, pot=CERTAIN, price=PriceRule(base=5, step=0))
    ana = await member(house, 1, "Ana")
    for _ in range(9):
        await house.pay(ana)
    found = await ReadRounds(db=house.db)(chat_id=ana.chat_id, in_group=True, page=page)
    rounds = [one.round_no for one in found.rounds]
    assert (found.pages, rounds) == ((2, [1]) if page == 99 else (2, list(range(9, 1, -1))))
    assert {one.outcome for one in found.rounds} == {Outcome.WON}
