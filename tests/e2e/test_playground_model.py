"""The playground's test model: strict, deterministic, breakable; and the real bot that asks it."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from bot.playground.model_server import Mode, ModelServer
from bot.playground.server import build_app
from bot.playground.telegram import Telegram

ASKED = {"model": "test", "messages": [{"role": "user", "content": "hello there"}]}
PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
ANSWER = "You wrote: hello there\n\nI am a test model and only repeat it. I was shown 0 earlier questions."


class FakeSwitch:
    """Notes what the bot was switched to."""

    is_test = False

    async def use(self, *, test: bool) -> None:
        """Switch."""
        self.is_test = test


@pytest_asyncio.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """Give a client of a playground whose bot can be switched."""
    app = build_app(Telegram(), switch=FakeSwitch())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://play") as client:
        yield client


async def ask(client: httpx.AsyncClient, **more: Any) -> httpx.Response:
    """Ask the test model."""
    return await client.post("/model/v1/chat/completions", json=ASKED | more)


async def use(client: httpx.AsyncClient, **facts: Any) -> Any:
    """Change the model's ways."""
    return (await client.post("/play/model", json=facts)).raise_for_status().json()


async def test_it_answers_as_openai_does_and_always_the_same(client: httpx.AsyncClient) -> None:
    answers = [(await ask(client)).json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert answers[0]["choices"][0]["message"]["content"] == ANSWER
    assert answers[0]["choices"][0]["finish_reason"] == "stop"
    assert answers[0]["usage"] == {"prompt_tokens": 2, "completion_tokens": 19, "total_tokens": 21}
    assert (await client.get("/model/v1/models")).json()["data"][0]["id"] == "test"


async def test_a_stream_says_the_same_piece_by_piece(client: httpx.AsyncClient) -> None:
    body = (await ask(client, stream=True, stream_options={"include_usage": True})).text
    events = [line.removeprefix("data: ") for line in body.split("\n\n") if line]
    assert events[-1] == "[DONE]"
    assert '"usage"' in events[-2]
    assert sum('"content"' in event for event in events) == 20
    assert '"usage"' not in (await ask(client, stream=True)).text


async def test_a_picture_and_earlier_questions_are_seen(client: httpx.AsyncClient) -> None:
    messages = [
        {"role": "system", "content": "be kind"},
        {"role": "user", "content": "one"},
        {"role": "assistant", "content": "two"},
        {"role": "user", "content": [{"type": "text", "text": "three"}, PICTURE]},
    ]
    said = (await ask(client, messages=messages)).json()["choices"][0]["message"]["content"]
    assert said.endswith("I was shown 1 earlier question and 1 picture.")


async def test_an_answer_ends_where_no_more_tokens_are_allowed(client: httpx.AsyncClient) -> None:
    choice = (await ask(client, max_tokens=3)).json()["choices"][0]
    assert (choice["message"]["content"], choice["finish_reason"]) == ("You wrote: hello ", "length")


@pytest.mark.parametrize(
    ("wrong", "param", "code"),
    [
        ({"tools": []}, "tools", "unknown_parameter"),
        ({"messages": []}, "messages", None),
        ({"messages": [{"role": "robot", "content": "x"}]}, "messages.0.role", None),
        ({"messages": [{"role": "user", "content": ""}]}, None, None),
        ({"messages": [{"role": "assistant", "content": "x"}]}, None, None),
        ({"messages": [*ASKED["messages"], *ASKED["messages"]]}, None, None),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]},
            None,
            None,
        ),
        ({"stream": "yes"}, "stream", None),
        ({"stream_options": {"include_usage": True}}, None, None),
        ({"max_tokens": 0}, "max_tokens", None),
        ({"max_tokens": 5, "max_completion_tokens": 5}, None, None),
        ({"temperature": 3}, "temperature", None),
    ],
)
async def test_a_wrong_request_is_refused_as_openai_refuses_it(
    client: httpx.AsyncClient, wrong: dict[str, Any], param: str | None, code: str | None
) -> None:
    answer = await ask(client, **wrong)
    error = answer.json()["error"]
    assert (answer.status_code, error["type"], error["code"]) == (400, "invalid_request_error", code)
    assert param is None or error["param"] == param


async def test_an_unknown_model_and_a_wrong_key_are_refused() -> None:
    app = build_app(Telegram())
    app.model.key = "right"
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://play") as client:
        assert (await ask(client)).json()["error"]["code"] == "invalid_api_key"
        client.headers["authorization"] = "Bearer right"
        assert (await ask(client, model="gpt-9")).status_code == 404
        assert (await ask(client)).status_code == 200


async def test_it_breaks_as_it_is_told(client: httpx.AsyncClient) -> None:
    found = {}
    for mode in (Mode.ERROR_500, Mode.ERROR_429, Mode.ERROR_401, Mode.GARBAGE, Mode.EMPTY, Mode.NORMAL):
        assert (await use(client, mode=mode))["mode"] == mode
        found[mode] = (await ask(client)).status_code
    assert list(found.values()) == [500, 429, 401, 200, 200, 200]
    await use(client, mode=Mode.CUT)
    assert "[DONE]" not in (await ask(client, stream=True)).text
    await use(client, mode=Mode.HUGE)
    assert len((await ask(client)).json()["choices"][0]["message"]["content"]) == 100_000
    await use(client, mode=Mode.NORMAL, with_usage=False)
    assert "usage" not in (await ask(client)).json()


async def test_the_controls_tell_how_things_stand_and_refuse_nonsense(client: httpx.AsyncClient) -> None:
    state = (await client.get("/play/model")).json()
    assert (state["is_test"], state["mode"], state["asked"]) == (False, "normal", 0)
    assert (await use(client, is_test=True))["is_test"]
    for body in (b'{"mode": "odd"}', b"[]", b"{"):
        assert (await client.post("/play/model", content=body)).status_code == 400


async def test_a_bot_that_nobody_here_started_is_not_switched() -> None:
    app = build_app(Telegram())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://play") as client:
        assert (await client.get("/play/model")).json()["is_test"] is None
        assert (await client.post("/play/model", json={"is_test": True})).status_code == 501


def test_it_remembers_only_so_many_requests() -> None:
    assert ModelServer().requests.maxlen == 200
