"""Updates doubled, renumbered, shuffled and damaged, by polling and by webhook: all once, and the line goes on."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest

from bot.playground.telegram import Telegram
from bot.queues import Queues
from tests.app import Running, assert_books_are_right, running
from tests.reliability.letters import Letter, broken, damaged, doubled, held_back, put
from tests.reliability.storm import STORM, Echo, Party, assert_booked_once, rows
from tests.stand_ins import inbox_of, logged, running_webhook

FIRST_ID, LAST_ID = 600_000_000, 700_000_000
DAMAGED, BROKEN = 60, 6
PATIENCE_SECONDS = 60
SETTINGS: dict[str, Any] = {**STORM, "update_tries": 2}


@asynccontextmanager
async def party_at(
    database_url: str, mode: str, seed: int, *, check: bool = True
) -> AsyncIterator[tuple[Party, Running]]:
    """Run a bot with players who have paid once; without ``check`` only its books are judged, not its calls."""
    party = Party(Telegram(backoff=lambda attempt: attempt / 10), seed)
    run = running if mode == "polling" else running_webhook
    bot: AbstractAsyncContextManager[Running] = run(
        database_url, telegram=party.telegram, model=Echo(), check=check, **SETTINGS
    )
    async with bot as app:
        await party.agree(app)
        yield party, app
    assert_books_are_right(database_url)


async def all_taken(party: Party, app: Running) -> None:
    """Let a player write something under the highest number, and wait until all is done."""
    party.ask(party.players[0])
    await party.telegram.drained(PATIENCE_SECONDS)
    async with asyncio.timeout(PATIENCE_SECONDS):
        await app.settled()


@pytest.mark.parametrize("mode", ["polling", "webhook"])
@pytest.mark.parametrize("seed", range(2))
async def test_t01_t02_t03_t07_whatever_comes_again_under_whatever_number_acts_once(
    database_url: str, mode: str, seed: int
) -> None:
    async with party_at(database_url, mode, seed) as (party, app):
        for player in party.players:
            await app.say(player, player, "/contribute 10")
        with held_back(party.telegram) as letters:
            party.ask_all(3)
            for player in party.players:
                party.telegram.press(player, player.id, app.last_id(player), "Yes, do it")
        chance = random.Random(seed)
        for number, text in doubled(letters, FIRST_ID, chance):
            item = party.telegram.updates.add_odd(text, queue=f"way {chance.randrange(4)}", update_id=number)
            assert item.update_id == number
        party.telegram.updates.next_id = LAST_ID
        await all_taken(party, app)
        party.assert_all_answered(at_most=1)
        await assert_booked_once(app, party)
        gifts = await rows(
            app, "SELECT player_id, COUNT(*) FROM entry WHERE kind = 'gift' GROUP BY player_id"
        )
        assert [count for _, count in gifts] == [1] * len(party.players)


@pytest.mark.parametrize("mode", ["polling", "webhook"])
@pytest.mark.parametrize("seed", range(4))
async def test_t09_t10_damaged_updates_are_set_aside_as_they_came_and_the_line_goes_on(
    sqlite_url: str, mode: str, seed: int
) -> None:
    chance, sent = random.Random(seed), {}

    def damage(letter: Letter, number: int) -> str:
        return damaged(letter, number, chance, is_deep=mode == "polling")  # a webhook refuses those

    # Calls that a damaged update leads to name chats and presses by its damaged numbers.
    async with party_at(sqlite_url, mode, seed, check=False) as (party, app):
        victim = party.telegram.add_user("Victim", language_code="en")
        with held_back(party.telegram) as letters:
            for n in range(DAMAGED):
                place = chance.choice((victim, victim, party.players[0]))
                party.telegram.say(place, place, f"damaged {n}")
                if n % 4 == 0:
                    party.telegram.press(place, place.id, 1, f"b:{n}", forged=True)
        with logged() as log:
            for letter in letters:
                number, text = put(party.telegram, letter, damage)
                sent[number] = text.encode()
                if number % 5 == 0:
                    party.ask(chance.choice(party.players))
            await all_taken(party, app)
        found = party.answers()
        assert {question: said for question, said in found.items() if len(said) > 1} == {}
        assert party.asked.keys() <= found.keys()
        stored = await inbox_of(app)
        assert {number: stored[number][1] for number in sent} == sent
        assert {state for state, _ in stored.values()} == {"done", "parked"}
        bugs = [line for line in log.lines if line["level"] == "critical"]
        assert [line for line in bugs if line.get("update_id") not in sent] == []


@pytest.mark.parametrize("seed", range(2))
async def test_t09_t10_what_is_no_json_at_all_holds_up_nobody_when_polling(
    sqlite_url: str, seed: int
) -> None:
    chance = random.Random(seed)
    async with party_at(sqlite_url, "polling", seed) as (party, app):
        with held_back(party.telegram) as letters:
            for n in range(BROKEN):
                party.telegram.say(party.players[0], None, f"broken {n}")
        numbers = set()
        for letter in letters:
            party.ask(chance.choice(party.players))
            number, _ = put(party.telegram, letter, lambda one, n: broken(one, n, chance))
            numbers.add(number)
        await all_taken(party, app)
        party.assert_all_answered(at_most=1)
        stored = await inbox_of(app)
        assert {number for number, (state, _) in stored.items() if state == "parked"} == numbers


async def test_an_item_whose_work_fails_holds_up_none_of_those_behind_it() -> None:
    """Nothing that is done with an item may fail; if it does all the same, it is told as a bug."""
    done: list[int] = []

    async def work(item: int) -> None:
        if item == 1:
            raise ValueError("a bug")
        done.append(item)

    queues = Queues(work, name="line")
    with logged() as log:
        for item in range(4):
            queues.put("key", item, item)
        await queues.idle()
    assert done == [0, 2, 3]
    assert queues.held == []
    assert [line["step"] for line in log.of("error")] == ["line"]
