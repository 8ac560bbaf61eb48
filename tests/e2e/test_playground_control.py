"""The playground's controls under /play, as the page and outside tests use them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bot.playground.events import Events
from bot.playground.server import build_app
from bot.playground.telegram import Telegram
from bot.playground.transport import transport

ANA, BEN, CARLA = 5_001, 5_002, 5_003


@pytest.fixture
def telegram() -> Telegram:
    return Telegram.with_cast(limits=None)


@pytest.fixture
async def play(telegram: Telegram) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=transport(telegram), base_url="http://t/play/") as client:
        yield client


async def state(play: httpx.AsyncClient, **params: int) -> dict[str, Any]:
    view: dict[str, Any] = (await play.get("state", params=params)).json()
    return view


async def test_the_cast_is_there(play: httpx.AsyncClient) -> None:
    view = await state(play, user=ANA)
    assert [(one["first_name"], one["language_code"]) for one in view["users"]] == [
        ("Ana", "es"),
        ("Ben", "en"),
        ("Carla", "en"),
    ]
    assert (view["bot"]["username"], view["bot"]["id"], view["bot"]["running"]) == (
        "potluck_bot",
        7_000_000_001,
        None,
    )
    private, group = view["chats"]
    assert (private["type"], private["id"], private["title"]) == ("private", ANA, "Potluck")
    assert (group["type"], group["title"], len(group["members"])) == ("supergroup", "Potluck friends", 4)
    assert group["last_text"] == "Potluck joined"


async def test_a_conversation_shows_in_the_state(telegram: Telegram, play: httpx.AsyncClient) -> None:
    said = (await play.post("send", json={"user": ANA, "chat": ANA, "text": "/start"})).json()
    keyboard = {
        "inline_keyboard": [[{"text": "Go", "callback_data": "go"}, {"text": "x", "url": "https://x.org"}]]
    }
    reply = {"message_id": said["message_id"]}
    await telegram.api(
        "sendMessage", chat_id=ANA, text="hello", reply_markup=keyboard, reply_parameters=reply
    )
    await telegram.api("sendMessageDraft", chat_id=ANA, draft_id=3, text="Once")
    await telegram.api("sendChatAction", chat_id=ANA, action="typing")
    await telegram.api("setMyCommands", commands=[{"command": "pot", "description": "The pot"}])
    unread = [one["unread"] for one in (await state(play, user=ANA))["chats"]]
    view = await state(play, user=ANA, chat=ANA)
    question, answer = view["messages"]
    assert question["from"] == {"id": ANA, "name": "Ana", "is_bot": False}
    assert question["entities"][0]["type"] == "bot_command"
    assert (answer["text"], answer["reply_to"]["text"], answer["edited"]) == ("hello", "/start", False)
    assert answer["buttons"] == [
        [{"text": "Go", "data": "go", "url": None}, {"text": "x", "data": None, "url": "https://x.org/"}]
    ]
    assert view["draft"] == {"draft_id": 3, "text": "Once", "entities": []}
    assert (view["typing"], view["commands"][0]["command"]) == (True, "pot")
    assert unread[0] == 1
    assert view["chats"][0]["unread"] == 0


async def test_people_and_groups_are_added(play: httpx.AsyncClient) -> None:
    user = (await play.post("users", json={"first_name": "Dan", "id": 77, "language_code": "es"})).json()
    assert (user["id"], user["language_code"]) == (77, "es")
    chat = (await play.post("groups", json={"title": "New", "members": [77, ANA], "admins": [77]})).json()
    assert [one["status"] for one in chat["members"]] == ["creator", "member", "member"]
    assert (await play.post("users", json={"first_name": "Dan", "id": 77})).status_code == 409
    assert (await play.post("member", json={"chat": chat["id"], "user": BEN, "status": "member"})).json() == {
        "ok": True
    }
    assert len((await state(play, user=BEN))["chats"]) == 3


async def test_messages_are_edited_and_buttons_pressed(telegram: Telegram, play: httpx.AsyncClient) -> None:
    said = (await play.post("send", json={"user": ANA, "chat": ANA, "text": "one"})).json()
    edit = {"user": ANA, "chat": ANA, "message": said["message_id"], "text": "two"}
    assert (await play.post("edit", json=edit)).json()["text"] == "two"
    pressing = asyncio.create_task(
        play.post("press", json={"user": ANA, "chat": ANA, "message": 1, "data": "x"})
    )
    updates = await telegram.wait_for(
        lambda: [one for one in telegram.updates if one.kind == "callback_query"]
    )
    query_id = (await telegram.api("getUpdates", offset=updates[0].update_id))[0]["callback_query"]["id"]
    await telegram.api("answerCallbackQuery", callback_query_id=query_id, text="Done")
    assert (await pressing).json() == {"answer": {"text": "Done", "show_alert": False}}


async def test_updates_are_thrown_in_and_repeated(telegram: Telegram, play: httpx.AsyncClient) -> None:
    await play.post("send", json={"user": ANA, "chat": ANA, "text": "one", "kind": "text"})
    again = (await play.post("duplicate", json={"new_id": True})).json()
    assert again["update_id"] == telegram.updates.next_id - 1
    assert (await play.post("raw", json={"update": {"update_id": 4}})).json() == {"update_id": 4}
    assert (await play.post("raw", json={"update": [1]})).json() == {"update_id": None}


async def test_faults_are_thrown_listed_and_cleared(telegram: Telegram, play: httpx.AsyncClient) -> None:
    fault = {"kind": "429", "method": "getMe", "times": 2, "retry_after": 9}
    assert (await play.post("faults", json=fault)).json()["retry_after"] == 9
    assert (await telegram.answer("t", "getMe", {})).status == 429
    assert [one["times"] for one in (await play.get("faults")).json()] == [1]
    assert (await play.delete("faults")).json() == {"ok": True}
    assert (await play.get("faults")).json() == []
    assert (await play.post("faults", json={"kind": "gremlins"})).status_code == 400


async def test_calls_are_listed_from_a_number_on(telegram: Telegram, play: httpx.AsyncClient) -> None:
    for _ in range(3):
        await telegram.api("getMe")
    calls = (await play.get("calls", params={"after": 1, "limit": 1})).json()
    assert [(one["n"], one["method"], one["ok"], one["status"]) for one in calls] == [(2, "getMe", True, 200)]
    newest = (await play.get("calls", params={"limit": 2})).json()
    assert [one["n"] for one in newest] == [2, 3]
    assert (await play.get("calls", params={"limit": 0})).json() == []
    await play.delete("calls")
    assert (await play.get("calls")).json() == []


async def test_blocking_is_a_control(telegram: Telegram, play: httpx.AsyncClient) -> None:
    await play.post("send", json={"user": ANA, "chat": ANA, "text": "/start"})
    await play.post("block", json={"user": ANA, "blocked": True})
    refused = await play.post("send", json={"user": ANA, "chat": ANA, "text": "x"})
    assert (refused.status_code, refused.json()["error"]) == (
        400,
        "the user has blocked the bot; unblock it first",
    )
    await play.post("block", json={"user": ANA, "blocked": False})
    assert (await play.post("send", json={"user": ANA, "chat": ANA, "text": "x"})).status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("send", {"chat": ANA, "text": "x"}, 400),
        ("send", {"user": "x", "chat": ANA, "text": "x"}, 400),
        ("send", {"user": 9, "chat": ANA, "text": "x"}, 404),
        ("send", {"user": ANA, "chat": 9, "text": "x"}, 404),
        ("send", {"user": ANA, "chat": ANA, "kind": "smell"}, 400),
        ("send", [], 400),
        ("bot", {"action": "restart"}, 501),
    ],
)
async def test_misuse_is_told(play: httpx.AsyncClient, path: str, body: Any, status: int) -> None:
    answer = await play.post(path, json=body)
    assert answer.status_code == status
    assert answer.json()["error"]


class FakeSupervisor:
    def __init__(self) -> None:
        self.actions: list[str] = []

    async def restart(self) -> None:
        self.actions.append("restart")

    async def kill(self) -> None:
        self.actions.append("kill")

    async def stop(self) -> None:
        self.actions.append("stop")

    async def start(self) -> None:
        self.actions.append("start")

    async def state(self) -> bool | None:
        return self.actions[-1:] != ["stop"]


async def test_the_bot_is_restarted_through_the_supervisor(telegram: Telegram) -> None:
    supervisor = FakeSupervisor()
    inner = httpx.ASGITransport(app=build_app(telegram, supervisor))
    async with httpx.AsyncClient(transport=inner, base_url="http://t/play/") as play:
        for action in ("restart", "kill", "start", "stop"):
            await play.post("bot", json={"action": action})
        assert (await play.post("bot", json={"action": "state"})).status_code == 400
        assert (await state(play))["bot"]["running"] is False
    assert supervisor.actions == ["restart", "kill", "start", "stop"]


async def test_changes_are_streamed_to_whom_they_concern(telegram: Telegram) -> None:
    stream = Events(telegram).stream(ANA, telegram.signals.version)
    assert await anext(stream) == ": hello\n\n"
    telegram.say(BEN, None, "not for Ana")
    telegram.say(ANA, None, "for Ana")
    assert f'"chat": {ANA}' in await anext(stream)
    waiting = asyncio.ensure_future(anext(stream))
    press = telegram.press(ANA, ANA, 1, "x")
    assert '"kind": "callback"' in await waiting
    await telegram.api("answerCallbackQuery", callback_query_id=press.id, text="Done", show_alert=True)
    assert '"kind": "alert"' in (alert := await anext(stream))
    assert '"text": "Done"' in alert


async def test_a_page_that_knew_an_earlier_server_hears_the_next_change(telegram: Telegram) -> None:
    stream = Events(telegram).stream(None, telegram.signals.version + 1_000)
    assert await anext(stream) == ": hello\n\n"
    waiting = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0)
    telegram.say(ANA, None, "hello")
    assert '"kind": "message"' in await waiting


async def test_a_quiet_stream_gives_signs_of_life(telegram: Telegram) -> None:
    stream = Events(telegram, ping_seconds=0.001).stream(ANA, telegram.signals.version)
    assert await anext(stream) == ": hello\n\n"
    assert await anext(stream) == ": ping\n\n"
    telegram.say(ANA, None, "for Ana")
    assert '"kind": "message"' in await anext(stream)


@pytest.mark.parametrize("kind", ["photo", "sticker", "voice", "dice", "poll", "document"])
async def test_every_kind_of_message_can_be_shown(play: httpx.AsyncClient, kind: str) -> None:
    await play.post("send", json={"user": ANA, "chat": ANA, "kind": kind})
    view = await state(play, user=ANA, chat=ANA)
    message = view["messages"][-1]
    assert (message["kind"], message["text"]) == (kind, "")
    assert message[kind]
    assert view["chats"][0]["last_text"]


@pytest.mark.parametrize("kind", ["photo", "document"])
async def test_what_people_send_can_be_opened_as_long_as_it_is_kept(
    telegram: Telegram, play: httpx.AsyncClient, kind: str
) -> None:
    await play.post("send", json={"user": ANA, "chat": ANA, "kind": kind})
    shown = (await state(play, user=ANA, chat=ANA))["messages"][-1][kind]
    assert (await play.get(f"http://t{shown['url']}")).content
    if kind == "photo":
        assert (shown["width"], shown["height"]) == (320, 214)
    telegram.files.by_id.clear()
    forgotten = (await state(play, user=ANA, chat=ANA))["messages"][-1][kind]
    assert forgotten == shown | {"url": None}


async def send_file(telegram: Telegram, kind: str, name: str, content: bytes, mime_type: str) -> None:
    """Let the bot send a file to Ana."""
    telegram.say(ANA, None, "/start")
    async with httpx.AsyncClient(transport=transport(telegram), base_url="http://t/bot1:x/") as sent:
        files = {kind: (name, content, mime_type)}
        await sent.post(f"send{kind.title()}", data={"chat_id": str(ANA)}, files=files)


async def test_a_file_is_saved_and_never_runs_on_the_page(
    telegram: Telegram, play: httpx.AsyncClient
) -> None:
    await send_file(telegram, "document", "Bote 1 ñ.html", b"<script>alert(1)</script>", "text/html")
    document = (await state(play, user=ANA, chat=ANA))["messages"][-1]["document"]
    assert (document["name"], document["size"]) == ("Bote 1 ñ.html", 25)
    answer = await play.get(f"http://t{document['url']}")
    assert answer.content == b"<script>alert(1)</script>"
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''Bote%201%20%C3%B1.html"
    assert (answer.headers["x-content-type-options"], answer.headers["content-type"]) == (
        "nosniff",
        "application/octet-stream",
    )


async def test_a_picture_is_shown_in_the_page(telegram: Telegram, play: httpx.AsyncClient) -> None:
    picture = next(one for one in telegram.files.by_id.values() if one.kind == "photos").upload.content
    await send_file(telegram, "photo", "chart.png", picture, "image/png")
    photo = (await state(play, user=ANA, chat=ANA))["messages"][-1]["photo"]
    answer = await play.get(f"http://t{photo['url']}")
    assert (answer.headers["content-type"], "content-disposition" in answer.headers) == ("image/png", False)
    assert answer.content == picture


async def test_the_page_is_served_under_its_policy_and_asked_for_again(play: httpx.AsyncClient) -> None:
    for name in ("", "app.js", "style.css"):
        answer = await play.get(f"http://t/{name}")
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-cache"
        assert "default-src 'self'" in answer.headers["content-security-policy"]
    etag = (await play.get("http://t/style.css")).headers["etag"]
    again = await play.get("http://t/style.css", headers={"If-None-Match": etag})
    assert (again.status_code, again.headers["cache-control"]) == (304, "no-cache")
