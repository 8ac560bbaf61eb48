"""The fake Telegram's Bot API: forms of requests, refusals with Telegram's texts, messages and files."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import telegram as ptb
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken

from bot.playground.errors import ApiError
from bot.playground.models import User
from bot.playground.samples import sample_files
from bot.playground.server import build_app
from bot.playground.telegram import Telegram
from tests.playground_clients import ROOT, TOKEN, Clock, ptb_bot, raw_client

BUTTON = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}
UNREADABLE_BUTTON = "Bad Request: can't parse inline keyboard button"
NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup"
    " are exactly the same as a current content and reply markup of the message"
)


@pytest.fixture
def ana(telegram: Telegram) -> User:
    user = telegram.add_user("Ana", username="ana", language_code="es")
    telegram.say(user, None, "/start")
    return user


@pytest.fixture
async def client(telegram: Telegram) -> AsyncIterator[httpx.AsyncClient]:
    async with raw_client(telegram) as client:
        yield client


async def refused(telegram: Telegram, method: str, **params: Any) -> str:
    with pytest.raises(ApiError) as caught:
        await telegram.api(method, **params)
    return caught.value.description


async def test_parameters_may_come_as_json_form_or_in_the_address(
    client: httpx.AsyncClient, ana: User
) -> None:
    answers = [
        await client.post("sendMessage", json={"chat_id": ana.id, "text": "one"}),
        await client.post("sendMessage", data={"chat_id": str(ana.id), "text": "two"}),
        await client.get("SENDMESSAGE", params={"chat_id": ana.id, "text": "three"}),
        await client.post("sendMessage", files={"chat_id": (None, str(ana.id)), "text": (None, "four")}),
    ]
    assert [answer.json()["result"]["text"] for answer in answers] == ["one", "two", "three", "four"]
    assert {answer.status_code for answer in answers} == {200}


async def test_unknown_methods_and_addresses_are_not_found(client: httpx.AsyncClient) -> None:
    answer = await client.post("sendNothing")
    assert answer.status_code == 404
    assert answer.json() == {"ok": False, "error_code": 404, "description": "Not Found: method not found"}
    assert (await client.get(f"{ROOT}/bot{TOKEN}")).json()["description"] == "Not Found"


async def test_a_broken_body_is_refused(client: httpx.AsyncClient) -> None:
    headers = {"Content-Type": "application/json"}
    for body in (b"{", b"[1]", b"\xff"):
        answer = await client.post("getMe", content=body, headers=headers)
        assert answer.status_code == 400


async def test_an_unknown_token_is_unauthorized(client: httpx.AsyncClient) -> None:
    telegram = Telegram(tokens=["1:right"])
    async with raw_client(telegram, "1:wrong") as wrong, raw_client(telegram, "1:right") as right:
        answer = await wrong.get("getMe")
        assert (answer.status_code, answer.json()["description"]) == (401, "Unauthorized")
        assert (await right.get("getMe")).json()["result"]["username"] == "potluck_bot"
    with pytest.raises(InvalidToken):
        async with ptb_bot(telegram, "1:wrong"):
            pass


async def test_unknown_parameters_are_ignored_and_noted(telegram: Telegram, ana: User) -> None:
    await telegram.api("sendMessage", chat_id=ana.id, text="x", reply_to_message_id=1)
    assert telegram.calls[-1].ok
    assert telegram.calls[-1].violations == ['unknown parameter "reply_to_message_id"']


@pytest.mark.parametrize(
    ("method", "params", "description"),
    [
        ("sendMessage", {"text": "x"}, "Bad Request: chat_id is empty"),
        ("sendMessage", {"chat_id": 1}, "Bad Request: message text is empty"),
        ("sendMessage", {"chat_id": 1, "text": ""}, "Bad Request: message text is empty"),
        ("sendMessage", {"chat_id": 1, "text": " \n"}, "Bad Request: text must be non-empty"),
        ("sendMessage", {"chat_id": 987, "text": "x"}, "Bad Request: chat not found"),
        ("sendMessage", {"chat_id": "@nobody", "text": "x"}, "Bad Request: chat not found"),
        ("deleteMessage", {"chat_id": 1}, "Bad Request: message identifier is not specified"),
        (
            "answerCallbackQuery",
            {"callback_query_id": "1"},
            "Bad Request: query is too old and response timeout expired or query ID is invalid",
        ),
        (
            "sendChatAction",
            {"chat_id": 1, "action": "dance"},
            "Bad Request: wrong parameter action in request",
        ),
        (
            "setWebhook",
            {"url": "http://example.org"},
            "Bad Request: bad webhook: An HTTPS URL must be provided for webhook",
        ),
        (
            "setWebhook",
            {"url": "https://x.org", "secret_token": "é"},
            "Bad Request: secret token contains unallowed characters",
        ),
        ("getFile", {"file_id": "x"}, "Bad Request: wrong file_id or the file is temporarily unavailable"),
    ],
)
async def test_refusals_use_telegrams_words(
    telegram: Telegram, method: str, params: dict[str, Any], description: str
) -> None:
    assert await refused(telegram, method, **params) == description


async def test_texts_are_counted_in_utf16_units_after_parsing(telegram: Telegram, ana: User) -> None:
    await telegram.api("sendMessage", chat_id=ana.id, text="<b>" + "😀" * 2_048 + "</b>", parse_mode="HTML")
    for text in ("x" * 4_097, "😀" * 2_048 + "x"):
        assert (
            await refused(telegram, "sendMessage", chat_id=ana.id, text=text)
            == "Bad Request: message is too long"
        )
    document = telegram.files.store(_upload(), "documents").file_id
    params = {"chat_id": ana.id, "document": document, "caption": "x" * 1_025}
    assert await refused(telegram, "sendDocument", **params) == "Bad Request: message caption is too long"


def _upload() -> Any:
    from bot.playground.files import Upload

    return Upload("proof.json", b"{}", "application/json")


async def test_a_stranger_cant_be_written_to(telegram: Telegram) -> None:
    ben = telegram.add_user("Ben")
    robot = telegram.add_user("Robot", is_bot=True)
    say = {"text": "x"}
    assert await refused(telegram, "sendMessage", chat_id=ben.id, **say) == "Bad Request: chat not found"
    telegram.add_group("Friends", [ben])
    initiate = "Forbidden: bot can't initiate conversation with a user"
    assert await refused(telegram, "sendMessage", chat_id=ben.id, **say) == initiate
    robots = "Forbidden: bot can't send messages to bots"
    assert await refused(telegram, "sendMessage", chat_id=robot.id, **say) == robots


async def test_who_blocked_or_left_cant_be_written_to(telegram: Telegram, ana: User) -> None:
    group = telegram.add_group("Friends", [ana])
    small = telegram.add_group("Few", [ana], kind="group")
    telegram.block(ana)
    telegram.set_member(group, telegram.bot, "kicked", by=ana)
    telegram.set_member(small, telegram.bot, "left", by=ana)
    texts = [await refused(telegram, "sendMessage", chat_id=one.id, text="x") for one in (ana, group, small)]
    assert texts == [
        "Forbidden: bot was blocked by the user",
        "Forbidden: bot was kicked from the supergroup chat",
        "Forbidden: bot is not a member of the group chat",
    ]
    telegram.block(ana, False)
    telegram.deactivate(ana)
    assert (
        await refused(telegram, "sendMessage", chat_id=ana.id, text="x") == "Forbidden: user is deactivated"
    )


async def test_ptb_raises_the_errors_that_the_live_api_makes_it_raise(telegram: Telegram, ana: User) -> None:
    group = telegram.add_group("Friends", [ana], kind="group")
    new = telegram.migrate(group)
    async with ptb_bot(telegram) as bot:
        with pytest.raises(ChatMigrated) as migrated:
            await bot.send_message(group.id, "x")
        assert migrated.value.new_chat_id == new.id
        telegram.block(ana)
        with pytest.raises(Forbidden, match="bot was blocked by the user"):
            await bot.send_message(ana.id, "x")
        with pytest.raises(BadRequest, match="Chat not found"):
            await bot.send_message(1, "x")


async def test_edits_follow_telegrams_rules(telegram: Telegram, ana: User, clock: Clock) -> None:
    asked = telegram.say(ana, None, "hello")
    sent = await telegram.api(
        "sendMessage", chat_id=ana.id, text="<b>one</b>", parse_mode="HTML", reply_markup=BUTTON
    )
    place = {"chat_id": ana.id, "message_id": sent["message_id"]}
    same = {"text": "<strong>one</strong>", "parse_mode": "HTML", "reply_markup": BUTTON}
    assert await refused(telegram, "editMessageText", **place, **same) == NOT_MODIFIED
    clock.forward(60)
    edited = await telegram.api("editMessageText", **place, text="two")
    assert edited["edit_date"] == sent["date"] + 60
    assert "reply_markup" not in edited
    assert await refused(telegram, "editMessageReplyMarkup", **place) == NOT_MODIFIED
    missing = {"chat_id": ana.id, "message_id": 999, "text": "x"}
    assert await refused(telegram, "editMessageText", **missing) == "Bad Request: message to edit not found"
    foreign = {"chat_id": ana.id, "message_id": asked["message_id"], "text": "x"}
    assert await refused(telegram, "editMessageText", **foreign) == "Bad Request: message can't be edited"
    photo = await telegram.api(
        "sendDocument", chat_id=ana.id, document=telegram.files.store(_upload(), "documents").file_id
    )
    place["message_id"] = photo["message_id"]
    no_text = "Bad Request: there is no text in the message to edit"
    assert await refused(telegram, "editMessageText", **place, text="x") == no_text
    captioned = await telegram.api("editMessageCaption", **place, caption="*")
    assert captioned["caption"] == "*"


async def test_replies_and_topics_must_exist(telegram: Telegram, ana: User) -> None:
    asked = telegram.say(ana, None, "hello")
    good = {"message_id": asked["message_id"]}
    answer = await telegram.api("sendMessage", chat_id=ana.id, text="x", reply_parameters=good)
    assert answer["reply_to_message"]["text"] == "hello"
    lost = {"message_id": 999}
    params = {"chat_id": ana.id, "text": "x", "reply_parameters": lost}
    assert await refused(telegram, "sendMessage", **params) == "Bad Request: message to be replied not found"
    params["reply_parameters"] = lost | {"allow_sending_without_reply": True}
    assert "reply_to_message" not in await telegram.api("sendMessage", **params)
    topic = {"chat_id": ana.id, "text": "x", "message_thread_id": 7}
    assert await refused(telegram, "sendMessage", **topic) == "Bad Request: message thread not found"
    telegram.say(ana, None, "in a topic", thread=7)
    assert (await telegram.api("sendMessage", **topic))["message_thread_id"] == 7


async def test_the_answer_to_a_message_of_a_topic_lands_in_the_topic(telegram: Telegram, ana: User) -> None:
    forum = telegram.add_group("Forum", [ana], forum=True)
    asked = telegram.say(ana, forum, "/ask x", thread=12)
    assert (asked["is_topic_message"], asked["chat"]["is_forum"]) == (True, True)
    reply = {"message_id": asked["message_id"]}
    answer = await telegram.api("sendMessage", chat_id=forum.id, text="x", reply_parameters=reply)
    assert answer["message_thread_id"] == 12


@pytest.mark.parametrize(
    ("markup", "description"),
    [
        (
            {"inline_keyboard": [[{"text": "x", "callback_data": "x" * 65}]]},
            "Bad Request: BUTTON_DATA_INVALID",
        ),
        ({"inline_keyboard": [[{"text": "x", "callback_data": ""}]]}, "Bad Request: BUTTON_DATA_INVALID"),
        (
            {"inline_keyboard": [[{"text": "x"}]]},
            f"{UNREADABLE_BUTTON}: Text buttons are unallowed in the inline keyboard",
        ),
        ({"inline_keyboard": [{"text": "x"}]}, 'Bad Request: field "inline_keyboard" must be of type Array'),
        ("[]", "Bad Request: object expected as reply markup"),
        ("{", "Bad Request: can't parse reply markup JSON object"),
        (
            {"inline_keyboard": [[{"text": "x", "callback_data": "x"}] * 101]},
            "Bad Request: reply markup is too long",
        ),
        (
            {"inline_keyboard": [[{"text": "x", "url": "nowhere"}]]},
            "Bad Request: inline keyboard button URL 'nowhere' is invalid: Wrong HTTP URL",
        ),
    ],
)
async def test_bad_keyboards_are_refused(
    telegram: Telegram, ana: User, markup: Any, description: str
) -> None:
    assert (
        await refused(telegram, "sendMessage", chat_id=ana.id, text="x", reply_markup=markup) == description
    )


async def test_messages_are_deleted_pinned_and_reacted_to(
    telegram: Telegram, ana: User, clock: Clock
) -> None:
    group = telegram.add_group("Friends", [ana])
    word = telegram.say(ana, group, "hello")
    here = {"chat_id": group.id, "message_id": word["message_id"]}
    assert await refused(telegram, "deleteMessage", **here) == "Bad Request: message can't be deleted"
    no_rights = "Bad Request: not enough rights to manage pinned messages in the chat"
    assert await refused(telegram, "pinChatMessage", **here) == no_rights
    assert await telegram.api("setMessageReaction", **here, reaction=[{"type": "emoji", "emoji": "👍"}])
    odd = [{"type": "emoji", "emoji": "x"}]
    assert (
        await refused(telegram, "setMessageReaction", **here, reaction=odd) == "Bad Request: REACTION_INVALID"
    )
    telegram.set_member(group, telegram.bot, "administrator", by=ana)
    await telegram.api("pinChatMessage", **here)
    assert telegram.messages(group)[-1]["pinned_message"]["text"] == "hello"
    assert (await telegram.api("getChat", chat_id=group.id))["pinned_message"]["text"] == "hello"
    await telegram.api("unpinChatMessage", chat_id=group.id)
    assert (
        await refused(telegram, "unpinChatMessage", chat_id=group.id)
        == "Bad Request: message to unpin not found"
    )
    await telegram.api("deleteMessages", chat_id=group.id, message_ids=[word["message_id"], 999])
    assert await refused(telegram, "deleteMessage", **here) == "Bad Request: message to delete not found"
    old = await telegram.api("sendMessage", chat_id=ana.id, text="old")
    clock.forward(49 * 3_600)
    late = {"chat_id": ana.id, "message_id": old["message_id"]}
    assert (
        await refused(telegram, "deleteMessage", **late)
        == "Bad Request: message can't be deleted for everyone"
    )


async def test_files_are_uploaded_and_fetched_by_ptb(telegram: Telegram, ana: User) -> None:
    async with ptb_bot(telegram) as bot:
        sent = await bot.send_document(
            ana.id, b'{"a":1}', filename="proof.json", caption="<i>see</i>", parse_mode="HTML"
        )
        assert sent.document is not None
        assert (sent.document.file_name, sent.document.file_size, sent.caption) == ("proof.json", 7, "see")
        file = await bot.get_file(sent.document.file_id)
        assert bytes(await file.download_as_bytearray()) == b'{"a":1}'
        photo = await bot.send_photo(ana.id, sample_files()[0].upload.content)
        assert (photo.photo[0].width, photo.photo[0].height) == (90, 60)
        again = await bot.send_photo(ana.id, photo.photo[0].file_id)
        assert again.photo[0].file_id == photo.photo[0].file_id
        with pytest.raises(BadRequest, match=r"(?i)image_process_failed"):
            await bot.send_photo(ana.id, b"no picture")
        with pytest.raises(BadRequest, match="File must be non-empty"):
            await bot.send_document(ana.id, b"")
    assert telegram.calls_of("sendDocument")[0].files[0]["name"] == "proof.json"


async def test_messages_are_forwarded_and_copied(telegram: Telegram, ana: User) -> None:
    word = telegram.say(ana, None, "hello")
    here = {"chat_id": ana.id, "from_chat_id": ana.id, "message_id": word["message_id"]}
    forwarded = await telegram.api("forwardMessage", **here)
    assert forwarded["forward_origin"]["sender_user"]["id"] == ana.id
    copied = await telegram.api("copyMessage", **here)
    assert set(copied) == {"message_id"}
    assert telegram.messages(ana)[-1]["text"] == "hello"


async def test_chats_and_members_are_described(telegram: Telegram, ana: User) -> None:
    ben = telegram.add_user("Ben")
    group = telegram.add_group("Friends", [ben], admins=[ana])
    async with ptb_bot(telegram) as bot:
        assert (await bot.get_chat(group.id)).title == "Friends"
        assert (await bot.get_chat(ana.id)).first_name == "Ana"
        members = [await bot.get_chat_member(group.id, one) for one in (ana.id, ben.id, telegram.bot.id)]
        assert [one.status for one in members] == ["creator", "member", "member"]
        assert [one.user.id for one in await bot.get_chat_administrators(group.id)] == [ana.id]
        assert await bot.get_chat_member_count(group.id) == 3
        telegram.set_member(group, ben, "left")
        assert (await bot.get_chat_member(group.id, ben.id)).status == ptb.ChatMember.LEFT
        telegram.set_member(group, ben, "restricted")
        assert isinstance(await bot.get_chat_member(group.id, ben.id), ptb.ChatMemberRestricted)
        with pytest.raises(BadRequest):
            await bot.get_chat_member(group.id, 31_337)
        assert await bot.leave_chat(group.id)
        with pytest.raises(Forbidden):
            await bot.get_chat(group.id)


async def test_ids_above_2_to_the_52_stay_exact(telegram: Telegram) -> None:
    huge = 2**62 + 1
    giant = telegram.add_user("Giant", user_id=huge)
    assert telegram.say(giant, None, "hi")["from"]["id"] == huge
    async with ptb_bot(telegram) as bot:
        sent = await bot.send_message(huge, "hello")
        updates = await bot.get_updates()
    assert sent.chat.id == huge
    assert [update.effective_user and update.effective_user.id for update in updates] == [huge]


async def test_a_call_that_is_broken_off_before_its_end_is_none(telegram: Telegram) -> None:
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": b'{"chat_id":', "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    async def send(message: Any) -> None:
        raise AssertionError(message)

    scope = {"type": "http", "path": "/bot1:x/sendMessage", "query_string": b"", "headers": []}
    await build_app(telegram)(scope, receive, send)
    assert telegram.calls == []
