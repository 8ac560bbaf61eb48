"""The playground's page in a real browser, against the real server and a small scripted bot over HTTP."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, ViewportSize, expect

from bot.playground.server import build_app
from bot.playground.telegram import Telegram
from tests.page_stage import (
    CHROMIUM,
    DESKTOP,
    PROOF,
    FakeSupervisor,
    ScriptedBot,
    Stage,
    chromium,
    open_page,
    say,
    serve,
)

EXPECTED_COMPLAINTS = ("/play/events: Failed to load resource: net::ERR_FAILED",)

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium binary found"),
    pytest.mark.asyncio(loop_scope="module"),
]


@pytest_asyncio.fixture(loop_scope="module")
async def stage() -> AsyncIterator[Stage]:
    telegram = Telegram.with_cast(limits=None)
    supervisor = FakeSupervisor()
    server, serving, address = serve(build_app(telegram, supervisor=supervisor))
    bot = ScriptedBot(address)
    running = asyncio.create_task(bot.run())
    people = {user.first_name: user for user in telegram.users.values()}
    group = next(chat for chat in telegram.chats.values() if not chat.private)
    yield Stage(telegram, supervisor, bot, address, people["Ana"], people["Ben"], group)
    bot.stopped = True
    telegram.say(people["Carla"], text="good night")  # wakes the bot's long poll
    await running
    server.should_exit = True
    await serving


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module", params=[DESKTOP], ids=["desktop"])
async def page(browser: Browser, stage: Stage, request: pytest.FixtureRequest) -> AsyncIterator[Page]:
    async with open_page(browser, request.param, expected=EXPECTED_COMPLAINTS) as page:
        yield page


async def test_two_users_talk_in_a_group_and_see_each_other(page: Page, stage: Stage) -> None:
    await stage.open(page, stage.ana, stage.group)
    await say(page, "Hello from Ana")
    await expect(page.locator(".row.mine")).to_contain_text("Hello from Ana")
    await page.get_by_test_id(f"user-{stage.ben.id}").click()
    await expect(page.get_by_test_id("chat-subtitle")).to_contain_text("you are Ben")
    await expect(page.locator(".row.theirs", has_text="Hello from Ana")).to_contain_text("Ana")
    await say(page, "Hello from Ben")
    await page.get_by_test_id(f"user-{stage.ana.id}").click()
    await expect(page.locator(".row.theirs")).to_contain_text("Hello from Ben")
    await expect(page.get_by_test_id("composer")).to_have_value("")


async def test_the_start_button_begins_and_an_echo_comes_back(page: Page, stage: Stage) -> None:
    await stage.open(page, stage.ana)
    await page.get_by_test_id("start").click()
    await expect(page.locator(".row.theirs")).to_contain_text("Hello there")
    await expect(page.get_by_test_id("start")).to_have_count(0)
    await say(page, "two\nlines")
    await expect(page.locator(".row.theirs").last).to_contain_text("echo: two\nlines")
    await expect(page.get_by_test_id("announcer")).to_contain_text("Potluck: echo: two")


async def test_a_button_shows_the_answer_and_the_edited_message(page: Page, stage: Stage) -> None:
    await stage.open(page, stage.ana)
    await say(page, "/start")
    await page.get_by_test_id("button-Why?").click()
    await expect(page.get_by_test_id("alert")).to_contain_text("Because")
    await page.get_by_test_id("alert-ok").click()
    await page.get_by_test_id("button-Pay").click()
    await expect(page.get_by_test_id("toast")).to_have_text("Paid 30 credits")
    changed = page.locator(".row.theirs", has_text="Paid. Good luck!")
    await expect(changed.locator(".edited")).to_have_text("edited")


async def test_a_button_is_busy_until_it_is_answered(page: Page, stage: Stage) -> None:
    await stage.open(page, stage.ana)
    await say(page, "/start")
    button = page.get_by_test_id("button-Never answered")
    await button.click()
    await expect(button).to_have_attribute("aria-busy", "true")
    await expect(page.get_by_test_id("toast")).to_have_text("The bot didn't answer the button")
    await expect(button).not_to_have_attribute("aria-busy", "true")


async def test_a_draft_grows_and_gives_way_to_the_message(page: Page, stage: Stage) -> None:
    await stage.open(page, stage.ana)
    await say(page, "write")
    draft = page.get_by_test_id("draft-text")
    await expect(draft).to_have_text("The pot")
    await expect(page.get_by_test_id("chat-subtitle")).to_have_text("writing…")
    stage.bot.grow.set()
    await expect(draft).to_have_text("The pot holds 1,905")
    stage.bot.grow.set()
    await expect(page.locator(".row.theirs")).to_contain_text("The pot holds 1,905 credits")
    await expect(draft).to_have_count(0)
    drafts = page.get_by_test_id("calls").locator("[data-method=sendMessageDraft]")
    await expect(drafts).to_contain_text("× 2")


async def test_entities_are_shown_and_markup_of_users_stays_text(page: Page, stage: Stage) -> None:
    await stage.open(page, stage.ana)
    await say(page, "rich")
    answer = page.locator(".row.theirs .text")
    await expect(answer.locator("strong")).to_have_text("Bold")
    await expect(answer.locator("code")).to_have_text("x = 1")
    await expect(answer).to_contain_text("<i>plain</i>")
    await answer.locator(".spoiler").click()
    await expect(answer.locator(".spoiler")).to_have_class(re.compile("shown"))
    await say(page, '<img src=x onerror="document.title=1"><b>no</b>')
    await expect(page.locator(".row.mine").last).to_contain_text("<b>no</b>")
    await expect(page.locator(".messages img")).to_have_count(0)


async def test_replying_and_editing_the_last_message(page: Page, stage: Stage) -> None:
    first = stage.greet()
    await stage.open(page, stage.ana)
    await page.get_by_test_id(f"reply-{first}").click()
    await expect(page.get_by_test_id("context")).to_contain_text("Reply to Ana")
    await say(page, "an answer to myself")
    mine = page.locator(".row.mine").last
    await expect(mine.locator(".quote")).to_contain_text("good morning")
    await page.get_by_test_id("composer").press("ArrowUp")
    await expect(page.get_by_test_id("composer")).to_have_value("an answer to myself")
    await say(page, "something better")
    await expect(mine).to_contain_text("something better")
    await expect(mine.locator(".edited")).to_be_visible()


async def test_commands_are_offered_at_a_slash(page: Page, stage: Stage) -> None:
    await stage.open(page, stage.ana, stage.group)
    await page.get_by_test_id("composer").fill("/p")
    offered = page.get_by_test_id("commands").get_by_role("option")
    await expect(offered).to_have_count(2)
    await page.get_by_test_id("composer").press("ArrowDown")
    await page.get_by_test_id("composer").press("Enter")
    await expect(page.locator(".row.mine")).to_contain_text("/price@potluck_bot")


async def test_a_command_in_a_text_is_sent_by_click_and_by_key(page: Page, stage: Stage) -> None:
    stage.greet()
    await stage.open(page, stage.ana)
    await say(page, "see (/pot)")
    echo = page.locator(".row.theirs", has_text="echo: see")
    await echo.get_by_role("button", name="/pot").click()
    await expect(page.locator(".row.theirs").last).to_have_text(re.compile("^echo: /pot"))
    await echo.get_by_role("button", name="/pot").press("Enter")
    await expect(page.locator(".row.mine", has_text=re.compile("^/pot"))).to_have_count(2)


async def test_a_document_can_be_downloaded(page: Page, stage: Stage) -> None:
    await stage.open(page, stage.ana)
    await say(page, "proof")
    async with page.expect_download() as downloading:
        await page.get_by_test_id("document").click()
    download = await downloading.value
    assert download.suggested_filename == "proof.json"
    assert (await download.path()).read_bytes() == PROOF


async def test_what_has_no_words_is_shown_as_it_is(page: Page, stage: Stage) -> None:
    stage.greet()
    for kind in ("dice", "voice", "sticker", "poll"):
        stage.telegram.say(stage.ana, kind=kind)
    await stage.open(page, stage.ana)
    mine = page.locator(".row.mine")
    await expect(mine.nth(1).locator(".rolled")).to_have_text("4")
    await expect(mine.nth(2).locator(".voice")).to_contain_text("0:03")
    await expect(mine.nth(3).locator(".giant")).to_have_text("🎉")
    await expect(mine.nth(4).locator(".poll li")).to_have_text(["Yes", "No"])


async def test_a_photo_has_its_size_before_it_is_loaded_and_a_lost_one_a_placeholder(
    page: Page, stage: Stage
) -> None:
    stage.telegram.say(stage.ana, kind="photo")
    await page.route("**/play/files/*", lambda route: None)  # never answered
    await stage.open(page, stage.ana)
    photo = page.locator("img.photo")
    await expect(photo).to_have_attribute("width", "320")
    box = await photo.bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (320, 214)
    stage.telegram.files.by_id.clear()
    stage.telegram.say(stage.ana, text="where is it?")
    await expect(page.locator(".photo.blank")).to_be_visible()
    await expect(photo).to_have_count(0)


async def test_the_unread_messages_of_other_players_are_seen_at_once(page: Page, stage: Stage) -> None:
    await stage.open(page, stage.ana, stage.group)
    badge = page.get_by_test_id(f"user-unread-{stage.ben.id}")
    await expect(badge).to_have_count(0)
    await say(page, "Ben?")
    await expect(badge).to_have_text("1")
    await expect(page.get_by_test_id(f"user-unread-{stage.ana.id}")).to_have_count(0)
    await page.get_by_test_id(f"user-{stage.ben.id}").click()
    await expect(badge).to_have_count(0)


async def test_an_empty_chat_shows_what_the_bot_says_of_itself(page: Page, stage: Stage) -> None:
    stage.telegram.profile.descriptions.update({"": "A chat with a pot", "es": "Una charla con bote"})
    await stage.open(page, stage.ana)
    await expect(page.get_by_test_id("about")).to_have_text("Una charla con bote")
    await page.get_by_test_id(f"user-{stage.ben.id}").click()
    await expect(page.get_by_test_id("about")).to_have_text("A chat with a pot")


async def test_other_kinds_of_messages_can_be_sent(page: Page, stage: Stage) -> None:
    stage.greet()
    await stage.open(page, stage.ana)
    for number, kind in enumerate(("photo", "document", "sticker", "voice", "dice", "poll"), start=2):
        await page.get_by_test_id("attach").click()
        await page.get_by_test_id(f"attach-{kind}").click()
        await expect(page.locator(".row.mine")).to_have_count(number)
        assert any(kind in message for message in stage.telegram.messages(stage.ana))


async def test_reading_above_stays_put_when_a_message_comes(page: Page, stage: Stage) -> None:
    for number in range(60):
        stage.telegram.say(stage.ben, stage.group, f"message {number}")
    await stage.open(page, stage.ana, stage.group)
    await expect(page.locator(".row", has_text="message 59")).to_be_in_viewport()
    scroller = page.get_by_test_id("scroller")
    await scroller.evaluate("node => { node.scrollTop = 40 }")
    await expect(page.get_by_test_id("jump-down")).to_be_visible()
    stage.telegram.say(stage.ben, stage.group, "something new")
    await expect(page.get_by_test_id("jump-down")).to_contain_text("1")
    assert await scroller.evaluate("node => node.scrollTop") == 40
    await page.get_by_test_id("jump-down").click()
    await expect(page.locator(".row", has_text="something new")).to_be_in_viewport()


async def test_unread_messages_are_counted_in_the_list(page: Page, stage: Stage) -> None:
    await stage.open(page, stage.ana, stage.group)
    await page.get_by_test_id(f"chat-{stage.ana.id}").click()
    await expect(page.get_by_test_id(f"unread-{stage.group.id}")).to_have_count(0)
    stage.telegram.say(stage.ben, stage.group, "are you there?")
    await expect(page.get_by_test_id(f"unread-{stage.group.id}")).to_have_text("1")


async def test_only_changed_messages_are_drawn_again(page: Page, stage: Stage) -> None:
    first = stage.greet()
    await stage.open(page, stage.ana)
    await expect(page.locator(".row.theirs")).to_contain_text("echo: good morning")
    row = page.get_by_test_id(f"message-{first}")
    await row.evaluate("node => { node.kept = true }")
    await say(page, "one more")
    await expect(page.locator(".row.theirs").last).to_contain_text("echo: one more")
    assert await row.evaluate("node => node.kept === true")


async def test_the_log_shows_calls_and_their_details(page: Page, stage: Stage) -> None:
    await stage.open(page, stage.ana)
    await say(page, "find me")
    call = page.get_by_test_id("calls").locator("[data-method=sendMessage]")
    await expect(call).to_contain_text("echo: find me")
    await call.get_by_role("button").click()
    await expect(call).to_contain_text('"chat_id"')
    await page.get_by_test_id("call-filter").fill("no such thing")
    await expect(page.get_by_test_id("panel-calls")).to_contain_text("No call matches")
    await page.get_by_test_id("call-filter").fill("")
    await page.get_by_test_id("calls-clear").click()
    await expect(page.get_by_test_id("panel-calls")).to_contain_text("No calls yet")


async def test_a_429_can_be_thrown_and_is_seen_in_the_log(page: Page, stage: Stage) -> None:
    await stage.open(page, stage.ana)
    await page.get_by_test_id("tab-faults").click()
    await page.get_by_test_id("fault-method").fill("sendMessage")
    await page.get_by_test_id("fault-kind").select_option("429")
    await page.get_by_test_id("fault-retry-after").fill("9")
    await page.get_by_test_id("fault-add").click()
    await expect(page.get_by_test_id("fault-row")).to_contain_text("wait 9 s")
    await say(page, "will fail")
    await expect(page.get_by_test_id("fault-row")).to_have_count(0)
    await page.get_by_test_id("tab-calls").click()
    refused = page.get_by_test_id("calls").locator("[data-method=sendMessage][data-ok=false]")
    await expect(refused).to_contain_text("Too Many Requests: retry after 9")


async def test_blocking_the_bot_and_repeating_an_update(page: Page, stage: Stage) -> None:
    stage.greet()
    await stage.open(page, stage.ana)
    await page.get_by_test_id("tab-faults").click()
    await page.get_by_test_id("duplicate-new").click()
    await expect(page.locator(".row.theirs")).to_have_count(2)
    await page.get_by_test_id("block").click()
    await expect(page.get_by_test_id("block")).to_have_attribute("aria-pressed", "true")
    assert stage.ana.blocked
    await page.get_by_test_id("block").click()
    await expect(page.get_by_test_id("block")).to_have_attribute("aria-pressed", "false")


async def test_the_bot_is_restarted_stopped_and_started(page: Page, stage: Stage) -> None:
    await stage.open(page, stage.ana)
    await page.get_by_test_id("tab-bot").click()
    await page.get_by_test_id("bot-restart").click()
    await expect(page.get_by_test_id("toast")).to_have_text("The bot was restarted")
    await page.get_by_test_id("bot-stop").click()
    await expect(page.get_by_test_id("bot-state")).to_have_text("stopped")
    await page.get_by_test_id("bot-start").click()
    await expect(page.get_by_test_id("bot-state")).to_have_text("running")
    assert stage.supervisor.asked == ["restart", "stop", "start"]


async def test_a_lost_connection_is_said_and_comes_back(page: Page, stage: Stage) -> None:
    await page.route("**/play/events*", lambda route: route.abort())
    await stage.open(page, stage.ana)
    await expect(page.get_by_test_id("connection")).to_contain_text("Reconnecting")
    await page.unroute("**/play/events*")
    await expect(page.get_by_test_id("connection")).to_be_empty(timeout=10_000)
    stage.telegram.say(stage.ana, text="written elsewhere")
    await expect(page.locator(".row.theirs")).to_contain_text("echo: written elsewhere")


async def test_users_and_groups_can_be_added(page: Page, stage: Stage) -> None:
    await stage.open(page, stage.ana)
    await page.get_by_test_id("add-user").click()
    await page.get_by_test_id("user-name").fill("Dora")
    await page.get_by_test_id("form-submit").click()
    await expect(page.locator(".person[aria-pressed=true]")).to_contain_text("Dora")
    await page.get_by_test_id("new-group").click()
    await page.get_by_test_id("group-title").fill("Dora's friends")
    await page.get_by_test_id("form-submit").click()
    await expect(page.get_by_test_id("chat-title")).to_have_text("Dora's friends")
    await expect(page.get_by_test_id("chat-subtitle")).to_contain_text("5 members")


@pytest.mark.parametrize(
    "page",
    [ViewportSize(width=390, height=844), ViewportSize(width=360, height=640)],
    indirect=True,
    ids=["390", "360"],
)
async def test_it_is_usable_on_a_phone(page: Page, stage: Stage) -> None:
    await page.goto(stage.address)
    await page.get_by_test_id(f"user-{stage.ben.id}").click()
    await page.get_by_test_id(f"chat-{stage.group.id}").click()
    await say(page, "a long word: " + "x" * 200)
    await expect(page.locator(".row.mine")).to_contain_text("a long word")
    await expect(page.get_by_test_id("composer")).to_be_in_viewport(ratio=1)
    await expect(page.get_by_test_id("send")).to_be_in_viewport(ratio=1)
    await page.get_by_test_id("inspector-open").click()
    await expect(page.get_by_test_id("tab-faults")).to_be_in_viewport(ratio=1)
    await page.get_by_test_id("tab-faults").click()
    await expect(page.get_by_test_id("fault-form")).to_be_visible()
    await page.get_by_test_id("inspector-close").click()
    await expect(page.get_by_test_id("fault-form")).to_be_hidden()
    widths = "[document.documentElement.scrollWidth, document.body.scrollWidth, innerWidth]"
    whole, body, window = await page.evaluate(widths)
    assert max(whole, body) <= window
    await page.get_by_test_id("back").click()
    await expect(page.get_by_test_id("chats")).to_be_in_viewport()
    await expect(page.get_by_test_id("composer")).to_be_hidden()


async def test_without_a_supervisor_the_bot_cannot_be_restarted(browser: Browser) -> None:
    server, serving, address = serve(build_app(Telegram.with_cast()))
    page = await browser.new_page(viewport=DESKTOP)
    await page.goto(address)
    await page.get_by_test_id("tab-bot").click()
    await expect(page.get_by_test_id("bot-note")).to_be_visible()
    await expect(page.get_by_test_id("bot-restart")).to_have_count(0)
    await page.close()
    server.should_exit = True
    await serving
