"""Premium: the way to Telegram's window, the first payment, renewals, cancelling and taking that back."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest_asyncio

from tests.scene import Scene
from tests.shop import answered, link_for, rows, shop, subscribe
from tests.stand_ins import EN, ES, logged

MONTH = timedelta(days=30)


@pytest_asyncio.fixture
async def here(sqlite_url: str) -> AsyncIterator[Scene]:
    """Give a bot that sells."""
    async with shop(sqlite_url) as opened:
        yield opened


async def test_premium_is_subscribed_to_by_a_link(database_url: str) -> None:
    async with shop(database_url) as here:
        shown = await here.ask(here.ben, "/premium")
        assert "200 free messages a day instead of 5" in shown
        assert "⭐ 250" in shown
        subscription = await subscribe(here, here.ben)
        assert subscription.stars == 250
        said = here.app.last(here.ben)
        assert "You have Premium until" in said
        assert "⭐ 250 Premium" in await here.ask(here.ben, "/history")
        number = said.rpartition(" ")[2]
        receipt = await here.ask(here.ben, f"/receipt {number}")
        assert "Stars: ⭐ 250" in receipt
        assert "1,000" in receipt
        assert "Premium until" in await here.ask(here.ben, "/me")
        assert "Telegram renews it" in await here.ask(here.ben, "/premium")
        assert here.buttons(here.ben) == []


async def test_t54_a_second_subscription_is_refused_before_it_is_paid(here: Scene) -> None:
    other = await link_for(here, here.ben)
    await subscribe(here, here.ben)
    answer = await answered(here.app, here.app.telegram.pay(here.ben, link=other))
    assert answer == {"ok": False, "error_message": EN.plain("error.order_refused.has_premium")}


async def test_two_links_confirmed_at_the_same_moment_are_one_subscription_with_an_alarm(
    database_url: str,
) -> None:
    with logged() as log:
        async with shop(database_url) as here:
            telegram = here.app.telegram
            links = [await link_for(here, here.ben), await link_for(here, here.ben)]
            both = [telegram.pay(here.ben, link=link) for link in links]
            assert [(await answered(here.app, one))["ok"] for one in both] == [True, True]
            assert telegram.bank.purse(here.ben.id) == 9_750
            said = "\n".join(here.app.texts(here.ben))
            assert "You have paid for Premium a second time: ⭐ 250" in said
            assert "⭐ 250 went back to you" in said
            assert sorted(str(one.state) for one in telegram.bank.subscriptions_of(here.ben.id)) == [
                "active",
                "canceled",
            ]
            assert "Telegram renews it" in await here.ask(here.ben, "/premium")
    assert [(one["why"], one["level"]) for one in log.of("payment_frozen")] == [("has_premium", "error")]


async def test_who_has_cancelled_is_led_back_to_his_subscription(here: Scene) -> None:
    other = await link_for(here, here.ana)
    here.app.telegram.cancel(await subscribe(here, here.ana))
    await here.app.settled()
    answer = await answered(here.app, here.app.telegram.pay(here.ana, link=other))
    assert answer == {"ok": False, "error_message": ES.plain("error.order_refused.canceled")}


async def test_t34_a_link_is_payable_by_its_orders_player_alone(here: Scene) -> None:
    await here.ask(here.ana, "hola")
    answer = await answered(here.app, here.app.telegram.pay(here.ana, link=await link_for(here, here.ben)))
    assert "de otra persona" in answer["error_message"]


async def test_a_renewal_is_told_and_lasts_a_month_longer(here: Scene) -> None:
    subscription = await subscribe(here, here.ben)
    here.app.clock.move(MONTH)
    here.app.telegram.catch_up()
    await here.app.settled()
    assert "Premium was renewed" in here.app.last(here.ben)
    [(until,)] = await rows(here.app, "SELECT premium_until FROM player WHERE premium_until IS NOT NULL")
    assert str(until)[:10] == f"{here.app.clock.now() + MONTH:%Y-%m-%d}"
    assert subscription.until == (here.app.clock.now() + MONTH).timestamp()
    assert "Premium until" in await here.ask(here.ben, "/me")


async def test_cancelling_keeps_it_to_its_end_and_can_be_taken_back(database_url: str) -> None:
    async with shop(database_url) as here:
        telegram = here.app.telegram
        subscription = await subscribe(here, here.ben)
        telegram.cancel(subscription)
        await here.app.settled()
        assert "won't be renewed" in await here.ask(here.ben, "/premium")
        telegram.resume(subscription)
        await here.app.settled()
        assert "Telegram renews it" in await here.ask(here.ben, "/premium")
        telegram.cancel(subscription)
        here.app.clock.move(MONTH)
        await here.app.settled()
        assert "Premium until" not in await here.ask(here.ben, "/me")
        await subscribe(here, here.ben)


async def test_t58_a_renewal_that_failed_ends_premium_on_its_date(here: Scene) -> None:
    telegram = here.app.telegram
    await subscribe(here, here.ben)
    telegram.bank.purses[here.ben.id] = 0
    here.app.clock.move(MONTH)
    telegram.catch_up()
    await here.app.settled()
    assert "Premium until" not in await here.ask(here.ben, "/me")
    assert "It costs" in await here.ask(here.ben, "/premium")


async def test_what_is_told_of_a_former_subscription_changes_nothing(here: Scene) -> None:
    telegram = here.app.telegram
    former = await subscribe(here, here.ben)
    here.app.clock.move(MONTH * 2)
    telegram.cancel(former)
    await here.app.settled()
    await subscribe(here, here.ben)
    telegram.tell_subscription(here.ben, former.payload, "canceled")
    telegram.tell_subscription(here.ben, "invented", "canceled")
    telegram.tell_subscription(here.ben, former.payload, "a state to come")
    await here.app.settled()
    assert "Telegram renews it" in await here.ask(here.ben, "/premium")


async def test_a_break_refuses_a_subscription_but_shows_the_one_there_is(here: Scene) -> None:
    await subscribe(here, here.ana)
    for user in (here.ana, here.ben):
        await here.ask(user, "/break 1")
        await here.press(user, here.buttons(user)[0])
    assert "Tienes Premium" in await here.ask(here.ana, "/premium")
    await here.ask(here.ben, "/premium")
    await here.press(here.ben, here.buttons(here.ben)[0])
    assert here.app.telegram.calls_of("createInvoiceLink")[1:] == []
