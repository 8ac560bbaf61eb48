"""Edited messages as players see them: answered again in place, once, free; or asked in their new words."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

from bot.playground.models import Chat, User
from services.ports import ModelUnavailable, Question
from tests.app import CountedEntropy
from tests.scene import Scene, pay, scene
from tests.stand_ins import EN, ES, PAID, ScriptedModel, balance_of, fine, turns_of

UNASKED: dict[str, Any] = {**PAID, "guard_limit_credits": 1_000, "entropy": CountedEntropy(seed=2)}
LATE = EN("edit.late", most=timedelta(minutes=5))


class Echo:
    """Answers with the question, and with how much it was shown of the past."""

    def __init__(self) -> None:
        self.questions: list[Question] = []

    async def reply(self, question: Question) -> AsyncIterator[str]:
        """Yield the answer."""
        self.questions.append(question)
        yield f"{question.text}!"


def last_message(user: User, chat: User | Chat, here: Scene) -> int:
    """Return the id of what a user said last in a chat."""
    messages = here.app.telegram.chat(chat.id).messages.values()
    return max(message.id for message in messages if message.sender is user)


async def edit(here: Scene, user: User, text: str, chat: Chat | None = None, *, message: int = 0) -> None:
    """Edit what a user said last, and wait until the bot is done with it."""
    where = chat or user
    here.app.telegram.edit(user, where.id, message or last_message(user, where, here), text)
    await here.app.settled()


async def test_t33_an_edited_paid_message_is_answered_again_in_place_and_keeps_its_receipt(
    database_url: str,
) -> None:
    model = Echo()
    async with scene(database_url, model=model, **UNASKED) as here:
        await pay(here, here.ben, "earlier")
        before = await here.ask(here.ben, "helo")
        await edit(here, here.ben, "hello")
        assert here.app.texts(here.ben)[-1] == before.replace("helo!", "hello!")
        assert "10 credits · ticket 2" in here.app.last(here.ben)
        assert [one.text for one in model.questions[-1].history] == ["earlier"]
        await here.ask(here.ben, "and now")
        assert [one.text for one in model.questions[-1].history] == ["earlier", "hello"]
        assert [one.answer for one in model.questions[-1].history] == ["earlier!", "hello!"]
        assert "15 credits · ticket 3" in here.app.last(here.ben)
        assert await balance_of(here, here.ben) == "You have 970 credits"


async def test_an_edited_free_message_takes_no_free_message_more(sqlite_url: str) -> None:
    async with scene(sqlite_url, model=Echo(), free_messages_per_day=2, free_warning_left=1) as here:
        said = await here.ask(here.ben, "one")
        await edit(here, here.ben, "two")
        assert here.app.texts(here.ben)[-1] == said.replace("one", "two")
        assert (await here.ask(here.ben, "three")).startswith("three!\n\nThat was today's last free message")


async def test_a_second_edit_is_told_once_and_the_same_words_are_nothing_new(sqlite_url: str) -> None:
    model = Echo()
    async with scene(sqlite_url, model=model) as here:
        await here.ask(here.ben, "one")
        for text in ("one", "two", "two", "three", "four", "/play five", "/help"):
            await edit(here, here.ben, text)
        assert here.app.texts(here.ben) == ["two!", EN("edit.twice")]
        assert [question.text for question in model.questions] == ["one", "two"]


async def test_an_edit_that_is_delivered_again_changes_nothing(sqlite_url: str) -> None:
    model = Echo()
    async with scene(sqlite_url, model=model) as here:
        await here.ask(here.ben, "one")
        await edit(here, here.ben, "two")
        here.app.telegram.duplicate(new_id=True)
        await here.app.settled()
        assert here.app.texts(here.ben) == ["two!"]
        assert len(model.questions) == 2


async def test_an_edit_after_five_minutes_or_of_an_earlier_message_is_told_to_be_late(
    sqlite_url: str,
) -> None:
    async with scene(sqlite_url, model=Echo()) as here:
        await here.ask(here.ben, "one")
        first = last_message(here.ben, here.ben, here)
        here.app.clock.move(timedelta(minutes=5, seconds=1))
        await edit(here, here.ben, "one, too late")
        await here.ask(here.ben, "two")
        second = last_message(here.ben, here.ben, here)
        await here.ask(here.ben, "three")
        await edit(here, here.ben, "two, not the last", message=second)
        await edit(here, here.ben, "one, once more", message=first)
        assert here.app.texts(here.ben) == [
            "one!",
            LATE,
            "two!",
            "three!\n\n2 free messages left today",
            LATE,
        ]


async def test_the_hint_is_in_the_language_of_the_player(sqlite_url: str) -> None:
    async with scene(sqlite_url, model=Echo()) as here:
        await here.ask(here.ana, "uno")
        here.app.clock.move(timedelta(minutes=6))
        await edit(here, here.ana, "dos")
        assert here.app.last(here.ana) == ES("edit.late", most=timedelta(minutes=5))


async def test_t33_a_question_that_waits_for_its_price_is_asked_in_its_new_words_at_it(
    database_url: str,
) -> None:
    model = Echo()
    async with scene(database_url, model=model, **PAID) as here:
        asked = await here.ask(here.ben, "helo")
        await edit(here, here.ben, "/play hello")
        assert here.app.texts(here.ben) == [asked]
        await here.press(here.ben, "Pay 5 and send")
        assert here.app.last(here.ben).startswith("hello!\n\n5 credits · ticket 1")
        assert len(model.questions) == 1


async def test_an_edit_while_the_answer_is_made_is_asked_to_come_again(sqlite_url: str) -> None:
    gate = asyncio.Event()
    async with scene(sqlite_url, model=ScriptedModel(("old", gate), ("new",))) as here:
        message = here.app.telegram.say(here.ben, here.ben, "one")["message_id"]
        await here.app.telegram.drained()
        await here.app.parts.lanes.idle()
        here.app.telegram.edit(here.ben, here.ben.id, message, "two")
        await here.app.telegram.wait_for_text(here.ben, "still busy")
        gate.set()
        await here.app.settled()
        assert here.app.texts(here.ben) == [EN("edit.early"), "old"]
        await edit(here, here.ben, "three", message=message)
        assert here.app.texts(here.ben) == [EN("edit.early"), "new"]


async def test_a_message_that_waits_for_another_is_asked_in_its_new_words(sqlite_url: str) -> None:
    gate = asyncio.Event()
    model = ScriptedModel(("slow", gate), ("fine",))
    async with scene(sqlite_url, model=model) as here:
        for text in ("one", "two"):
            here.app.telegram.say(here.ben, here.ben, text)
        await here.app.telegram.drained()
        await here.app.parts.lanes.idle()
        await model.asked(1)
        here.app.telegram.edit(here.ben, here.ben.id, last_message(here.ben, here.ben, here), "three")
        await here.app.telegram.drained()
        await here.app.parts.lanes.idle()
        gate.set()
        await here.app.settled()
        assert [question.text for question in model.questions] == ["one", "three"]


async def test_a_longer_answer_gets_more_messages_and_a_shorter_one_fewer(sqlite_url: str) -> None:
    model = ScriptedModel(("a " * 4_500,), ("b " * 2_500,), ("short",), ("c " * 4_500,))
    async with scene(sqlite_url, model=model, **UNASKED) as here:
        await pay(here, here.ben, "one")
        assert [text[0] for text in here.app.texts(here.ben)][-3:] == ["a", "a", "a"]
        await edit(here, here.ben, "two")
        kept = here.app.texts(here.ben)[-2:]
        assert [text[0] for text in kept] == ["b", "b"]
        assert "5 credits · ticket 1" in kept[-1]
        assert not any(text.startswith("a") for text in here.app.texts(here.ben))
        await here.ask(here.ben, "three")
        await edit(here, here.ben, "four")
        grown = here.app.texts(here.ben)[-3:]
        assert [text[0] for text in grown] == ["c", "c", "c"]
        assert ["10 credits · ticket 2" in text for text in grown] == [False, False, True]
        assert not any(text.startswith("short") for text in here.app.texts(here.ben))


async def test_if_the_model_fails_the_old_answer_stays_and_it_is_told(sqlite_url: str) -> None:
    model = ScriptedModel(("fine",), (ModelUnavailable(reason="http_5xx"),))
    async with scene(sqlite_url, model=model, **UNASKED) as here:
        await pay(here, here.ben, "one")
        before = here.app.last(here.ben)
        await edit(here, here.ben, "two")
        assert here.app.texts(here.ben)[-2:] == [before, EN("edit.failed")]
        assert await turns_of(here.app) == ["settled", "released"]


async def test_in_groups_only_what_was_for_the_bot_is_answered_again_and_nobody_is_told_why_not(
    database_url: str,
) -> None:
    model = Echo()
    async with scene(database_url, model=model, **UNASKED) as here:
        await pay(here, here.ben, "/ask one", here.group)
        count = len(here.app.texts(here.group))
        await edit(here, here.ben, "/ask@potluck_bot two", here.group)
        assert here.app.last(here.group).startswith("two!\n\n5 credits")
        await edit(here, here.ben, "@potluck_bot three", here.group)
        await here.app.say(here.ana, here.group, "not for the bot")
        await edit(here, here.ana, "@potluck_bot now it is", here.group)
        assert len(here.app.texts(here.group)) == count
        assert [question.text for question in model.questions] == ["one", "two"]


async def test_t45_an_edit_in_a_group_is_shown_nothing_of_others(sqlite_url: str) -> None:
    model = Echo()
    async with scene(sqlite_url, model=model, **UNASKED) as here:
        await pay(here, here.ana, "/ask canary of Ana", here.group)
        await pay(here, here.ben, "/ask one", here.group)
        await edit(here, here.ben, "/ask two", here.group)
        assert model.questions[-1].text == "two"
        assert model.questions[-1].history == ()


async def test_an_answer_that_its_player_deleted_is_sent_anew(sqlite_url: str) -> None:
    async with scene(sqlite_url, model=fine()) as here:
        await here.ask(here.ben, "one")
        here.app.telegram.chat(here.ben.id).messages.pop(here.app.last_id(here.ben))
        await edit(here, here.ben, "two")
        assert here.app.texts(here.ben) == ["fine"]
        assert await turns_of(here.app) == ["settled"] * 2
