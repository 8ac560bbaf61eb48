"""Challenges in groups: posted, accepted by link, played in private, told in the group; and what ends them."""

from datetime import timedelta

from bot.playground.models import Chat, Message, User
from tests.duel_scene import (
    answer,
    buttons_of,
    duel_scene,
    live,
    pass_time,
    stake_button,
    text_of,
)
from tests.scene import Scene
from tests.stand_ins import EN, ES


async def challenge(here: Scene, user: User, chat: Chat | None = None) -> Message:
    """Have a player challenge the group; return the post."""
    where = chat or here.group
    await here.ask(user, "/duel", where)
    names = ("Science", "Ciencia")
    name = next(name for name in here.buttons(where) if name in names)
    await here.press(user, name, where)
    return here.app.telegram.from_bot(where)[-1]


def link_of(post: Message) -> str:
    """Return the command to which the button of a post leads."""
    (button,) = buttons_of(post)
    return f"/start {button['url'].rpartition('start=')[2]}"


async def accept(here: Scene, user: User, post: Message, *, right: int) -> Message:
    """Have a player follow a post's link, stake and answer; return the message of his questions."""
    await here.ask(user, link_of(post))
    await here.press(user, stake_button(here, user))
    message = here.app.telegram.from_bot(user)[-1]
    for number in range(5):
        await answer(here, user, message, right=number < right)
    return message


async def test_a_challenge_from_its_post_to_its_result(database_url: str) -> None:
    async with duel_scene(database_url) as here:
        post = await challenge(here, here.ben)
        said = text_of(post)
        assert said.startswith("⚔️ Ben challenges you to a quiz duel in Science: 5 questions, 15 seconds")
        assert "Open until 21 Nov 2026, 12:30 UTC" in said or "12:30" in said
        shown = await here.ask(here.ana, link_of(post))
        assert shown.startswith("⚔️ Un reto de Ben\n\nCiencia\n5 preguntas")
        await accept(here, here.ana, post, right=2)
        assert "Tu propio" not in here.app.last(here.ana)
        assert (await here.ask(here.ben, link_of(post))).startswith("⚔️ Your own challenge\n\nScience")
        await accept(here, here.ben, post, right=3)
        told = here.app.last(here.group)
        assert told.startswith(
            "⚔️ Ben won the duel in Science against Ana: 3 of 5 right in 0.000 s, against 2 in"
        )
        assert "🔴" in here.app.last(here.ana)


async def test_the_commitment_of_the_post_is_that_of_the_questions(sqlite_url: str) -> None:
    async with duel_scene(sqlite_url) as here:
        post = await challenge(here, here.ben)
        await here.ask(here.ana, link_of(post))
        await here.press(here.ana, stake_button(here, here.ana))
        assert here.app.last(here.ana)[-64:] == text_of(post)[-64:]


async def test_only_the_first_who_accepts_plays(sqlite_url: str) -> None:
    async with duel_scene(sqlite_url) as here:
        eva = here.app.telegram.add_user("Eva", language_code="en")
        here.app.telegram.private_chat(eva)
        post = await challenge(here, here.ben)
        await here.ask(eva, link_of(post))
        await accept(here, here.ana, post, right=1)
        told = await here.app.press(eva, eva, here.app.last_id(eva), stake_button(here, eva))
        assert told is not None
        assert told["text"] == EN.plain("error.challenge_over")
        assert await here.ask(eva, link_of(post)) == EN("error.challenge_over")


async def test_a_challenge_that_nobody_accepts_says_so_where_it_stood(database_url: str) -> None:
    async with duel_scene(database_url) as here:
        post = await challenge(here, here.ben)
        await pass_time(here, timedelta(minutes=30))
        assert text_of(post) == EN.plain("challenge.expired", name="Ben", category="Science")
        assert buttons_of(post) == []
        assert await here.ask(here.ana, "/start duel_nothing") == ES("error.challenge_over")


async def test_a_challenger_has_one_open_challenge(sqlite_url: str) -> None:
    async with duel_scene(sqlite_url) as here:
        await challenge(here, here.ben)
        assert await refused(here, here.ben) == EN.plain("error.challenge_open")


async def test_a_challenger_needs_the_stake(sqlite_url: str) -> None:
    async with duel_scene(sqlite_url, welcome_grant_credits=499) as here:
        told = await refused(here, here.ben)
        assert "500 credits" in told
        assert here.app.last(here.group).startswith("A challenge")


async def refused(here: Scene, user: User) -> str:
    """Have a player ask for a challenge that can't be; return the words of the alert."""
    await here.ask(user, "/duel", here.group)
    told = await here.app.press(user, here.group, here.app.last_id(here.group), "Science")
    return str((told or {}).get("text"))


async def test_others_cannot_choose_for_who_asked(sqlite_url: str) -> None:
    async with duel_scene(sqlite_url) as here:
        await here.ask(here.ben, "/duel", here.group)
        told = await here.app.press(here.ana, here.group, here.app.last_id(here.group), "Science")
        assert told is not None
        assert told["text"] == ES.plain("error.not_yours")


async def test_t31_a_challenge_of_a_topic_stays_in_it(sqlite_url: str) -> None:
    async with duel_scene(sqlite_url) as here:
        forum = here.app.telegram.add_group("Forum", [here.ana, here.ben], forum=True)
        topic = here.app.telegram.add_topic(forum, "Games", by=here.ben).id
        await here.app.settled()
        await here.ask(here.ben, "/duel", forum, thread=topic)
        await here.press(here.ben, "Science", forum)
        post = here.app.telegram.from_bot(forum)[-1]
        assert post.thread == topic
        await accept(here, here.ana, post, right=2)
        await accept(here, here.ben, post, right=2)
        await live(here, 1)
        result = here.app.telegram.from_bot(forum)[-1]
        assert text_of(result).startswith("⚔️ A tie in Science between")
        assert result.thread == topic


async def test_t32_names_in_a_challenge_are_shown_harmless(sqlite_url: str) -> None:
    async with duel_scene(sqlite_url) as here:
        evil = here.app.telegram.add_user("<b>Eve</b>\u202e", language_code="en")
        here.app.telegram.private_chat(evil)
        club = here.app.telegram.add_group("Club", [evil, here.ana])
        await here.app.settled()
        post = await challenge(here, evil, club)
        assert text_of(post).startswith("⚔️ <b>Eve</b> challenges you")
