"""A player is about to pay he is answered at once, whatever else goes on; mostly where nothing is sold."""

import asyncio
import time
from datetime import timedelta
from typing import Any

import pytest
from telegram import Update
from telegram.ext import PreCheckoutQueryHandler

from bot.playground.models import Json
from bot.playground.telegram import Telegram
from handlers.context import Context
from tests.app import MovableClock, running
from tests.child import telegram_server
from tests.scene import scene
from tests.stand_ins import EN, ES, ScriptedModel, inbox_of, logged, running_webhook

LIMIT_SECONDS = 2.0
CHATS = 500
STUCK_CALLS = 32
PAYERS = 20


def refusal(text: str) -> Json:
    """Return the answer that refuses with a text."""
    return {"ok": False, "error_message": text}


async def test_every_payment_is_refused_kindly_in_the_players_language(database_url: str) -> None:
    with logged() as log:
        async with scene(database_url) as here:
            telegram = here.app.telegram
            ana, ben = [await telegram.pre_checkout(user) for user in (here.ana, here.ben)]
            await here.app.settled()
            assert ana == refusal(ES.plain("error.order_refused.off"))
            assert ben == refusal(EN.plain("error.order_refused.off"))
            assert here.app.texts(here.ben) == []
            assert not any(b"pre_checkout" in body for _, body in (await inbox_of(here.app)).values())
    refused = log.of("checkout_refused")
    assert [line["why"] for line in refused] == ["order_refused.off"] * 2
    assert {line["lane"] for line in log.of("update_handled")} >= {f"p{here.ana.id}", f"p{here.ben.id}"}


async def test_a_payment_that_comes_by_webhook_is_answered_as_well(sqlite_url: str) -> None:
    telegram = Telegram(backoff=lambda _: 0.0)
    ben = telegram.add_user("Ben")
    async with running_webhook(sqlite_url, telegram=telegram) as app:
        assert await telegram.pre_checkout(ben) == refusal(EN.plain("error.order_refused.off"))
        await app.settled()


async def test_t01_a_payments_question_that_comes_twice_is_answered_once(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        telegram = here.app.telegram
        await telegram.pre_checkout(here.ben)
        telegram.duplicate()
        await here.app.settled()
        assert len(telegram.calls_of("answerPreCheckoutQuery")) == 1


@pytest.mark.parametrize("fault", ["500", "html", "cut", "lost", "502"])
async def test_an_answer_that_does_not_arrive_is_given_again(sqlite_url: str, fault: str) -> None:
    async with scene(sqlite_url) as here:
        telegram = here.app.telegram
        telegram.faults.add(fault, method="answerPreCheckoutQuery", times=2)
        assert await telegram.pre_checkout(here.ben) == refusal(EN.plain("error.order_refused.off"))
        await here.app.settled()
        assert len(telegram.calls_of("answerPreCheckoutQuery")) == 3


async def test_an_answer_that_never_arrives_is_given_up_with_an_alarm(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.checkouts.TELEGRAM_SECONDS", 0.3)
    with logged() as log:
        async with scene(sqlite_url) as here:
            here.app.telegram.faults.add("500", method="answerPreCheckoutQuery", times=None)
            here.app.telegram.pre_checkout(here.ben)
            await here.app.settled()
            here.app.telegram.faults.clear()
    assert [line["why"] for line in log.of("checkout_failed")] == ["TimeoutError()"]


@pytest.mark.parametrize(("seconds", "calls"), [(20, 1), (149, 1), (151, 0)])
async def test_a_question_that_is_too_old_is_no_bug(sqlite_url: str, seconds: int, calls: int) -> None:
    telegram, clock = Telegram(), MovableClock()
    ben = telegram.add_user("Ben")
    telegram.now = lambda: clock.now().timestamp()
    telegram.pre_checkout(ben)
    clock.move(timedelta(seconds=seconds))
    with logged() as log:
        async with running(sqlite_url, telegram=telegram, clock=clock) as app:
            await app.settled()
            answered = telegram.calls_of("answerPreCheckoutQuery")
            assert [one.error for one in answered] == [
                "Bad Request: query is too old and response timeout expired or query ID is invalid"
            ] * calls
            assert await inbox_of(app) == {}
    assert not log.of("error")
    assert not log.of("update_parked")


async def test_a_bug_refuses_the_payment_with_its_number(sqlite_url: str) -> None:
    async def broken(update: Update, context: Context) -> None:
        raise RuntimeError("a bug")

    with logged() as log:
        async with scene(sqlite_url) as here:
            here.app.parts.application.handlers[0].insert(0, PreCheckoutQueryHandler(broken))
            answer = await here.app.telegram.pre_checkout(here.ben)
            await here.app.settled()
    number = log.of("error")[0]["number"]
    assert answer == refusal(EN.plain("error.internal", number=number))


async def test_a_pre_checkout_query_is_answered_within_two_seconds_while_500_chats_wait_for_a_slow_model(
    database_url: str,
) -> None:
    """Half of the chats wait for a turn, all of Telegram's other connections are stuck, and all workers with them.

    Each order is looked up, and there is none.
    """
    release, stuck = asyncio.Event(), []

    async def hold(seconds: float) -> None:
        stuck.append(seconds)
        telegram.signals.touch()
        await release.wait()

    telegram = Telegram(sleep=hold)
    model = ScriptedModel(("one moment", asyncio.Event()))
    people = [telegram.add_user(f"User {number}", language_code="en") for number in range(CHATS + PAYERS)]
    chats, payers = people[:CHATS], people[CHATS:]
    for method in ("sendMessageDraft", "sendMessage", "sendChatAction"):
        telegram.faults.add("slow", method=method, times=None)
    async with telegram_server(telegram) as url:
        settings: dict[str, Any] = {
            "bot_api_url": url,
            "model_deadline_seconds": 600,
            "update_workers": 8,
            "stars_enabled": True,
        }
        async with running(database_url, telegram=telegram, model=model, **settings) as app:
            for user in chats:
                telegram.say(user, user, "hello")
            await model.asked(256, 60)
            await telegram.drained(60)
            await asyncio.wait_for(app.parts.lanes.idle(), 60)
            await telegram.wait_for(lambda: len(stuck) >= STUCK_CALLS, 60)
            for user in chats[:50]:
                telegram.say(user, user, "/price")
            await telegram.drained(60)
            seconds = [await _checkout(telegram, user.id) for user in payers]
            together = await asyncio.gather(*(_checkout(telegram, user.id) for user in payers))
            assert len(stuck) >= STUCK_CALLS
            assert len(app.parts.turns.held) == CHATS
            assert len(app.parts.lanes.held) >= 50
            print(f"one by one {max(seconds):.3f} s, together {max(together):.3f} s at most")
            assert max(*seconds, *together) < LIMIT_SECONDS
            release.set()


async def _checkout(telegram: Telegram, user_id: int) -> float:
    """Return how long it took until a payment was answered."""
    began = time.perf_counter()
    answer = await telegram.pre_checkout(user_id).wait(LIMIT_SECONDS * 2)
    assert answer == refusal(EN.plain("error.order_refused.unknown"))
    return time.perf_counter() - began
