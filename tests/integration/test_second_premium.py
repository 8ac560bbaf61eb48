"""Premium that is paid for twice: refused before it is paid, and where it slips through, given back by itself."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio

from db.models.payments import PaymentState
from services.cases import Decision, ReadCases
from services.orders import Checkout, HasPremium, OrderRefused
from services.payments import BookPayment, Paid
from services.people import Met
from services.profile import ReadPlayer
from services.subscriptions import NoteRenewal, Renewal
from tests.buying import SELLING, check, checkout, order, state_of
from tests.gateway import OddGateway, ask_gateway, reconcile
from tests.house import House, open_house

PERIOD = timedelta(days=30)
SECONDS = int(PERIOD.total_seconds())


@pytest_asyncio.fixture
async def house(books_url: str) -> AsyncIterator[House]:
    """Give a house that sells."""
    async with open_house(books_url, SELLING) as opened:
        yield opened


async def order_of(house: House, who: Met) -> Checkout:
    """Order Premium, and see that it may be paid."""
    asked = checkout(await order(house, who, None))
    await check(house, asked)
    return asked


async def paid(house: House, asked: Checkout, charge: str, *, is_renewal: bool = False) -> PaymentState:
    """Have a period paid that begins now, and Telegram tell of it."""
    now = house.clock.now()
    book = BookPayment(db=house.db, stamps=house.stamps, rules=house.rules)
    return await book(
        Paid(charge_id=charge, checkout=asked, at=now, until=now + PERIOD, is_renewal=is_renewal)
    )


async def test_two_subscriptions_at_the_same_moment_are_one_and_the_other_goes_back(house: House) -> None:
    ana, gateway = await house.player(), OddGateway()
    first, second = await order_of(house, ana), await order_of(house, ana)
    for asked, charge in ((first, "c1"), (second, "c2")):
        gateway.pay(asked, charge, house.clock.now(), SECONDS)
    assert await paid(house, first, "c1") is PaymentState.CREDITED
    assert await paid(house, second, "c2") is PaymentState.FROZEN
    assert house.happened("payment_frozen")[-1]["why"] == "has_premium"
    assert house.told("payment_kept")[-1]["why"] == "has_premium"
    await ask_gateway(house, gateway)
    assert (await state_of(house), await state_of(house, "c2")) == ("credited", "refunded")
    assert gateway.ended == ["c2"]
    assert house.told("refund_done")[-1]["credits"] == 0
    assert (await reconcile(house, gateway)).differences == ()


async def test_one_link_that_is_confirmed_on_two_devices_is_one_subscription(house: House) -> None:
    asked = await order_of(house, await house.player())
    assert await paid(house, asked, "c1") is PaymentState.CREDITED
    assert await paid(house, asked, "c2") is PaymentState.FROZEN


async def test_a_second_subscription_that_only_the_list_tells_of_goes_back_too(house: House) -> None:
    ana, gateway = await house.player(), OddGateway()
    first, second = await order_of(house, ana), await order_of(house, ana)
    await paid(house, first, "c1")
    for asked, charge in ((first, "c1"), (second, "c2"), (first, "c3")):
        gateway.pay(asked, charge, house.clock.now(), SECONDS)
    await reconcile(house, gateway)
    await ask_gateway(house, gateway)
    assert [await state_of(house, charge) for charge in ("c1", "c2", "c3")] == [
        "credited",
        "refunded",
        "refunded",
    ]
    assert gateway.ended == ["c2", "c3"]


async def test_a_first_payment_that_is_told_after_its_renewal_is_no_second_subscription(house: House) -> None:
    asked = await order_of(house, await house.player())
    begun = house.clock.now()
    house.clock.move(PERIOD)
    assert await paid(house, asked, "c2", is_renewal=True) is PaymentState.CREDITED
    book = BookPayment(db=house.db, stamps=house.stamps, rules=house.rules)
    late = Paid(charge_id="c1", checkout=asked, at=begun, until=begun + PERIOD)
    assert await book(late) is PaymentState.CREDITED
    player = await ReadPlayer(db=house.db)(player_id=1)
    assert player.premium_until == house.clock.now() + PERIOD


async def test_who_has_cancelled_goes_on_in_telegram_and_subscribes_again_after_the_end(house: House) -> None:
    ana = await house.player()
    first, other = await order_of(house, ana), await order_of(house, ana)
    await paid(house, first, "c1")
    canceled = Renewal(telegram_id=1, payload=first.payload, goes_on=False)
    note = NoteRenewal(db=house.db, stamps=house.stamps)
    await note(canceled)
    with pytest.raises(HasPremium):
        await order(house, ana, None)
    with pytest.raises(OrderRefused) as refused:
        await check(house, other)
    assert refused.value.why == "canceled"
    await note(replace(canceled, goes_on=True))
    with pytest.raises(OrderRefused) as refused:
        await check(house, other)
    assert refused.value.why == "has_premium"
    house.clock.move(PERIOD)
    assert await paid(house, await order_of(house, ana), "c2") is PaymentState.CREDITED


async def test_a_refund_of_one_makes_room_for_another(house: House) -> None:
    ana, gateway = await house.player(), OddGateway()
    first, second = await order_of(house, ana), await order_of(house, ana)
    await paid(house, first, "c1")
    gateway.pay(first, "c1", house.clock.now(), SECONDS)
    gateway.take("c1")
    await reconcile(house, gateway)
    assert await state_of(house) == "reclaimed"
    assert await paid(house, second, "c2") is PaymentState.CREDITED


async def test_an_operator_can_give_back_what_telegram_refused_but_not_the_same_days_again(
    house: House,
) -> None:
    ana, gateway = await house.player(), OddGateway(script=["refused"])
    asked = await order_of(house, ana)
    for charge in ("c1", "c2"):
        gateway.pay(asked, charge, house.clock.now(), SECONDS)
        await paid(house, asked, charge)
    await ask_gateway(house, gateway)
    await reconcile(house, gateway)
    (case,) = (await ReadCases(db=house.db)()).cases
    assert (case.reason, case.decisions) == ("has_premium", (Decision.RETURN, Decision.LEAVE))
