"""Cases of payments: what operators see, and what becomes of a payment by their decision."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from services.buttons import ExpiredButton
from services.cases import Decision, ReadCase, ReadCases, decide
from services.payment_states import NotRefundable
from services.people import Met
from services.presses import Press, PressButton
from services.profile import ReadPlayer
from tests.buying import SELLING, checkout, order, pay, payment_id, state_of
from tests.gateway import OddGateway, ask_gateway, reconcile
from tests.house import FORGET_KEY, House, open_house

OPERATOR = 77
LATER = timedelta(minutes=11)


@pytest_asyncio.fixture
async def house(books_url: str) -> AsyncIterator[House]:
    """Give a house that sells."""
    async with open_house(books_url, SELLING) as opened:
        yield opened


async def decided(house: House, how: Decision, charge: str = "c1") -> None:
    """Have an operator decide."""
    number = await payment_id(house, charge)
    await house.db.transact(decide, how, number, OPERATOR, house.rules, house.stamps.take())


async def unknown(house: House, gateway: OddGateway, stars: int | None = 100) -> Met:
    """Return a player who paid for an order that is gone."""
    ana = await house.player()
    asked = checkout(await order(house, ana, stars), payload="gone")
    gateway.pay(asked, "c1", house.clock.now(), period=None if stars else 2_592_000)
    await reconcile(house, gateway)
    return ana


async def test_an_unknown_payment_may_be_credited_to_who_paid(house: House) -> None:
    gateway = OddGateway()
    ana = await unknown(house, gateway)
    page = await ReadCases(db=house.db)()
    assert [(one.reason, one.is_listed, one.decisions) for one in page.cases] == [
        ("unknown", True, (Decision.CREDIT, Decision.RETURN, Decision.LEAVE))
    ]
    await decided(house, Decision.CREDIT)
    assert await house.wallet(ana) == (2_000, 0)
    assert house.happened("payment_decided")[-1]["operator"] == OPERATOR
    assert (await ReadCases(db=house.db)()).cases == ()
    with pytest.raises(NotRefundable):
        await decided(house, Decision.CREDIT)
    assert await house.wallet(ana) == (2_000, 0)
    gateway.take("c1")
    await reconcile(house, gateway)
    assert await house.wallet(ana) == (1_000, 0)


async def test_an_unknown_payment_for_a_period_is_premium(house: House) -> None:
    gateway = OddGateway()
    ana = await unknown(house, gateway, None)
    await decided(house, Decision.CREDIT)
    player = await ReadPlayer(db=house.db)(player_id=ana.player_id)
    assert player.premium_until == house.clock.now() + timedelta(days=30)
    await decided(house, Decision.RETURN)
    await ask_gateway(house, gateway)
    player = await ReadPlayer(db=house.db)(player_id=ana.player_id)
    assert player.premium_until == house.clock.now()
    assert (await state_of(house), gateway.ended) == ("refunded", ["c1"])


async def test_an_unknown_payment_may_be_given_back_or_left(house: House) -> None:
    gateway = OddGateway()
    ana = await unknown(house, gateway)
    await decided(house, Decision.LEAVE)
    assert (await ReadCases(db=house.db)()).cases == ()
    await decided(house, Decision.RETURN)
    await ask_gateway(house, gateway)
    assert (await state_of(house), await house.wallet(ana)) == ("refunded", (1_000, 0))


async def test_what_was_never_paid_is_written_off(house: House) -> None:
    ana, gateway = await house.player(), OddGateway()
    await pay(house, checkout(await order(house, ana)))
    house.clock.move(LATER)
    await reconcile(house, gateway)
    case = await ReadCase(db=house.db)(number=await payment_id(house))
    assert case.decisions == (Decision.CREDIT, Decision.WRITE_OFF, Decision.LEAVE)
    await decided(house, Decision.WRITE_OFF)
    assert (await state_of(house), await house.wallet(ana)) == ("reclaimed", (1_000, 0))


async def test_a_purchase_too_late_for_its_player_may_be_given_back_by_an_operator(house: House) -> None:
    ana, gateway = await house.player(), OddGateway()
    asked = checkout(await order(house, ana))
    gateway.pay(asked, "c1", house.clock.now())
    await pay(house, asked)
    await house.leave(ana, 300)
    house.clock.move(timedelta(days=20))
    await decided(house, Decision.RETURN)
    await ask_gateway(house, gateway)
    assert (await state_of(house), await house.wallet(ana)) == ("refunded", (0, 0))
    page = await ReadCases(db=house.db)()
    assert (page.debtors, page.debt_credits) == (1, 700)


async def test_a_refund_that_hangs_is_an_open_case_and_asked_for_again(house: House) -> None:
    gateway = OddGateway(script=["before"])
    await unknown(house, gateway)
    await decided(house, Decision.RETURN)
    await ask_gateway(house, gateway)
    assert [one.decisions for one in (await ReadCases(db=house.db)()).cases] == [(Decision.AGAIN,)]
    await decided(house, Decision.AGAIN)
    await ask_gateway(house, gateway)
    assert await state_of(house) == "refunded"


async def test_t25_a_button_under_a_case_does_nothing_for_who_is_no_operator(house: House) -> None:
    gateway = OddGateway()
    ana = await unknown(house, gateway)
    tokens = await house.offer(ana, {"case_credit": {"payment": await payment_id(house)}})
    with pytest.raises(ExpiredButton):
        await house.press(ana, tokens["case_credit"])
    assert await state_of(house) == "frozen"
    use = PressButton(db=house.db, stamps=house.stamps, rules=house.rules, key=FORGET_KEY)
    token = tokens["case_credit"]
    await use(Press(token=token, player_id=ana.player_id, chat_id=ana.chat_id, operator_id=OPERATOR))
    assert await state_of(house) == "credited"
