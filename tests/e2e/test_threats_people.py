"""Who may do what: exact ids, other people's buttons, forged data, senders that are no players, odd names."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, func, select
from telegram.ext import CallbackQueryHandler

from bot.playground.models import CHANNEL_BOT_ID, GROUP_ANONYMOUS_ID, SERVICE_ID, Chat, User
from db.models.books import entry
from db.models.chats import button, turn
from db.models.people import chat, player
from handlers.text import graphemes
from handlers.words import Words
from tests.scene import Scene, pay, scene
from tests.stand_ins import logged

EN, ES = Words("en"), Words("es")
EXPIRED = EN.plain("error.expired_button")
PAID = {"free_messages_per_day": 0}
WINS = {"free_messages_per_day": 0, "price_cap": 5, "chance_ppm_per_credit": 200_000, "prize_cap_credits": 5}
HUGE = 2**52 + 12_345

CHANNEL_ID = -1_009_999_999_999


async def forge(here: Scene, user: User, where: Chat | User, message_id: int, data: str) -> str:
    """Press a button that nobody put there and return what the bot says to the press."""
    answer = await here.app.telegram.press(user, where.id, message_id, data, forged=True)
    await here.app.settled()
    assert answer is not None, data
    return str(answer.get("text", ""))


async def rows(here: Scene, column: Any) -> list[Any]:
    """Return all values of a column."""

    def read(tx: Connection) -> list[Any]:
        return list(tx.scalars(select(column)))

    return await here.app.parts.db.read(read)


async def entries(here: Scene) -> int:
    """Return how many business events are booked."""

    def read(tx: Connection) -> int:
        return tx.scalar(select(func.count()).select_from(entry)) or 0

    return await here.app.parts.db.read(read)


# ---- exact ids


async def test_t16_ids_above_2_to_the_52_are_exact(database_url: str) -> None:
    async with scene(database_url, **PAID) as here:
        telegram = here.app.telegram
        users = [telegram.add_user("Big", user_id=number) for number in (HUGE, 2**53, 2**53 + 1)]
        group = telegram.add_group("Big", users, chat_id=-(2**52) - 99_999)
        for user in users:
            telegram.private_chat(user)
            await pay(here, user, "hello")
            await pay(here, user, "/ask hello", group)
        assert {HUGE, 2**53, 2**53 + 1} <= set(await rows(here, player.c.telegram_id))
        assert group.id in await rows(here, chat.c.telegram_id)
        assert group.id in await rows(here, turn.c.telegram_chat_id)
        sent = {one.params["chat_id"] for one in telegram.calls_of("sendMessage", ok=True)}
        assert {group.id, *(user.id for user in users)} <= sent
        for user in users:
            assert "You have 985 credits" in await here.ask(user, "/balance")


# ---- buttons


async def test_t18_another_members_press_of_my_pay_button_only_tells_him_so(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        await here.ask(here.ben, "/ask hello", here.group)
        number, before = here.app.last_id(here.group), await entries(here)
        for name in ("Pay 5 and send", "Cancel"):
            answer = await here.app.press(here.ana, here.group, number, name)
            assert answer == {"text": ES.plain("error.not_yours"), "show_alert": True}
        assert "first paid message" in here.app.last(here.group)
        assert await rows(here, turn.c.state) == ["asking"]
        assert await entries(here) == before + 1  # Ana's welcome
        assert "5 credits · ticket 1" in await here.press(here.ben, "Pay 5 and send", here.group)


async def test_t18_another_members_press_of_my_gift_button_only_tells_him_so(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        asked = await here.ask(here.ben, "/contribute 100", here.group)
        answer = await here.app.press(here.ana, here.group, here.app.last_id(here.group), "Yes, do it")
        assert answer == {"text": ES.plain("error.not_yours"), "show_alert": True}
        assert here.app.last(here.group) == asked
        assert "The pot: 0 credits" in await here.ask(here.ben, "/pot", here.group)


async def test_t19_a_changed_or_invented_token_does_nothing(sqlite_url: str) -> None:
    async with scene(sqlite_url, **PAID) as here:
        asked = await here.ask(here.ben, "hello")
        number = here.app.last_id(here.ben)
        token = here.app.buttons(here.ben)["Pay 5 and send"]
        other = "A" if token[-2] != "A" else "B"
        for data in (
            token[:-2] + other + token[-1],
            token[:-1],
            token + "A",
            token.swapcase(),
            "b:" + "A" * 60,
        ):
            assert await forge(here, here.ben, here.ben, number, data) == EXPIRED
        assert here.app.last(here.ben) == asked
        assert await rows(here, turn.c.state) == ["asking"]


async def test_t19_a_token_works_in_its_chat_alone(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        await here.ask(here.ben, "/ask hello", here.group)
        token = here.app.buttons(here.group)["Pay 5 and send"]
        number = here.app.last_id(here.group)
        await here.ask(here.ben, "/help")
        assert await forge(here, here.ben, here.ben, here.app.last_id(here.ben), token) == EXPIRED
        other = here.app.telegram.add_group("Others", [here.ana, here.ben])
        await here.ask(here.ben, "/pot", other)
        assert await forge(here, here.ben, other, here.app.last_id(other), token) == EXPIRED
        assert await rows(here, turn.c.state) == ["asking"]
        assert await forge(here, here.ben, here.group, number, token) == ""
        assert await rows(here, turn.c.state) == ["settled"]


async def test_t19_tokens_are_random_and_say_nothing(sqlite_url: str) -> None:
    async with scene(sqlite_url, **PAID) as here:
        for _ in range(3):
            await here.ask(here.ben, "hello")
        tokens = await rows(here, button.c.token)
        assert len(set(tokens)) == 6
        assert all(len(token) == 22 for token in tokens)  # 128 bits


async def test_t19_an_offer_ends_after_ten_minutes(database_url: str) -> None:
    async with scene(database_url, **PAID) as here:
        await here.ask(here.ben, "one")
        await here.ask(here.ben, "/contribute 5")
        data = [
            *here.app.buttons(here.ben).values(),
            *(f"b:{one}" for one in await rows(here, button.c.token)),
        ]
        here.app.clock.move(timedelta(minutes=10))
        for one in data:
            assert await forge(here, here.ben, here.ben, here.app.last_id(here.ben), one) == EXPIRED
        assert "The pot: 0 credits" in await here.ask(here.ben, "/pot")


GARBAGE = ("", "x", "1", "1:2", "9" * 30, "²", "all:0", "all:999999999999", "a:b:c:d:e")


async def test_t19_garbage_behind_the_buttons_of_every_screen_never_fails(sqlite_url: str) -> None:
    with logged() as log:
        async with scene(sqlite_url) as here:
            await here.ask(here.ben, "/start")
            key, booked = await here.player_key(here.ben.id), await entries(here)
            number = here.app.last_id(here.ben)
            fine = {"", EXPIRED, EN.plain("error.bad_round"), EN.plain("error.round_running", round_no=1)}
            for topic in screens(here):
                for one in GARBAGE:
                    data = f"n:{topic}:{one}:{key}"[:64]
                    assert await forge(here, here.ben, here.ben, number, data) in fine, data
                for owner, told in (("", EXPIRED), ("x", EXPIRED), ("9" * 17, EN.plain("error.not_yours"))):
                    assert await forge(here, here.ben, here.ben, number, f"n:{topic}:{owner}") == told
            assert await entries(here) == booked
            assert await rows(here, turn.c.id) == []
    assert [line for line in log.lines if line["level"] in ("critical", "error", "warning")] == []


def screens(here: Scene) -> list[str]:
    """Return the topics of all buttons that show something."""
    found = [
        re.fullmatch(r"\^n:(\w+):", str(getattr(handler.pattern, "pattern", "")))
        for group in here.app.parts.application.handlers.values()
        for handler in group
        if isinstance(handler, CallbackQueryHandler)
    ]
    topics = [match[1] for match in found if match]
    assert len(topics) >= 9
    return topics


async def test_t20_buttons_of_a_message_that_is_gone_act_all_the_same(sqlite_url: str) -> None:
    async with scene(sqlite_url, **PAID) as here:
        await here.ask(here.ben, "hello")
        number, pay_button = here.app.last_id(here.ben), here.app.buttons(here.ben)["Pay 5 and send"]
        del here.app.telegram.chat(here.ben).messages[number]
        assert await forge(here, here.ben, here.ben, number, pay_button) == ""
        assert "5 credits · ticket 1" in here.app.last(here.ben)
        await here.ask(here.ben, "/contribute 50", here.group)
        number, give = here.app.last_id(here.group), here.app.buttons(here.group)["Yes, do it"]
        del here.group.messages[number]
        assert await forge(here, here.ben, here.group, number, give) == ""
        assert "The pot: 50 credits" in await here.ask(here.ben, "/pot", here.group)


async def test_t20_a_press_that_telegram_forgot_still_acts(sqlite_url: str) -> None:
    async with scene(sqlite_url, **PAID) as here:
        await here.ask(here.ben, "hello")
        number, data = here.app.last_id(here.ben), here.app.buttons(here.ben)["Pay 5 and send"]
        press = here.app.telegram.press(here.ben, here.ben.id, number, data)
        here.app.telegram.presses._open.clear()  # the query is too old to be answered
        await here.app.settled()
        assert press.answer is None
        assert "5 credits · ticket 1" in here.app.last(here.ben)


# ---- senders that are no players


NOBODIES: dict[str, dict[str, Any]] = {
    "an anonymous admin": {"sender_chat": "anonymous"},
    "a channel": {"sender_chat": CHANNEL_ID},
    "an inline bot": {"via_bot": True},
}


@pytest.mark.parametrize("who", NOBODIES)
async def test_t23_who_is_no_player_has_no_wallet_and_is_not_charged(sqlite_url: str, who: str) -> None:
    async with scene(sqlite_url) as here:
        count, booked = len(here.app.texts(here.group)), await entries(here)
        answered = here.app.last_id(here.group)
        for text, reply_to in (
            ("/ask hello", None),
            ("@potluck_bot hello", None),
            ("hello", answered),
            ("/contribute 50", None),
            ("/play hello", None),
        ):
            here.app.telegram.say(here.ben, here.group, text, reply_to=reply_to, **NOBODIES[who])
        await here.app.settled()
        assert len(here.app.texts(here.group)) == count
        assert await entries(here) == booked
        assert await rows(here, player.c.id) == await rows(here, turn.c.id) == []


async def test_t23_automatic_forwards_and_bots_are_no_players(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        count = len(here.app.texts(here.group))
        other = here.app.telegram.add_user("Other", is_bot=True, username="other_bot")
        service = here.app.telegram.user(SERVICE_ID)
        here.app.telegram.say(service, here.group, "/ask hello", sender_chat=CHANNEL_ID)
        place = {"id": here.group.id, "type": "supergroup", "title": "Friends"}
        for number, nobody in enumerate((other.id, GROUP_ANONYMOUS_ID, CHANNEL_BOT_ID)):
            message = {"message_id": 900 + number, "date": 1_795_262_400, "chat": place, "text": "/ask hello"}
            message["from"] = {"id": nobody, "is_bot": True, "first_name": "Nobody"}
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": 4}]
            here.app.telegram.inject({"update_id": 901_000_000 + number, "message": message})
            await here.app.settled()
        assert len(here.app.texts(here.group)) == count
        assert await rows(here, player.c.id) == []


async def test_t23_channel_posts_are_none_of_our_business(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        place = {"id": CHANNEL_ID, "type": "channel", "title": "News"}
        post = {"message_id": 1, "date": 1_795_262_400, "chat": place, "text": "@potluck_bot hello"}
        for number, kind in enumerate(("channel_post", "edited_channel_post", "message")):
            here.app.telegram.inject({"update_id": 902_000_000 + number, kind: post})
            await here.app.settled()
        assert CHANNEL_ID not in await rows(here, chat.c.telegram_id)


# ---- names


async def test_t26_a_username_that_went_to_someone_else_takes_nothing_along(sqlite_url: str) -> None:
    async with scene(sqlite_url, **PAID) as here:
        await pay(here, here.ana, "hola")
        here.ana.username, here.ben.username = None, "ana"
        assert "You have 1,000 credits" in await here.ask(here.ben, "/balance")
        assert "Tienes 995 créditos" in await here.ask(here.ana, "/balance")
        assert await rows(here, player.c.username) in ([None, "ana"], ["ana", None])
        here.ana.username = "ana"  # two at once, as Telegram may tell us out of order
        assert "Tienes 995 créditos" in await here.ask(here.ana, "/balance")


NAMES = {
    "html": "<b>Eve</b> & <a href='tg://user?id=1'>you</a>",
    "markdown": "*Eve* [you](http://x) `code` {balance} %s",
    "bidi": "\u202eeve\u202c\u2066\u200f",
    "zero width": "\u200b\u200dE\ufeffve\u2060",
    "emoji": "👩‍👩‍👧‍👦" * 256,
    "newlines": "E\nv\r\u2028e",
    "nothing": "\u200b\u2800\u3164",
}
_HIDDEN = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\u2028\r]")


@pytest.mark.parametrize("kind", NAMES)
async def test_t32_a_hostile_name_is_shown_harmless_and_cut(sqlite_url: str, kind: str) -> None:
    async with scene(sqlite_url, **WINS) as here:
        eve = here.app.telegram.add_user(NAMES[kind], last_name=NAMES[kind])
        here.app.telegram.private_chat(eve)
        group = here.app.telegram.add_group(NAMES[kind] * 2, [eve])
        started = (await here.ask(eve, "/start")).splitlines()[0]
        name = started.removeprefix("Hi ").partition("! I'm a chat bot")[0]
        assert 0 < len(list(graphemes(name))) <= 32
        await pay(here, eve, "/ask hello", group)
        won = next(text for text in here.app.texts(group) if "won the pot" in text)
        assert won.startswith(f"🎉 {name} won the pot: ")
        await here.ask(eve, "/contribute 5", group)
        gave = await here.press(eve, "Yes, do it", group)
        assert gave.startswith(f"🎁 {name} gave 5 credits")
        said = [*here.app.texts(eve), *here.app.texts(group)]
        assert not [text for text in said if _HIDDEN.search(text)]
        if kind in ("html", "markdown"):
            assert name.startswith(NAMES[kind][:20])
        if kind == "nothing":
            assert name == "👤"


async def test_t34_a_forwarded_message_is_the_forwarders(sqlite_url: str) -> None:
    async with scene(sqlite_url, **PAID) as here:
        written = here.app.telegram.say(here.ana, here.group, "/play one for me")
        await here.app.settled()
        here.app.telegram.forward(here.ben, here.group, written["message_id"])
        await here.app.settled()
        await here.press(here.ben, "Pay 5 and send")
        assert "You have 995 credits" in await here.ask(here.ben, "/balance")
        assert "Tienes 1.000 créditos" in await here.ask(here.ana, "/balance")
        grant = await here.app.say(here.ben, here.ben, f"/grant {here.ana.id} 50 reason", forward=True)
        here.app.telegram.forward(here.ana, here.ben, grant["message_id"])
        await here.app.settled()
        assert here.app.last(here.ana) == ES("error.unknown_command")
        assert "Tienes 1.050 créditos" in await here.ask(here.ana, "/balance")
