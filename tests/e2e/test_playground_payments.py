"""The fake Telegram's payments, as far as they go: the question before a payment, and the bot's answer."""

from typing import Any

import pytest
import telegram as ptb

from bot.playground.errors import ApiError
from bot.playground.models import User
from bot.playground.telegram import Telegram
from tests.judge import judge_journal
from tests.playground_clients import Clock, ptb_bot


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
