"""The controls of Stars under /play, and the file that keeps them."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.playground.bank import Bank
from bot.playground.telegram import Telegram
from bot.playground.transport import transport
from bot.playground.vault import Vault
from tests.payers import GOODS, PERIOD_SECONDS, allow, ask_for, paid_link, subscribed

ANA = 5_001


@pytest.fixture
def telegram() -> Telegram:
    return Telegram.with_cast(limits=None)


@pytest.fixture
async def play(telegram: Telegram) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=transport(telegram), base_url="http://t/play/") as client:
        yield client


async def stars(play: httpx.AsyncClient) -> dict[str, Any]:
    view: dict[str, Any] = (await play.get("stars", params={"user": ANA})).raise_for_status().json()
    return view


async def test_paying_waits_for_the_bots_answer(telegram: Telegram, play: httpx.AsyncClient) -> None:
    sent = await ask_for(telegram, telegram.user(ANA))
    where = {"user": ANA, "chat": ANA, "message": sent["message_id"]}
    for answer in ({"ok": False, "error_message": "sold out"}, {"ok": True, "error_message": ""}):
        paying = asyncio.create_task(play.post("pay", json=where))
        query_id = await telegram.wait_for(lambda: next(asked(telegram), None))
        await telegram.api("answerPreCheckoutQuery", pre_checkout_query_id=query_id, **answer)
        told = (await paying).json()
        assert told["answer"] == answer
        assert (told["charge"] in telegram.bank.charges) == answer["ok"]
        telegram.updates.drop_all()
    refused = await play.post("pay", json={"user": ANA, "link": "https://t.me/$x"})
    assert (refused.status_code, refused.json()["error"]) == (404, "no such invoice")


def asked(telegram: Telegram) -> Iterator[str]:
    """Yield the questions before payments."""
    updates = [json.loads(item.text) for item in telegram.updates]
    return (one["pre_checkout_query"]["id"] for one in updates if "pre_checkout_query" in one)


async def test_a_users_stars_are_shown(telegram: Telegram, play: httpx.AsyncClient) -> None:
    ana = telegram.user(ANA)
    charge, first = await paid_link(telegram, ana), await subscribed(telegram, ana)
    assert (await play.post("topup", json={"user": ANA, "stars": 350})).json() == {"purse": 10_000}
    assert (await play.post("chargeback", json={"charge": charge.id})).json() == {"ok": True}
    view = await stars(play)
    assert (view["purse"], view["balance"]) == (10_100, 250)
    assert [(one["id"], one["stars"], one["returned"]) for one in view["charges"]] == [
        (first.id, 250, False),
        (charge.id, 100, True),
    ]
    [subscription] = view["subscriptions"]
    assert (subscription["state"], subscription["over"], subscription["until"]) == (
        "active",
        False,
        first.until,
    )
    assert [one["stars"] for one in view["transactions"]] == [-100, 250, 100]


async def test_subscriptions_are_changed(telegram: Telegram, play: httpx.AsyncClient) -> None:
    first = await subscribed(telegram, telegram.user(ANA))

    async def change(action: str) -> Any:
        return (await play.post("subscription", json={"subscription": first.id, "action": action})).json()

    assert (await change("cancel"))["state"] == "canceled"
    assert (await change("resume"))["state"] == "active"
    assert (await change("renew"))["until"] == first.at + 2 * PERIOD_SECONDS
    assert "unknown action" in (await change("sell"))["error"]


async def test_an_invoice_of_a_link_is_shown(telegram: Telegram, play: httpx.AsyncClient) -> None:
    link = await telegram.api("createInvoiceLink", subscription_period=PERIOD_SECONDS, **GOODS)
    shown = (await play.get("invoice", params={"link": link})).json()
    assert (shown["title"], shown["total_amount"], shown["subscription_period"]) == (
        "Credits",
        100,
        PERIOD_SECONDS,
    )
    assert (await play.get("invoice", params={"link": "https://t.me/$x"})).status_code == 404


async def test_the_page_shows_invoices_and_what_was_paid(telegram: Telegram, play: httpx.AsyncClient) -> None:
    ana = telegram.user(ANA)
    await allow(telegram, telegram.pay(ana, (await ask_for(telegram, ana))["message_id"]))
    invoice, paid = (await play.get("state", params={"user": ANA, "chat": ANA})).json()["messages"]
    assert (invoice["kind"], invoice["invoice"]["title"], invoice["buttons"][0][0]["pay"]) == (
        "invoice",
        "Credits",
        True,
    )
    assert paid["service"] == "Ana paid 100 Stars"


async def test_the_vault_keeps_stars_over_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "stars"
    telegram = Telegram.with_cast(limits=None, bank=Vault(path).open())
    ana = telegram.user(ANA)
    first = await subscribed(telegram, ana)
    telegram.charge_back(await paid_link(telegram, ana))
    telegram.cancel(first.id)
    kept = Vault(path).open()
    bank = telegram.bank
    assert (kept.balance, kept.purses, kept.charges) == (bank.balance, bank.purses, bank.charges)
    assert (kept.subscriptions, kept.transactions) == (bank.subscriptions, bank.transactions)
    assert isinstance(kept, Bank)
    path.write_text("{}")
    with pytest.raises(OSError, match="holds no Stars"):
        Vault(path).open()


async def test_a_user_who_is_gone_after_a_restart_has_left_his_lines(tmp_path: Path) -> None:
    path = tmp_path / "stars"
    telegram = Telegram.with_cast(bank=Vault(path).open())
    await subscribed(telegram, telegram.add_user("Dora", user_id=77))
    again = Telegram.with_cast(bank=Vault(path).open())
    again.move_clock(PERIOD_SECONDS)
    [line] = (await again.api("getStarTransactions"))["transactions"]
    assert line["source"]["user"] == {"id": 77, "is_bot": False, "first_name": "Somebody"}
