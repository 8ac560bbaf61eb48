"""The gateway's list beside the books: what only one of them has is named, and nothing is written."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest_asyncio

from services.reclaims import reclaim
from services.stars_compared import Compared, Sum, compare, read_payments, whole_list
from tests.buying import SELLING, checkout, order, pay
from tests.gateway import OddGateway, reconcile
from tests.house import House, open_house

LATER = timedelta(minutes=11)


@pytest_asyncio.fixture
async def house(books_url: str) -> AsyncIterator[House]:
    """Give a house that sells."""
    async with open_house(books_url, SELLING) as opened:
        yield opened


async def beside(house: House, gateway: OddGateway) -> Compared:
    """Compare the list with the books."""
    lines, now = await whole_list(gateway), house.clock.now()
    return compare(lines, await house.db.read(read_payments), await gateway.balance(), now)


def wrong(compared: Compared) -> dict[str, tuple[str, ...]]:
    """Return what differs."""
    return {what: charges for what, charges in compared.differing.items() if charges}


async def test_t68_what_a_restored_backup_lacks_is_named_and_after_a_reconciliation_agrees(
    house: House,
) -> None:
    ana, gateway = await house.player(), OddGateway(page=2)
    for charge in ("c1", "c2", "c3"):
        asked = checkout(await order(house, ana))
        gateway.pay(asked, charge, house.clock.now())
        if charge == "c1":
            await pay(house, asked, charge)
    gateway.take("c1")
    compared = await beside(house, gateway)
    assert (compared.paid, compared.back) == (
        (Sum(count=3, stars=300), Sum(count=1, stars=100)),
        (Sum(count=1, stars=100), Sum(count=0, stars=0)),
    )
    assert wrong(compared) == {
        "not in the books": ("c2", "c3"),
        "given back by Telegram alone": ("c1",),
    }
    assert not compared.agrees
    await reconcile(house, gateway)
    assert (await beside(house, gateway)).agrees


async def test_t56_what_only_the_books_have_is_named_after_a_while(house: House) -> None:
    ana, gateway = await house.player(), OddGateway()
    await pay(house, checkout(await order(house, ana)), "forged")
    asked = checkout(await order(house, ana))
    gateway.pay(asked, "c1", house.clock.now())
    await pay(house, asked, "c1")
    await house.db.transact(reclaim, "c1", house.rules, house.stamps.take())
    assert (await beside(house, gateway)).agrees
    house.clock.move(LATER)
    assert wrong(await beside(house, gateway)) == {
        "not in Telegram's list": ("forged",),
        "given back in the books alone": ("c1",),
    }


async def test_another_amount_and_a_balance_that_does_not_add_up_differ(house: House) -> None:
    ana, gateway = await house.player(), OddGateway(hidden=1)
    asked = checkout(await order(house, ana))
    gateway.pay(asked, "c1", house.clock.now())
    await pay(house, checkout(await order(house, ana, 250)), "c1")
    compared = await beside(house, gateway)
    assert wrong(compared) == {"with another amount or payer": ("c1",)}
    assert (compared.balance, compared.listed) == (101, 100)
