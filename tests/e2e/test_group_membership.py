"""The bot among groups: added, made an admin, restricted, removed and back; and where its words go in topics."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, text

from bot.playground.models import Chat, Topic
from handlers.words import Words
from tests.scene import Scene, pay, scene

EN, ES = Words("en"), Words("es")
NEVER = {"chance_ppm_per_credit": 1, "guard_limit_credits": 1_000}
WEEK = timedelta(days=7)


async def set_bot(here: Scene, group: Chat, status: str) -> list[str]:
    """Give the bot a status in a group and return what it says to it."""
    before = len(here.app.texts(group))
    here.app.telegram.set_member(group, here.app.telegram.bot, status, by=here.ben)
    await here.app.settled()
    return here.app.texts(group)[before:]


async def tick(here: Scene) -> None:
    """Let the timers run that are due."""
    await here.app.parts.upkeep.run_timers()
    await here.app.settled()


@pytest.mark.parametrize(
    ("more", "sees"),
    [
        ({}, "start.sees_own"),
        ({"bot_admin": True}, "start.sees_admin"),
        ({"privacy": False}, "start.sees_all"),
    ],
)
async def test_the_welcome_says_what_the_bot_sees_here_how_to_ask_and_what_it_costs(
    sqlite_url: str, more: dict[str, Any], sees: str
) -> None:
    async with scene(sqlite_url) as here:
        here.app.telegram.privacy = more.pop("privacy", True)
        await here.app.parts.application.bot.get_me()
        group = here.app.telegram.add_group("Club", [here.ben], **more)
        await here.app.settled()
        (said,) = here.app.texts(group)
        for part in (EN.plain(sees), "/ask", "@potluck_bot", "5 credits", "10%", "1 in 200", "anchor"):
            assert part in said


async def test_made_admin_is_told_in_a_word_and_nothing_else_is(sqlite_url: str) -> None:
    async with scene(sqlite_url) as here:
        assert await set_bot(here, here.group, "administrator") == [EN.plain("start.made_admin")]
        for status in ("member", "restricted", "member"):
            assert await set_bot(here, here.group, status) == []


async def test_t29_removed_and_back_in_time_the_round_goes_on_and_says_so(database_url: str) -> None:
    async with scene(database_url, **NEVER) as here:
        await pay(here, here.ben, "/ask one", here.group)
        assert await set_bot(here, here.group, "kicked") == []
        here.app.clock.move(WEEK - timedelta(minutes=1))
        await tick(here)
        assert await set_bot(here, here.group, "member") == [EN.plain("start.back", round_no=1, pot=5)]
        here.app.clock.move(WEEK)
        await tick(here)
        assert "5 credits" in await here.ask(here.ben, "/pot", here.group)


@pytest.mark.parametrize("status", ["kicked", "left"])
async def test_t29_removed_for_seven_days_everybody_gets_back_what_he_put_in(
    database_url: str, status: str
) -> None:
    async with scene(database_url, **NEVER) as here:
        await here.ask(here.ben, "/start")
        await pay(here, here.ben, "/ask one", here.group)
        await set_bot(here, here.group, status)
        here.app.clock.move(WEEK)
        await tick(here)
        await tick(here)
        assert "1,000" in await here.ask(here.ben, "/balance")
        (welcome,) = await set_bot(here, here.group, "member")
        assert welcome.startswith("Hello everyone!")
        assert "Round 2" in await here.ask(here.ben, "/pot", here.group)


async def test_t29_a_removal_that_no_update_told_of_is_learnt_from_the_first_refusal(sqlite_url: str) -> None:
    async with scene(sqlite_url, **NEVER) as here:
        await here.ask(here.ben, "/start")
        await pay(here, here.ben, "/ask one", here.group)
        here.app.telegram.say(here.ben, here.group, "/ask two")
        here.group.members[here.app.telegram.bot.id].status = "kicked"
        await here.app.settled()
        here.app.clock.move(WEEK)
        await tick(here)
        await tick(here)
        assert "999" in await here.ask(here.ben, "/balance")  # both prices but the house's one credit


async def test_t31_words_for_a_whole_group_go_to_the_topic_that_its_admins_chose(sqlite_url: str) -> None:
    async with scene(sqlite_url, **NEVER) as here:
        group = here.app.telegram.add_group("Forum", [here.ben], admins=[here.ben], forum=True)
        group.threads |= {number: Topic(number, "Talk") for number in (7, 9)}
        await here.app.settled()
        await pay(here, here.ben, "/ask one", group)
        await choose_topic(here, group, 7)
        await here.ask(here.ben, "/reset", group, thread=9)
        assert threads(here, group)[-1] == 9
        await here.press(here.ben, EN.plain("button.reset_carry"), group)
        assert threads(here, group)[-1] == 7
        await set_bot(here, group, "administrator")
        assert threads(here, group)[-1] == 7


async def test_t31_a_gift_is_told_where_it_was_asked_about(sqlite_url: str) -> None:
    async with scene(sqlite_url, **NEVER) as here:
        group = here.app.telegram.add_group("Forum", [here.ben], forum=True)
        group.threads |= {number: Topic(number, "Talk") for number in (7, 9)}
        await here.ask(here.ben, "/contribute 5", group, thread=9)
        await here.press(here.ben, "Yes, do it", group)
        assert "gave 5 credits" in here.app.last(group)
        assert threads(here, group)[-1] == 9


async def test_t31_words_for_a_topic_that_is_gone_go_to_the_general_one(sqlite_url: str) -> None:
    async with scene(sqlite_url, **NEVER) as here:
        group = here.app.telegram.add_group("Forum", [here.ben], admins=[here.ben], forum=True)
        await here.app.settled()
        await choose_topic(here, group, 7)
        said = await set_bot(here, group, "administrator")
        assert said == [EN.plain("start.made_admin")]
        assert threads(here, group)[-1] is None


async def choose_topic(here: Scene, group: Chat, topic_id: int) -> None:
    """Choose the topic of words that are for a whole group."""

    def write(tx: Connection) -> None:
        sql = "UPDATE chat SET topic_id = :topic WHERE telegram_id = :id"
        tx.execute(text(sql), {"topic": topic_id, "id": group.id})

    await here.app.parts.db.transact(write)


def threads(here: Scene, group: Chat) -> list[int | None]:
    """Return the topics of what the bot has said in a group."""
    return [message.thread for message in here.app.telegram.from_bot(group)]
