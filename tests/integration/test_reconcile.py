"""Reconciliation with the gateway's own list: what no update told of, what was never paid, what went back."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import ClassVar

import pytest
import pytest_asyncio

from db.models.payments import PaymentState
from services.events import ReconcileDue
from services.orders import Checkout
from services.people import Met
from services.ports import StarLine
from services.profile import ReadPlayer
from services.reconcile import Difference, ReconcileJob, begin_reconciling, next_time
from services.timers import RunTimers, TimerKind
from tests.app import START
from tests.buying import SELLING, checkout, order, pay, state_of
from tests.gateway import OddGateway, SubscriptionOver, reconcile
from tests.house import House, open_house

LATER = timedelta(minutes=11)
MONTH = timedelta(days=30)


@pytest_asyncio.fixture
async def house(books_url: str) -> AsyncIterator[House]:
    """Give a house that sells."""
    async with open_house(books_url, SELLING) as opened:
        yield opened


async def buy(house: House, who: Met, gateway: OddGateway, charge: str, *, is_told: bool = True) -> None:
    """Have a player pay for a package; an update tells of it or not."""
    asked = checkout(await order(house, who))
    gateway.pay(asked, charge, house.clock.now())
    if is_told:
        await pay(house, asked, charge)


async def premium_until(house: House, who: Met) -> object:
    """Return until when a player has Premium."""
    player = await ReadPlayer(db=house.db)(player_id=who.player_id)
    return player.premium_until


async def test_t06_a_payment_that_no_update_told_of_is_credited_once(house: House) -> None:
    ana, gateway = await house.player(), OddGateway()
    await buy(house, ana, gateway, "c1", is_told=False)
    await buy(house, ana, gateway, "c2")
    done = await reconcile(house, gateway)
    assert (done.noted.new, done.noted.missed, done.differences) == (2, 1, ())
    assert (await reconcile(house, gateway)).noted.new == 0
    assert await house.wallet(ana) == (3_000, 0)
    assert len(house.told("purchase_done")) == 2


async def test_t06_t55_an_update_that_comes_after_the_reconciliation_books_nothing_more(house: House) -> None:
    ana, gateway = await house.player(), OddGateway()
    asked = checkout(await order(house, ana))
    gateway.pay(asked, "c1", house.clock.now())
    await reconcile(house, gateway)
    assert await pay(house, asked, "c1") is PaymentState.CREDITED
    assert await house.wallet(ana) == (2_000, 0)


async def test_a_long_list_that_comes_in_short_pages_is_read_to_its_end(house: House) -> None:
    ana, gateway = await house.player(), OddGateway(page=7)
    for number in range(30):
        await buy(house, ana, gateway, f"c{number}", is_told=number % 3 > 0)
    done = await reconcile(house, gateway)
    assert (done.noted.new, done.noted.missed) == (30, 10)
    assert await house.wallet(ana) == (31_000, 0)


class GrowingGateway(OddGateway):
    """Somebody pays whenever the list is looked at."""

    waiting: ClassVar[list[Checkout]] = []

    async def lines(self, offset: int, limit: int) -> Sequence[StarLine]:
        """Return a part of the list, to which a line is added behind it."""
        found = await super().lines(offset, limit)
        if self.waiting:
            self.pay(self.waiting.pop(), f"late{len(self.waiting)}", START)
        return found


async def test_a_list_that_grows_while_it_is_read_is_read_whole(house: House) -> None:
    ana, gateway = await house.player(), GrowingGateway(page=3)
    for number in range(6):
        await buy(house, ana, gateway, f"c{number}")
    gateway.waiting[:] = [checkout(await order(house, ana)) for _ in range(10)]
    done = await reconcile(house, gateway)
    assert (done.noted.new, done.noted.missed, done.differences) == (16, 10, ())
    assert await house.wallet(ana) == (17_000, 0)


async def test_t61_two_reconciliations_at_once_book_everything_once(house: House) -> None:
    ana, gateway = await house.player(), OddGateway(page=5)
    for number in range(20):
        await buy(house, ana, gateway, f"c{number}", is_told=False)
    gateway.take("c3")
    done = await asyncio.gather(*(reconcile(house, gateway) for _ in range(3)))
    assert sum(one.noted.new for one in done) == 21
    assert await house.wallet(ana) == (20_000, 0)
    assert len(house.told("purchase_done")) == 20


async def test_t56_a_payment_that_the_list_does_not_have_is_kept_apart_with_an_alarm(house: House) -> None:
    ana, gateway = await house.player(), OddGateway()
    await pay(house, checkout(await order(house, ana)), "forged")
    await house.leave(ana, 300)
    assert (await reconcile(house, gateway)).frozen == 0  # the list may be behind
    house.clock.move(LATER)
    assert (await reconcile(house, gateway)).frozen == 1
    assert (await reconcile(house, gateway)).frozen == 0
    assert await house.wallet(ana) == (0, 0)
    assert await state_of(house, "forged") == "frozen"
    assert await house.value("SELECT debt_credits FROM player WHERE id = :id", id=ana.player_id) == 700
    assert house.happened("payment_frozen")[-1]["why"] == "forged"
    assert house.told("charge_back")


async def test_t56_what_turns_up_in_the_list_after_all_is_given_back_to_its_player(house: House) -> None:
    ana, gateway = await house.player(), OddGateway()
    asked = checkout(await order(house, ana))
    await pay(house, asked, "c1")
    house.clock.move(LATER)
    await reconcile(house, gateway)
    assert await house.wallet(ana) == (1_000, 0)
    gateway.pay(asked, "c1", house.clock.now())
    await reconcile(house, gateway)
    assert await house.wallet(ana) == (2_000, 0)
    assert await state_of(house) == "credited"


async def test_t56_a_payment_of_more_stars_than_the_list_says_is_kept_apart(house: House) -> None:
    ana, gateway = await house.player(), OddGateway()
    await pay(house, checkout(await order(house, ana, 1_000)), "c1")
    gateway.pay(checkout(await order(house, ana)), "c1", house.clock.now())
    await reconcile(house, gateway)
    assert await house.wallet(ana) == (1_000, 0)
    assert await state_of(house) == "frozen"


async def test_t56_where_the_list_has_lost_lines_nothing_is_taken_from_anybody(house: House) -> None:
    ana, gateway = await house.player(), OddGateway()
    await buy(house, ana, gateway, "c1")
    await reconcile(house, gateway)
    await buy(house, ana, gateway, "c2")
    gateway.listed.clear()
    house.clock.move(LATER)
    done = await reconcile(house, gateway)
    assert done.frozen == 0
    assert done.differences[0] == Difference(what="lines", books=1, gateway=0)
    assert await house.wallet(ana) == (3_000, 0)


async def test_t53_stars_that_were_taken_back_without_an_update_leave_a_debt(house: House) -> None:
    ana, gateway = await house.player(), OddGateway()
    await buy(house, ana, gateway, "c1")
    await reconcile(house, gateway)
    await house.leave(ana, 300)
    gateway.take("c1")
    done = await reconcile(house, gateway)
    assert (done.noted.taken, done.differences) == (1, ())
    assert await house.wallet(ana) == (0, 0)
    assert await state_of(house) == "reclaimed"
    assert await house.value("SELECT debt_credits FROM player WHERE id = :id", id=ana.player_id) == 700


async def test_a_payment_and_its_charge_back_that_nobody_told_of_cancel_each_other(house: House) -> None:
    ana, gateway = await house.player(), OddGateway()
    await buy(house, ana, gateway, "c1", is_told=False)
    gateway.take("c1")
    await reconcile(house, gateway)
    assert await house.wallet(ana) == (1_000, 0)
    assert await state_of(house) == "reclaimed"


async def test_t58_renewals_that_no_update_told_of_prolong_premium_by_their_period(house: House) -> None:
    ana, gateway = await house.player(), OddGateway()
    asked = checkout(await order(house, ana, None))
    gateway.pay(asked, "p1", house.clock.now(), period=2_592_000)
    await reconcile(house, gateway)
    assert await premium_until(house, ana) == house.clock.now() + MONTH
    house.clock.move(MONTH)
    gateway.pay(asked, "p2", house.clock.now(), period=2_592_000)
    await reconcile(house, gateway)
    assert await premium_until(house, ana) == house.clock.now() + MONTH
    assert [told["is_renewal"] for told in house.told("premium_paid")] == [False, True]


async def test_premium_whose_stars_were_taken_back_ends_and_is_renewed_no_more(house: House) -> None:
    ana, gateway = await house.player(), OddGateway()
    asked = checkout(await order(house, ana, None))
    for charge in ("p1", "p2"):
        gateway.pay(asked, charge, house.clock.now(), period=2_592_000)
        await reconcile(house, gateway)
        house.clock.move(MONTH if charge == "p1" else timedelta(days=1))
    gateway.take("p1")
    await reconcile(house, gateway)
    assert await premium_until(house, ana) == house.clock.now() + MONTH - timedelta(days=1)  # p2's
    gateway.take("p2")
    await reconcile(house, gateway)
    assert await premium_until(house, ana) == house.clock.now()
    assert [one.charge_id for one in house.events if isinstance(one, SubscriptionOver)] == ["p2"]


async def test_a_balance_that_the_list_does_not_explain_is_said(house: House) -> None:
    ana, gateway = await house.player(), OddGateway(hidden=-5)
    await buy(house, ana, gateway, "c1")
    done = await reconcile(house, gateway)
    assert done.differences == (Difference(what="balance", books=100, gateway=95),)


async def test_what_is_no_payment_of_a_player_is_only_noted(house: House) -> None:
    ana, gateway = await house.player(), OddGateway()
    await buy(house, ana, gateway, "c1")
    facts = {"is_incoming": False, "stars": 40, "at": house.clock.now()}
    gateway.listed.append(StarLine(charge_id="w1", partner="fragment", **facts))  # type: ignore[arg-type]
    done = await reconcile(house, gateway)
    assert (done.noted.new, done.noted.taken, done.differences) == (2, 0, ())


async def test_t68_after_a_restore_what_the_gateway_knows_and_we_do_not_is_kept_apart(house: House) -> None:
    """The orders are gone with the books, so that only their payers and prices are known."""
    ana, gateway = await house.player(), OddGateway()
    asked = checkout(await order(house, ana))
    gateway.pay(asked, "c1", house.clock.now())
    await house.write("DELETE FROM purchase")
    await reconcile(house, gateway)
    assert await state_of(house) == "frozen"
    assert house.happened("payment_frozen")[-1]["why"] == "unknown"


async def test_t61_each_start_and_every_ten_minutes_one_process_reconciles(house: House) -> None:
    await house.player()
    jobs = {TimerKind.RECONCILE: ReconcileJob(house.rules)}

    async def tick() -> int:
        house.events.clear()
        for stamps in (house.stamps, house.other_worker()):
            await RunTimers(db=house.db, stamps=stamps, jobs=jobs)(limit=10, note=lambda _: None)
        return sum(isinstance(event, ReconcileDue) for event in house.events)

    for stamps in (house.stamps, house.other_worker()):
        await house.db.transact(begin_reconciling, stamps.take())
    assert await tick() == 2
    assert await tick() == 0
    for _ in range(3):
        house.clock.move(next_time(house.clock.now()) - house.clock.now())
        assert await tick() == 1


@pytest.mark.parametrize("is_bought", [False, True])
async def test_where_nothing_was_ever_sold_nothing_is_asked(house: House, is_bought: bool) -> None:
    ana = await house.player()
    if is_bought:
        await pay(house, checkout(await order(house, ana)))
    await house.db.transact(begin_reconciling, house.stamps.take())
    off = ReconcileJob(type(house.rules)(price=house.rules.price))
    use = RunTimers(db=house.db, stamps=house.stamps, jobs={TimerKind.RECONCILE: off})
    await use(limit=10, note=lambda _: None)
    assert any(isinstance(event, ReconcileDue) for event in house.events) is is_bought
