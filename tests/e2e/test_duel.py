"""Quiz duels as two players see them, in private: the way in, the questions, the end, in both languages."""

from datetime import timedelta

from bot.playground.models import Message, User
from tests.duel_scene import (
    answer,
    data_of,
    duel_scene,
    live,
    pass_time,
    play,
    stake,
    stake_button,
    text_of,
)
from tests.scene import Scene
from tests.stand_ins import EN, ES

COMMITMENT = r"[0-9a-f]{64}"


async def credits_of(here: Scene, telegram_id: int) -> int:
    """Return what a player has."""
    player_id = await here.player_key(telegram_id)
    assert player_id is not None
    view = await here.app.parts.application.bot_data["services"].overview(player_id=player_id, chat_id=1)
    assert view.held == 0
    return view.balance


async def test_the_way_in_says_what_is_staked_won_and_kept(database_url: str) -> None:
    async with duel_scene(database_url) as here:
        assert "quien gana recibe 800 y la casa se queda con 200" in await here.ask(here.ana, "/duel")
        names = ("Arte, música y cine", "Geografía", "Historia", "Deporte y ocio", "Naturaleza", "Ciencia")
        assert here.buttons(here.ana) == [*names, "Tecnología", "Libros y lenguas"]
        shown = await here.press(here.ana, "Ciencia")
        assert "5 preguntas y 15 segundos para todas" in shown
        assert "antes de 30 minutos" in shown
        assert here.buttons(here.ana) == [stake_button(here, here.ana), "‹ Volver"]
        await here.ask(here.ben, "/duel")
        await here.press(here.ben, "Science")
        assert here.buttons(here.ben)[0] == "Stake 500, win 800. The house keeps 200."


async def test_a_duel_from_the_stakes_to_the_bounty(database_url: str) -> None:
    async with duel_scene(database_url) as here:
        anas = await play(here, here.ana, right=5)
        assert text_of(anas).startswith("🟠 Ciencia: 5 de 5 respondidas.")
        await here.ask(here.ben, "/duel")
        assert "Science · 1 playing" in here.buttons(here.ben)
        bens = await play(here, here.ben, right=4)
        lost = text_of(bens)
        assert lost.startswith(
            "🔴 You lost the duel. Science\nYou: 4 of 5 right, 0.000 s. Ana: 5 of 5, 0.000 s."
        )
        assert "You have 500 now. (Receipt " in lost
        won = here.app.last(here.ana)
        assert won.startswith("🟢 Ganaste el duelo. Ciencia\nTú: 5 de 5 aciertos, 0,000 s. Ben: 4 de 5")
        assert "Ahora tienes 1.300." in won
        assert (await credits_of(here, here.ana.id), await credits_of(here, here.ben.id)) == (1_300, 500)


async def test_the_question_takes_its_own_place_and_shows_how_far_one_is(database_url: str) -> None:
    async with duel_scene(database_url) as here:
        message = await stake(here, here.ben)
        first = text_of(message)
        assert first.startswith("○○○○○  ▰▰▰▰▰▰▰▰▰▰ 15 seconds\n\n")
        assert len(here.buttons(here.ben)) == 4
        told = await answer(here, here.ben, message)
        assert not told.get("text")
        assert text_of(message).startswith("●○○○○  ▰▰▰▰▰▰▰▰▰▰ 15 seconds\n\n")
        assert text_of(message)[-64:] == first[-64:]
        here.app.clock.move(timedelta(seconds=4))
        await answer(here, here.ben, message)
        assert text_of(message).startswith("●●○○○  ▰▰▰▰▰▰▰▰▱▱ 11 seconds\n\n")
        assert here.app.last_id(here.ben) == message.id


async def test_t50_an_answer_again_or_to_a_later_question_changes_nothing(sqlite_url: str) -> None:
    async with duel_scene(sqlite_url) as here:
        message = await stake(here, here.ben)
        first = await data_of(here, message)
        await answer(here, here.ben, message)
        shown = text_of(message)
        later = (await data_of(here, message)).replace(":1:", ":2:")
        for data, key in (
            (first, "answered_before"),
            (later, "expired_button"),
            (f"{first}9", "expired_button"),
        ):
            assert await forge(here, here.ben, message, data) == EN.plain(f"error.{key}")
        assert text_of(message) == shown


async def test_t50_an_answer_for_anothers_duel_changes_nothing(sqlite_url: str) -> None:
    async with duel_scene(sqlite_url) as here:
        bens, anas = await stake(here, here.ben), await stake(here, here.ana)
        told = await forge(here, here.ana, anas, await data_of(here, bens))
        assert told == ES.plain("error.not_yours")
        assert text_of(bens).startswith("○")


async def test_t50_an_answer_after_the_time_and_the_grace_does_not_count(sqlite_url: str) -> None:
    async with duel_scene(sqlite_url) as here:
        message = await stake(here, here.ben)
        here.app.clock.move(timedelta(seconds=18, milliseconds=1))
        assert await forge(here, here.ben, message, await data_of(here, message)) == EN.plain(
            "error.duel_over"
        )


async def forge(here: Scene, user: User, message: Message, data: str) -> str:
    """Press a button that may not be there (any more) and return the words of the alert."""
    told = await here.app.telegram.press(user, user.id, message.id, data, forged=True)
    await here.app.settled()
    return str((told or {})["text"])


async def test_a_second_stake_is_refused_while_a_duel_is_open(sqlite_url: str) -> None:
    async with duel_scene(sqlite_url, welcome_grant_credits=2_000) as here:
        await play(here, here.ben)
        await here.ask(here.ben, "/duel")
        await here.press(here.ben, "Science · 1 playing")
        told = await here.app.press(
            here.ben, here.ben, here.app.last_id(here.ben), stake_button(here, here.ben)
        )
        assert told is not None
        assert told["text"] == EN.plain("error.open_duel")


async def test_without_an_opponent_the_stake_comes_back_with_the_bonus(database_url: str) -> None:
    async with duel_scene(database_url) as here:
        await play(here, here.ben, right=2)
        await pass_time(here, timedelta(minutes=31))
        told = here.app.last(here.ben)
        assert told.startswith(
            "⚪ Nobody was paired with your duel in Science in time. Your stake of 500 credits is back."
        )
        assert "there are 25 credits on top. You have 1,025 now." in told
        assert "right" not in told.replace("was right", "")


async def test_both_hear_of_a_tie(sqlite_url: str) -> None:
    async with duel_scene(sqlite_url) as here:
        await play(here, here.ana, right=3)
        bens = await play(here, here.ben, right=3)
        assert text_of(bens).startswith("⚪ A tie. Science\nYou: 3 of 5 right")
        assert here.app.last(here.ana).startswith("⚪ Empate. Ciencia")
        assert await credits_of(here, here.ben.id) == await credits_of(here, here.ana.id) == 1_000


async def test_whoever_waits_hears_that_somebody_plays(sqlite_url: str) -> None:
    async with duel_scene(sqlite_url) as here:
        await play(here, here.ana)
        await stake(here, here.ben)
        assert here.app.last(here.ana) == ES.plain("duel.paired", category="Ciencia")


async def test_t28_a_player_who_blocks_the_bot_loses_nothing_but_what_he_lost(sqlite_url: str) -> None:
    async with duel_scene(sqlite_url) as here:
        anas = await stake(here, here.ana)
        await answer(here, here.ana, anas)
        here.app.telegram.block(here.ana)
        await play(here, here.ben, right=3)
        await live(here, 20)
        assert here.app.last(here.ben).startswith("🟢 You won")
        assert await credits_of(here, here.ana.id) == 500


async def test_a_first_question_that_does_not_arrive_makes_the_duel_void(sqlite_url: str) -> None:
    async with duel_scene(sqlite_url) as here:
        await here.ask(here.ben, "/duel")
        await here.press(here.ben, "Science")
        here.app.telegram.faults.add("cut", method="sendMessage")
        await here.press(here.ben, stake_button(here, here.ben))
        told = here.app.last(here.ben)
        assert "so it doesn't count. Your 500 credits are back: you have 1,000." in told


async def test_where_duels_are_switched_off_nothing_speaks_of_them(sqlite_url: str) -> None:
    async with duel_scene(sqlite_url, duels_enabled=False) as here:
        for command in ("/duel", "/practice", "/start duel_x", "/start duel"):
            assert await here.ask(here.ben, command) == EN.plain("error.duels_off")
        for command in ("/help", "/help all", "/start"):
            assert "duel" not in (await here.ask(here.ben, command)).casefold()
        assert "⚔️ Duel" not in here.buttons(here.ben)
