"""Credits for Stars: packages, invoices, the question before a payment, payments booked once, however late."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import Connection

from bot.playground.telegram import Telegram
from db.session import Database, DatabaseUnavailable
from tests.app import MovableClock, running
from tests.scene import Scene, scene
from tests.shop import PACKAGE, SELLING, answered, buy, invoice_for, invoice_of, rows, shop
from tests.stand_ins import EN

LIMIT_SECONDS = 2.0


@pytest_asyncio.fixture
async def here(sqlite_url: str) -> AsyncIterator[Scene]:
    """Give a bot that sells."""
    async with shop(sqlite_url) as opened:
        yield opened


def reason(why: str) -> dict[str, Any]:
    """Return the answer that refuses a payment to Ben."""
    return {"ok": False, "error_message": EN.plain(f"error.order_refused.{why}")}


async def test_a_package_is_bought_by_a_button_an_invoice_and_a_payment(database_url: str) -> None:
    async with shop(database_url) as here:
        telegram = here.app.telegram
        shown = await here.ask(here.ben, "/deposit")
        assert "⭐ 100 → 1,000 credits" in shown
        assert "1 in 200" in shown
        assert here.buttons(here.ben)[:2] == [PACKAGE, "2,500 credits · ⭐ 250"]
        message_id = await invoice_for(here, here.ben)
        offered = invoice_of(here, here.ben, message_id)
        assert (offered.title, offered.stars, offered.start_parameter) == ("1,000 credits", 100, "deposit")
        checkout = telegram.pay(here.ben, message_id)
        assert await answered(here.app, checkout) == {"ok": True, "error_message": ""}
        assert telegram.bank.purse(here.ben.id) == 9_900
        said = here.app.last(here.ben)
        assert "1,000 credits bought for ⭐ 100. You have 2,000 credits." in said
        number = said.rpartition(" ")[2]
        assert "Stars: ⭐ 100" in await here.ask(here.ben, f"/receipt {number}")
        assert "+1,000 bought" in await here.ask(here.ben, "/history")
        assert "+1,000 bought" in await here.press(here.ben, "Purchases")


async def test_both_languages_buy(here: Scene) -> None:
    assert "Estrellas" in await here.ask(here.ana, "/deposit")
    await buy(here, here.ana, "1.000 créditos · ⭐ 100")
    assert "Compraste 1.000 créditos" in here.app.last(here.ana)


async def test_nothing_is_sold_where_stars_are_off(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        for command in ("/deposit", "/premium"):
            assert "play-money game" in await here.ask(here.ben, command)
        assert "Purchases" not in await here.ask(here.ben, "/history")


async def test_a_group_is_only_told_where_to_buy(here: Scene) -> None:
    await here.ask(here.ben, "/deposit@potluck_bot", here.group)
    [[button]] = (here.app.telegram.from_bot(here.group)[-1].markup or {})["inline_keyboard"]
    assert button["url"].endswith("?start=deposit")
    assert "⭐ 100" in await here.ask(here.ben, "/start deposit")


async def test_t03_a_package_is_ordered_once_however_often_its_button_is_pressed(here: Scene) -> None:
    await here.ask(here.ben, "/deposit")
    message_id = here.app.last_id(here.ben)
    button = here.app.buttons(here.ben)[PACKAGE]
    for _ in range(3):
        await here.app.press(here.ben, here.ben, message_id, button)
    assert len(await rows(here.app, "SELECT id FROM purchase")) == 1
    assert len(here.app.telegram.calls_of("sendInvoice")) == 1


async def test_t34_a_forwarded_invoice_is_payable_by_its_orders_player_alone(here: Scene) -> None:
    telegram = here.app.telegram
    await here.ask(here.ana, "/start")
    message_id = await invoice_for(here, here.ben)
    copy = telegram.forward(here.ana, here.ben, message_id)
    assert copy["reply_markup"]["inline_keyboard"][0][0]["url"].endswith("?start=deposit")
    payload = invoice_of(here, here.ben, message_id).payload
    stolen = telegram.pre_checkout(here.ana, payload=payload, amount=100)
    answer = await answered(here.app, stolen)
    assert not answer["ok"]
    assert "de otra persona" in answer["error_message"]


async def test_t54_an_order_that_is_unknown_foreign_paid_or_old_is_refused_with_its_reason(
    here: Scene,
) -> None:
    telegram = here.app.telegram

    async def refused(**asked: Any) -> dict[str, Any]:
        return await answered(here.app, telegram.pre_checkout(here.ben, **asked))

    message_id = await invoice_for(here, here.ben)
    payload = invoice_of(here, here.ben, message_id).payload
    assert await refused(payload="invented") == reason("unknown")
    assert await refused(payload=payload, amount=99) == reason("wrong_amount")
    foreign = invoice_of(here, here.ana, await invoice_for(here, here.ana, "1.000 créditos · ⭐ 100"))
    assert await refused(payload=foreign.payload) == reason("not_yours")
    assert (await answered(here.app, telegram.pay(here.ben, message_id)))["ok"]
    assert await refused(payload=payload) == reason("paid")
    await here.ask(here.ben, "/language es")
    again = telegram.pay(here.ben, message_id)
    assert "ya lo pagaste" in (await answered(here.app, again))["error_message"]
    await here.ask(here.ben, "/language en")
    late = await invoice_for(here, here.ben)
    here.app.clock.move(timedelta(hours=1))
    assert await answered(here.app, telegram.pay(here.ben, late)) == reason("expired")


async def test_a_break_refuses_the_screen_the_button_and_the_payment(here: Scene) -> None:
    telegram = here.app.telegram
    message_id = await invoice_for(here, here.ben)
    await here.ask(here.ben, "/deposit")
    screen = here.app.last_id(here.ben)
    button = here.app.buttons(here.ben)[PACKAGE]
    await here.ask(here.ben, "/break 1")
    await here.press(here.ben, here.buttons(here.ben)[0])
    assert await answered(here.app, telegram.pay(here.ben, message_id)) == reason("on_break")
    pressed = await here.app.press(here.ben, here.ben, screen, button)
    assert "on a break" in (pressed or {})["text"]
    assert "on a break" in await here.ask(here.ben, "/deposit")
    assert telegram.bank.transactions == []


async def test_t05_a_payment_is_processed_however_old_the_message_about_it_is(database_url: str) -> None:
    telegram, clock = Telegram(), MovableClock()
    here = Scene(telegram)
    settings = {**SELLING, "telegram": telegram, "clock": clock}
    async with running(database_url, **settings) as here.app:
        offered = invoice_of(here, here.ben, await invoice_for(here, here.ben))
    telegram.charge(here.ben, offered)
    telegram.say(here.ben, here.ben, "hello")
    clock.move(timedelta(hours=23))
    async with running(database_url, **settings) as here.app:
        await here.app.settled()
        said = "\n".join(here.app.texts(here.ben))
        assert "1,000 credits bought for ⭐ 100" in said
        assert "too old" in said.lower() or "again" in said


async def test_t55_a_payment_that_is_told_twice_is_credited_once(database_url: str) -> None:
    async with shop(database_url) as here:
        here.app.telegram.faults.add("update_doubled", method="successful_payment")
        await buy(here, here.ben)
        await here.app.settled()
        assert [text for text in here.app.texts(here.ben) if "bought" in text] == [here.app.last(here.ben)]
        assert "2,000" in await here.ask(here.ben, "/balance")


async def _hang(self: Database, fn: Callable[[Connection], Any], *args: object) -> None:
    await asyncio.Event().wait()


async def _fail(self: Database, fn: Callable[[Connection], Any], *args: object) -> None:
    raise DatabaseUnavailable("gone")


@pytest.mark.parametrize("trouble", [_hang, _fail])
async def test_a_database_in_trouble_answers_whoever_is_about_to_pay_in_time(
    here: Scene, monkeypatch: pytest.MonkeyPatch, trouble: Callable[..., Any]
) -> None:
    message_id = await invoice_for(here, here.ben)
    with monkeypatch.context() as broken:
        broken.setattr(Database, "read", trouble)
        broken.setattr(Database, "transact", trouble)
        answer = await here.app.telegram.pay(here.ben, message_id).wait(LIMIT_SECONDS)
    assert answer == reason("later")
    assert (await answered(here.app, here.app.telegram.pay(here.ben, message_id)))["ok"]
