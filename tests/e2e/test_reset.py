"""/reset in a group, from the command to the money in the wallets: by admins alone, asked once more, announced."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from bot.playground.models import User
from handlers.words import Words
from tests.scene import Scene, pay, scene

EN, ES = Words("en"), Words("es")
CARRY, REFUND = EN.plain("button.reset_carry"), EN.plain("button.reset_refund")
CANCEL = EN.plain("button.cancel")
WEEK_AND_MORE = timedelta(days=8)
NEVER_WON = {"chance_ppm_per_credit": 1, "free_messages_per_day": 0}


@asynccontextmanager
async def group_scene(database_url: str) -> AsyncIterator[Scene]:
    """Run the bot in a group whose admin is Ben; he and Ana have paid there."""
    async with scene(database_url, **NEVER_WON) as here:
        here.app.telegram.set_member(here.group, here.ben, "administrator")
        await here.ask(here.ana, "/start")
        for user in (here.ana, here.ben):
            await pay(here, user, "/ask hello", here.group)
        yield here


async def balance(here: Scene, user: User) -> str:
    """Return what /balance says."""
    return await here.ask(user, "/balance")


async def after_a_week(here: Scene) -> None:
    """Let time pass."""
    here.app.clock.move(WEEK_AND_MORE)


async def test_t24_an_admin_carries_the_pot_over(database_url: str) -> None:
    async with group_scene(database_url) as here:
        asked = await here.ask(here.ben, "/reset", here.group)
        assert all(part in asked for part in ("Close round 1?", "10 credits", "Carry over", "7 days"))
        assert here.buttons(here.group) == [CARRY, CANCEL]
        said = await here.press(here.ben, CARRY, here.group)
        assert all(part in said for part in ("Ben closed round 1", "round 2 begins with 10 credits"))
        assert EN("reset.confirmed") in here.app.texts(here.group)
        assert await here.ask(here.ben, "/reset", here.group) == EN("error.reset_today")


async def test_t24_an_admin_pays_the_pot_back_and_gets_no_more_than_he_put_in(database_url: str) -> None:
    async with group_scene(database_url) as here:
        await after_a_week(here)
        asked = await here.ask(here.ben, "/reset", here.group)
        assert "10 credits together" in asked
        said = await here.press(here.ben, REFUND, here.group)
        assert "2 players get back exactly what they put in, 10 credits together" in said
        assert "995" in await balance(here, here.ana)
        await here.app.parts.upkeep.run_timers()
        await here.app.settled()
        assert here.app.last(here.ana).startswith("↩️ Recuperaste 5 créditos")
        assert EN.plain("refund.all_paid", n=2, amount=10, round_no=1) in here.app.last(here.group)
        for user in (here.ana, here.ben):
            assert "000" in await balance(here, user)


async def test_t21_a_member_who_is_no_admin_is_refused(sqlite_url: str) -> None:
    async with group_scene(sqlite_url) as here:
        assert await here.ask(here.ana, "/reset", here.group) == ES("error.not_admin")
        await here.ask(here.ben, "/reset", here.group)
        here.app.telegram.set_member(here.group, here.ana, "administrator")
        message_id = here.app.last_id(here.group)
        told = await here.app.press(here.ana, here.group, message_id, CARRY)
        assert told is not None
        assert told["text"] == ES.plain("error.not_yours")


async def test_t21_an_admin_who_is_none_any_more_at_the_press_is_refused(sqlite_url: str) -> None:
    async with group_scene(sqlite_url) as here:
        await here.ask(here.ben, "/reset", here.group)
        here.app.telegram.set_member(here.group, here.ben, "member")
        told = await here.app.press(here.ben, here.group, here.app.last_id(here.group), CARRY)
        assert told is not None
        assert told["text"] == EN.plain("error.not_admin")
        here.app.telegram.set_member(here.group, here.ben, "administrator")
        assert "Ben closed round 1" in await here.press(here.ben, CARRY, here.group)


async def test_the_round_goes_on_if_the_admin_says_no(sqlite_url: str) -> None:
    async with group_scene(sqlite_url) as here:
        await here.ask(here.ben, "/reset", here.group)
        assert await here.press(here.ben, CANCEL, here.group) == EN.plain("reset.kept")


async def test_a_second_press_is_told_that_it_is_done(sqlite_url: str) -> None:
    async with group_scene(sqlite_url) as here:
        await here.ask(here.ben, "/reset", here.group)
        message_id, data = here.app.last_id(here.group), here.app.buttons(here.group)[CARRY]
        for key in (None, "error.used_button.reset_carry"):
            told = await here.app.press(here.ben, here.group, message_id, data)
            assert told is not None
            assert key is None or told["text"] == EN.plain(key)


async def test_in_private_reset_only_tells_where_it_belongs(sqlite_url: str) -> None:
    async with group_scene(sqlite_url) as here:
        assert "group" in await here.ask(here.ben, "/reset")


async def test_help_and_the_menu_of_admins_list_it(sqlite_url: str) -> None:
    async with group_scene(sqlite_url) as here:
        assert "/reset" in await here.ask(here.ben, "/help", here.group)


@pytest.mark.parametrize("is_admin", [True, False])
async def test_t22_an_anonymous_admin_confirms_by_a_button_that_carries_his_id(
    sqlite_url: str, is_admin: bool
) -> None:
    async with group_scene(sqlite_url) as here:
        await here.app.say(here.ben, here.group, "/reset", sender_chat="anonymous")
        user = here.ben if is_admin else here.ana
        message_id = here.app.last_id(here.group)
        told = await here.app.press(user, here.group, message_id, EN.plain("button.reset_open"))
        if is_admin:
            assert here.buttons(here.group) == [CARRY, CANCEL]
            assert "Ben closed round 1" in await here.press(here.ben, CARRY, here.group)
        else:
            assert told is not None
            assert told["text"] == ES.plain("error.not_admin")
