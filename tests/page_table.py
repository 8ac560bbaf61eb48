"""The real bot beside the playground's page in a browser, and what a person does at that page."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Locator, Page, expect

SCRIPT = Path(__file__).resolve().parents[1] / "bot.py"
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
ANA, BEN, CARLA = 5_001, 5_002, 5_003
PATIENCE_SECONDS = 30.0
PATIENCE_MS = PATIENCE_SECONDS * 1_000
KEPT = {"PATH", "HOME", "LANG", "TMPDIR", "SYSTEMROOT"}


@asynccontextmanager
async def playground(folder: Path, **figures: str) -> AsyncIterator[str]:
    """Run ``bot.py playground`` in an empty folder and give the page's address."""
    environment = {name: value for name, value in os.environ.items() if name in KEPT}
    environment |= {"DATABASE_URL": url_of(folder), "HTTP_LISTEN": "127.0.0.1:0", "LOG_LEVEL": "ERROR"}
    command = (sys.executable, str(SCRIPT), "playground", "--port", "0")
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, env=environment | figures, stdout=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            address = await _address(process)
        yield address
    finally:
        process.terminate()
        await process.communicate()
    assert process.returncode == 0


def url_of(folder: Path) -> str:
    return f"sqlite:///{folder / 'game.db'}"


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    async for line in process.stdout:
        if found := ADDRESS.search(line.decode()):
            return found.group()
    raise AssertionError("the playground ended before it said where it is")


@dataclass(frozen=True)
class Table:
    """The page with the game on it, as the one who plays them all sees it."""

    page: Page

    async def be(self, user: int, chat: str = "Potluck") -> None:
        """Play as a user in a chat."""
        await self.page.get_by_test_id(f"user-{user}").click()
        await self.page.get_by_test_id("chats").get_by_text(chat, exact=True).click()
        await expect(self.page.get_by_test_id("chat-title")).to_have_text(chat)

    async def sees(self, words: str | re.Pattern[str]) -> None:
        """Wait until the newest message of somebody else says something."""
        newest = self.page.locator(".row.theirs").last
        await expect(newest).to_contain_text(words, timeout=PATIENCE_MS)

    async def tap(self, button: str) -> None:
        """Press the newest button of a name."""
        await self.page.get_by_test_id(f"button-{button}").last.click()

    async def throw(self, method: str, kind: str, retry_after_seconds: int) -> None:
        """Throw a fault at the bot's next call of a method."""
        await self.page.get_by_test_id("tab-faults").click()
        await self.page.get_by_test_id("fault-method").fill(method)
        await self.page.get_by_test_id("fault-kind").select_option(kind)
        await self.page.get_by_test_id("fault-retry-after").fill(str(retry_after_seconds))
        await self.page.get_by_test_id("fault-add").click()
        await expect(self.page.get_by_test_id("fault-row")).to_be_visible()
        await self.page.get_by_test_id("tab-calls").click()

    def refused(self, method: str) -> Locator:
        """Return the log's rows of a method's refused calls."""
        return self.page.get_by_test_id("calls").locator(f"[data-method={method}][data-ok=false]")
