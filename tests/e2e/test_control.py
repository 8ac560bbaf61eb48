"""Staying in control, as players see it: /break, /usage, /mydata, /forgetme, in both languages."""

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, text

from bot.playground.models import User
from handlers import mydata
from handlers.words import Words
from services.forgotten import number_of
from tests.scene import Scene, last_file, pay, scene

EN, ES = Words("en"), Words("es")
PAID = {"free_messages_per_day": 0}


async def rows(here: Scene, statement: str) -> list[tuple[Any, ...]]:
    """Return what a statement reads."""

    def read(tx: Connection) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in tx.execute(text(statement))]

    return await here.app.parts.db.read(read)


async def alert(here: Scene, user: User, message_id: int, data: str) -> str:
    """Press a button that may be gone by now and return the words of the alert."""
    answer = await here.app.telegram.press(user, user.id, message_id, data, forged=True)
    await here.app.settled()
    assert answer is not None
    return str(answer.get("text", ""))


async def forget(here: Scene, user: User) -> str:
    """Have a player forgotten and return what the last screen says then."""
    words = ES if user is here.ana else EN
    await here.ask(user, "/forgetme")
    await here.press(user, words.plain("button.forget_on"))
    return await here.press(user, words.plain("button.forget"))


async def test_a_break_is_asked_once_more_and_shown(database_url: str) -> None:
    async with scene(database_url) as here:
        assert "Haz una pausa" in await here.ask(here.ana, "/break")
        assert here.buttons(here.ana) == ["1 día", "7 días", "30 días"]
        assert "¿Una pausa de 7 días?" in await here.press(here.ana, "7 días")
        done = await here.press(here.ana, "Sí, 7 días")
        assert "28 nov 2026, 12:00 UTC" in done
        for command in ("/me", "/limit", "/break"):
            assert "Estás en pausa hasta el 28 nov 2026" in await here.ask(here.ana, command)
        declined = await here.ask(here.ana, "/play hola")
        assert "Estás en pausa hasta el 28 nov 2026" in declined
        assert "pausa" in await here.ask(here.ana, "/contribute 5")
        assert "pausa" not in await here.ask(here.ana, "hola")


async def test_a_break_that_is_not_wanted_changes_nothing(database_url: str) -> None:
    async with scene(database_url) as here:
        await here.ask(here.ben, "/break 30")
        assert await here.press(here.ben, "Cancel") == EN("break.kept")
        assert await rows(here, "SELECT break_until FROM player WHERE break_until IS NOT NULL") == []
        assert EN.plain("break.screen") in await here.ask(here.ben, "/break 3650")


async def test_a_price_that_was_asked_before_a_break_is_not_paid_in_it(database_url: str) -> None:
    async with scene(database_url, **PAID) as here:
        await here.ask(here.ben, "hello")
        asked, data = here.app.last_id(here.ben), here.app.buttons(here.ben)["Pay 5 and send"]
        await here.ask(here.ben, "/break 1")
        await here.press(here.ben, "Yes, 1 day")
        assert "on a break until" in await alert(here, here.ben, asked, data)
        assert await rows(here, "SELECT state FROM turn") == [("asking",)]


async def test_a_group_is_not_told_of_a_break_and_not_flooded(database_url: str) -> None:
    async with scene(database_url) as here:
        assert EN("private.pointer") in await here.ask(here.ben, "/break", here.group)
        await here.ask(here.ben, "/break 1")
        await here.press(here.ben, "Yes, 1 day")
        first = await here.ask(here.ben, "/ask one", here.group)
        assert first == EN("error.on_break.group")
        assert await here.ask(here.ben, "/ask two", here.group) == ""


async def test_usage_is_short_and_that_of_all_for_operators_alone(database_url: str) -> None:
    async with scene(database_url) as here:
        await here.ask(here.ana, "hola")
        await pay(here, here.ana, "/play hola")
        await here.ask(here.ana, "/limit day 100")
        said = await here.ask(here.ana, "/usage")
        assert "Hoy: 1 gratis (4 por usar), 1 de pago; gastaste 5 créditos" in said
        assert "95 créditos para hoy" in said
        assert await here.ask(here.ana, "/usage all") == said
        assert EN.plain("usage.all_title") in await here.ask(here.ben, "/usage all")


async def test_mydata_is_a_file_in_private_alone(database_url: str) -> None:
    async with scene(database_url) as here:
        await here.ask(here.ana, "un secreto mío")
        assert ES.plain("private.pointer") in await here.ask(here.ana, "/mydata", here.group)
        await here.ask(here.ana, "/mydata")
        found = json.loads(last_file(here, here.ana))
        assert (found["profile"]["telegram_id"], found["profile"]["username"]) == (here.ana.id, "ana")
        assert [turn["text"] for turn in found["turns"]] == ["un secreto mío"]


async def test_mydata_that_is_too_large_for_telegram_comes_zipped(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mydata, "FILE_MOST", 0)
    async with scene(sqlite_url) as here:
        await here.ask(here.ana, "un secreto mío")
        await here.ask(here.ana, "/mydata")
        with zipfile.ZipFile(io.BytesIO(last_file(here, here.ana))) as archive:
            found = json.loads(archive.read(mydata.NAME))
        assert [turn["text"] for turn in found["turns"]] == ["un secreto mío"]


async def test_a_forgotten_player_is_nobody_until_he_writes_again(database_url: str) -> None:
    async with scene(database_url) as here:
        await pay(here, here.ana, "/play hola")
        await pay(here, here.ana, "/ask hola", here.group)
        key = await here.player_key(here.ana.id)
        assert key is not None
        assert await forget(here, here.ana) == ES("forget.done")
        assert await here.player_key(here.ana.id) is None
        assert "Ana" not in await here.ask(here.ben, "/top", here.group)
        assert await rows(here, f"SELECT name, telegram_id FROM player WHERE id = {key}") == [
            ("", number_of(key))
        ]
        said = await here.ask(here.ana, "/start")
        assert "985" in said
        assert "Ana" in said
        assert await here.player_key(here.ana.id) == key


async def test_t03_the_button_of_forgetting_pressed_twice_brings_nobody_back(database_url: str) -> None:
    async with scene(database_url) as here:
        await here.ask(here.ben, "/forgetme")
        await here.press(here.ben, "Go on")
        message_id, data = here.app.last_id(here.ben), here.app.buttons(here.ben)["Yes, forget me"]
        await here.press(here.ben, "Yes, forget me")
        assert await alert(here, here.ben, message_id, data) == EN.plain("error.forgotten")
        assert here.app.last(here.ben) == EN("forget.done")
        here.app.telegram.block(here.ben)
        await here.app.settled()
        assert await here.player_key(here.ben.id) is None
        assert await rows(here, "SELECT title FROM chat WHERE kind = 'private'") == [("",)]


async def test_who_is_sent_a_message_by_an_operator_after_being_forgotten_is_unknown(
    database_url: str,
) -> None:
    async with scene(database_url) as here:
        await here.ask(here.ana, "/start")
        await forget(here, here.ana)
        said = await here.ask(here.ben, f"/grant {here.ana.id} 5 thanks")
        assert said == EN("error.no_such_player")


async def test_the_timers_erase_what_the_updates_say(database_url: str) -> None:
    async with scene(database_url) as here:
        await here.ask(here.ana, "Wintergreen")
        await forget(here, here.ana)
        here.app.clock.move(timedelta(minutes=2))
        await here.app.parts.upkeep.run_timers()
        bodies = await rows(here, "SELECT body FROM inbox")
        assert not any(str(here.ana.id).encode() in bytes(body) for (body,) in bodies)
        facts = await rows(here, "SELECT facts FROM outbox")
        assert not any("Wintergreen" in str(one) for (one,) in facts)
