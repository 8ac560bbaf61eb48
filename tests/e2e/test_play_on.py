"""The game while Telegram blocks, jams, loses answers; by webhook and after a restart."""

import asyncio

import pytest
from sqlalchemy import Connection, select

from bot.playground.telegram import Telegram
from db.models.chats import turn
from db.models.people import chat
from services import verify_pot
from tests.app import running
from tests.scene import Scene, pay, scene
from tests.stand_ins import (
    CERTAIN,
    FAST,
    PAID,
    ScriptedModel,
    fine,
    logged,
    running_webhook,
)

PAY = "Pay 5 and send"


async def test_a_chat_that_blocked_the_bot_is_marked_until_it_comes_back(sqlite_url: str) -> None:
    gate = asyncio.Event()
    model = ScriptedModel((gate, "fine"), ("fine",))
    async with scene(sqlite_url, model=model, free_messages_per_day=50) as here:
        here.app.telegram.say(here.ben, here.ben, "hello")
        await model.asked(1)
        here.app.telegram.faults.add("blocked", chat=here.ben.id)
        gate.set()
        await here.app.settled()
        assert await _reach(here, here.ben.id) == "blocked"
        assert await here.ask(here.ben, "here again") == "fine"
        here.app.telegram.block(here.ben)
        await here.app.settled()
        assert await _reach(here, here.ben.id) == "blocked"
        here.app.telegram.block(here.ben, False)
        await here.app.settled()
        assert await here.ask(here.ben, "and again") == "fine"
        assert await _reach(here, here.ben.id) == "ok"


async def _reach(here: Scene, telegram_id: int) -> str | None:
    def read(tx: Connection) -> str | None:
        return tx.scalar(select(chat.c.reach).where(chat.c.telegram_id == telegram_id))

    return await here.app.parts.db.read(read)


async def test_429s_of_groups_do_not_stop_other_chats(sqlite_url: str) -> None:
    async with scene(sqlite_url, model=fine(), **PAID) as here:
        telegram = here.app.telegram
        await pay(here, here.ben, "/ask one", here.group)
        jammed = [telegram.add_group(f"Group {number}", [here.ben]) for number in range(9)]
        await here.app.settled()
        count = len(here.app.texts(here.group))
        for group in (here.group, *jammed):
            telegram.faults.add("429", method="sendMessage", chat=group.id, retry_after=1)
            telegram.say(here.ben, group, "/ask two" if group is here.group else "/pot")
        await telegram.wait_for(lambda: len(telegram.calls_of("sendMessage", ok=False)) == 10)
        telegram.say(here.ana, here.ana, "/pot")
        await telegram.wait_for_text(here.ana, "El bote")
        assert len(here.app.texts(here.group)) == count
        assert [len(here.app.texts(group)) for group in jammed] == [1] * 9
        await here.app.settled()
        assert "10 credits · ticket 2" in here.app.last(here.group)
        assert len(here.app.texts(here.group)) == count + 1
        assert [len(here.app.texts(group)) for group in jammed] == [2] * 9


@pytest.mark.parametrize("kind", ["lost", "cut", "500", "502", "html"])
async def test_a_paid_answer_arrives_again_with_the_same_receipt_when_nobody_knows(
    sqlite_url: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.delivery.FIRST_PAUSE_SECONDS", 0.01)
    async with scene(sqlite_url, model=fine(), **PAID) as here:
        await pay(here, here.ben, "one")
        here.app.telegram.faults.add(kind, method="sendMessage", chat=here.ben.id, times=2)
        await here.ask(here.ben, "two")
        answers = [text for text in here.app.texts(here.ben) if "10 credits · ticket 2" in text]
        assert len(set(answers)) == 1
        assert len(answers) == (3 if kind == "lost" else 1)
        assert "You have 985 credits" in await here.ask(here.ben, "/balance")


async def test_nothing_is_said_twice_in_an_undisturbed_game(sqlite_url: str) -> None:
    async with scene(sqlite_url, model=fine(), **CERTAIN, **FAST) as here:
        for number in range(4):
            await pay(here, here.ben, f"message {number}")
            await pay(here, here.ana, f"/ask question {number}", here.group)
        said = [text for where in (here.ben, here.group) for text in here.app.texts(where) if "·" in text]
        assert len(said) == 8
        sent = [one.params for one in here.app.telegram.calls_of("sendMessage")]
        assert len(sent) == len(here.app.texts(here.ben)) + len(here.app.texts(here.group))


async def test_a_game_by_webhook_from_the_first_word_to_the_proof(database_url: str) -> None:
    with logged() as log:
        telegram = Telegram(backoff=lambda _: 0.0)
        ben = telegram.add_user("Ben")
        async with running_webhook(database_url, telegram=telegram, model=fine(), **CERTAIN) as app:
            await app.say(ben, ben, "hello")
            await app.press(ben, ben, app.last_id(ben), "Pay 100 and send")
            assert "You won the pot!" in app.last(ben)
            await app.say(ben, ben, "/proof 1")
            document = telegram.from_bot(ben)[-1].content["document"]
            proof = telegram.files.by_id[document["file_id"]].upload.content
            assert verify_pot.verify(proof) is None
            handled = [one for one in telegram.journal.deliveries if one.how == "webhook"]
            assert {(one.outcome, one.detail) for one in handled} == {("acknowledged", "200")}
        assert telegram.calls_of("getUpdates") == []
    assert [one["event"] for one in log.lines if one["level"] != "info"] == []


async def test_a_restart_goes_on_where_the_game_stood(database_url: str) -> None:
    telegram = Telegram()
    ben = telegram.add_user("Ben")
    async with running(database_url, telegram=telegram, model=fine(), **PAID) as app:
        await app.say(ben, ben, "one")
        clock = app.clock
    telegram.press(ben, ben.id, telegram.from_bot(ben)[-1].id, PAY)
    async with running(database_url, telegram=telegram, model=fine(), clock=clock, **PAID) as app:
        await app.settled()
        assert "5 credits · ticket 1" in app.last(ben)
        await app.say(ben, ben, "two")
        assert "10 credits · ticket 2" in app.last(ben)

        def states(tx: Connection) -> list[str]:
            return list(tx.scalars(select(turn.c.state)))

        assert await app.parts.db.read(states) == ["settled"] * 2


async def test_an_answer_to_a_topic_that_is_gone_goes_to_the_group(sqlite_url: str) -> None:
    gate = asyncio.Event()
    model = ScriptedModel(("fine",), (gate, "late"))
    async with scene(sqlite_url, model=model, **PAID, **FAST) as here:
        await pay(here, here.ben, "first")
        forum = here.app.telegram.add_group("Forum", [here.ben], forum=True, with_bot=True)
        here.app.telegram.say(here.ben, forum, "/ask hello", thread=77)
        await model.asked(2)
        here.app.telegram.chat(forum.id).threads.pop(77)
        gate.set()
        await here.app.settled()
        assert "late" in here.app.last(forum)
