"""Stars that are given back: asked until there is a yes or a no, whoever dies meanwhile, and booked once."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from db.models.payments import PaymentState
from services.orders import StarsOff
from services.paybacks import begin_payback, begin_return
from services.people import Met
from services.pricing import PriceRule
from services.purchases import ReadPurchases
from services.rules import GameRules
from tests.buying import SELLING, checkout, order, pay, payment_id, state_of
from tests.gateway import OddGateway, ask_gateway, reconcile
from tests.house import House, open_house

MINUTE = timedelta(minutes=1)


@pytest_asyncio.fixture
async def house(books_url: str) -> AsyncIterator[House]:
    """Give a house that sells."""
    async with open_house(books_url, SELLING) as opened:
        yield opened


async def bought(house: House, gateway: OddGateway, charge: str = "c1") -> Met:
    """Return a player who has bought a package."""
    ana = await house.player()
    asked = checkout(await order(house, ana))
    gateway.pay(asked, charge, house.clock.now())
    await pay(house, asked, charge)
    return ana


async def want_back(house: House, who: Met, charge: str = "c1") -> None:
    """Have a player want a purchase back."""
    number = await payment_id(house, charge)
    await house.db.transact(begin_payback, number, who.player_id, house.rules, house.stamps.take())


async def test_what_telegram_gives_back_is_taken_and_told(house: House) -> None:
    gateway = OddGateway()
    ana = await bought(house, gateway)
    await want_back(house, ana)
    assert await house.wallet(ana) == (2_000, 1_000)
    await ask_gateway(house, gateway)
    assert await house.wallet(ana) == (1_000, 0)
    assert [(told["stars"], told["credits"]) for told in house.told("refund_done")] == [(100, 1_000)]
    assert (await reconcile(house, gateway)).differences == ()


@pytest.mark.parametrize("fault", ["before", "after"])
async def test_t57_an_answer_that_is_lost_is_asked_for_again_and_booked_once(
    house: House, fault: str
) -> None:
    gateway = OddGateway(script=[fault, fault])
    ana = await bought(house, gateway)
    await want_back(house, ana)
    for _ in range(3):
        await ask_gateway(house, gateway)
        house.clock.move(10 * MINUTE)
        await house.tick()
    assert gateway.asked == ["c1"] * 3
    assert (await house.wallet(ana), await state_of(house)) == ((1_000, 0), "refunded")
    assert len(house.told("refund_done")) == 1


async def test_t59_a_process_that_dies_before_it_asks_is_followed_by_another(house: House) -> None:
    gateway = OddGateway()
    ana = await bought(house, gateway)
    await want_back(house, ana)
    house.events.clear()  # with the process
    await house.tick(house.other_worker())
    assert gateway.asked == []
    house.clock.move(MINUTE)
    await house.tick(house.other_worker())
    await ask_gateway(house, gateway)
    assert (await house.wallet(ana), await state_of(house)) == ((1_000, 0), "refunded")


async def test_a_gateway_that_is_away_for_long_is_asked_ever_less_and_that_is_said(house: House) -> None:
    gateway = OddGateway(script=["before"] * 100)
    ana = await bought(house, gateway)
    await want_back(house, ana)
    for _ in range(300):
        await ask_gateway(house, gateway)
        house.clock.move(MINUTE)
        await house.tick()
    assert 7 <= len(gateway.asked) <= 12
    assert house.happened("refund_hangs")
    assert await house.wallet(ana) == (2_000, 1_000)


async def test_a_refusal_gives_the_credits_back_and_may_be_asked_again(house: House) -> None:
    gateway = OddGateway(script=["refused"])
    ana = await bought(house, gateway)
    await want_back(house, ana)
    await ask_gateway(house, gateway)
    assert await house.wallet(ana) == (2_000, 0)
    assert len(house.told("refund_refused")) == 1
    await want_back(house, ana)
    await ask_gateway(house, gateway)
    assert (await house.wallet(ana), await state_of(house)) == ((1_000, 0), "refunded")


async def test_a_refund_that_the_list_tells_of_first_is_booked_once(house: House) -> None:
    gateway = OddGateway(script=["after"])
    ana = await bought(house, gateway)
    await want_back(house, ana)
    await ask_gateway(house, gateway)
    await reconcile(house, gateway)
    assert (await house.wallet(ana), await state_of(house)) == ((1_000, 0), "refunded")
    house.clock.move(MINUTE)
    await house.tick()
    await ask_gateway(house, gateway)
    assert gateway.asked == ["c1"]


async def test_t53_credits_set_aside_for_a_refund_can_not_be_spent(house: House) -> None:
    gateway = OddGateway()
    ana = await bought(house, gateway)
    await want_back(house, ana)
    await house.gift(ana, 1_000)
    assert await house.wallet(ana) == (1_000, 1_000)
    await ask_gateway(house, gateway)
    assert await house.wallet(ana) == (0, 0)


async def test_t17_a_payment_of_a_wrong_amount_is_given_back_by_itself(house: House) -> None:
    ana, gateway = await house.player(), OddGateway(script=["after"])
    asked = checkout(await order(house, ana), stars=7)
    gateway.pay(asked, "c1", house.clock.now())
    assert await pay(house, asked) is PaymentState.FROZEN
    await ask_gateway(house, gateway)
    house.clock.move(MINUTE)
    await house.tick()
    await ask_gateway(house, gateway)
    assert (await house.wallet(ana), await state_of(house)) == ((1_000, 0), "refunded")
    assert house.happened("payment_frozen")[-1]["why"] == "wrong_amount"
    done = await reconcile(house, gateway)
    assert (done.noted.missed, done.noted.taken, done.differences) == (0, 0, ())


async def test_t17_what_telegram_will_not_take_back_stays_kept_apart(house: House) -> None:
    ana, gateway = await house.player(), OddGateway()
    await pay(house, checkout(await order(house, ana), stars=7))
    await ask_gateway(house, gateway)
    assert await state_of(house) == "frozen"
    assert house.happened("refund_refused")[-1]["why"] == "Bad Request: CHARGE_NOT_FOUND"
    await house.db.transact(begin_return, await payment_id(house), house.stamps.take())
    assert await state_of(house) == "refunding"


async def test_who_bought_something_can_have_it_back_where_nothing_is_sold_any_more(house: House) -> None:
    gateway = OddGateway()
    ana, ben = await bought(house, gateway), await house.player(2)
    house.rules = GameRules(price=PriceRule())
    read = ReadPurchases(db=house.db, clock=house.clock, rules=house.rules)
    assert [one.why for one in (await read(player_id=ana.player_id)).bought] == [None]
    with pytest.raises(StarsOff):
        await read(player_id=ben.player_id)
    await want_back(house, ana)
    await ask_gateway(house, gateway)
    assert [one.why for one in (await read(player_id=ana.player_id)).bought] == ["refunded"]


async def test_purchases_are_shown_page_by_page(house: House) -> None:
    ana, gateway = await house.player(), OddGateway()
    for number in range(12):
        await bought(house, gateway, f"c{number}")
    read = ReadPurchases(db=house.db, clock=house.clock, rules=house.rules)
    pages = [await read(player_id=ana.player_id, page=page) for page in (0, 2, 9)]
    assert [(one.page, one.pages, len(one.bought)) for one in pages] == [(1, 3, 5), (2, 3, 5), (3, 3, 2)]
    numbers = [one.number for page in pages for one in page.bought]
    assert numbers == sorted(numbers, reverse=True)
