"""The fake Telegram's screens: buttons and their answers, drafts, typing, commands, the bot's own texts."""

import asyncio
from typing import Any

import pytest
import telegram as ptb
from telegram.error import BadRequest

from bot.playground.errors import ApiError, PlayError
from bot.playground.models import Draft, User
from bot.playground.scene import scene
from bot.playground.telegram import Telegram
from tests.playground_clients import Clock, pending, ptb_bot

KEYBOARD = {
    "inline_keyboard": [
        [{"text": "Pay 5 and send", "callback_data": "b:1"}, {"text": "Site", "url": "https://x.org"}]
    ]
}


@pytest.fixture
def ana(telegram: Telegram) -> User:
    user = telegram.add_user("Ana", language_code="es")
    telegram.say(user, None, "/start")
    return user


async def test_a_press_is_answered(telegram: Telegram, ana: User) -> None:
    sent = await telegram.api("sendMessage", chat_id=ana.id, text="?", reply_markup=KEYBOARD)
    press = telegram.press(ana, ana.id, sent["message_id"], "Pay 5 and send")
    query = pending(telegram)[-1]["callback_query"]
    assert (query["data"], query["message"]["text"]) == ("b:1", "?")
    waiting = asyncio.create_task(press.wait())
    async with ptb_bot(telegram) as bot:
        updates = await bot.get_updates()
        assert updates[-1].callback_query is not None
        await updates[-1].callback_query.answer("Done", show_alert=True)
    assert await waiting == {"text": "Done", "show_alert": True}
    assert press.answer == await press


async def test_an_answer_comes_too_late_after_150_seconds(
    telegram: Telegram, ana: User, clock: Clock
) -> None:
    press = telegram.press(ana, ana.id, 1, "b:1")
    clock.forward(151)
    with pytest.raises(
        ApiError, match="query is too old and response timeout expired or query ID is invalid"
    ):
        await telegram.api("answerCallbackQuery", callback_query_id=press.id)
    assert await press.wait(0.01) is None


async def test_an_answer_has_at_most_200_characters(telegram: Telegram, ana: User) -> None:
    press = telegram.press(ana, ana.id, 1, "b:1")
    with pytest.raises(ApiError, match="MESSAGE_TOO_LONG"):
        await telegram.api("answerCallbackQuery", callback_query_id=press.id, text="x" * 201)
    assert await telegram.api("answerCallbackQuery", callback_query_id=press.id, text="x" * 200)


async def test_a_button_of_a_deleted_message_comes_without_the_message(telegram: Telegram, ana: User) -> None:
    sent = await telegram.api("sendMessage", chat_id=ana.id, text="?", reply_markup=KEYBOARD)
    await telegram.api("deleteMessage", chat_id=ana.id, message_id=sent["message_id"])
    telegram.press(ana, ana.id, sent["message_id"], "b:1")
    async with ptb_bot(telegram) as bot:
        query = (await bot.get_updates())[-1].callback_query
    assert query is not None
    assert query.message is not None
    assert not query.message.is_accessible


async def test_data_can_be_forged_and_links_cant_be_pressed(telegram: Telegram, ana: User) -> None:
    sent = await telegram.api("sendMessage", chat_id=ana.id, text="?", reply_markup=KEYBOARD)
    telegram.press(ana, ana.id, sent["message_id"], "invented")
    assert pending(telegram)[-1]["callback_query"]["data"] == "invented"
    with pytest.raises(PlayError):
        telegram.press(ana, ana.id, sent["message_id"], "Site")


async def test_a_draft_lives_30_seconds_or_until_the_message(
    telegram: Telegram, ana: User, clock: Clock
) -> None:
    def draft() -> Draft | None:
        return telegram.private_chat(ana).draft

    async with ptb_bot(telegram) as bot:
        await bot.send_message_draft(ana.id, 7, "Once <b>upon</b>", parse_mode="HTML")
        shown = draft()
        assert shown is not None
        assert (shown.draft_id, shown.text, shown.entities[0]["type"]) == (
            7,
            "Once upon",
            "bold",
        )
        clock.forward(30)
        assert shown.expires_at <= clock()
        await bot.send_message_draft(ana.id, 7, "")
        await bot.send_message(ana.id, "Once upon a time")
    assert draft() is None
    assert telegram.texts(ana) == ["Once upon a time"]


async def test_bad_drafts_are_refused(telegram: Telegram, ana: User) -> None:
    group = telegram.add_group("Friends", [ana])
    async with ptb_bot(telegram) as bot:
        with pytest.raises(BadRequest, match=r"(?i)random_id_invalid"):
            await bot.send_message_draft(ana.id, 0, "x")
        with pytest.raises(BadRequest, match=r"(?i)textdraft_peer_invalid"):
            await bot.send_message_draft(group.id, 1, "x")
        with pytest.raises(BadRequest, match="Message is too long"):
            await bot.send_message_draft(ana.id, 1, "x" * 4_097)


async def test_typing_lasts_five_seconds_or_until_the_message(
    telegram: Telegram, ana: User, clock: Clock
) -> None:
    chat = telegram.private_chat(ana)
    await telegram.api("sendChatAction", chat_id=ana.id, action="typing")
    assert chat.typing_until == clock() + 5
    await telegram.api("sendMessage", chat_id=ana.id, text="x")
    assert chat.typing_until == 0


def command(name: str, description: str = "x") -> dict[str, str]:
    return {"command": name, "description": description}


async def test_commands_are_chosen_by_scope_and_language(telegram: Telegram, ana: User) -> None:
    ben = telegram.add_user("Ben")
    group = telegram.add_group("Friends", [ben], admins=[ana])
    own = {"type": "chat_member", "chat_id": group.id, "user_id": ben.id}
    for name, scope, language in (
        ("default", None, ""),
        ("private", {"type": "all_private_chats"}, ""),
        ("privado", {"type": "all_private_chats"}, "es"),
        ("groups", {"type": "all_group_chats"}, ""),
        ("admins", {"type": "all_chat_administrators"}, ""),
        ("ben", own, ""),
    ):
        params = {"commands": [command(name)], "scope": scope, "language_code": language}
        await telegram.api("setMyCommands", **params)

    def menu(chat: Any, user: User) -> str:
        return str(telegram.profile.commands_for(chat, user.id, user.language_code)[0]["command"])

    assert menu(telegram.private_chat(ana), ana) == "privado"
    assert menu(telegram.private_chat(ben), ben) == "private"
    assert (menu(group, ana), menu(group, ben)) == ("admins", "ben")
    await telegram.api("deleteMyCommands", scope=own)
    assert menu(group, ben) == "groups"
    assert await telegram.api("getMyCommands", scope={"type": "all_group_chats"}) == [command("groups")]
    assert await telegram.api("getMyCommands", language_code="fr") == []


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"commands": [command("Pot")]}, "BOT_COMMAND_INVALID"),
        ({"commands": [command("x" * 33)]}, "command length must not exceed 32"),
        ({"commands": [command("")]}, "command must be non-empty"),
        ({"commands": [command("pot", "")]}, "command description must be non-empty"),
        ({"commands": [command("pot", "x" * 257)]}, "command description length must not exceed 256"),
        ({"commands": [command("pot")] * 101}, "BOT_COMMANDS_TOO_MUCH"),
        ({"commands": [command("pot")], "scope": {"type": "everywhere"}}, "unsupported type specified"),
        ({"commands": [command("pot")], "scope": {"type": "chat", "chat_id": 9}}, "chat not found"),
        ({"commands": [command("pot")], "language_code": "english"}, "invalid language code specified"),
    ],
)
async def test_bad_commands_are_refused(telegram: Telegram, params: dict[str, Any], words: str) -> None:
    with pytest.raises(ApiError, match=words):
        await telegram.api("setMyCommands", **params)


async def test_the_bots_own_texts_have_languages_and_limits(telegram: Telegram) -> None:
    async with ptb_bot(telegram) as bot:
        await bot.set_my_short_description("A chat with a pot")
        await bot.set_my_short_description("Una charla con bote", language_code="es")
        assert (await bot.get_my_short_description("es")).short_description == "Una charla con bote"
        assert (await bot.get_my_short_description("fr")).short_description == "A chat with a pot"
        await bot.set_my_description("What this is")
        await bot.set_my_name("Potluck!")
        assert (await bot.get_my_name()).name == "Potluck!"
        await bot.set_chat_menu_button(menu_button=ptb.MenuButtonCommands())
        assert (await bot.get_chat_menu_button()).type == "commands"
        with pytest.raises(BadRequest):
            await bot.set_my_short_description("x" * 121)


async def test_everybodys_unread_messages_are_counted(telegram: Telegram, ana: User) -> None:
    ben = telegram.add_user("Ben")
    group = telegram.add_group("Friends", [ana, ben])

    def unread(user: User | None = None, chat_id: int | None = None) -> dict[str, int]:
        view = scene(telegram, user.id if user else None, chat_id, running=None)
        return {one["first_name"]: one["unread"] for one in view["users"]}

    assert unread() == {"Ana": 0, "Ben": 0}
    telegram.say(ben, group, "one")
    await telegram.api("sendMessage", chat_id=group.id, text="two")
    await telegram.api("sendMessage", chat_id=ana.id, text="three")
    assert unread() == {"Ana": 3, "Ben": 1}
    assert unread(ana, group.id) == {"Ana": 1, "Ben": 1}
    view = scene(telegram, ben.id, None, running=None)
    assert [one["unread"] for one in view["chats"]] == [0, 1]


async def test_lists_name_the_last_sender_and_messages_his_whole_name(telegram: Telegram, ana: User) -> None:
    group = telegram.add_group("Friends", [ana])

    def last_from() -> str:
        return str(scene(telegram, ana.id, None, running=None)["chats"][1]["last_from"])

    assert last_from() == ""
    ana.last_name = "Ruiz"
    said = telegram.say(ana, group, "hello")
    assert last_from() == "Ana"
    telegram.say(ana, group, "as the group", sender_chat="anonymous", reply_to=said["message_id"])
    assert last_from() == "Friends"
    messages = scene(telegram, ana.id, group.id, running=None)["messages"][-2:]
    assert [one["from"]["name"] for one in messages] == ["Ana Ruiz", "Friends"]
    assert messages[1]["reply_to"]["name"] == "Ana Ruiz"


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        ("dice", {"emoji": "🎲", "value": 4}),
        ("voice", {"duration": 3}),
        ("sticker", {"emoji": "🎉"}),
        ("poll", {"question": "Lunch?"}),
    ],
)
async def test_what_has_no_words_comes_as_it_is(
    telegram: Telegram, ana: User, kind: str, facts: dict[str, Any]
) -> None:
    said = telegram.say(ana, None, kind=kind)
    telegram.say(ana, None, "what do you say?", reply_to=said["message_id"])
    view = scene(telegram, ana.id, ana.id, running=None)
    odd, answer = view["messages"][-2:]
    assert (odd["text"], odd["kind"]) == ("", kind)
    assert facts.items() <= odd[kind].items()
    assert answer["reply_to"]["text"]
