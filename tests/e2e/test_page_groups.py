"""Groups on the playground's page: made, filled, moved; roles, topics, anonymous admins, and the clock."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, ViewportSize, expect

from bot.playground.models import GROUP_ANONYMOUS_ID
from bot.playground.server import build_app
from bot.playground.telegram import Telegram
from tests.app import assert_books_are_right
from tests.page_stage import CHROMIUM, chromium, open_page, say, serve
from tests.page_table import ANA, BEN, CARLA, PATIENCE_MS, Table, playground, url_of

NEVER_WON = {"FREE_MESSAGES_PER_DAY": "0", "CHANCE_PPM_PER_CREDIT": "1"}
REFUSED = ("/play/send: Failed to load resource", "/play/clock: Failed to load resource")
"""What the console says where the server refuses, which two tests provoke."""
BOT = 7_000_000_001
PHONE = ViewportSize(width=390, height=844)

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium binary found")


async def give(page: Page, user: int, role: str) -> None:
    """Make somebody something in the group that is chosen in the panel."""
    await page.get_by_test_id(f"role-{user}").click()
    await page.get_by_test_id(f"give-{role}").click()


async def carla_makes_a_small_group_and_adds_the_bot(table: Table) -> None:
    page = table.page
    await table.be(CARLA)
    await page.get_by_test_id("new-group").click()
    await page.get_by_test_id("group-title").fill("Club")
    await page.get_by_test_id("group-kind").select_option("group")
    await expect(page.get_by_test_id("group-forum")).to_be_hidden()
    await page.get_by_label("With the bot in it").uncheck()
    await page.get_by_test_id("form-submit").click()
    await page.get_by_test_id("tab-groups").click()
    await expect(page.get_by_test_id("group-name")).to_have_text("Club")
    await page.get_by_test_id("member-add").click()
    await page.get_by_test_id(f"add-{BOT}").click()
    await table.sees("anchor")
    await give(page, BOT, "administrator")
    await table.sees("admin")
    await give(page, BEN, "kicked")
    await expect(page.get_by_test_id(f"role-{BEN}")).to_have_count(0)
    await page.get_by_test_id("member-add").click()
    await page.get_by_test_id(f"add-{BEN}").click()
    await expect(page.get_by_test_id(f"role-{BEN}")).to_have_text("Member")


async def ben_pays_before_and_after_the_group_becomes_a_supergroup(table: Table) -> None:
    page = table.page
    await table.be(BEN, "Club")
    await say(page, "/ask hello")
    await table.tap("Pay 5 and send")
    await table.sees("ticket 1")
    await page.get_by_test_id("group-migrate").click()
    await page.get_by_test_id("migrate-tell").select_option("none")
    await page.get_by_test_id("form-submit").click()
    await expect(page.locator(".grouprow[aria-current]")).to_contain_text("supergroup")
    await expect(page.get_by_test_id("chat-title")).to_have_text("Club")
    await say(page, "/pot")
    await table.sees("The pot: 5 credits")


async def carla_opens_a_topic_and_wants_reports_there(table: Table) -> None:
    page = table.page
    await table.be(CARLA, "Club")
    await page.get_by_test_id("group-topics").click()
    await page.get_by_test_id("topic-new").click()
    await page.get_by_test_id("topic-name").fill("Reports")
    await page.get_by_test_id("form-submit").click()
    await expect(page.locator(".topic[aria-pressed=true]")).to_have_text("Reports")
    await say(page, "/settings")
    for button in ("Report", "Every day", "Topic", "This topic"):
        await table.tap(button)
    await expect(page.locator(".row.theirs").last).to_contain_text("every day")


async def ben_pays_once_more_a_day_goes_by_and_the_report_comes(table: Table) -> None:
    page = table.page
    await table.be(BEN, "Club")
    await say(page, "/ask hello again")
    await table.sees("ticket 2")
    await page.get_by_test_id("clock-day").click()
    await expect(page.get_by_test_id("clock-now")).to_have_class(re.compile("moved"))
    await table.sees("The pot today: 14 credits (+9)")
    await expect(page.locator(".row.theirs img.photo").last).to_be_visible()
    await page.get_by_test_id("topic-general").click()
    await expect(page.locator(".row.theirs img.photo")).to_have_count(0)


async def test_a_group_from_its_making_to_its_report(tmp_path: Path) -> None:
    async with (
        playground(tmp_path, **NEVER_WON) as address,
        chromium() as browser,
        open_page(browser) as page,
    ):
        await page.goto(address)
        table = Table(page)
        await expect(page.get_by_test_id("about")).to_contain_text("bote", timeout=PATIENCE_MS)
        await carla_makes_a_small_group_and_adds_the_bot(table)
        await ben_pays_before_and_after_the_group_becomes_a_supergroup(table)
        await carla_opens_a_topic_and_wants_reports_there(table)
        await ben_pays_once_more_a_day_goes_by_and_the_report_comes(table)
    assert_books_are_right(url_of(tmp_path))


@pytest.fixture
def telegram() -> Telegram:
    """Give the cast and a forum that Carla owns, with one topic; no bot talks to it."""
    telegram = Telegram.with_cast(limits=None)
    forum = telegram.add_group("Forum", [ANA, BEN], admins=[CARLA], forum=True)
    telegram.add_topic(forum, "Games", by=BEN)
    return telegram


@pytest.fixture
async def address(telegram: Telegram) -> AsyncIterator[str]:
    server, serving, address = serve(build_app(telegram))
    yield address
    server.should_exit = True
    await telegram.aclose()
    await serving


@pytest.fixture
async def page(request: pytest.FixtureRequest, address: str) -> AsyncIterator[Page]:
    """Give a browser's page, which is closed before the server waits for its last connection."""
    viewport = getattr(request, "param", ViewportSize(width=1280, height=800))
    async with chromium() as browser, open_page(browser, viewport, expected=REFUSED) as page:
        yield page


async def test_an_admin_may_write_as_the_group_and_others_may_not(
    page: Page, telegram: Telegram, address: str
) -> None:
    forum = next(chat for chat in telegram.chats.values() if chat.forum)
    await page.goto(f"{address}/#{CARLA}/{forum.id}")
    await page.get_by_test_id("anonymous").click()
    await expect(page.get_by_test_id("anonymous")).to_have_attribute("aria-pressed", "true")
    await say(page, "be kind")
    await expect(page.locator(".row.mine")).to_contain_text("be kind")
    assert telegram.messages(forum)[-1]["from"]["id"] == GROUP_ANONYMOUS_ID
    await page.get_by_test_id(f"user-{BEN}").click()
    await expect(page.locator(".row.theirs .author")).to_have_text("Forum")
    await expect(page.get_by_test_id("anonymous")).to_be_hidden()


async def test_topics_show_their_own_messages_what_is_new_and_whether_they_are_closed(
    page: Page, telegram: Telegram, address: str
) -> None:
    forum = next(chat for chat in telegram.chats.values() if chat.forum)
    (topic,) = forum.threads
    await page.goto(f"{address}/#{CARLA}/{forum.id}")
    games = page.get_by_test_id(f"topic-{topic}")
    await expect(games).to_have_text("Games")
    telegram.say(BEN, forum, "who plays?", thread=topic)
    await expect(games.locator(".freshmark")).to_be_visible()
    await expect(page.locator(".row.theirs")).to_have_count(0)
    await games.click()
    await expect(page.locator(".row.theirs")).to_contain_text("who plays?")
    await expect(games.locator(".freshmark")).to_have_count(0)
    await say(page, "me")
    await expect(page.locator(".row.mine")).to_contain_text("me")
    assert telegram.messages(forum)[-1]["message_thread_id"] == topic
    await page.get_by_test_id("topic-close").click()
    await expect(games).to_have_attribute("aria-label", re.compile("closed"))
    await page.get_by_test_id(f"user-{BEN}").click()
    await say(page, "too late")
    await expect(page.get_by_test_id("toast")).to_have_text("the topic is closed")
    await expect(page.get_by_test_id("topic-close")).to_have_count(0)


async def test_a_group_is_renamed_and_handed_over(page: Page, telegram: Telegram, address: str) -> None:
    group = next(chat for chat in telegram.chats.values() if chat.title == "Potluck friends")
    await page.goto(f"{address}/#{CARLA}/{group.id}")
    await page.get_by_test_id("tab-groups").click()
    await page.get_by_test_id("group-rename").click()
    await page.get_by_test_id("title").fill("Old friends")
    await page.get_by_test_id("form-submit").click()
    await expect(page.get_by_test_id("group-name")).to_have_text("Old friends")
    await give(page, BEN, "creator")
    await expect(page.get_by_test_id(f"role-{BEN}")).to_have_text("Owner")
    await expect(page.get_by_test_id(f"role-{CARLA}")).to_have_text("Admin")
    await give(page, ANA, "anonymous")
    await expect(page.get_by_test_id(f"role-{ANA}")).to_have_text("Anonymous admin")


async def test_the_time_is_moved_by_any_length_and_a_refusal_is_told(
    page: Page, telegram: Telegram, address: str
) -> None:
    await page.goto(address)
    await page.get_by_test_id("clock-more").click()
    await page.get_by_test_id("form-submit").click()
    await expect(page.get_by_test_id("clock-form")).to_contain_text("time goes forward")
    await page.get_by_test_id("clock-days").fill("2")
    await page.get_by_test_id("clock-minutes").fill("30")
    await page.get_by_test_id("form-submit").click()
    await expect(page.get_by_test_id("clock-now")).to_have_attribute("title", re.compile("forward by 2 days"))
    assert telegram.lead.seconds == 2 * 86_400 + 30 * 60


@pytest.mark.parametrize("page", [PHONE], indirect=True)
async def test_groups_and_the_clock_are_usable_on_a_phone(
    page: Page, telegram: Telegram, address: str
) -> None:
    forum = next(chat for chat in telegram.chats.values() if chat.forum)
    await page.goto(address)
    await page.get_by_test_id("clock-week").click()
    await expect(page.get_by_test_id("clock-now")).to_have_attribute("title", re.compile("forward by 7 days"))
    for name in ("clock-now", "clock-hour", "clock-more"):
        await expect(page.get_by_test_id(name)).to_be_in_viewport(ratio=1)
    await page.get_by_test_id(f"chat-{forum.id}").click()
    await expect(page.get_by_test_id("topic-general")).to_be_in_viewport(ratio=1)
    await page.get_by_test_id("inspector-open").click()
    await page.get_by_test_id("tab-groups").click()
    await expect(page.get_by_test_id("group-name")).to_have_text("Forum")
    await give(page, BEN, "administrator")
    await expect(page.get_by_test_id(f"role-{BEN}")).to_have_text("Admin")
    widths = "[document.documentElement.scrollWidth, document.body.scrollWidth, innerWidth]"
    whole, body, window = await page.evaluate(widths)
    assert max(whole, body) <= window
