"""The fake Telegram's webhook: order per queue, queues side by side, retries, the secret, expiry."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.playground.models import User
from bot.playground.telegram import Telegram
from bot.playground.webhook import telegram_backoff
from tests.playground_clients import Clock

URL = "http://bot.test/telegram"


class Receiver:
    """A bot's webhook route; it answers what the test puts into ``answers``, then 200."""

    def __init__(self) -> None:
        self.seen: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.answers: list[Response] = []
        self.gate: asyncio.Event | None = None
        self.app = Starlette(routes=[Route("/telegram", self.receive, methods=["POST"])])

    async def receive(self, request: Request) -> Response:
        update = await request.json()
        self.headers.append(dict(request.headers))
        if self.gate is not None and _text(update) == "stuck":
            await self.gate.wait()
        self.seen.append(update)
        return self.answers.pop(0) if self.answers else Response()


def _text(update: dict[str, Any]) -> str:
    return str(update.get("message", {}).get("text", ""))


class World:
    """A Telegram whose webhook is the receiver, with sleeps that are written down instead of slept."""

    def __init__(self) -> None:
        self.receiver, self.clock, self.slept = Receiver(), Clock(), list[float]()
        self.telegram = Telegram(
            now=self.clock,
            webhook_transport=httpx.ASGITransport(app=self.receiver.app),
            sleep=self.sleep,
            backoff=lambda attempt: float(2**attempt),
        )
        self.ana, self.ben = self.telegram.add_user("Ana"), self.telegram.add_user("Ben")

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock.forward(seconds)

    async def set(self, **more: Any) -> None:
        await self.telegram.api("setWebhook", url=URL, **more)

    async def settled(self) -> None:
        await self.telegram.drained()

    def texts(self, user: User | None = None) -> list[str]:
        messages = [update["message"] for update in self.receiver.seen if "message" in update]
        return [one["text"] for one in messages if user is None or one["from"]["id"] == user.id]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    world = World()
    yield world
    await world.telegram.aclose()


async def test_updates_come_in_order_with_the_secret(world: World) -> None:
    world.telegram.say(world.ana, None, "before the webhook")
    await world.set(secret_token="s3cret")
    for number in range(20):
        world.telegram.say(world.ana, None, f"word {number}")
    await world.settled()
    assert world.texts() == ["before the webhook", *(f"word {number}" for number in range(20))]
    assert {headers["x-telegram-bot-api-secret-token"] for headers in world.receiver.headers} == {"s3cret"}
    assert {headers["content-type"] for headers in world.receiver.headers} == {"application/json"}
    assert {one.outcome for one in world.telegram.journal.deliveries} == {"acknowledged"}


async def test_without_a_secret_there_is_no_header(world: World) -> None:
    await world.set()
    world.telegram.say(world.ana, None, "hello")
    await world.settled()
    assert "x-telegram-bot-api-secret-token" not in world.receiver.headers[0]


async def test_the_next_of_a_queue_comes_only_after_a_success(world: World) -> None:
    world.receiver.answers = [Response(status_code=500), Response(status_code=503)]
    await world.set()
    world.telegram.say(world.ana, None, "one")
    world.telegram.say(world.ana, None, "two")
    await world.settled()
    assert world.texts() == ["one", "one", "one", "two"]
    assert world.slept == [2.0, 4.0]
    assert len({update["update_id"] for update in world.receiver.seen}) == 2


async def test_a_stuck_queue_doesnt_hold_the_others(world: World) -> None:
    world.receiver.gate = asyncio.Event()
    await world.set()
    world.telegram.say(world.ana, None, "stuck")
    world.telegram.say(world.ana, None, "behind it")
    world.telegram.say(world.ben, None, "free")
    world.telegram.press(world.ana, world.ana.id, 1, "a button of hers")
    await world.telegram.wait_for(lambda: len(world.telegram.journal.deliveries) == 2)
    assert world.texts() == ["free"]
    assert any("callback_query" in update for update in world.receiver.seen)
    world.receiver.gate.set()
    await world.settled()
    assert world.texts(world.ana) == ["stuck", "behind it"]


async def test_retry_after_is_honoured_up_to_an_hour(world: World) -> None:
    world.receiver.answers = [
        Response(status_code=503, headers={"Retry-After": "17"}),
        Response(status_code=503, headers={"Retry-After": "99999"}),
    ]
    await world.set()
    world.telegram.say(world.ana, None, "one")
    await world.settled()
    assert world.slept == [17.0, 3_600.0]


async def test_failures_are_told_in_the_webhooks_info(world: World) -> None:
    world.receiver.answers = [Response(status_code=403)]
    await world.set(max_connections=7, allowed_updates=["message"])
    world.telegram.say(world.ana, None, "one")
    await world.settled()
    info = await world.telegram.api("getWebhookInfo")
    assert info["last_error_message"] == "Wrong response from the webhook: 403 Forbidden"
    assert (info["url"], info["pending_update_count"], info["max_connections"]) == (URL, 0, 7)
    assert info["allowed_updates"] == ["message"]


async def test_what_is_not_taken_in_time_is_dropped(world: World) -> None:
    world.receiver.answers = [Response(status_code=500) for _ in range(9)]
    await world.set()
    world.telegram.press(world.ana, world.ana.id, 1, "late")
    await world.settled()
    assert world.slept == [2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0]
    assert world.telegram.journal.deliveries[-1].outcome == "expired"


async def test_a_refused_connection_is_retried(world: World) -> None:
    class Refusing(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            raise httpx.ConnectError("refused", request=request)

    world.telegram.webhook.transport = Refusing()
    await world.set()
    world.telegram.press(world.ana, world.ana.id, 1, "x")
    await world.settled()
    info = await world.telegram.api("getWebhookInfo")
    assert info["last_error_message"] == "Connection refused"
    assert world.receiver.seen == []


async def test_the_answer_may_carry_a_method_call(world: World) -> None:
    call = {"method": "sendMessage", "chat_id": world.ana.id, "text": "from the answer"}
    world.receiver.answers = [JSONResponse(call)]
    await world.set()
    world.telegram.say(world.ana, None, "hello")
    await world.telegram.wait_for_text(world.ana, "from the answer")
    await world.settled()


async def test_a_deleted_webhook_leaves_updates_to_the_poll(world: World) -> None:
    world.receiver.gate = asyncio.Event()
    await world.set()
    world.telegram.say(world.ana, None, "stuck")
    await world.telegram.api("deleteWebhook")
    assert [one["message"]["text"] for one in await world.telegram.api("getUpdates")] == ["stuck"]


async def test_raw_and_repeated_updates_reach_the_webhook_too(world: World) -> None:
    await world.set()
    world.telegram.say(world.ana, None, "hello")
    await world.settled()
    world.telegram.duplicate()
    world.telegram.inject({"update_id": 3, "odd": True})
    await world.settled()
    assert world.texts() == ["hello", "hello"]
    assert {"update_id": 3, "odd": True} in world.receiver.seen


def test_the_waits_of_telegram_double_up_to_a_minute_or_two() -> None:
    assert [telegram_backoff(attempt) for attempt in range(1, 7)] == [0, 1, 2, 4, 8, 16]
    assert 60 <= telegram_backoff(20) <= 120
