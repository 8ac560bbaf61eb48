"""The fake Telegram's faults and limits: errors, lost and cut answers, slow ones, too many messages."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import httpx
import pytest
import uvicorn
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TimedOut

from bot.playground.errors import PlayError
from bot.playground.limits import RateLimits
from bot.playground.models import User
from bot.playground.server import build_app
from bot.playground.telegram import Telegram
from tests.playground_clients import Clock, ptb_bot, raw_client


@pytest.fixture
def ana(telegram: Telegram) -> User:
    user = telegram.add_user("Ana")
    telegram.say(user, None, "/start")
    return user


async def test_a_429_says_when_to_come_back_and_hits_only_its_chat(
    telegram: Telegram, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")
    ben = telegram.add_user("Ben")
    telegram.say(ben, None, "/start")
    telegram.faults.add("429", method="sendMessage", chat=ana.id, retry_after=17)
    async with ptb_bot(telegram) as bot:
        await bot.send_message(ben.id, "free")
        with pytest.raises(RetryAfter, match="Retry in 0:00:17"):
            await bot.send_message(ana.id, "held")
        await bot.send_message(ana.id, "sent")
    assert telegram.texts(ana) == ["sent"]
    assert telegram.calls_of("sendMessage", ok=False)[0].fault == "429"


@pytest.mark.parametrize(("kind", "status"), [("500", 500), ("502", 502), ("html", 502), ("blocked", 403)])
async def test_errors_come_with_their_status_and_without_effect(
    telegram: Telegram, ana: User, kind: str, status: int
) -> None:
    telegram.faults.add(kind)
    async with raw_client(telegram) as client:
        answer = await client.post("sendMessage", json={"chat_id": ana.id, "text": "x"})
    assert answer.status_code == status
    assert ("<html>" in answer.text) == (kind == "html")
    assert telegram.texts(ana) == []


async def test_ptb_sees_faults_as_it_sees_telegrams(telegram: Telegram, ana: User) -> None:
    async with ptb_bot(telegram) as bot:
        for kind, error in (("500", NetworkError), ("html", NetworkError), ("cut", NetworkError)):
            telegram.faults.add(kind)
            with pytest.raises(error):
                await bot.send_message(ana.id, kind)
        telegram.faults.add("blocked")
        with pytest.raises(Forbidden):
            await bot.send_message(ana.id, "blocked")
    assert telegram.texts(ana) == []


async def test_a_lost_answer_has_its_effect_and_a_cut_call_has_none(telegram: Telegram, ana: User) -> None:
    async with ptb_bot(telegram) as bot:
        for kind in ("lost", "cut"):
            telegram.faults.add(kind)
            with pytest.raises(NetworkError) as caught:
                await bot.send_message(ana.id, kind)
            assert not isinstance(caught.value, BadRequest)
    assert telegram.texts(ana) == ["lost"]
    assert [record.fault for record in telegram.calls_of("sendMessage")] == ["lost", "cut"]


async def test_a_slow_answer_outlasts_the_clients_patience(telegram: Telegram, ana: User) -> None:
    async with ptb_bot(telegram) as bot:
        telegram.faults.add("slow", seconds=30)
        with pytest.raises(TimedOut):
            await bot.send_message(ana.id, "arrived all the same", read_timeout=0.01)
    assert telegram.texts(ana) == ["arrived all the same"]


async def test_a_slow_answer_comes_after_its_seconds(clock: Clock) -> None:
    async def sleep(seconds: float) -> None:
        clock.forward(seconds)

    telegram, began = Telegram(now=clock, sleep=sleep), clock()
    telegram.faults.add("slow", method="getMe", seconds=4)
    assert (await telegram.api("getMe"))["id"] == telegram.bot.id
    assert clock() == began + 4


async def test_a_fault_counts_its_hits(telegram: Telegram) -> None:
    endless = telegram.faults.add("500", method="getMe", times=None)
    twice = telegram.faults.add("502", times=2)
    statuses = [
        (await telegram.answer("t", name, {})).status for name in ("getMe", "getWebhookInfo", "getMe")
    ]
    assert statuses == [500, 502, 500]
    assert (endless.hits, twice.hits, len(telegram.faults.active)) == (2, 1, 2)
    telegram.faults.clear()
    assert (await telegram.answer("t", "getMe", {})).status == 200
    with pytest.raises(PlayError):
        telegram.faults.add("gremlins")


@contextlib.asynccontextmanager
async def served(telegram: Telegram) -> AsyncIterator[str]:
    config = uvicorn.Config(build_app(telegram), port=0, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving


async def test_lost_and_cut_connections_break_over_http_too(telegram: Telegram, ana: User) -> None:
    async with served(telegram) as root, httpx.AsyncClient(base_url=f"{root}/bot1:x/") as client:
        for kind in ("lost", "cut"):
            telegram.faults.add(kind)
            with pytest.raises(httpx.RemoteProtocolError):
                await client.post("sendMessage", json={"chat_id": ana.id, "text": kind})
        answer = await client.post("sendMessage", json={"chat_id": ana.id, "text": "whole"})
    assert answer.json()["ok"] is True
    assert telegram.texts(ana) == ["lost", "whole"]


async def test_limits_count_sends_per_chat_group_and_in_all(clock: Clock) -> None:
    limits = RateLimits(total_per_second=30, chat_burst=3, chat_burst_seconds=3, group_per_minute=20)
    telegram = Telegram(now=clock, limits=limits)
    ana = telegram.add_user("Ana")
    telegram.say(ana, None, "/start")
    group = telegram.add_group("Friends", [ana])

    async def send(chat_id: int) -> int:
        answer = await telegram.answer("t", "sendMessage", {"chat_id": chat_id, "text": "x"})
        return answer.status

    assert [await send(ana.id) for _ in range(4)] == [200, 200, 200, 429]
    assert telegram.calls[-1].error == "Too Many Requests: retry after 3"
    clock.forward(3)
    assert await send(ana.id) == 200
    statuses = []
    for _ in range(21):
        statuses.append(await send(group.id))
        clock.forward(1.5)
    assert statuses == [200] * 20 + [429]
    assert (
        await telegram.answer("t", "sendChatAction", {"chat_id": group.id, "action": "typing"})
    ).status == 200


def test_all_sends_together_have_a_limit() -> None:
    limits = RateLimits(total_per_second=2, chat_burst=0, group_per_minute=0)
    assert [limits.claim(chat, 100.0) for chat in (1, 2, 3)] == [0, 0, 1]
    assert limits.claim(3, 101.0) == 0
