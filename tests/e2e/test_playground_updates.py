"""The fake Telegram's updates: the long poll, its offsets and conflicts, expiry, and updates on demand."""

import asyncio
import json
from typing import Any

import pytest
import telegram as ptb
from telegram.error import Conflict

from bot.playground.contents import KINDS
from bot.playground.errors import ApiError, PlayError
from bot.playground.models import User
from bot.playground.telegram import Telegram
from tests.playground_clients import Clock, pending, ptb_bot


async def ids(telegram: Telegram, **params: Any) -> list[int]:
    return [update.get("update_id") for update in await telegram.api("getUpdates", **params)]


async def test_the_offset_forgets_what_lies_below_it(telegram: Telegram, ana: User) -> None:
    for number in range(5):
        telegram.say(ana, None, f"word {number}")
    first = await ids(telegram, limit=2)
    assert first == [500_000_001, 500_000_002]
    assert await ids(telegram, limit=2) == first
    assert await ids(telegram, offset=first[-1] + 1, limit=100) == [500_000_003, 500_000_004, 500_000_005]
    assert [one.outcome for one in telegram.journal.deliveries] == ["acknowledged"] * 2
    assert await ids(telegram, offset=500_000_006) == []
    assert len(telegram.updates) == 0


async def test_a_negative_offset_keeps_the_last_ones(telegram: Telegram, ana: User) -> None:
    for number in range(5):
        telegram.say(ana, None, f"word {number}")
    assert await ids(telegram, offset=-2) == [500_000_004, 500_000_005]
    assert len(telegram.updates) == 2


async def test_an_offset_far_off_forgets_nothing(telegram: Telegram, ana: User) -> None:
    telegram.say(ana, None, "word")
    assert await ids(telegram, offset=900_000_000) == [500_000_001]


async def test_a_batch_has_at_most_100_updates(telegram: Telegram, ana: User) -> None:
    for number in range(120):
        telegram.say(ana, None, f"word {number}")
    assert len(await ids(telegram, limit=1_000)) == 100


async def test_a_long_poll_ends_with_the_first_update(telegram: Telegram, ana: User) -> None:
    async with ptb_bot(telegram) as bot:
        poll = await poll_waits(telegram, bot)
        telegram.say(ana, None, "hello")
        updates = await poll
    assert updates[0].message is not None
    assert updates[0].message.text == "hello"


async def test_a_long_poll_without_updates_ends_empty(telegram: Telegram) -> None:
    assert await telegram.updates.poll(0, 100, 0.01) == []


async def poll_waits(telegram: Telegram, bot: ptb.Bot) -> "asyncio.Task[tuple[ptb.Update, ...]]":
    poll = asyncio.create_task(bot.get_updates(timeout=30))
    await telegram.wait_for(lambda: telegram.updates.polled)
    return poll


async def test_a_second_poller_throws_the_first_out(telegram: Telegram, ana: User) -> None:
    async with ptb_bot(telegram) as bot:
        first = await poll_waits(telegram, bot)
        second = asyncio.create_task(bot.get_updates(timeout=30))
        with pytest.raises(Conflict, match="terminated by other getUpdates request; make sure that only one"):
            await first
        telegram.say(ana, None, "hello")
        assert len(await second) == 1


async def test_polling_and_a_webhook_exclude_each_other(telegram: Telegram) -> None:
    async with ptb_bot(telegram) as bot:
        poll = await poll_waits(telegram, bot)
        await bot.set_webhook("https://bot.example.org/telegram", secret_token="s")
        with pytest.raises(Conflict, match="terminated by setWebhook request"):
            await poll
        with pytest.raises(Conflict, match="can't use getUpdates method while webhook is active"):
            await bot.get_updates()
        assert (await bot.get_webhook_info()).url == "https://bot.example.org/telegram"
        await bot.delete_webhook()
        assert await bot.get_updates() == ()


async def test_updates_wait_24_hours_and_callbacks_150_seconds(
    telegram: Telegram, ana: User, clock: Clock
) -> None:
    telegram.say(ana, None, "hello")
    telegram.press(ana, ana.id, 1, "forged")
    clock.forward(150)
    assert len(await ids(telegram)) == 1
    clock.forward(86_400 - 150)
    assert await ids(telegram) == []
    assert [one.outcome for one in telegram.journal.deliveries] == ["expired", "expired"]


async def test_only_the_asked_for_kinds_come(telegram: Telegram, ana: User) -> None:
    group = telegram.add_group("Friends", [ana], bot_admin=True)
    ben = telegram.add_user("Ben")
    telegram.set_member(group, ben, "member")
    assert {kind for update in pending(telegram) for kind in update} == {
        "update_id",
        "message",
        "my_chat_member",
    }
    await telegram.api("getUpdates", offset=-1, allowed_updates=["chat_member"])
    telegram.say(ana, None, "unseen")
    telegram.set_member(group, ben, "administrator")
    assert "chat_member" in pending(telegram)[-1]


@pytest.mark.parametrize("kind", KINDS)
async def test_every_kind_of_message_parses(telegram: Telegram, ana: User, kind: str) -> None:
    telegram.say(ana, None, "some words", kind=kind, media_group_id="7")
    update = pending(telegram)[0]
    assert kind in update["message"]
    assert update["message"]["media_group_id"] == "7"


async def test_every_kind_of_update_parses(telegram: Telegram, ana: User) -> None:
    ben, robot = telegram.add_user("Ben"), telegram.add_user("Robot", is_bot=True)
    telegram.updates.allowed = [
        "message",
        "edited_message",
        "callback_query",
        "my_chat_member",
        "chat_member",
    ]
    group = telegram.add_group("Friends", [ben, robot], admins=[ana], kind="group", bot_admin=True)
    said = telegram.say(ana, None, "hello @ana_b https://x.org #tag $USD a@b.org /go")
    telegram.say(ana, None, "answer", reply_to=said["message_id"], forward=True, via_bot=True)
    telegram.edit(ana, ana.id, said["message_id"], "hello again")
    telegram.press(ana, ana.id, said["message_id"], "data")
    telegram.press(ana, ana.id, 999, "data")
    telegram.block(ana)
    telegram.say(ana, group, "as the group", sender_chat="anonymous")
    telegram.say(ana, group, "as a channel", sender_chat=-1_001_234)
    telegram.say(777_000, group, "from the channel", sender_chat=-1_001_234)
    telegram.set_title(group, "Old friends", by=ana)
    group = telegram.migrate(group)
    for status in ("restricted", "administrator", "left", "kicked", "member"):
        telegram.set_member(group, ben, status, by=ana)
    kinds = {kind for update in pending(telegram) for kind in update} - {"update_id"}
    assert kinds == set(telegram.updates.allowed)


async def test_entities_are_found_and_counted_in_utf16_units(telegram: Telegram, ana: User) -> None:
    text = "😀 /pot@potluck_bot @ben_b https://x.org/a?b=1. #año $USD a.b@c.org x/y"
    message = telegram.say(ana, None, text)
    parsed = ptb.Message.de_json(message, None)
    words = [(entity.type, word) for entity, word in parsed.parse_entities().items()]
    assert words == [
        ("bot_command", "/pot@potluck_bot"),
        ("mention", "@ben_b"),
        ("url", "https://x.org/a?b=1"),
        ("hashtag", "#año"),
        ("cashtag", "$USD"),
        ("email", "a.b@c.org"),
    ]


async def test_an_update_may_come_again(telegram: Telegram, ana: User) -> None:
    telegram.say(ana, None, "hello")
    assert telegram.duplicate().update_id == 500_000_001
    assert telegram.duplicate(500_000_001, new_id=True).update_id == 500_000_002
    updates = await telegram.api("getUpdates")
    assert [update["update_id"] for update in updates] == [500_000_001, 500_000_001, 500_000_002]
    assert updates[0]["message"] == updates[1]["message"] == updates[2]["message"]
    assert await ids(telegram, offset=500_000_003) == []
    with pytest.raises(PlayError):
        telegram.duplicate(1)


async def test_an_update_with_a_lower_id_is_delivered_once(telegram: Telegram, ana: User) -> None:
    telegram.say(ana, None, "hello")
    await ids(telegram)
    await ids(telegram, offset=500_000_002)
    update = {"update_id": 17, "message": telegram.messages(ana)[0]}
    telegram.inject(update)
    assert await ids(telegram, offset=500_000_002) == [17]
    telegram.say(ana, None, "more")
    assert await ids(telegram, offset=500_000_002) == [500_000_002]


@pytest.mark.parametrize(
    "text",
    [
        '{"update_id":7,"x":NaN}',
        '{"update_id":7,"x":1e999}',
        '{"update_id":7,"x":"\\ud800\\u0000"}',
        "[1,2]",
        "7",
    ],
)
async def test_malformed_updates_come_as_they_are(telegram: Telegram, text: str) -> None:
    telegram.inject(text)
    answer = await telegram.answer("any", "getUpdates", {})
    assert answer.body.decode() == f'{{"ok":true,"result":[{text}]}}'
    await telegram.api("getUpdates", offset=8)
    assert len(telegram.updates) == 0


async def test_a_dropped_queue_is_empty(telegram: Telegram, ana: User) -> None:
    telegram.say(ana, None, "hello")
    await telegram.api("deleteWebhook", drop_pending_updates=True)
    assert await ids(telegram) == []
    assert telegram.journal.deliveries[-1].outcome == "dropped"


async def test_a_webhook_needs_https_away_from_loopback(telegram: Telegram) -> None:
    for url in ("http://127.0.0.1:8080/telegram", "http://localhost/telegram", "https://example.org/x"):
        assert await telegram.api("setWebhook", url=url)
    for url in ("http://10.0.0.1/x", "ftp://example.org", "nowhere"):
        with pytest.raises(ApiError, match="bad webhook"):
            await telegram.api("setWebhook", url=url)
    await telegram.aclose()


async def test_messages_of_supergroups_count_for_themselves(telegram: Telegram, ana: User) -> None:
    one, other = (telegram.add_group(title, [ana]) for title in ("One", "Other"))
    numbers = [telegram.say(ana, place, "/x")["message_id"] for place in (one, other, ana.id, one)]
    assert numbers == [2, 2, 1, 3]


async def test_waiting_is_driven_by_events(telegram: Telegram, ana: User) -> None:
    telegram.say(ana, None, "hello")
    waiting = asyncio.create_task(telegram.wait_for_text(ana, "welcome"))
    await telegram.api("sendMessage", chat_id=ana.id, text="you are welcome")
    assert (await waiting)["text"] == "you are welcome"
    with pytest.raises(TimeoutError):
        await telegram.wait_for(lambda: None, timeout_seconds=0.01)


async def test_thousands_of_calls_a_second_fit_in_one_process(telegram: Telegram, ana: User) -> None:
    telegram.say(ana, None, "hello")
    for number in range(2_000):
        await telegram.api("sendMessage", chat_id=ana.id, text=f"number {number}")
    assert len(telegram.calls) == 2_000
    assert sorted(record.ms for record in telegram.calls)[1_000] < 2


def test_the_journal_is_bounded() -> None:
    telegram = Telegram(journal_limit=3)
    for _ in range(5):
        telegram.journal.open("getMe", {}, 0.0)
    assert [record.n for record in telegram.journal.after(0, 10)] == [3, 4, 5]
    assert json.dumps([record.view() for record in telegram.calls])
