"""The product as a person meets it: the real bot beside the playground's page in a browser, a game by three."""

import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.app import assert_books_are_right
from tests.page_stage import CHROMIUM, chromium, open_page, say
from tests.page_table import ANA, BEN, CARLA, PATIENCE_MS, Table, playground, url_of

EVERY_TICKET_WINS = {
    "FREE_MESSAGES_PER_DAY": "2",
    "PRICE_CAP": "5",
    "CHANCE_PPM_PER_CREDIT": "200000",
    "PRIZE_CAP_CREDITS": "5",
}

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium binary found")


async def ben_begins_and_uses_up_what_is_free(table: Table) -> None:
    await table.be(BEN)
    await expect(table.page.get_by_test_id("about")).to_contain_text("Chat with me", timeout=PATIENCE_MS)
    await table.page.get_by_test_id("start").click()
    await table.sees("Hi Ben!")
    await say(table.page, "Tell me a joke")
    await table.sees("1 free message left today")
    await table.throw("sendMessage", "429", 2)
    await say(table.page, "What is in the pot?")
    await expect(table.page.get_by_test_id("draft-text")).to_contain_text("pot", timeout=PATIENCE_MS)
    await expect(table.refused("sendMessage")).to_contain_text("Too Many Requests: retry after 2")
    await table.sees("That was today's last free message. The next one costs 5 credits.")
    await expect(table.page.get_by_test_id("draft-text")).to_have_count(0)


async def ben_cancels_then_pays_and_wins(table: Table) -> None:
    await say(table.page, "And how does a draw work?")
    await table.sees("It costs 5 credits.")
    await table.tap("Cancel")
    await table.sees("Cancelled. Nothing was charged.")
    await say(table.page, "How does a draw work?")
    await table.sees("It costs 5 credits.")
    await table.tap("Pay 5 and send")
    await table.sees("Ticket 1 of round 1 won 4 credits. You have 999 now.")
    receipt = re.compile(r"5 credits · ticket 1 · 1 in 1 · rolled [\d,]+ · pot 1 · you have 999")
    await expect(table.page.locator(".row.theirs", has_text=receipt)).to_have_count(1)
    await expect(table.page.get_by_test_id("button-Pay 5 and send")).to_have_count(0)


async def ana_asks_in_the_group_and_ben_presses_her_button(table: Table) -> None:
    await table.be(ANA, "Potluck friends")
    await say(table.page, "/ask ¿Cómo funciona el bote?")
    await table.sees("Este sería tu primer mensaje de pago.")
    await table.be(BEN, "Potluck friends")
    await table.tap("Pagar 5 y enviar")
    await expect(table.page.get_by_test_id("alert")).to_contain_text("This button belongs to someone else.")
    await table.page.get_by_test_id("alert-ok").click()
    await table.be(ANA, "Potluck friends")
    await table.tap("Pagar 5 y enviar")
    await table.sees("¡Ana ganó el bote: 4 créditos!")
    receipt = "5 créditos · boleto 1 · 1 entre 1 · bote 1"
    await expect(table.page.locator(".row.theirs", has_text=receipt)).to_have_count(1)


async def carla_the_admin_gives_and_restarts_the_bot(table: Table) -> None:
    await table.be(CARLA, "Potluck friends")
    await say(table.page, "/contribute 50")
    await table.sees("Give 50 credits to the pot of this group?")
    await table.tap("Yes, do it")
    await table.sees("Carla gave 50 credits to the pot. It holds 51 now.")
    await table.page.get_by_test_id("tab-bot").click()
    await table.page.get_by_test_id("bot-restart").click()
    await expect(table.page.get_by_test_id("toast")).to_have_text(
        "The bot was restarted", timeout=PATIENCE_MS
    )
    await say(table.page, "/pot")
    await table.sees("The pot: 51 credits")


async def everybody_looks_at_the_balance(table: Table) -> None:
    for user, words in (
        (ANA, "Tienes 999 créditos"),
        (BEN, "You have 999 credits"),
        (CARLA, "You have 950 credits"),
    ):
        await table.be(user)
        await say(table.page, "/balance")
        await table.sees(words)


async def test_three_people_play_a_game_on_the_page(tmp_path: Path) -> None:
    async with (
        playground(tmp_path, **EVERY_TICKET_WINS) as address,
        chromium() as browser,
        open_page(browser) as page,
    ):
        await page.goto(address)
        table = Table(page)
        await ben_begins_and_uses_up_what_is_free(table)
        await ben_cancels_then_pays_and_wins(table)
        await ana_asks_in_the_group_and_ben_presses_her_button(table)
        await carla_the_admin_gives_and_restarts_the_bot(table)
        await everybody_looks_at_the_balance(table)
    assert_books_are_right(url_of(tmp_path))
