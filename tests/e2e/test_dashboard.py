"""The dashboard of a group: posted, pinned, edited at most once a minute, posted again when it is gone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select, text
from telegram.error import BadRequest

from bot.playground.models import Chat, Message
from db.models.people import chat
from handlers.words import Words
from tests.scene import Scene, pay, scene
from tests.stand_ins import logged

EN, ES = Words("en"), Words("es")
PAID: dict[str, Any] = {
    "free_messages_per_day": 0,
    "chance_ppm_per_credit": 1,
    "guard_limit_credits": 1_000,
}
MINUTE = timedelta(minutes=1)


@asynccontextmanager
async def shown(url: str, *, may_pin: bool = True, **settings: Any) -> AsyncIterator[Scene]:
    """Run the bot in a group whose admin Ben has switched the dashboard on."""
    async with scene(url, **{**PAID, **settings}) as here:
        telegram = here.app.telegram
        telegram.set_member(here.group, here.ben, "administrator")
        if may_pin:
            telegram.set_member(here.group, telegram.bot, "administrator")
        await here.app.settled()
        await switch(here, "Post it")
        yield here


async def switch(here: Scene, button: str, group: Chat | None = None) -> None:
    """Have Ben post or stop the dashboard."""
    where = group or here.group
    await here.ask(here.ben, "/settings", where)
    await here.press(here.ben, "Dashboard", where)
    await here.press(here.ben, button, where)
    await tick(here, timedelta(0))


async def tick(here: Scene, step: timedelta = MINUTE) -> None:
    """Let time pass and do what is due."""
    here.app.clock.move(step)
    await here.app.parts.upkeep.run_timers()
    await here.app.settled()


def dashboards(here: Scene, group: Chat | None = None) -> list[Message]:
    """Return the dashboards that stand in a group."""
    said = here.app.telegram.from_bot(group or here.group)
    return [one for one in said if "The pot of this group" in one.content.get("text", "")]


def only(here: Scene, group: Chat | None = None) -> Message:
    """Return the one dashboard of a group."""
    (found,) = dashboards(here, group)
    return found


def edits(here: Scene) -> int:
    """Return how often a dashboard was edited."""
    texts = [one.params["text"] for one in here.app.telegram.calls_of("editMessageText")]
    return sum("pot of this group" in one for one in texts)


async def stored(here: Scene, name: str) -> Any:
    """Return a column of the group's row."""

    def read(tx: Connection) -> Any:
        return tx.scalar(select(chat.c[name]).where(chat.c.telegram_id == here.group.id))

    return await here.app.parts.db.read(read)


async def test_the_dashboard_is_posted_pinned_without_a_sound_and_kept_true(database_url: str) -> None:
    async with shown(database_url) as here:
        message = only(here)
        assert here.group.pinned == [message.id]
        (call,) = here.app.telegram.calls_of("pinChatMessage")
        assert call.params["disable_notification"] is True
        assert "0 credits" in message.content["text"]
        assert "Each question is a ticket: from 5 credits" in message.content["text"]
        await pay(here, here.ben, "/ask hello", here.group)
        await tick(here)
        assert "Round 1 · 1 ticket so far" in only(here).content["text"]
        assert "5 credits" in only(here).content["text"]
        assert only(here).id == message.id


async def test_it_is_edited_at_most_once_a_minute_and_not_at_all_if_nothing_has_changed(
    sqlite_url: str,
) -> None:
    async with shown(sqlite_url) as here:
        for _ in range(6):
            await pay(here, here.ben, "/ask hello", here.group)
            await tick(here, timedelta(seconds=20))
        for _ in range(5):
            await tick(here)
        assert edits(here) == 2
        assert "6 tickets" in only(here).content["text"]


async def test_gifts_and_resets_are_seen_as_well(sqlite_url: str) -> None:
    async with shown(sqlite_url) as here:
        await here.ask(here.ben, "/contribute 50", here.group)
        await here.press(here.ben, "Yes, do it", here.group)
        await tick(here)
        assert "50 credits" in only(here).content["text"]
        await here.ask(here.ben, "/reset", here.group)
        await here.press(here.ben, "Carry over", here.group)
        await tick(here)
        assert "Round 2 · 0 tickets" in only(here).content["text"]


async def test_its_button_answers_to_anybody_and_says_nothing_to_the_group(sqlite_url: str) -> None:
    async with shown(sqlite_url) as here:
        before = len(here.app.texts(here.group))
        answer = await here.app.press(here.ana, here.group, only(here).id, "How it works")
        assert answer is not None
        assert answer["text"] == ES.plain("dashboard.how")
        assert answer["show_alert"]
        assert len(here.app.texts(here.group)) == before


@pytest.mark.parametrize("words", [EN, ES])
def test_what_the_button_says_fits_into_an_alert(words: Words) -> None:
    assert len(words.plain("dashboard.how")) <= 200


async def test_without_the_right_to_pin_it_stays_unpinned_and_admins_are_told_how(sqlite_url: str) -> None:
    async with shown(sqlite_url, may_pin=False) as here:
        assert here.group.pinned == []
        assert here.app.last(here.group) == EN("dashboard.not_pinned")
        await pay(here, here.ben, "/ask hello", here.group)
        await tick(here)
        assert "1 ticket so far" in only(here).content["text"]
        here.app.telegram.set_member(here.group, here.app.telegram.bot, "administrator")
        await here.app.settled()
        assert here.group.pinned == [only(here).id]
        assert here.app.texts(here.group).count(EN("dashboard.not_pinned")) == 1


async def test_one_that_was_deleted_is_posted_and_pinned_again_once(sqlite_url: str) -> None:
    async with shown(sqlite_url) as here:
        gone = only(here)
        del here.group.messages[gone.id]
        here.group.pinned.clear()
        await pay(here, here.ben, "/ask hello", here.group)
        for _ in range(5):
            await tick(here)
        assert here.group.pinned == [only(here).id]
        assert only(here).id != gone.id
        assert edits(here) == 1


async def test_where_the_bot_may_not_write_any_more_it_is_switched_off(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: Any, **__: Any) -> None:
        raise BadRequest("Not enough rights to send text messages to the chat")

    with logged() as log:
        async with shown(sqlite_url) as here:
            del here.group.messages[only(here).id]
            await speak_english(here)
            monkeypatch.setattr(type(here.app.parts.bot), "send_message", refuse)
            for _ in range(5):
                await tick(here)
            assert await stored(here, "dashboard_at") is None
            assert dashboards(here) == []
    assert len(log.of("dashboard_off")) == 1


async def speak_english(here: Scene) -> None:
    """Have the dashboard say something else than it does, though the pot is as it was."""

    def write(tx: Connection) -> None:
        change = text("UPDATE chat SET language = 'en' WHERE telegram_id = :id")
        tx.execute(change, {"id": here.group.id})

    await here.app.parts.db.transact(write)


async def test_switched_off_it_is_unpinned_and_left_as_it_is(sqlite_url: str) -> None:
    async with shown(sqlite_url) as here:
        await switch(here, "Stop it")
        assert here.group.pinned == []
        before = only(here).content
        await pay(here, here.ben, "/ask hello", here.group)
        await tick(here)
        assert only(here).content == before
        await switch(here, "Post it")
        assert len(dashboards(here)) == 2
        assert here.group.pinned == [dashboards(here)[-1].id]


async def test_switching_the_pot_off_ends_it_and_takes_its_button_away(sqlite_url: str) -> None:
    async with shown(sqlite_url) as here:
        message = only(here).id
        await here.ask(here.ben, "/settings", here.group)
        for button in ("Pot", "Switch it off"):
            await here.press(here.ben, button, here.group)
        assert "Dashboard" not in here.buttons(here.group)
        await tick(here)
        assert here.group.pinned == []
        answer = await here.app.press(here.ana, here.group, message, "How it works")
        assert answer is not None
        assert answer["text"] == ES.plain("error.pots_off")


async def test_it_rests_while_the_bot_is_away_and_goes_on_when_it_is_back(sqlite_url: str) -> None:
    async with shown(sqlite_url) as here:
        telegram, before = here.app.telegram, only(here).id
        telegram.set_member(here.group, telegram.bot, "left")
        await here.app.settled()
        await speak_english(here)
        for _ in range(3):
            await tick(here)
        assert edits(here) == 0
        telegram.set_member(here.group, telegram.bot, "member")
        await here.app.settled()
        await tick(here)
        assert edits(here) == 1
        assert only(here).id == before


async def test_t30_a_supergroup_gets_a_dashboard_of_its_own_and_nothing_else_is_overwritten(
    database_url: str,
) -> None:
    async with scene(database_url, **PAID) as here:
        telegram = here.app.telegram
        group = telegram.add_group("Club", [here.ana], kind="group", admins=[here.ben], bot_admin=True)
        await here.app.settled()
        await switch(here, "Post it", group)
        assert group.pinned == [only(here, group).id]
        new = telegram.migrate(group, tell=("to",))
        for _ in range(only(here, group).id + 3):
            telegram.say(here.ben, new, "among us")
        await here.app.settled()
        await pay(here, here.ben, "/ask hello", new)
        for _ in range(3):
            await tick(here)
        assert new.pinned == [only(here, new).id]
        assert "1 ticket so far" in only(here, new).content["text"]
        assert edits(here) == 0


async def test_t32_it_speaks_the_language_and_shows_the_days_of_the_group(sqlite_url: str) -> None:
    certain: dict[str, Any] = {"chance_ppm_per_credit": 10_000, "price_base": 100, "prize_cap_credits": 100}
    async with shown(sqlite_url, may_pin=True, **certain) as here:
        await here.ask(here.ben, "/settings", here.group)
        for button in ("Time zone", "Next ›", "Next ›", "Next ›", "Tokyo (UTC+9)"):
            await here.press(here.ben, button, here.group)
        here.app.clock.move(timedelta(hours=6))  # 18:00 UTC is the next day in Tokyo
        await pay(here, here.ben, "/ask hello", here.group)
        await tick(here)
        assert "• Nov 22, 2026: 81 credits, ticket 1 of round 1" in only(here).content["text"]
        await here.ask(here.ben, "/settings", here.group)
        for button in ("Language", "Español"):
            await here.press(here.ben, button, here.group)
        await tick(here)
        assert dashboards(here) == []
        pinned = here.group.messages[here.group.pinned[0]]
        assert "El bote de este grupo" in pinned.content["text"]
