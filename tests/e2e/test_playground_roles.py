"""The controls of groups: who may be what, by whose hand; anonymous admins; topics; the move to a supergroup."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bot.playground.errors import ApiError
from bot.playground.models import GROUP_ANONYMOUS_ID, Chat, User
from bot.playground.scene import scene
from bot.playground.telegram import Telegram
from bot.playground.transport import transport
from tests.playground_clients import pending


@pytest.fixture
def ben(telegram: Telegram) -> User:
    return telegram.add_user("Ben")


@pytest.fixture
def group(telegram: Telegram, ana: User, ben: User) -> Chat:
    """Give a forum that Ana owns, with Ben and the bot in it."""
    return telegram.add_group("Friends", [ben], admins=[ana], forum=True)


@pytest.fixture
def small(telegram: Telegram, ana: User, ben: User) -> Chat:
    """Give a basic group that Ana owns."""
    return telegram.add_group("Few", [ben], admins=[ana], kind="group")


@pytest.fixture
async def play(telegram: Telegram) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=transport(telegram), base_url="http://t/play/") as client:
        yield client


async def done(play: httpx.AsyncClient, path: str, **body: Any) -> Any:
    """Use a control that must work, and return its answer."""
    answer = await play.post(path, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def refused(play: httpx.AsyncClient, path: str, **body: Any) -> str:
    """Use a control that must refuse, and return why it does."""
    answer = await play.post(path, json=body)
    assert 400 <= answer.status_code < 500, answer.text
    return str(answer.json()["error"])


async def test_the_bot_is_removed_added_promoted_and_restricted(
    telegram: Telegram, play: httpx.AsyncClient, group: Chat, ana: User
) -> None:
    bot = telegram.bot.id
    for status in ("kicked", "member", "administrator", "restricted", "left"):
        await done(play, "member", chat=group.id, user=bot, status=status, by=ana.id)
        assert group.status_of(bot) == status
        sent = await telegram.answer("t", "sendMessage", {"chat_id": group.id, "text": "hello"})
        assert sent.status == {"kicked": 403, "left": 403, "restricted": 400}.get(status, 200)
    changes = [one["my_chat_member"] for one in pending(telegram) if "my_chat_member" in one]
    assert [one["new_chat_member"]["status"] for one in changes][1:] == [
        "kicked",
        "member",
        "administrator",
        "restricted",
        "left",
    ]
    assert {one["from"]["id"] for one in changes} == {ana.id}


async def test_only_admins_change_others_and_only_the_owner_an_owner(
    telegram: Telegram, play: httpx.AsyncClient, group: Chat, ana: User, ben: User
) -> None:
    eve, bot = telegram.add_user("Eve"), telegram.bot.id
    give = {"chat": group.id, "by": ben.id}
    assert "Ben is no admin" in await refused(play, "member", user=bot, status="kicked", **give)
    assert "Ben is no admin" in await refused(play, "member", user=ben.id, status="administrator", **give)
    await done(play, "member", user=eve.id, status="member", **give)
    await done(play, "member", chat=group.id, user=ben.id, status="administrator", by=ana.id)
    await done(play, "member", user=eve.id, status="kicked", **give)
    assert "Ana owns Friends" in await refused(play, "member", user=ana.id, status="kicked", **give)
    assert "only the owner" in await refused(play, "member", user=ben.id, status="creator", **give)
    assert "Eve is not in" in await refused(
        play, "member", chat=group.id, user=bot, status="kicked", by=eve.id
    )
    await done(play, "member", chat=group.id, user=ben.id, status="creator", by=ana.id)
    assert [group.status_of(one.id) for one in (ana, ben)] == ["administrator", "creator"]
    await done(play, "member", chat=group.id, user=ana.id, status="left", by=ana.id)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"status": "king"}, "status king"),
        ({"status": "restricted"}, "only a supergroup"),
        ({"status": "administrator", "anonymous": True}, "only a supergroup"),
        ({"user": 7_000_000_001, "status": "creator"}, "a bot can't own"),
        ({"user": 9, "status": "member"}, "no user 9"),
        ({"chat": 1001, "status": "member"}, "private chat"),
        ({"chat": 9, "status": "member"}, "no chat 9"),
        ({"user": None, "status": "member"}, "user is missing"),
    ],
)
async def test_what_telegram_has_not_is_refused(
    play: httpx.AsyncClient, small: Chat, ben: User, body: dict[str, Any], why: str
) -> None:
    assert why in await refused(play, "member", **{"chat": small.id, "user": ben.id, **body})


async def test_an_anonymous_admin_writes_and_acts_as_the_group_until_he_leaves(
    telegram: Telegram, play: httpx.AsyncClient, group: Chat, ana: User, ben: User
) -> None:
    who = {"chat": group.id, "user": ana.id}
    assert "only an admin" in await refused(
        play, "member", chat=group.id, user=ben.id, status="member", anonymous=True
    )
    await done(play, "member", status="creator", anonymous=True, **who)
    said = await done(play, "send", text="/pot@potluck_bot", **who)
    assert (said["from"]["id"], said["sender_chat"]) == (GROUP_ANONYMOUS_ID, said["chat"])
    await done(play, "edit", message=said["message_id"], text="/fair@potluck_bot", **who)
    telegram.press(ana, group, said["message_id"], "token")
    assert pending(telegram)[-1]["callback_query"]["from"]["id"] == ana.id
    await done(play, "title", chat=group.id, title=" Old friends ", by=ana.id)
    renamed = pending(telegram)[-1]["message"]
    assert (renamed["new_chat_title"], renamed["from"]["id"]) == ("Old friends", GROUP_ANONYMOUS_ID)
    shown = scene(telegram, ana.id, group.id, running=None)["messages"][-2:]
    assert [(one["author"], one["from"]["name"]) for one in shown] == [
        (ana.id, "Friends"),
        (ana.id, "Old friends"),
    ]
    await done(play, "member", status="left", **who)
    await done(play, "member", status="member", **who)
    assert (await done(play, "send", text="it is me", **who))["from"]["id"] == ana.id


async def test_titles_have_a_length_and_strangers_give_none(
    telegram: Telegram, play: httpx.AsyncClient, group: Chat
) -> None:
    for title in (" ", "x" * 129):
        assert "1 to 128" in await refused(play, "title", chat=group.id, title=title)
    eve = telegram.add_user("Eve")
    assert "Eve is not in" in await refused(play, "title", chat=group.id, title="Hers", by=eve.id)
    assert group.title == "Friends"


async def test_a_topic_is_opened_written_in_closed_and_opened_again(
    telegram: Telegram, play: httpx.AsyncClient, group: Chat, ana: User, ben: User
) -> None:
    topic = await done(play, "topics", chat=group.id, name="Games", by=ben.id)
    opened = pending(telegram)[-1]["message"]
    assert opened["forum_topic_created"]["name"] == "Games"
    assert opened["message_thread_id"] == opened["message_id"] == topic["id"]
    where = {"chat": group.id, "thread": topic["id"]}
    asked = await done(play, "send", user=ben.id, text="/ask x", **where)
    assert (asked["message_thread_id"], asked["is_topic_message"]) == (topic["id"], True)
    assert asked["reply_to_message"]["message_id"] == topic["id"]
    params = {"chat_id": group.id, "text": "x", "message_thread_id": topic["id"]}
    assert (await telegram.api("sendMessage", **params))["message_thread_id"] == topic["id"]
    close = {"chat": group.id, "topic": topic["id"]}
    assert "Ben is no admin" in await refused(play, "topics", by=ben.id, **close)
    assert (await done(play, "topics", **close))["closed"]
    assert "the topic is closed" in await refused(play, "send", user=ben.id, text="x", **where)
    await done(play, "send", user=ana.id, text="x", **where)
    with pytest.raises(ApiError, match="TOPIC_CLOSED"):
        await telegram.api("sendMessage", **params)
    await done(play, "topics", closed=False, **close)
    await telegram.api("sendMessage", **params)
    assert [one["name"] for one in (await play.get("topics", params={"chat": group.id})).json()] == ["Games"]


async def test_there_are_no_topics_but_in_forums(
    telegram: Telegram, play: httpx.AsyncClient, group: Chat, small: Chat, ben: User
) -> None:
    assert "has no topics" in await refused(play, "topics", chat=small.id, name="Games")
    assert "has no topic 7" in await refused(play, "send", user=ben.id, chat=group.id, text="x", thread=7)
    assert "has no topic 7" in await refused(play, "topics", chat=group.id, topic=7)
    assert "only a supergroup" in await refused(play, "topics", chat=small.id, forum=True)
    moved = await done(play, "migrate", chat=small.id)
    assert "has no topics" in await refused(play, "topics", chat=moved["id"], name="Games")
    await done(play, "topics", chat=moved["id"], forum=True)
    assert (await done(play, "topics", chat=moved["id"], name="Games"))["name"] == "Games"
    assert "only a supergroup" in await refused(play, "groups", title="F", type="group", forum=True)


@pytest.mark.parametrize(
    ("tell", "notices"), [("both", ["to", "from"]), ("to", ["to"]), ("from", ["from"]), ("none", [])]
)
async def test_a_group_becomes_a_supergroup_with_the_notices_that_are_asked_for(
    telegram: Telegram,
    play: httpx.AsyncClient,
    small: Chat,
    ana: User,
    ben: User,
    tell: str,
    notices: list[str],
) -> None:
    move = {"chat": small.id, "tell": tell}
    assert "Ben is no admin" in await refused(play, "migrate", by=ben.id, **move)
    new = await done(play, "migrate", by=ana.id, **move)
    assert (new["type"], new["title"], len(new["members"])) == ("supergroup", "Few", 3)
    told = [one["message"] for one in pending(telegram) if "message" in one]
    names = [name for one in told for name in one if name.startswith("migrate_")]
    assert names == [f"migrate_{way}_chat_id" for way in notices]
    with pytest.raises(ApiError) as caught:
        await telegram.api("sendMessage", chat_id=small.id, text="x")
    assert caught.value.parameters == {"migrate_to_chat_id": new["id"]}
    for path, body in (
        ("send", {"user": ana.id, "text": "x"}),
        ("title", {"title": "x"}),
        ("member", {"user": ben.id, "status": "left"}),
        ("migrate", {}),
    ):
        assert "became the supergroup" in await refused(play, path, chat=small.id, **body)
    view = scene(telegram, ana.id, small.id, running=None)
    assert (view["moved_to"], [one["id"] for one in view["groups"]]) == (new["id"], [new["id"]])


async def test_unknown_notices_and_a_second_move_are_refused(
    play: httpx.AsyncClient, group: Chat, small: Chat
) -> None:
    assert "unknown notices" in await refused(play, "migrate", chat=small.id, tell="some")
    assert "only a basic group" in await refused(play, "migrate", chat=group.id)
