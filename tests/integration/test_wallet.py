"""Holds: placed on what is free, ended once, never more than the balance."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from services import wallet
from services.entry_kinds import EntryKind
from services.ledger import HOUSE, BooksBroken, InsufficientFunds, Move, NewEntry, post, wallet_of
from services.people import Met
from tests.house import House, open_house

SPENDERS = 50


@pytest_asyncio.fixture
async def house(books_url: str) -> AsyncIterator[House]:
    """Give a house whose books aren't audited: holds of these tests belong to no turn."""
    async with open_house(books_url, check=False) as opened:
        yield opened


async def place(house: House, who: Met, amount: int, cause: str = "a") -> int:
    return await house.db.transact(
        wallet.place_hold, who.player_id, amount, cause=cause, now=house.clock.now()
    )


async def capture(house: House, hold_id: int) -> int:
    return await house.db.transact(wallet.capture_hold, hold_id, now=house.clock.now())


async def release(house: House, hold_id: int) -> int:
    return await house.db.transact(wallet.release_hold, hold_id, now=house.clock.now())


async def test_a_hold_sets_aside_and_gives_back(house: House) -> None:
    ana = await house.player()
    hold_id = await place(house, ana, 600)
    assert await house.wallet(ana) == (1_000, 600)
    with pytest.raises(InsufficientFunds) as raised:
        await place(house, ana, 401, "b")
    assert raised.value.facts() == {"price": 401, "available": 400}
    assert await release(house, hold_id) == 600
    assert await house.wallet(ana) == (1_000, 0)


async def test_a_hold_is_taken_by_the_entry_that_moves_it(house: House) -> None:
    ana = await house.player()
    hold_id = await place(house, ana, 600)
    assert await capture(house, hold_id) == 600
    mine = wallet_of(ana.player_id)
    moves = [Move(mine, HOUSE, 599, from_hold=True), Move(mine, HOUSE, 1, from_hold=True)]
    new = NewEntry(kind=EntryKind.MESSAGE, cause="a", at=house.clock.now(), moves=moves)
    assert (await house.db.transact(post, new)).balances == {mine: 400}
    assert await house.wallet(ana) == (400, 0)


async def test_nothing_is_taken_from_a_hold_that_is_not_there(house: House) -> None:
    ana = await house.player()
    await place(house, ana, 5)
    move = Move(wallet_of(ana.player_id), HOUSE, 6, from_hold=True)
    new = NewEntry(kind=EntryKind.MESSAGE, cause="a", at=house.clock.now(), moves=[move])
    with pytest.raises(BooksBroken):
        await house.db.transact(post, new)
    assert await house.wallet(ana) == (1_000, 5)


@pytest.mark.parametrize("first", [capture, release])
@pytest.mark.parametrize("second", [capture, release])
async def test_a_hold_ends_once(house: House, first, second) -> None:  # type: ignore[no-untyped-def]
    ana = await house.player()
    hold_id = await place(house, ana, 600)
    await first(house, hold_id)
    before = await house.wallet(ana)
    with pytest.raises(BooksBroken):
        await second(house, hold_id)
    assert await house.wallet(ana) == before


async def test_ends_of_one_hold_at_the_same_time_count_once(house: House) -> None:
    ana = await house.player()
    hold_id = await place(house, ana, 600)
    found = await asyncio.gather(*(release(house, hold_id) for _ in range(10)), return_exceptions=True)
    assert sorted(isinstance(one, BooksBroken) for one in found) == [False] + [True] * 9
    assert await house.wallet(ana) == (1_000, 0)


async def test_a_hold_of_the_same_cause_is_refused_whole(house: House) -> None:
    ana = await house.player()
    await place(house, ana, 5)
    with pytest.raises(BooksBroken):
        await place(house, ana, 5)
    assert await house.wallet(ana) == (1_000, 5)


async def test_nobody_without_a_wallet_holds_anything(house: House) -> None:
    with pytest.raises(BooksBroken):
        await house.db.transact(wallet.place_hold, 99, 5, cause="a", now=house.clock.now())


async def test_t46_fifty_holds_at_once_never_pass_the_balance(house: House) -> None:
    ana = await house.player()
    jobs = [place(house, ana, 30, f"{n}") for n in range(SPENDERS)]
    found = await asyncio.gather(*jobs, return_exceptions=True)
    assert sum(isinstance(one, int) for one in found) == 33
    assert sum(isinstance(one, InsufficientFunds) for one in found) == 17
    assert await house.wallet(ana) == (1_000, 990)
