"""A quiz duel of two players side by side: the real bot beside the playground's page, in a browser."""

import re
from pathlib import Path

import pytest
from playwright.async_api import FrameLocator, expect

from tests.app import assert_books_are_right
from tests.page_stage import CHROMIUM, chromium, open_page
from tests.page_table import BEN, CARLA, PATIENCE_MS, playground, url_of

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium binary found")

SETTLED = re.compile("🟢|🔴|⚪")


async def stake(side: FrameLocator) -> None:
    """Stake on science."""
    await side.get_by_test_id("start").click(timeout=PATIENCE_MS)
    await side.get_by_test_id("composer").fill("/duel")
    await side.get_by_test_id("composer").press("Enter")
    await side.locator("[data-testid^='button-Science']").click(timeout=PATIENCE_MS)
    await side.get_by_test_id("button-Stake 500, win 800. The house keeps 200.").click()


async def answer_all(side: FrameLocator) -> None:
    """Answer every question with its first option."""
    asked = side.locator(".row.theirs", has_text="○").last
    for answered in range(5):
        await expect(asked).to_contain_text("●" * answered + "○" * (5 - answered), timeout=PATIENCE_MS)
        await asked.locator("button").first.click()
    await expect(side.locator(".row.theirs", has_text="○")).to_have_count(0)


async def test_two_players_duel_side_by_side(tmp_path: Path) -> None:
    figures = {"DUEL_MIN_AGE_HOURS": "0", "DUEL_SECONDS": "60"}
    async with (
        playground(tmp_path, **figures) as address,
        chromium() as browser,
        open_page(browser) as page,
    ):
        await page.goto(f"{address}/two.html#{BEN}/{CARLA}")
        sides = [page.frame_locator(f"[data-testid=side-{number}]") for number in range(2)]
        for side in sides:
            await stake(side)
        for side in sides:
            await answer_all(side)
        for side in sides:
            await expect(side.locator(".row.theirs").last).to_contain_text(SETTLED, timeout=PATIENCE_MS)
    assert_books_are_right(url_of(tmp_path))
