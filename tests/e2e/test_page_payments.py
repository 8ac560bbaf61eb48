"""Payments on the playground's page: the sheet, the purse, subscriptions, charge-backs, the bot's transactions."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from bot.playground.bank import State
from bot.playground.models import Json, User
from bot.playground.server import build_app
from bot.playground.telegram import Telegram
from tests.page_stage import CHROMIUM, chromium, open_page, serve
from tests.payers import GOODS, PERIOD_SECONDS, ask_for, paid_link, subscribed

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium binary found")
ALLOWED: Json = {"ok": True}
SOLD_OUT: Json = {"ok": False, "error_message": "Sold out, sorry"}


@dataclass
class Till:
    """The page, and a bot that answers payments as the test says."""

    telegram: Telegram
    page: Page
    address: str
    answer: Json

    async def serve(self) -> None:
        """Answer all that are about to pay."""
        asked: set[str] = set()
        while True:
            for item in list(self.telegram.updates):
                query = json.loads(item.text).get("pre_checkout_query")
                if query and query["id"] not in asked:
                    asked.add(query["id"])
                    answer = {"pre_checkout_query_id": query["id"], **self.answer}
                    await self.telegram.answer("token", "answerPreCheckoutQuery", answer)
            await self.telegram.signals.changed()

    @property
    def ben(self) -> User:
        """Return who plays."""
        return self.telegram.user(5_002)

    async def look(self) -> None:
        """Open the page as Ben, with the panel of payments."""
        await self.page.goto(f"{self.address}/#{self.ben.id}/{self.ben.id}")
        await self.page.get_by_test_id("tab-stars").click()

    async def shows(self, testid: str, *texts: str) -> None:
        """Wait until what has this name shows these texts."""
        await expect(self.page.get_by_test_id(testid)).to_have_text(list(texts))


@pytest_asyncio.fixture
async def till() -> AsyncIterator[Till]:
    """Open a page whose bot allows every payment."""
    telegram = Telegram.with_cast(limits=None)
    server, serving, address = serve(build_app(telegram))
    async with chromium() as browser, open_page(browser) as page:
        till = Till(telegram, page, address, ALLOWED)
        bot = asyncio.create_task(till.serve())
        yield till
        bot.cancel()
        with suppress(asyncio.CancelledError):
            await bot
    server.should_exit = True
    await serving


async def test_an_invoice_is_paid_by_its_button_and_refused_in_the_bots_words(till: Till) -> None:
    await ask_for(till.telegram, till.ben, amount=2_500)
    await till.look()
    till.answer = SOLD_OUT
    await till.page.get_by_test_id("button-Pay ⭐️2500").click()
    await till.shows("checkout-price", "⭐️ 2,500")
    await till.shows("checkout-purse", "⭐️ 10,000")
    await till.page.get_by_test_id("form-submit").click()
    await expect(till.page.get_by_test_id("checkout").get_by_role("alert")).to_have_text("Sold out, sorry")
    till.answer = ALLOWED
    await till.page.get_by_test_id("form-submit").click()
    await expect(till.page.get_by_test_id("toast")).to_have_text("Paid")
    await expect(till.page.get_by_test_id("checkout")).to_have_count(0)
    await expect(till.page.get_by_test_id("messages")).to_contain_text("Ben paid 2500 Stars")
    await till.shows("purse", "⭐️ 7,500")
    await till.shows("transaction-stars", "+2500")


async def test_an_empty_purse_is_told_and_filled(till: Till) -> None:
    till.telegram.bank.purses[till.ben.id] = 50
    await ask_for(till.telegram, till.ben)
    await till.look()
    await till.page.get_by_test_id("button-Pay ⭐️100").click()
    await till.page.get_by_test_id("form-submit").click()
    problem = till.page.get_by_test_id("checkout").get_by_role("alert")
    await expect(problem).to_have_text("Your purse holds only ⭐️ 50. Top it up first.")
    await till.page.keyboard.press("Escape")
    await till.page.get_by_test_id("topup").click()
    await till.page.get_by_test_id("topup-stars").fill("950")
    await till.page.get_by_test_id("form-submit").click()
    await till.shows("purse", "⭐️ 1,000")


async def test_a_subscription_begins_by_a_link_and_is_cancelled_taken_back_and_renewed(till: Till) -> None:
    prices = [{"label": "Premium", "amount": 250}]
    goods = {**GOODS, "prices": prices, "title": "Premium", "subscription_period": PERIOD_SECONDS}
    link = await till.telegram.api("createInvoiceLink", **goods)
    till.telegram.say(till.ben, None, "/premium")
    markup = {"inline_keyboard": [[{"text": "Subscribe", "url": link}]]}
    await till.telegram.api("sendMessage", chat_id=till.ben.id, text="Premium", reply_markup=markup)
    await till.look()
    await till.page.get_by_test_id("button-Subscribe").click()
    await till.shows("checkout-price", "⭐️ 250 every 30 days")
    await till.page.get_by_test_id("form-submit").click()
    await till.shows("subscription-state", "active")
    await till.page.get_by_test_id("subscription-cancel").click()
    await till.shows("subscription-state", "canceled")
    await till.page.get_by_test_id("subscription-resume").click()
    await till.shows("subscription-state", "active")
    await till.page.get_by_test_id("subscription-renew").click()
    await till.shows("transaction-stars", "+250", "+250")
    [subscription] = till.telegram.bank.subscriptions.values()
    assert subscription.state is State.ACTIVE


async def test_a_renewal_that_fails_is_shown_and_paid_late(till: Till) -> None:
    await subscribed(till.telegram, till.ben)
    till.telegram.bank.purses[till.ben.id] = 0
    till.telegram.move_clock(PERIOD_SECONDS + 1)
    await till.look()
    await till.shows("subscription-state", "over")
    till.telegram.top_up(till.ben, 250)
    await till.page.get_by_test_id("subscription-renew").click()
    await till.shows("subscription-state", "active")


async def test_a_payment_is_charged_back_and_late_updates_are_delivered(till: Till) -> None:
    till.telegram.faults.add("update_late", method="successful_payment", seconds=3_600)
    await paid_link(till.telegram, till.ben)
    await till.look()
    before = len(till.telegram.updates)
    await till.page.get_by_test_id("deliver").click()
    await till.telegram.wait_for(lambda: len(till.telegram.updates) > before)
    await till.page.get_by_test_id("charge-back").click()
    await till.shows("transaction-stars", "−100", "+100")
    await till.shows("balance", "⭐️ 0")
    await till.shows("purse", "⭐️ 10,000")
    await expect(till.page.get_by_test_id("charge-back")).to_have_count(0)


async def test_faults_at_payments_are_thrown_on_the_page(till: Till) -> None:
    await till.look()
    await till.page.get_by_test_id("tab-faults").click()
    await till.page.get_by_test_id("fault-kind").select_option("update_late")
    await expect(till.page.get_by_test_id("fault-method")).to_have_value("successful_payment")
    await till.page.get_by_test_id("fault-seconds").fill("60")
    await till.page.get_by_test_id("fault-add").click()
    await expect(till.page.get_by_test_id("fault-row")).to_contain_text("60 s")
    [fault] = till.telegram.faults.active
    assert (fault.kind, fault.method, fault.seconds) == ("update_late", "successful_payment", 60)
    await till.page.get_by_test_id("fault-kind").select_option("429")
    await expect(till.page.get_by_test_id("fault-method")).to_have_value("sendMessage")
