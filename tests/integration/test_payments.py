"""Payments: booked once for each charge, frozen where no order asks for them, given back, taken back."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio

from db.models.payments import PaymentState
from services.freezing import PlayerFrozen, SetFrozen
from services.orders import Checkout, HasPremium, NoSuchPackage, OrderRefused, StarsOff
from services.paybacks import begin_payback, drop_payback, end_payback
from services.payment_states import NotRefundable
from services.people import Met
from services.pricing import PriceRule
from services.profile import ReadPlayer
from services.reclaims import reclaim
from services.rules import GameRules
from tests.buying import SELLING, check, checkout, order, pay, payment_id, state_of
from tests.house import House, open_house

MOST = 2**63 - 1


@pytest_asyncio.fixture
async def house(books_url: str) -> AsyncIterator[House]:
    """Give a house that sells."""
    async with open_house(books_url, SELLING) as opened:
        yield opened


async def test_a_paid_order_is_credited_with_a_receipt(house: House) -> None:
    ana = await house.player()
    placed = await order(house, ana)
    await check(house, checkout(placed))
    assert await pay(house, checkout(placed)) is PaymentState.CREDITED
    assert await house.wallet(ana) == (2_000, 0)
    told = house.told("purchase_done")[-1]
    assert (told["credits"], told["stars"], told["balance"], told["repaid"]) == (1_000, 100, 2_000, 0)


async def test_t55_a_payment_that_is_told_twice_is_booked_once(house: House) -> None:
    ana = await house.player()
    asked = checkout(await order(house, ana))
    states = await asyncio.gather(*(pay(house, asked) for _ in range(8)))
    assert set(states) == {PaymentState.CREDITED}
    assert await house.wallet(ana) == (2_000, 0)
    assert len(house.told("purchase_done")) == 1


async def test_two_charges_of_one_invoice_are_two_purchases(house: House) -> None:
    ana = await house.player()
    asked = checkout(await order(house, ana))
    await pay(house, asked, "c1")
    await pay(house, asked, "c2")
    assert await house.wallet(ana) == (3_000, 0)


async def refusal(house: House, asked: Checkout) -> str:
    """Return why a payment must not be made."""
    with pytest.raises(OrderRefused) as raised:
        await check(house, asked)
    return raised.value.why


async def test_t54_a_payment_that_should_not_be_made_is_refused_with_its_reason(house: House) -> None:
    ana, _ = await house.player(), await house.player(2)
    placed = await order(house, ana)
    assert await refusal(house, checkout(placed, payload="forged")) == "unknown"
    assert await refusal(house, checkout(placed, telegram_id=3)) == "unknown"
    assert await refusal(house, checkout(placed, telegram_id=2)) == "not_yours"
    assert await refusal(house, checkout(placed, stars=1)) == "wrong_amount"
    assert await refusal(house, checkout(placed, currency="USD")) == "wrong_amount"
    await pay(house, checkout(placed))
    assert await refusal(house, checkout(placed)) == "paid"
    late = await order(house, ana)
    house.clock.move(timedelta(hours=1))
    assert await refusal(house, checkout(late)) == "expired"


async def test_a_frozen_player_can_buy_nothing(house: House) -> None:
    ana = await house.player()
    placed = await order(house, ana)
    freeze = SetFrozen(db=house.db, clock=house.clock)
    await freeze(player_id=ana.player_id, operator_id=9, is_frozen=True)
    assert await refusal(house, checkout(placed)) == "frozen"
    with pytest.raises(PlayerFrozen):
        await order(house, ana)


async def test_t15_a_purchase_that_no_wallet_could_hold_is_refused_before_it_is_paid(house: House) -> None:
    ana = await house.player()
    most = replace(SELLING.purchases, packages=((100, MOST - 999),))
    house.rules = replace(SELLING, purchases=most)
    placed = await order(house, ana)
    assert await refusal(house, checkout(placed)) == "overflow"
    assert await pay(house, checkout(placed)) is PaymentState.FROZEN
    assert await house.wallet(ana) == (1_000, 0)


async def test_nothing_can_be_ordered_where_nothing_is_sold(house: House) -> None:
    ana = await house.player()
    with pytest.raises(NoSuchPackage):
        await order(house, ana, 7)
    placed = await order(house, ana)
    house.rules = GameRules(price=PriceRule())
    with pytest.raises(StarsOff):
        await order(house, ana)
    assert await refusal(house, checkout(placed)) == "off"
    assert await pay(house, checkout(placed)) is PaymentState.CREDITED  # it was paid for all the same


@pytest.mark.parametrize(
    ("wrong", "why"),
    [({"payload": "forged"}, "unknown"), ({"telegram_id": 2}, "not_yours"), ({"stars": 7}, "wrong_amount")],
)
async def test_t17_a_payment_that_is_not_its_orders_is_frozen(
    house: House, wrong: dict[str, int | str], why: str
) -> None:
    ana, ben = await house.player(), await house.player(2)
    asked = checkout(await order(house, ana), **wrong)  # type: ignore[arg-type]
    assert await pay(house, asked) is PaymentState.FROZEN
    assert (await house.wallet(ana), await house.wallet(ben)) == ((1_000, 0), (1_000, 0))
    assert house.happened("payment_frozen")[-1]["why"] == why


async def test_a_refund_sets_aside_then_takes(house: House) -> None:
    ana = await house.player()
    await pay(house, checkout(await order(house, ana)))
    number = await payment_id(house)
    asked = await house.db.transact(begin_payback, number, ana.player_id, house.rules, house.stamps.take())
    assert (asked.charge_id, asked.telegram_id) == ("c1", 1)
    assert await house.wallet(ana) == (2_000, 1_000)
    assert await house.db.transact(end_payback, "c1", house.stamps.take())
    assert not await house.db.transact(end_payback, "c1", house.stamps.take())
    assert await house.wallet(ana) == (1_000, 0)
    assert await state_of(house) == "refunded"


async def test_a_refund_that_telegram_refuses_gives_back_what_was_set_aside(house: House) -> None:
    ana = await house.player()
    await pay(house, checkout(await order(house, ana)))
    number = await payment_id(house)
    for _ in range(2):  # and it can be asked for again
        await house.db.transact(begin_payback, number, ana.player_id, house.rules, house.stamps.take())
        assert await house.db.transact(drop_payback, "c1", "no", house.stamps.take())
        assert await house.wallet(ana) == (2_000, 0)
    assert await state_of(house) == "credited"


async def test_t53_what_is_spent_late_or_not_ones_own_can_not_be_refunded(house: House) -> None:
    ana, ben = await house.player(), await house.player(2)
    await pay(house, checkout(await order(house, ana)))
    number = await payment_id(house)

    async def refused(who: Met) -> str:
        with pytest.raises(NotRefundable) as raised:
            await house.db.transact(begin_payback, number, who.player_id, house.rules, house.stamps.take())
        return raised.value.why

    assert await refused(ben) == "unknown"
    await house.leave(ana, 999)
    assert await refused(ana) == "spent"
    house.clock.move(timedelta(days=8))
    assert await refused(ana) == "too_late"


async def test_t53_a_charge_back_takes_what_is_there_and_leaves_a_debt_that_deposits_cover(
    house: House,
) -> None:
    ana = await house.player()
    await pay(house, checkout(await order(house, ana)))
    await house.leave(ana, 300)
    for is_first in (True, False):
        done = await house.db.transact(reclaim, "c1", house.rules, house.stamps.take())
        assert done is is_first
    assert await house.wallet(ana) == (0, 0)
    assert await house.value("SELECT debt_credits FROM player WHERE id = :id", id=ana.player_id) == 700
    await pay(house, checkout(await order(house, ana)), "c2")
    assert await house.wallet(ana) == (300, 0)
    assert house.told("purchase_done")[-1]["repaid"] == 700
    assert await house.value("SELECT debt_credits FROM player WHERE id = :id", id=ana.player_id) == 0


async def test_premium_lasts_to_its_date_and_a_second_subscription_is_refused(house: House) -> None:
    ana = await house.player()
    placed = await order(house, ana, None)
    await check(house, checkout(placed))
    other = await order(house, ana, None)
    await pay(house, checkout(placed))
    with pytest.raises(HasPremium):
        await order(house, ana, None)
    assert await refusal(house, checkout(other)) == "has_premium"
    house.clock.move(timedelta(days=30))
    await order(house, ana, None)
    player = await ReadPlayer(db=house.db)(player_id=ana.player_id)
    assert player.premium_until == house.clock.now()
