"""Updates that come twice, late, out of order, forged or broken; pollers and webhooks in each other's way."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from bot.playground.models import User
from bot.playground.telegram import Telegram
from tests.app import CountedEntropy, MovableClock, running
from tests.canary import CANARY_SECRET
from tests.scene import pay, scene
from tests.stand_ins import (
    EN,
    PAID,
    balance_of,
    fine,
    inbox_of,
    logged,
    message_update,
    running_webhook,
    turns_of,
)

OLD_SECONDS = 601


# ---- the same thing again


async def test_t01_the_same_update_twice_is_one_answer_and_one_charge(database_url: str) -> None:
    async with scene(database_url, **PAID) as here:
        await pay(here, here.ben, "one")
        await here.ask(here.ben, "two")
        number, count = max(here.app.telegram.updates.last), len(here.app.texts(here.ben))
        for _ in range(3):
            here.app.telegram.duplicate(number)
            await here.app.settled()
        assert len(here.app.texts(here.ben)) == count
        assert await turns_of(here.app) == ["settled"] * 2
        assert await balance_of(here, here.ben) == "You have 985 credits"


async def test_t02_a_message_under_a_new_update_id_is_the_same_message(database_url: str) -> None:
    async with scene(database_url, **PAID) as here:
        await pay(here, here.ben, "one")
        for text, chat in (("two", None), ("/ask three", here.group), ("/play four", None)):
            await here.ask(here.ben, text, chat)
            told = len(here.app.texts(here.ben)) + len(here.app.texts(here.group))
            here.app.telegram.duplicate(max(here.app.telegram.updates.last), new_id=True)
            await here.app.settled()
            assert len(here.app.texts(here.ben)) + len(here.app.texts(here.group)) == told
        assert await turns_of(here.app) == ["settled"] * 4
        assert await balance_of(here, here.ben) == "You have 950 credits"


async def test_t02_a_message_that_was_asked_about_is_not_asked_about_again(sqlite_url: str) -> None:
    async with scene(sqlite_url, **PAID) as here:
        await here.ask(here.ben, "one")
        here.app.telegram.duplicate(new_id=True)
        await here.app.settled()
        assert len(here.app.texts(here.ben)) == 1


async def test_t02_messages_of_two_chats_with_one_number_are_two(sqlite_url: str) -> None:
    async with scene(sqlite_url, **PAID) as here:
        other = here.app.telegram.add_group("Others", [here.ana, here.ben])
        sent = [await here.app.say(here.ben, chat, "/ask hello") for chat in (here.group, other)]
        numbers = {one["message_id"] for one in sent}
        for chat in (here.group, other):
            assert "first paid message" in here.app.last(chat)
        assert len(numbers) == 1  # message ids are unique only within one chat


async def test_t03_a_pay_button_pressed_again_and_again_pays_once_and_says_so(database_url: str) -> None:
    async with scene(database_url, **PAID) as here:
        await here.ask(here.ben, "hello")
        number, buttons = here.app.last_id(here.ben), here.app.buttons(here.ben)
        data = buttons["Pay 5 and send"]
        assert await here.app.press(here.ben, here.ben, number, data) == {"text": "", "show_alert": False}
        count = len(here.app.texts(here.ben))
        for again in (data, data, buttons["Cancel"]):
            answer = await here.app.press(here.ben, here.ben, number, again)
            assert answer is not None
            assert answer["text"] == EN.plain("error.used_button.pay")
            assert answer["show_alert"]
        assert len(here.app.texts(here.ben)) == count
        assert await turns_of(here.app) == ["settled"]
        assert await balance_of(here, here.ben) == "You have 995 credits"


async def test_t03_one_press_that_comes_under_a_new_update_id_pays_once(database_url: str) -> None:
    async with scene(database_url, **PAID) as here:
        await here.ask(here.ben, "hello")
        await here.press(here.ben, "Pay 5 and send")
        number = max(here.app.telegram.updates.last)
        for _ in range(3):
            here.app.telegram.duplicate(number, new_id=True)
        await here.app.settled()
        told = [one.params.get("text") for one in here.app.telegram.calls_of("answerCallbackQuery")]
        assert told == [None, *[EN.plain("error.used_button.pay")] * 3]
        assert await turns_of(here.app) == ["settled"]


async def test_t03_cancelled_stays_cancelled_whatever_is_pressed_then(sqlite_url: str) -> None:
    async with scene(sqlite_url, **PAID) as here:
        await here.ask(here.ben, "hello")
        number, buttons = here.app.last_id(here.ben), here.app.buttons(here.ben)
        await here.app.press(here.ben, here.ben, number, "Cancel")
        assert here.app.last(here.ben) == "Cancelled. Nothing was charged."
        answer = await here.app.press(here.ben, here.ben, number, buttons["Pay 5 and send"])
        assert answer is not None
        assert answer["text"] == EN.plain("error.used_button.cancel")
        assert await turns_of(here.app) == ["declined"]


async def test_t04_a_press_of_somebody_never_seen_under_a_message_never_sent_is_expired(
    sqlite_url: str,
) -> None:
    async with scene(sqlite_url, **PAID) as here:
        for number, data in ((1, "b:AAAAAAAAAAAAAAAAAAAAAA"), (77, "n:balance:1"), (1, "b:")):
            answer = await here.app.telegram.press(here.ben, here.ben.id, number, data, forged=True)
            await here.app.settled()
            assert answer is not None
            assert answer["text"] == EN.plain("error.expired_button")
        assert here.app.texts(here.ben) == []
        assert await turns_of(here.app) == []


async def test_t04_a_press_of_pay_after_the_offer_ran_out_is_told_so(database_url: str) -> None:
    async with scene(database_url, **PAID) as here:
        await here.ask(here.ben, "hello")
        number, data = here.app.last_id(here.ben), here.app.buttons(here.ben)["Pay 5 and send"]
        here.app.clock.move(timedelta(minutes=10))
        answer = await here.app.press(here.ben, here.ben, number, data)
        assert answer is not None
        assert "expired" in answer["text"]
        await here.app.parts.upkeep.sweep()
        assert await turns_of(here.app) == ["declined"]
        assert await balance_of(here, here.ben) == "You have 1,000 credits"


# ---- late and out of order


async def test_t05_an_old_message_is_not_charged_and_asked_for_again(database_url: str) -> None:
    async with scene(database_url, **PAID) as here:
        now = int(here.app.clock.now().timestamp())
        for chat, text in ((None, "hello"), (here.group, "/ask hello"), (None, "/play hello")):
            said = await here.ask(here.ben, text, chat, date=now - OLD_SECONDS)
            assert said == EN("old.message", age=timedelta(minutes=10))
        assert await turns_of(here.app) == ["declined"] * 3
        await pay(here, here.ben, "hello again")
        assert await turns_of(here.app) == ["declined"] * 3 + ["settled"]
        assert await balance_of(here, here.ben) == "You have 995 credits"


async def test_t05_a_message_of_ten_minutes_is_still_answered(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        now = int(here.app.clock.now().timestamp())
        assert "send it again" not in await here.ask(here.ben, "hello", date=now - OLD_SECONDS + 1)
        assert await turns_of(here.app) == ["settled"]


async def test_t05_a_message_that_was_answered_and_comes_again_hours_later_says_nothing(
    sqlite_url: str,
) -> None:
    async with scene(sqlite_url) as here:
        await here.ask(here.ben, "hello")
        count = len(here.app.texts(here.ben))
        here.app.clock.move(timedelta(hours=3))
        here.app.telegram.duplicate(new_id=True)
        await here.app.settled()
        assert len(here.app.texts(here.ben)) == count


async def test_t05_what_was_written_in_an_outage_is_refused_once_when_it_comes_again_and_again(
    sqlite_url: str,
) -> None:
    telegram, clock = Telegram(), MovableClock()
    ben = telegram.add_user("Ben")
    telegram.now = lambda: clock.now().timestamp()
    telegram.say(ben, ben, "while nobody was there")
    clock.move(timedelta(seconds=OLD_SECONDS))
    async with running(sqlite_url, telegram=telegram, clock=clock) as app:
        await app.settled()
        telegram.duplicate(new_id=True)
        await app.settled()
        assert app.texts(ben) == [EN("old.message", age=timedelta(minutes=10))]


async def test_t07_lower_update_ids_than_before_are_accepted(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        await here.ask(here.ben, "hello")
        here.app.telegram.updates.next_id = 1_000  # random again after a week of silence
        for text in ("one", "two"):
            assert await here.ask(here.ben, text)
        assert await turns_of(here.app) == ["settled"] * 3
        assert min(await inbox_of(here.app)) == 1_000


# ---- what can't be read


def odd_updates(user: User) -> dict[int, str]:
    """Return updates, as JSON, in which something can't be read or stored, by their numbers."""
    plain = {number: json.dumps(message_update(number, user, "DATE")) for number in range(901, 910)}
    return {
        901: plain[901].replace("1795262400", "NaN"),
        902: plain[902].replace("1795262400", "1e999"),
        903: plain[903].replace("DATE", "a\\ud800b"),
        904: plain[904].replace("DATE", "a\\u0000b"),
        905: plain[905].replace(user.first_name, "\\udfff\\u0000"),
        906: plain[906].replace(str(user.id), "NaN"),
        907: plain[907].replace(str(user.id), "9" * 30),
        908: '{"update_id": 908, "message": "text"}',
        909: '{"update_id": 909, "message": {"date": {}, "chat": []}, "x": [null, -0.0, 1e-999]}',
    }


def unparsable_updates(user: User) -> dict[int, str]:
    """Return updates that Python's JSON can't parse; a webhook refuses them."""
    chat = f'"chat":{{"id":{user.id},"type":"private"}}'
    return {
        911: f'{{"update_id": 911, "message": {{{chat}, "a": ' + '{"a":' * 50_000 + "1" + "}" * 50_002,
        912: f'{{"update_id": 912, "message": {{{chat}, "date": {"1" * 5_000}}}}}',
        913: f'{{"update_id": 913, "message": {{{chat}, "text": "no end}}}}',
        914: '{"update_id": 914, "x": [' + "[" * 100_000,
    }


@pytest.mark.parametrize("mode", ["polling", "webhook"])
async def test_t10_what_cant_be_read_is_set_aside_raw_and_the_line_goes_on(
    database_url: str, mode: str
) -> None:
    telegram = Telegram(backoff=lambda _: 0.0)
    ben, ana = telegram.add_user("Ben"), telegram.add_user("Ana")
    for user in (ben, ana):
        telegram.private_chat(user).started = True
    run = running_webhook if mode == "webhook" else running
    async with run(database_url, telegram=telegram, update_tries=2) as app:
        odd = odd_updates(ben) | (unparsable_updates(ben) if mode == "polling" else {})
        for text in odd.values():
            telegram.inject(text, queue=f"message:{ben.id}")
        for user in (ana, ben):
            telegram.say(user, user, "hello")
        await app.settled()
        stored = await inbox_of(app)
        assert odd.keys() <= stored.keys()
        assert {stored[number][0] for number in odd} <= {"parked", "done"}
        assert stored[901][0] == stored[902][0] == stored[908][0] == "parked"
        assert all(stored[number][0] == "parked" for number in odd if number > 910)
        assert {number: stored[number][1] for number in odd} == {
            number: text.encode() for number, text in odd.items()
        }
        for user in (ana, ben):
            assert [text for text in app.texts(user) if "Something broke" not in text]


@pytest.mark.parametrize("number", ["", '"update_id": null', '"update_id": 1e999', '"update_id": NaN'])
async def test_t10_an_update_without_a_number_does_not_end_the_poller(
    sqlite_url: str, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.polling.FIRST_PAUSE_SECONDS", 0.01)
    async with scene(sqlite_url) as here:
        here.app.telegram.inject(f"{{{number}}}")
        await here.app.telegram.wait_for(lambda: any(item.handed for item in here.app.telegram.updates))
        assert await here.ask(here.ben, "hello")


# ---- two pollers, polling and webhook


async def test_t11_a_second_poller_makes_us_back_off_and_warn(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.polling.CONFLICT_PAUSE_SECONDS", 0.01)
    with logged() as log:
        async with scene(sqlite_url) as here:
            telegram = here.app.telegram
            for round_no in range(1, 4):
                await telegram.wait_for(lambda: telegram.updates.polled)
                await telegram.api("getUpdates", timeout=0)
                await telegram.wait_for(lambda: telegram.updates.polled)
                assert len(log.of("poll_conflict")) == round_no
            assert await here.ask(here.ben, "hello")
        warned = log.of("poll_conflict")[0]
        assert (warned["level"], warned["seconds"]) == ("warning", 0.01)


async def test_t11_two_pollers_on_one_database_split_no_work(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.polling.CONFLICT_PAUSE_SECONDS", 0.01)
    telegram, clock = Telegram(), MovableClock()
    people = [telegram.add_user(name) for name in ("Ana", "Ben", "Carla", "Dora")]
    model = fine()
    more: dict[str, Any] = {"telegram": telegram, "clock": clock}
    one = running(postgres_url, model=model, entropy=CountedEntropy(1), **more)
    other = running(postgres_url, model=model, entropy=CountedEntropy(2), check=False, **more)
    with logged() as log:
        async with one as first, other as second:
            for word in ("one", "two", "three"):
                for user in people:
                    telegram.say(user, user, word)
            await telegram.drained()
            while any(state == "waiting" for state, _ in (await inbox_of(first)).values()):
                for app in (first, second):
                    await app.parts.upkeep.claim()
                    await app.settled()
            for app in (first, second):
                await app.settled()
            assert await turns_of(first) == ["settled"] * 12
        assert log.of("poll_conflict")
    assert len(model.questions) == 12
    assert [len([text for text in telegram.texts(user) if "fine" in text]) for user in people] == [3] * 4
    handled = [line["update_id"] for line in log.of("update_handled")]
    assert len(handled) == len(set(handled)) == 12


async def test_t11_the_pause_after_a_conflict_is_long_enough_for_the_other_one() -> None:
    from bot import polling

    assert polling.CONFLICT_PAUSE_SECONDS >= 10


async def test_t12_a_webhook_that_is_set_when_polling_starts_is_removed_and_nothing_dropped(
    sqlite_url: str,
) -> None:
    refusing = httpx.MockTransport(lambda _: httpx.Response(502))
    telegram = Telegram(webhook_transport=refusing, backoff=lambda _: 3_600.0)
    ben = telegram.add_user("Ben")
    await telegram.api("setWebhook", url="https://elsewhere.example/hook")
    telegram.say(ben, ben, "hello")
    with logged() as log:
        async with running(sqlite_url, telegram=telegram) as app:
            await app.settled()
            assert app.texts(ben)
    warned = log.of("webhook_mismatch")[0]
    assert (warned["level"], warned["mode"]) == ("warning", "polling")
    removed = telegram.calls_of("deleteWebhook", ok=True)
    assert [one.params.get("drop_pending_updates", False) for one in removed] == [False]
    await telegram.aclose()


async def test_t12_a_webhook_is_set_after_polling_and_nothing_dropped(sqlite_url: str) -> None:
    telegram = Telegram(backoff=lambda _: 0.0)
    ben = telegram.add_user("Ben")
    async with running(sqlite_url, telegram=telegram) as app:
        await app.say(ben, ben, "one")
    telegram.say(ben, ben, "two")
    with logged() as log:
        async with running_webhook(sqlite_url, telegram=telegram) as app:
            await app.settled()
            assert len(app.texts(ben)) == 2
    assert log.of("webhook_mismatch")[0]["mode"] == "webhook"
    assert telegram.calls_of("setWebhook", ok=True)[0].params["secret_token"] == CANARY_SECRET


async def test_t12_a_webhook_that_somebody_sets_while_we_poll_is_warned_of(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.polling.CONFLICT_PAUSE_SECONDS", 0.01)
    with logged() as log:
        async with scene(sqlite_url) as here:
            telegram = here.app.telegram
            telegram.webhook.transport = httpx.MockTransport(lambda _: httpx.Response(502))
            await telegram.api("setWebhook", url="https://elsewhere.example/hook")
            await telegram.wait_for(lambda: telegram.calls_of("getUpdates", ok=False))
            await telegram.api("deleteWebhook")
            assert await here.ask(here.ben, "hello")
            await asyncio.wait_for(telegram.aclose(), 5)
    assert log.of("poll_conflict")
