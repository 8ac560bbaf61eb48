"""The fake Telegram's groups: privacy mode, membership, anonymous admins, channels, supergroups."""

from typing import Any

import pytest

from bot.playground.errors import ApiError, PlayError
from bot.playground.models import Chat, User
from bot.playground.telegram import Telegram
from tests.playground_clients import pending


@pytest.fixture
def group(telegram: Telegram, ana: User) -> Chat:
    return telegram.add_group("Friends", [telegram.add_user("Ben")], admins=[ana])


def heard(telegram: Telegram) -> list[str]:
    messages = [update["message"] for update in pending(telegram) if "message" in update]
    return [one.get("text") or one.get("caption") or next(reversed(one)) for one in messages]


async def test_privacy_mode_lets_only_the_bots_own_business_pass(
    telegram: Telegram, ana: User, group: Chat
) -> None:
    sent = await telegram.api("sendMessage", chat_id=group.id, text="hello all")
    mention = {"type": "text_mention", "offset": 0, "length": 2, "user": {"id": telegram.bot.id}}
    telegram.say(ana, group, "just talk")
    telegram.say(ana, group, "/pot")
    telegram.say(ana, group, "/pot@potluck_bot")
    telegram.say(ana, group, "/pot@other_bot")
    telegram.say(ana, group, "hey @Potluck_Bot!")
    telegram.say(ana, group, "hey @potluck_bots")
    telegram.say(ana, group, "you there", entities=[mention])
    telegram.say(ana, group, "an answer", reply_to=sent["message_id"])
    telegram.say(ana, group, None, kind="photo", caption="@potluck_bot look")
    assert heard(telegram) == [
        "new_chat_members",
        "/pot",
        "/pot@potluck_bot",
        "hey @Potluck_Bot!",
        "you there",
        "an answer",
        "@potluck_bot look",
    ]


async def test_a_bare_command_goes_to_the_bot_that_wrote_last(
    telegram: Telegram, ana: User, group: Chat
) -> None:
    robot = telegram.add_user("Robot", is_bot=True)
    telegram.set_member(group, robot, "member")
    telegram.say(robot, group, "beep @potluck_bot")
    telegram.say(ana, group, "/pot")
    assert "/pot" not in heard(telegram)
    await telegram.api("sendMessage", chat_id=group.id, text="mine")
    telegram.say(ana, group, "/pot")
    assert heard(telegram).count("/pot") == 1
    assert "beep @potluck_bot" not in heard(telegram)


async def test_an_admin_bot_and_one_without_privacy_hear_everything() -> None:
    for privacy, admin in ((False, False), (True, True)):
        telegram = Telegram(privacy=privacy)
        ana = telegram.add_user("Ana")
        group = telegram.add_group("Friends", [ana], bot_admin=admin)
        telegram.say(ana, group, "just talk")
        assert heard(telegram)[-1] == "just talk"


async def test_an_anonymous_admin_writes_as_the_group_and_presses_as_himself(
    telegram: Telegram, ana: User, group: Chat
) -> None:
    message = telegram.say(ana, group, "/reset", sender_chat="anonymous")
    assert message["from"]["id"] == 1087968824
    assert message["sender_chat"] == message["chat"]
    telegram.press(ana, group, message["message_id"], "token")
    assert pending(telegram)[-1]["callback_query"]["from"]["id"] == ana.id


async def test_channels_and_automatic_forwards_are_marked(telegram: Telegram, ana: User, group: Chat) -> None:
    channel = telegram.say(ana, group, "/ask x", sender_chat=-1_001_234)
    assert (channel["from"]["id"], channel["sender_chat"]["type"]) == (136817688, "channel")
    automatic = telegram.say(777_000, group, "/ask x", sender_chat=-1_001_234)
    assert (automatic["from"]["id"], automatic["is_automatic_forward"]) == (777_000, True)
    inline = telegram.say(ana, group, "/ask x", via_bot=True)
    assert inline["via_bot"]["is_bot"] is True
    assert len(heard(telegram)) == 4


async def test_coming_and_going_is_told(telegram: Telegram, ana: User, group: Chat) -> None:
    telegram.set_member(group, telegram.bot, "kicked", by=ana)
    telegram.set_member(group, telegram.bot, "member", by=ana)
    updates = pending(telegram)
    changes = [update["my_chat_member"] for update in updates if "my_chat_member" in update]
    moves = [(one["old_chat_member"]["status"], one["new_chat_member"]["status"]) for one in changes]
    assert moves == [("left", "member"), ("member", "kicked"), ("kicked", "member")]
    assert heard(telegram) == ["new_chat_members", "left_chat_member", "new_chat_members"]


async def test_who_is_not_in_the_group_cant_write_there(telegram: Telegram, group: Chat, ana: User) -> None:
    with pytest.raises(PlayError, match="Eve is not in Friends"):
        telegram.say(telegram.add_user("Eve"), group, "hello")
    with pytest.raises(PlayError, match="private chat"):
        telegram.say(telegram.users[1002], ana.id, "hello")
    telegram.block(ana)
    with pytest.raises(PlayError, match="has blocked the bot"):
        telegram.say(ana, None, "hello")


@pytest.mark.parametrize("tell", [("to", "from"), ("to",), ("from",), ()])
async def test_a_group_moves_with_any_of_its_service_messages(tell: tuple[str, ...]) -> None:
    telegram = Telegram()
    ana = telegram.add_user("Ana")
    old = telegram.add_group("Few", admins=[ana], kind="group")
    new = telegram.migrate(old, tell=tell)
    told: list[dict[str, Any]] = [update["message"] for update in pending(telegram) if "message" in update]
    fields = [name for one in told for name in one if name.startswith("migrate_")]
    assert fields == [
        f"migrate_{way}_chat_id" for way in ("to", "from") if way[:2] in {one[:2] for one in tell}
    ]
    with pytest.raises(ApiError) as caught:
        await telegram.api("sendMessage", chat_id=old.id, text="x")
    assert caught.value.parameters == {"migrate_to_chat_id": new.id}
    assert (await telegram.api("sendMessage", chat_id=new.id, text="x"))["chat"]["type"] == "supergroup"
    assert new.status_of(ana.id) == "creator"


async def test_an_edit_reaches_the_bot_only_if_it_may_see_the_message(
    telegram: Telegram, ana: User, group: Chat
) -> None:
    talk, ask = telegram.say(ana, group, "talk"), telegram.say(ana, group, "/ask one")
    telegram.edit(ana, group, talk["message_id"], "more talk")
    telegram.edit(ana, group, ask["message_id"], "/ask two")
    edits = [update["edited_message"] for update in pending(telegram) if "edited_message" in update]
    assert [one["text"] for one in edits] == ["/ask two"]
    with pytest.raises(PlayError):
        telegram.edit(ana, group, 999, "x")
