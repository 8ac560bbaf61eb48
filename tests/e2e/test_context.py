"""What a model is shown: one's own words of one conversation; nothing of other players, chats or topics."""

from collections.abc import Iterator
from itertools import permutations
from typing import Any

import pytest

from bot.playground.models import Chat, User
from services.ports import Question
from tests.e2e.test_group_moves import ORDERS, move
from tests.scene import Scene, pay, scene
from tests.stand_ins import ScriptedModel, fine

OPEN: dict[str, Any] = {
    "free_messages_per_day": 0,
    "guard_limit_credits": 1_000,
    "chance_ppm_per_credit": 1,
    "messages_per_minute": 1_000,
    "price_cap": 5,
}
ROUNDS = 4


def said_in(question: Question) -> str:
    """Return all that a model is shown."""
    return " ".join([question.text, *(f"{one.text} {one.answer}" for one in question.history)])


class Echo(ScriptedModel):
    """Answers with all that it was shown, so that what leaks once leaks for ever."""

    def __init__(self) -> None:
        super().__init__(("",))

    async def reply(self, question: Question) -> Any:
        """Say again what was asked."""
        self.questions.append(question)
        yield f"You said: {said_in(question)}"


async def talk_everywhere(here: Scene, places: list[tuple[User, Chat | None, int | None, str]]) -> None:
    """Let everybody say his canary word in all places, in turns, with new conversations in between."""
    for number in range(ROUNDS):
        for user, chat, thread, canary in places:
            more = {} if thread is None else {"thread": thread}
            words = f"{canary} number {number}"
            await here.ask(user, f"/ask {words}" if chat else words, chat, **more)
            button = next(
                (name for name in here.buttons(chat or user) if name.startswith(("Pay", "Paga"))), None
            )
            if button:
                await here.press(user, button, chat)
        for user in (here.ana, here.ben):
            await here.ask(user, "/new")
            await here.ask(user, "/search number")


async def test_t45_no_question_holds_a_word_of_another_player_chat_or_topic(database_url: str) -> None:
    model = Echo()
    async with scene(database_url, model=model, **OPEN) as here:
        forum = here.app.telegram.add_group("Forum", [here.ana, here.ben], forum=True)
        await here.app.settled()
        spots: list[tuple[Chat | None, int | None, str]] = [
            (None, None, "private"),
            (here.group, None, "group"),
            (forum, 7, "seven"),
            (forum, 9, "nine"),
        ]
        places = [
            (user, chat, thread, f"canary{user.first_name}{name}")
            for chat, thread, name in spots
            for user in (here.ana, here.ben)
        ]
        await talk_everywhere(here, places)
        canaries = [canary for *_, canary in places]
        assert len(model.questions) == ROUNDS * len(places)
        for question in model.questions:
            own = next(canary for canary in canaries if canary in question.text)
            assert [canary for canary in canaries if canary in said_in(question)] == [own]
        assert any(question.history for question in model.questions)


async def test_t45_a_deleted_conversation_and_a_former_one_are_never_shown(sqlite_url: str) -> None:
    model = fine()
    async with scene(sqlite_url, model=model, **OPEN) as here:
        await pay(here, here.ben, "first canary")
        await here.ask(here.ben, "/new")
        await here.ask(here.ben, "second canary")
        await here.ask(here.ben, "/chats")
        await here.press(here.ben, "1")
        await here.press(here.ben, "🗑 Delete")
        await here.ask(here.ben, "and now?")
        assert "canary" not in said_in(model.questions[-1])


def told() -> Iterator[tuple[str, ...]]:
    """Give the orders in which Telegram may tell of a move."""
    yield from ORDERS.values()
    yield from permutations(("to", "from", "to"), 3)


@pytest.mark.parametrize("order", sorted(set(told())), ids=lambda order: "-".join(order) or "none")
async def test_t30_a_conversation_goes_on_when_its_group_becomes_a_supergroup(
    sqlite_url: str, order: tuple[str, ...]
) -> None:
    model = fine()
    async with scene(sqlite_url, model=model, **OPEN) as here:
        group = here.app.telegram.add_group("Club", [here.ana, here.ben], kind="group", admins=[here.ben])
        await here.app.settled()
        await pay(here, here.ben, "/ask my favourite word is marzipan", group)
        await pay(here, here.ana, "/ask canary of ana", group)
        new = await move(here, group, order)
        await pay(here, here.ben, "/ask what was it?", new)
        assert [one.text for one in model.questions[-1].history] == ["my favourite word is marzipan"]
        await here.ask(here.ben, "/new", new)
        await pay(here, here.ben, "/ask and now?", new)
        assert model.questions[-1].history == ()


async def test_t30_of_two_conversations_that_meet_one_goes_on(sqlite_url: str) -> None:
    model = fine()
    async with scene(sqlite_url, model=model, **OPEN) as here:
        group = here.app.telegram.add_group("Club", [here.ben], kind="group", admins=[here.ben])
        await here.app.settled()
        await pay(here, here.ben, "/ask in the old group", group)
        new = here.app.telegram.migrate(group, tell=())
        new.title = "Club, renamed"
        await pay(here, here.ben, "/ask in the supergroup", new)
        here.app.telegram.announce(group, here.ben, {"migrate_to_chat_id": new.id})
        await here.app.settled()
        await pay(here, here.ben, "/ask after the merge", new)
        history = [one.text for one in model.questions[-1].history]
        assert history == ["in the old group"]
