"""The fake Telegram's payments: invoices, the question before a payment, purses, and what the bot is told."""

from typing import Any

import pytest
import telegram as ptb

from bot.playground.bank import Invoice
from bot.playground.errors import ApiError, PlayError
from bot.playground.models import Json, User
from bot.playground.telegram import Telegram
from tests.judge import judge_journal
from tests.payers import GOODS, allow, ask_for, paid_link
from tests.playground_clients import Clock, pending, ptb_bot


async def test_a_user_who_is_about_to_pay_waits_for_the_bots_answer(telegram: Telegram, ana: User) -> None:
    checkout = telegram.pre_checkout(ana, payload="order 7", amount=250)
    [update] = await telegram.api("getUpdates")
    query = ptb.Update.de_json(update).pre_checkout_query
    assert query is not None
    assert (query.from_user.id, query.currency, query.total_amount) == (ana.id, "XTR", 250)
    assert query.invoice_payload == "order 7"
    assert await checkout.wait(0.01) is None
    async with ptb_bot(telegram) as bot:
        await bot.answer_pre_checkout_query(query.id, ok=False, error_message="sold out")
        assert await checkout == {"ok": False, "error_message": "sold out"}
        await bot.answer_pre_checkout_query(query.id, ok=True)  # the first answer counts
    assert await checkout == {"ok": False, "error_message": "sold out"}
    assert judge_journal(telegram) == []


async def test_payments_of_one_user_are_a_queue_of_their_own(telegram: Telegram, ana: User) -> None:
    telegram.say(ana, None, "hello")
    telegram.pre_checkout(ana)
    assert [item.queue for item in telegram.updates] == [f"message:{ana.id}", f"checkout:{ana.id}"]


async def test_a_payments_question_is_forgotten_after_150_s_and_unanswerable_after_10(
    telegram: Telegram, ana: User, clock: Clock
) -> None:
    checkout = telegram.pre_checkout(ana)
    clock.forward(10)
    await telegram.api("answerPreCheckoutQuery", pre_checkout_query_id=checkout.id, ok=True)
    late = telegram.pre_checkout(ana)
    clock.forward(10.1)
    with pytest.raises(
        ApiError, match="query is too old and response timeout expired or query ID is invalid"
    ):
        await telegram.api("answerPreCheckoutQuery", pre_checkout_query_id=late.id, ok=True)
    assert len(await telegram.api("getUpdates")) == 2
    clock.forward(150)
    assert await telegram.api("getUpdates") == []


@pytest.mark.parametrize(
    ("params", "refused"),
    [
        ({"ok": True}, "query is too old and response timeout expired or query ID is invalid"),
        ({"pre_checkout_query_id": "1", "ok": True}, "query ID is invalid"),
        ({"pre_checkout_query_id": "1"}, 'parameter "error_message" is required'),
        ({"pre_checkout_query_id": "1", "ok": False}, 'parameter "error_message" is required'),
        ({"pre_checkout_query_id": "1", "ok": False, "error_message": ""}, '"error_message" is required'),
    ],
)
async def test_wrong_answers_to_payments_are_refused_as_telegram_refuses_them(
    telegram: Telegram, params: dict[str, Any], refused: str
) -> None:
    with pytest.raises(ApiError) as error:
        await telegram.api("answerPreCheckoutQuery", **params)
    assert error.value.description.startswith("Bad Request: ")
    assert refused in error.value.description


async def test_an_invoice_is_paid_once_the_bot_allows_it(telegram: Telegram, ana: User) -> None:
    sent = await ask_for(telegram, ana, payload="order 7", amount=250, start_parameter="pay")
    assert sent["invoice"] == {
        "title": "Credits",
        "description": "2,500 credits",
        "start_parameter": "pay",
        "currency": "XTR",
        "total_amount": 250,
    }
    assert sent["reply_markup"] == {"inline_keyboard": [[{"text": "Pay ⭐️250", "pay": True}]]}
    checkout = telegram.pay(ana, sent["message_id"])
    assert telegram.bank.purse(ana.id) == 10_000
    await allow(telegram, checkout)
    charge = checkout.charge
    assert charge is not None
    assert (telegram.bank.purse(ana.id), telegram.bank.balance) == (9_750, 250)
    question, told = pending(telegram)[-2:]
    assert question["pre_checkout_query"]["invoice_payload"] == "order 7"
    assert (told["message"]["from"]["id"], told["message"]["chat"]["id"]) == (ana.id, ana.id)
    assert told["message"]["successful_payment"] == {
        "currency": "XTR",
        "total_amount": 250,
        "invoice_payload": "order 7",
        "telegram_payment_charge_id": charge.id,
        "provider_payment_charge_id": f"{ana.id}_0",
    }
    assert judge_journal(telegram) == []


async def test_a_refused_payment_moves_nothing(telegram: Telegram, ana: User) -> None:
    checkout = telegram.pay(ana, (await ask_for(telegram, ana))["message_id"])
    refusal = {"pre_checkout_query_id": checkout.id, "ok": False, "error_message": "sold out"}
    await telegram.api("answerPreCheckoutQuery", **refusal)
    await telegram.api("answerPreCheckoutQuery", pre_checkout_query_id=checkout.id, ok=True)
    assert await checkout == {"ok": False, "error_message": "sold out"}
    assert checkout.charge is None
    assert (telegram.bank.purse(ana.id), telegram.bank.transactions) == (10_000, [])


async def test_an_answer_after_ten_seconds_makes_no_payment(
    telegram: Telegram, ana: User, clock: Clock
) -> None:
    checkout = telegram.pay(ana, (await ask_for(telegram, ana))["message_id"])
    clock.forward(10.1)
    with pytest.raises(ApiError, match="query is too old"):
        await allow(telegram, checkout)
    assert telegram.bank.balance == 0


async def test_an_invoice_can_be_paid_twice_until_the_purse_is_empty(telegram: Telegram, ana: User) -> None:
    message_id = (await ask_for(telegram, ana, amount=5_000))["message_id"]
    checkouts = [telegram.pay(ana, message_id) for _ in range(3)]
    for checkout in checkouts:
        await allow(telegram, checkout)
    charges = [one.charge.id for one in checkouts if one.charge is not None]
    assert len(set(charges)) == 2
    assert telegram.bank.purse(ana.id) == 0
    with pytest.raises(PlayError, match="Ana has 0 Stars, not 5000"):
        telegram.pay(ana, message_id)
    assert telegram.top_up(ana, 5_000) == 5_000
    telegram.pay(ana, message_id)
    for stars in (0, -1, 10**9):
        with pytest.raises(PlayError):
            telegram.top_up(ana, stars)


async def test_only_what_is_an_invoice_can_be_paid(telegram: Telegram, ana: User) -> None:
    said = telegram.say(ana, None, "hello")
    for place in ({"message_id": said["message_id"]}, {"message_id": 99}, {"link": "https://t.me/$x"}, {}):
        with pytest.raises(PlayError, match="no such invoice"):
            telegram.pay(ana, **place)


async def test_a_link_is_paid_by_anybody(telegram: Telegram, ana: User) -> None:
    ben = telegram.add_user("Ben")
    link = await telegram.api("createInvoiceLink", **GOODS)
    assert link.startswith("https://t.me/$")
    for user in (ana, ben):
        await allow(telegram, telegram.pay(user, link=link))
    assert [one.user_id for one in telegram.bank.transactions] == [ana.id, ben.id]
    assert [one["message"]["chat"]["id"] for one in pending(telegram) if "message" in one] == [ana.id, ben.id]


async def test_a_forwarded_invoice_is_payable_only_without_a_start_parameter(
    telegram: Telegram, ana: User
) -> None:
    ben = telegram.add_user("Ben")
    kept = await ask_for(telegram, ana, start_parameter="deposit")
    copy = telegram.forward(ben, ana, kept["message_id"])
    link = "https://t.me/potluck_bot?start=deposit"
    assert copy["reply_markup"]["inline_keyboard"] == [[{"text": "Credits", "url": link}]]
    with pytest.raises(PlayError, match="no such invoice"):
        telegram.pay(ben, copy["message_id"])
    free = await ask_for(telegram, ana)
    copy = telegram.forward(ben, ana, free["message_id"])
    await allow(telegram, telegram.pay(ben, copy["message_id"]))
    assert telegram.bank.purse(ben.id) == 9_900


@pytest.mark.parametrize(
    ("params", "refused"),
    [
        ({"title": ""}, 'parameter "title" is required'),
        ({"title": "x" * 33}, "TITLE_INVALID"),
        ({"description": "x" * 256}, "DESCRIPTION_INVALID"),
        ({"payload": "é" * 65}, "INVOICE_PAYLOAD_INVALID"),
        ({"currency": "EUR"}, "CURRENCY_INVALID"),
        ({"currency": "EUR", "provider_token": "1:x"}, "PAYMENT_PROVIDER_INVALID"),
        ({"provider_token": "1:x"}, "STARS_INVOICE_INVALID"),
        ({"max_tip_amount": 5}, "STARS_INVOICE_INVALID"),
        ({"prices": []}, "STARS_INVOICE_INVALID"),
        ({"prices": [{"label": "a", "amount": 1}] * 2}, "STARS_INVOICE_INVALID"),
        ({"prices": [{"label": "a", "amount": 0}]}, "CURRENCY_TOTAL_AMOUNT_INVALID"),
        ({"prices": [{"label": "a", "amount": 25_001}]}, "CURRENCY_TOTAL_AMOUNT_INVALID"),
        ({"prices": [{"label": "a", "amount": True}]}, "can't parse labeled price"),
        ({"prices": [{"amount": 5}]}, "can't parse labeled price"),
        ({"prices": {}}, "can't parse prices JSON object"),
        ({"start_parameter": "a b"}, "START_PARAM_INVALID"),
        (
            {"reply_markup": {"inline_keyboard": [[{"text": "x", "url": "https://x.org"}]]}},
            "REPLY_MARKUP_BUY",
        ),
    ],
)
async def test_wrong_invoices_are_refused(telegram: Telegram, ana: User, params: Json, refused: str) -> None:
    telegram.say(ana, None, "/start")
    with pytest.raises(ApiError, match="Bad Request: ") as error:
        await telegram.api("sendInvoice", chat_id=ana.id, **{**GOODS, **params})
    assert refused in error.value.description


@pytest.mark.parametrize(
    ("params", "refused"),
    [
        ({"subscription_period": 86_400}, "SUBSCRIPTION_PERIOD_INVALID"),
        ({"prices": [{"label": "a", "amount": 10_001}]}, "SUBSCRIPTION_AMOUNT_INVALID"),
    ],
)
async def test_wrong_subscriptions_are_refused(telegram: Telegram, params: Json, refused: str) -> None:
    with pytest.raises(ApiError, match=refused):
        await telegram.api("createInvoiceLink", **{**GOODS, "subscription_period": 2_592_000, **params})


async def test_an_invoice_is_neither_edited_nor_copied(telegram: Telegram, ana: User) -> None:
    sent = await ask_for(telegram, ana)
    with pytest.raises(ApiError, match="no text in the message to edit"):
        await telegram.api("editMessageText", chat_id=ana.id, message_id=sent["message_id"], text="x")
    where = {"chat_id": ana.id, "from_chat_id": ana.id}
    with pytest.raises(ApiError, match="can't be copied"):
        await telegram.api("copyMessage", message_id=sent["message_id"], **where)


async def test_ptb_sends_invoices_and_reads_what_was_paid(telegram: Telegram, ana: User) -> None:
    telegram.say(ana, None, "/start")
    price = ptb.LabeledPrice("100 Stars", 100)
    async with ptb_bot(telegram) as bot:
        message = await bot.send_invoice(ana.id, "Credits", "1,000 credits", "order", "XTR", [price], "")
        assert message.invoice is not None
        await allow(telegram, telegram.pay(ana, message.message_id))
        [*_, update] = await bot.get_updates(timeout=0)
        assert update.message is not None
        payment = update.message.successful_payment
        assert payment is not None
        lines = (await bot.get_star_transactions()).transactions
        assert [(one.id, one.amount) for one in lines] == [(payment.telegram_payment_charge_id, 100)]
        assert (await bot.get_my_star_balance()).amount == 100
        assert await bot.refund_star_payment(ana.id, payment.telegram_payment_charge_id)
    assert judge_journal(telegram) == []


async def test_updates_about_payments_get_lost_come_twice_or_late(
    telegram: Telegram, ana: User, clock: Clock
) -> None:
    for kind in ("update_lost", "update_doubled", "update_late"):
        telegram.faults.add(kind, method="successful_payment", chat=ana.id, seconds=60)
    telegram.faults.add("update_lost", method="pre_checkout_query", chat=ana.id + 1)
    charges = [(await paid_link(telegram, ana)).id for _ in range(3)]
    assert charges_told(telegram) == [charges[1], charges[1]]
    clock.forward(59)
    await telegram.api("getMe")
    assert len(charges_told(telegram)) == 2
    clock.forward(1)
    await telegram.api("getMe")
    assert charges_told(telegram) == [charges[1], charges[1], charges[2]]
    telegram.faults.clear()
    telegram.faults.add("update_late", method="successful_payment", seconds=10**6)
    await paid_link(telegram, ana)
    assert len(telegram.bank.transactions) == 4
    telegram.courier.release(all_of_them=True)
    assert len(charges_told(telegram)) == 4


async def test_a_forged_payment_and_one_of_another_amount_are_told_alike(
    telegram: Telegram, ana: User
) -> None:
    forged = telegram.forge_payment(ana, payload="order 7", stars=100)
    assert telegram.bank.transactions == []
    other = telegram.charge(ana, Invoice(title="x", description="x", payload="order 7", stars=99))
    assert other is not None
    assert charges_told(telegram) == [forged, other.id]
    assert [one.stars for one in telegram.bank.transactions] == [99]


def charges_told(telegram: Telegram) -> list[str]:
    """Return the ids of the payments that the bot is told of."""
    paid = [one["message"].get("successful_payment") for one in pending(telegram) if "message" in one]
    return [one["telegram_payment_charge_id"] for one in paid if one]
