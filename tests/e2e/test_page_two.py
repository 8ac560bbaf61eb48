"""Two players side by side on the playground's page."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import FrameLocator, Page, ViewportSize, expect

from bot.playground.server import build_app
from bot.playground.telegram import Telegram
from tests.page_stage import CHROMIUM, DESKTOP, chromium, open_page, serve
from tests.page_table import ANA, BEN, CARLA

PHONE = ViewportSize(width=390, height=844)

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium binary found")


@pytest.fixture
async def address() -> AsyncIterator[str]:
    server, serving, address = serve(build_app(Telegram.with_cast(limits=None)))
    yield address
    server.should_exit = True
    await serving


@pytest.fixture
async def page(request: pytest.FixtureRequest, address: str) -> AsyncIterator[Page]:
    """Give a browser's page, which is closed before the server waits for its last connection."""
    viewport = getattr(request, "param", DESKTOP)
    async with chromium() as browser, open_page(browser, viewport) as page:
        yield page


def sides(page: Page) -> tuple[FrameLocator, FrameLocator]:
    """Return what both players see."""
    return (
        page.frame_locator("[data-testid=side-0]"),
        page.frame_locator("[data-testid=side-1]"),
    )


async def say(side: FrameLocator, text: str) -> None:
    """Write into the chat that is open on a side."""
    await side.get_by_test_id("composer").fill(text)
    await side.get_by_test_id("composer").press("Enter")


@pytest.mark.parametrize("page", [DESKTOP, PHONE], indirect=True)
async def test_two_players_see_each_other_side_by_side(page: Page, address: str) -> None:
    await page.goto(f"{address}/#{BEN}")
    await page.get_by_test_id("two").click()
    ben, ana = sides(page)
    for side in (ben, ana):
        await expect(side.get_by_test_id("composer")).to_be_in_viewport(ratio=1)
        await side.get_by_test_id("back").click()
        await side.get_by_test_id("chats").get_by_text("Potluck friends", exact=True).click()
        await expect(side.get_by_test_id("two")).to_have_count(0)
    await say(ben, "who plays?")
    await expect(ana.locator(".row.theirs")).to_contain_text("who plays?")
    await say(ana, "me")
    await expect(ben.locator(".row.theirs")).to_contain_text("me")
    await page.get_by_test_id("one").click()
    await expect(page.get_by_test_id(f"user-{CARLA}")).to_be_visible()


async def test_who_is_not_named_is_taken_from_the_cast(page: Page, address: str) -> None:
    await page.goto(f"{address}/two.html#{CARLA}/9999")
    carla, other = sides(page)
    await expect(carla.get_by_test_id(f"user-{CARLA}")).to_have_attribute("aria-pressed", "true")
    await expect(other.get_by_test_id(f"user-{ANA}")).to_have_attribute("aria-pressed", "true")
