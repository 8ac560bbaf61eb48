"""The controls of the language model on the playground's page."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from bot.playground.model_server import Mode, ModelServer
from bot.playground.server import build_app
from bot.playground.telegram import Telegram
from tests.page_stage import CHROMIUM, FakeSupervisor, chromium, open_page, serve

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium binary found")


class SlowSwitch:
    """Switches when the test says so."""

    def __init__(self) -> None:
        self.is_test = False
        self.may_end = asyncio.Event()

    async def use(self, *, test: bool) -> None:
        """Switch."""
        await self.may_end.wait()
        self.is_test = test


class Desk:
    """The page with its model and its switch."""

    def __init__(self, page: Page, model: ModelServer, switch: SlowSwitch) -> None:
        self.page = page
        self.model = model
        self.switch = switch


@pytest_asyncio.fixture
async def desk() -> AsyncIterator[Desk]:
    """Open the panel of the bot."""
    switch = SlowSwitch()
    app = build_app(Telegram.with_cast(limits=None), supervisor=FakeSupervisor(), switch=switch)
    server, serving, address = serve(app)
    async with chromium() as browser, open_page(browser) as page:
        await page.goto(address)
        await page.get_by_test_id("tab-bot").click()
        yield Desk(page, app.model, switch)
    server.should_exit = True
    await serving


async def test_the_bot_is_switched_and_the_model_is_broken_and_mended(desk: Desk) -> None:
    who = desk.page.get_by_test_id("model-who")
    await who.select_option("test")
    await expect(who).to_be_disabled()
    desk.switch.may_end.set()
    await expect(desk.page.get_by_test_id("toast").last).to_have_text("The bot asks the test model")
    await expect(who).to_be_enabled()
    await desk.page.get_by_test_id("model-mode").select_option("error 500")
    await expect(desk.page.get_by_test_id("toast").last).to_have_text("Test model: error 500")
    await desk.page.get_by_test_id("model-usage").uncheck()
    await expect(desk.page.get_by_test_id("toast").last).to_have_text("Usage is not told")
    assert (desk.switch.is_test, desk.model.mode, desk.model.with_usage) == (True, Mode.ERROR_500, False)
    await desk.page.reload()
    await desk.page.get_by_test_id("tab-bot").click()
    await expect(who).to_have_value("test")
    await expect(desk.page.get_by_test_id("model-mode")).to_have_value("error 500")
    await expect(desk.page.get_by_test_id("model-asked")).to_have_text("Asked 0 times")
