"""Duels looked back at, end to end: history, answers, proofs, reports of questions, the week, signs of cheating."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.verify_duel import verify
from tests.duel_scene import duel_scene, play
from tests.scene import Scene, last_file
from tests.stand_ins import EN, ES


@asynccontextmanager
async def played(url: str) -> AsyncIterator[Scene]:
    """Give a scene in which Ana won a duel against Ben."""
    async with duel_scene(url) as here:
        await play(here, here.ana, right=4)
        await play(here, here.ben, right=1)
        yield here


def button(here: Scene, key: str, **facts: object) -> str:
    """Return what a button says to Ana."""
    return ES.plain(f"button.{key}", **facts)


async def test_history_leads_to_a_duel_to_its_answers_and_back(sqlite_url: str) -> None:
    async with played(sqlite_url) as here:
        shown = await here.ask(here.ana, "/duels")
        assert "🟢 D1" in shown
        assert "+300" in shown
        duel = await here.press(here.ana, "D1")
        assert ES("duels.result_won", stake=500, returned=800).split("<b>")[1][:6] in duel
        assert "Ben" in duel
        first = await here.press(here.ana, button(here, "duel_answers"))
        assert ES.plain("review.by_both") in first or ES.plain("review.by_mine") in first
        assert "wikipedia.org" in first
        second = await here.press(here.ana, ES.plain("button.question_after", n=2))
        assert first != second
        assert await here.press(here.ana, "D1") == duel
        assert (await here.press(here.ana, button(here, "duels"))).startswith(shown[:10])
        assert (await here.ask(here.ana, "/receipt D1")) == duel


async def test_the_news_of_a_settled_duel_leads_to_its_answers(sqlite_url: str) -> None:
    async with played(sqlite_url) as here:
        result = here.app.last(here.ana)
        seen = await here.press(here.ana, button(here, "duel_answers"))
        assert seen != result
        assert "wikipedia.org" in seen
        assert ES("duel_week.own", rating=1_662, spread=580, n=1) in await here.ask(here.ana, "/me")


async def test_the_credits_of_a_duel_are_in_the_history_of_credits(sqlite_url: str) -> None:
    async with played(sqlite_url) as here:
        assert EN.plain("history.kind.duel_lost") in await here.ask(here.ben, "/history")
        shown = await here.press(here.ben, EN.plain("history.filter.duels"))
        assert EN.plain("history.kind.duel_lost") in shown
        assert EN.plain("history.kind.welcome") not in shown


async def test_the_loser_sees_his_side_and_nobody_the_others_number(sqlite_url: str) -> None:
    async with played(sqlite_url) as here:
        assert "🔴 D2" in await here.ask(here.ben, "/duels")
        assert "Ana" in await here.press(here.ben, "D2")
        assert await here.ask(here.ben, "/receipt D1") == EN("error.duel_not_found", number="D1")


async def test_a_proof_holds_and_a_group_is_pointed_to_private(sqlite_url: str) -> None:
    async with played(sqlite_url) as here:
        await here.ask(here.ana, "/duels")
        await here.press(here.ana, "D1")
        await here.press(here.ana, button(here, "duel_proof"))
        content = last_file(here, here.ana)
        assert verify(content) is None
        assert len(json.loads(content)["questions"]) == 5
        assert await here.ask(here.ana, "/duels", here.group) == ES("private.pointer")


async def test_a_reported_question_is_withdrawn_and_the_loser_gets_his_stake_back(sqlite_url: str) -> None:
    async with played(sqlite_url) as here:
        await here.ask(here.ana, "/duels")
        await here.press(here.ana, "D1")
        await here.press(here.ana, button(here, "duel_answers"))
        seen = await here.press(here.ana, button(here, "bad_question"))
        assert ES.plain("review.reported") in seen
        assert button(here, "bad_question") not in here.buttons(here.ana)
        asked = await here.ask(here.ben, "/reports")
        assert asked.startswith("1 report")
        await here.press(here.ben, EN.plain("button.question_withdraw"))
        await here.app.parts.upkeep.run_timers()
        await here.app.settled()
        assert await here.ask(here.ben, "/reports") == EN("reports.none")
        await here.ask(here.ben, "/duels")
        assert "receipt" in await here.press(here.ben, "D2")


async def test_reports_and_signs_exist_for_operators_in_private_alone(sqlite_url: str) -> None:
    async with played(sqlite_url) as here:
        for command in ("/reports", "/signs"):
            assert await here.ask(here.ana, command) == ES.plain("error.unknown_command")
            assert await here.ask(here.ben, command, here.group) == ""


async def test_a_tap_freezes_a_player_and_another_lets_him_go(sqlite_url: str) -> None:
    async with played(sqlite_url) as here:
        signs = await here.ask(here.ben, "/signs")
        freeze = next(name for name in here.buttons(here.ben) if "Ana" in name)
        assert EN.plain("signs.fast", ms=300) in signs
        frozen = await here.press(here.ben, freeze)
        assert "❄️ Ana" in frozen
        assert await here.ask(here.ana, "/play hola") == ES.plain("error.player_frozen")
        await here.press(here.ben, next(name for name in here.buttons(here.ben) if "Ana" in name))
        assert await here.ask(here.ana, "/play hola") != ES.plain("error.player_frozen")


async def test_the_week_and_the_rating_are_shown(sqlite_url: str) -> None:
    async with played(sqlite_url) as here:
        await here.ask(here.ana, "/duels")
        week = await here.press(here.ana, button(here, "duel_week"))
        assert week.index("Ana") < week.index("Ben")
        by_rating = await here.press(here.ana, button(here, "duel_week_rating"))
        assert by_rating.index("Ana") < by_rating.index("Ben")
        assert "1.662" in by_rating
        assert "1.662" in await here.ask(here.ana, "/me")
        await here.ask(here.ben, "/top", here.group)
        assert EN.plain("duel_week.empty") in await here.press(
            here.ben, EN.plain("button.duel_week"), here.group
        )


async def test_a_group_without_a_pot_has_the_duels_alone(sqlite_url: str) -> None:
    async with duel_scene(sqlite_url, pot_enabled=False) as here:
        assert EN.plain("duel_week.empty") in await here.ask(here.ben, "/top", here.group)


async def test_with_duels_switched_off_nothing_leads_to_them(sqlite_url: str) -> None:
    async with duel_scene(sqlite_url, duels_enabled=False) as here:
        await here.ask(here.ben, "/top", here.group)
        assert EN.plain("button.duel_week") not in here.buttons(here.group)
        assert EN.plain("duels.empty") in await here.ask(here.ben, "/duels")
        assert EN.plain("button.duel_week") not in here.buttons(here.ben)


async def test_terms_and_privacy_speak_of_duels_only_where_there_are_some(sqlite_url: str) -> None:
    async with duel_scene(sqlite_url) as here:
        assert "the house keeps 200" in await here.ask(here.ben, "/terms")
        assert EN.plain("privacy.duels") in await here.ask(here.ben, "/privacy")
    async with duel_scene(sqlite_url, duels_enabled=False) as here:
        assert "Duels" not in await here.ask(here.ben, "/terms")
        assert EN.plain("privacy.duels") not in await here.ask(here.ben, "/privacy")
