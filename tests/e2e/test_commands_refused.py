"""What commands and screen buttons refuse: other people's presses, forged data, edits, senders without a wallet."""

from typing import Any

from bot.playground.models import CHANNEL_BOT_ID, GROUP_ANONYMOUS_ID, SERVICE_ID, Chat, User
from handlers.words import Words
from tests.scene import Scene, scene

EXPIRED = Words("en").plain("error.expired_button")
NOT_YOURS = Words("es").plain("error.not_yours")
FORGED = (
    "n:history:all:99999999999999999999:1",
    "n:history:all:0:1",
    "n:history:nothing:1:1",
    "n:history:all:1:1:1:1",
    "n:history:all:1:",
    "n:history:",
    "n:history",
    "n:nowhere:1",
    "n:",
    "n:help:all:١",
    "n:proof:1:2:1",
    "n:" + ":" * 60,
    "b:invented-token",
    "b:",
    "x",
    "\u202e",
    "'; DROP TABLE player; --",
)
SENDERS: tuple[dict[str, Any], ...] = (
    {"sender_chat": "anonymous"},
    {"sender_chat": -1_009_999_999_999},
    {"via_bot": True},
)


async def forge(here: Scene, user: User, chat: Chat | User, message_id: int, data: str) -> str:
    """Press a button that nobody put there and return the bot's answer to the press."""
    chat_id = chat.id
    answer = await here.app.telegram.press(user, chat_id, message_id, data, forged=True)
    await here.app.settled()
    assert answer is not None, data
    return str(answer.get("text", ""))


async def test_t18_another_members_press_of_my_screen_only_tells_him_so(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        shown = await here.ask(here.ben, "/pot", here.group)
        answer = await here.app.press(
            here.ana, here.group, here.app.last_id(here.group), Words("en").plain("button.fair")
        )
        assert answer is not None
        assert (answer["text"], answer["show_alert"]) == (NOT_YOURS, True)
        assert here.app.last(here.group) == shown
        assert "How a draw works" in await here.press(here.ben, Words("en").plain("button.fair"), here.group)


async def test_t19_forged_data_does_nothing_and_never_fails(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        shown = await here.ask(here.ben, "/start")
        for data in FORGED:
            assert await forge(here, here.ben, here.ben, here.app.last_id(here.ben), data) == EXPIRED
        assert here.app.last(here.ben) == shown


async def test_t19_forged_data_cant_overwrite_other_messages(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        await here.ask(here.ben, "/start")
        question = await here.ask(here.ben, "/contribute 10")
        number = await here.player_key(here.ben.id)
        answer = await forge(here, here.ben, here.ben, here.app.last_id(here.ben), f"n:help:all:{number}")
        assert answer == EXPIRED
        assert here.app.last(here.ben) == question


async def test_t19_private_screens_cant_be_called_into_a_group(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        shown = await here.ask(here.ben, "/pot", here.group)
        await here.ask(here.ben, "/price")
        number = await here.player_key(here.ben.id)
        for data in (f"n:balance:{number}", f"n:history:all:1:{number}"):
            assert await forge(here, here.ben, here.group, here.app.last_id(here.group), data) == EXPIRED
        assert here.app.last(here.group) == shown


async def test_t20_a_button_of_a_message_that_is_gone_has_expired(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        await here.ask(here.ben, "/start")
        number = await here.player_key(here.ben.id)
        count = len(here.app.texts(here.ben))
        for data in (f"n:price:{number}", f"n:script:{number}", f"n:proof:1:{number}", "b:token"):
            assert await forge(here, here.ben, here.ben, 9_999, data) == EXPIRED
            assert await forge(here, here.ben, here.group, 9_999, data) == EXPIRED
        assert len(here.app.texts(here.ben)) == count


async def test_t19_a_press_from_nowhere_is_answered(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        ben = {"id": here.ben.id, "is_bot": False, "first_name": "Ben", "language_code": "en"}
        places: tuple[dict[str, Any], ...] = ({}, {"message": None}, {"inline_message_id": "AAA"})
        for number, place in enumerate(places):
            press = {"id": str(number), "from": ben, "chat_instance": "1", "data": "n:price:1", **place}
            update = {"update_id": 910_000_000 + number, "callback_query": press}
            here.app.telegram.inject(update, queue=f"callback:{here.ben.id}")
            await here.app.settled()
        answers = here.app.telegram.calls_of("answerCallbackQuery")
        assert [one.params["text"] for one in answers] == [EXPIRED] * 3


async def test_t33_an_edited_message_never_acts(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        message = await here.app.say(here.ben, here.ben, "/help")
        count = len(here.app.texts(here.ben))
        for command in (
            "/start",
            "/daily",
            "/contribute 5",
            "/limit 5",
            "/grant 1 5 x",
            "/proof 1",
            "/nonsense",
        ):
            here.app.telegram.edit(here.ben, here.ben.id, message["message_id"], command)
            await here.app.settled()
        assert len(here.app.texts(here.ben)) == count


async def test_t23_senders_without_a_wallet_are_not_answered(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        await here.app.settled()
        count = len(here.app.texts(here.group))
        for more in SENDERS:
            for command in ("/pot", "/balance", "/contribute 5", "/nonsense@potluck_bot", "/ask hello"):
                here.app.telegram.say(here.ben, here.group, command, **more)
        await here.app.settled()
        assert len(here.app.texts(here.group)) == count
        for nobody in (GROUP_ANONYMOUS_ID, CHANNEL_BOT_ID, SERVICE_ID):
            assert await here.player_key(nobody) is None


async def test_t34_a_forwarded_command_is_the_forwarders(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        assert "You have 1,000 credits" in await here.ask(here.ben, "/balance", forward=True)


async def test_t69_sql_and_odd_numbers_are_no_receipt(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        for text in ("5'; DROP TABLE entry", "%", "_", "1 OR 1=1", "-1", "٥", "1e3", "9" * 400, "0"):
            assert "whole number from 1" in await here.ask(here.ben, f"/receipt {text}")
        assert "welcome" in await here.ask(here.ben, "/history")


async def test_t13_t14_a_gift_of_what_is_no_amount_is_refused(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        for amount in ("٥", "5_00", "+5", "1e3", "0x10", "²", "-5", "0", "1.5", "nan", "5 credits"):
            assert "digits 0-9" in await here.ask(here.ben, f"/contribute {amount}")
        assert "The pot: 0 credits" in await here.ask(here.ben, "/pot")


async def test_t14_t15_an_endless_gift_is_refused_before_it_is_a_number(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        for amount in ("9" * 19, "9" * 20, "9" * 4_000):
            assert "too much" in await here.ask(here.ben, f"/contribute {amount}")


async def test_t02_a_grant_that_comes_again_under_a_new_update_id_counts_once(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        await here.ask(here.ana, "/start")
        await here.ask(here.ben, f"/grant {here.ana.id} 50 reason")
        here.app.telegram.duplicate(new_id=True)
        await here.app.settled()
        assert "1.050" in await here.ask(here.ana, "/balance")
        assert len([one for one in here.app.texts(here.ana) if "El operador" in one]) == 1


async def test_t32_t70_a_name_with_markup_is_shown_as_text(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        eve = here.app.telegram.add_user("<b>{balance}</b>\u202e%s", language_code="en")
        here.app.telegram.private_chat(eve)
        assert "Hi <b>{balance}</b>%s!" in await here.ask(eve, "/start")
        assert (await here.ask(eve, "/me")).startswith("<b>{balance}</b>%s\n")


async def test_a_command_for_another_bot_is_left_to_it(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        assert await here.ask(here.ben, "/pot@other_bot", here.group) == ""
        assert await here.ask(here.ben, "/nonsense", here.group) == ""
        assert "don't know that command" in await here.ask(here.ben, "/nonsense@potluck_bot", here.group)
