"""Settings of a group by buttons: who may, what they change, and that nobody else's press does anything."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, select

from bot.playground.models import Chat, User
from db.models.people import chat
from handlers.words import Words
from tests.scene import Scene, pay, scene

EN, ES = Words("en"), Words("es")
NOT_ADMIN = EN.plain("error.not_admin")
PAID: dict[str, Any] = {"free_messages_per_day": 0, "chance_ppm_per_credit": 1}


@asynccontextmanager
async def group_scene(url: str, **settings: Any) -> AsyncIterator[Scene]:
    """Run the bot in a group whose admin is Ben; Ana is a member."""
    async with scene(url, **{**PAID, **settings}) as here:
        here.app.telegram.set_member(here.group, here.ben, "administrator")
        yield here


async def stored(here: Scene, name: str) -> Any:
    """Return a column of the group's row."""

    def read(tx: Connection) -> Any:
        return tx.scalar(select(chat.c[name]).where(chat.c.telegram_id == here.group.id))

    return await here.app.parts.db.read(read)


async def walk(here: Scene, user: User, *buttons: str, where: Chat | None = None) -> str:
    """Press buttons one after the other and return what stands there then."""
    text = ""
    for button in buttons:
        text = await here.press(user, button, where or here.group)
    return text


async def test_t21_only_admins_of_the_group_see_and_change_its_settings(sqlite_url: str) -> None:
    async with group_scene(sqlite_url) as here:
        assert await here.ask(here.ana, "/settings", here.group) == ES("error.not_admin")
        assert "Settings of Friends" in await here.ask(here.ben, "/settings", here.group)
        shown = await walk(here, here.ben, "Report", "Every day")
        assert "every day at 18:00" in shown
        assert await stored(here, "report") == "daily"


async def test_t21_an_admin_who_is_none_any_more_changes_nothing(sqlite_url: str) -> None:
    async with group_scene(sqlite_url) as here:
        await here.ask(here.ben, "/settings", here.group)
        here.app.telegram.set_member(here.group, here.ben, "member")
        here.app.clock.move(timedelta(seconds=61))
        here_id = here.app.last_id(here.group)
        answer = await here.app.press(here.ben, here.group, here_id, "Short receipts")
        assert answer is not None
        assert answer["text"] == NOT_ADMIN
        assert await stored(here, "quiet") is False


async def test_t18_another_members_press_only_tells_him_so(sqlite_url: str) -> None:
    async with group_scene(sqlite_url) as here:
        await here.ask(here.ben, "/settings", here.group)
        answer = await here.app.press(here.ana, here.group, here.app.last_id(here.group), "Short receipts")
        assert answer is not None
        assert answer["text"] == ES.plain("error.not_yours")
        assert await stored(here, "quiet") is False


async def test_all_settings_are_reached_by_buttons_of_one_message(sqlite_url: str) -> None:
    async with group_scene(sqlite_url) as here:
        await here.ask(here.ben, "/settings", here.group)
        message = here.app.last_id(here.group)
        await walk(here, here.ben, "Report", "Every Monday", "Hour", "07")
        zones = await walk(here, here.ben, "Time zone", "Next ›", "‹ Previous", "‹ Previous")
        assert "Page 2 of 6" in zones
        assert "New York (UTC−5)" not in here.buttons(here.group)
        await walk(here, here.ben, "Bogota (UTC−5)", "Short receipts")
        shown = await walk(here, here.ben, "Language", "Español")
        assert here.app.last_id(here.group) == message
        assert "los lunes a las 07:00" in shown
        assert "Recibos: cortos" in shown
        assert [
            await stored(here, name) for name in ("report", "report_hour", "language", "quiet", "timezone")
        ] == [
            "weekly",
            7,
            "es",
            True,
            "America/Bogota",
        ]


async def test_without_its_pot_every_text_of_the_group_about_pots_is_gone(sqlite_url: str) -> None:
    async with group_scene(sqlite_url) as here:
        await here.ask(here.ben, "/settings", here.group)
        await walk(here, here.ben, "Pot", "Switch it off")
        assert await stored(here, "pot_on") is False
        for command in ("/pot", "/contribute 5"):
            assert await here.ask(here.ben, command, here.group) == EN("error.pots_off")
        assert (await here.ask(here.ben, "/top", here.group)).startswith(
            "This group's challenges of this week"
        )
        texts = [await here.ask(here.ben, one, here.group) for one in ("/help", "/start", "/price")]
        assert not [text for text in texts if "pot" in text.lower().replace("potluck", "")]
        await pay(here, here.ben, "/ask hello", here.group)
        assert here.app.last(here.group).endswith("3 credits")
        assert "pot" in (await here.ask(here.ben, "/pot")).lower()


async def test_a_quiet_group_gets_short_receipts(sqlite_url: str) -> None:
    async with group_scene(sqlite_url) as here:
        await here.ask(here.ben, "/settings", here.group)
        await walk(here, here.ben, "Short receipts")
        await pay(here, here.ben, "/ask hello", here.group)
        assert here.app.last(here.group).endswith("\n5 credits · ticket 1")


async def test_the_language_of_the_group_holds_for_everybody_in_it(sqlite_url: str) -> None:
    async with group_scene(sqlite_url) as here:
        await here.ask(here.ben, "/settings", here.group)
        await walk(here, here.ben, "Language", "English")
        assert "Prize now" in await here.ask(here.ana, "/pot", here.group)
        assert "Premio ahora" in await here.ask(here.ana, "/pot")


async def test_in_private_settings_point_to_groups(sqlite_url: str) -> None:
    async with group_scene(sqlite_url) as here:
        assert await here.ask(here.ben, "/settings") == EN.plain("settings.private")
        assert await here.ask(here.ben, "/top") == EN.plain("top.private")


async def test_t32_titles_with_markup_are_shown_harmless(sqlite_url: str) -> None:
    async with group_scene(sqlite_url) as here:
        here.group.title = "<b>Fr\u202eiends</b>"
        assert "Settings of <b>Friends</b>" in await here.ask(here.ben, "/settings", here.group)


async def test_t19_changed_data_of_settings_does_nothing(sqlite_url: str) -> None:
    async with group_scene(sqlite_url) as here:
        await here.ask(here.ben, "/settings", here.group)
        owner = await here.player_key(here.ben.id)
        message, before = here.app.last_id(here.group), here.app.last(here.group)
        for data in (
            "set:hour:99",
            "set:zone:-1",
            "set:pot:maybe",
            "set:language:xx",
            "set:id:7",
            "nothing",
            "zone:x",
        ):
            answer = await here.app.telegram.press(
                here.ben, here.group.id, message, f"n:settings:{data}:{owner}", forged=True
            )
            await here.app.settled()
            assert answer is not None
            assert answer["text"] == EN.plain("error.expired_button"), data
        assert here.app.last(here.group) == before


async def test_t22_an_anonymous_admin_is_asked_to_press_a_button_which_tells_who_it_is(
    sqlite_url: str,
) -> None:
    async with group_scene(sqlite_url) as here:
        here.app.telegram.set_member(here.group, here.ben, "administrator", anonymous=True)
        asked = await here.ask(here.ben, "/settings", here.group, sender_chat="anonymous")
        assert asked == EN("anonymous.settings")
        message = here.app.last_id(here.group)
        refused = await here.app.press(here.ana, here.group, message, "Open the settings")
        assert refused is not None
        assert refused["text"] == ES.plain("error.not_admin")
        assert "Settings of Friends" in await here.press(here.ben, "Open the settings", here.group)
        await here.press(here.ben, "Short receipts", here.group)
        assert await stored(here, "quiet") is True
