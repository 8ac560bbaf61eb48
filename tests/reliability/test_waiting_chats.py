"""200 chats wait for a slow model at once: others don't feel it, memory stays small, nobody pays twice."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from bot.playground.models import Chat, User
from bot.playground.telegram import Telegram
from services.ports import Question
from tests.app import Running, running
from tests.child import telegram_server
from tests.stand_ins import FAST, PAID

CHATS, OTHERS, ROUNDS = 200, 15, 3
MODEL_SECONDS = 5.0
PIECES = 20
LIMIT_SECONDS = 0.5
LIMIT_MIB = 150
PATIENCE_SECONDS = 120


class SlowModel:
    """Says "fine" at once to what is short; takes 5 s for all else once it is let, and shows how far it is."""

    def __init__(self) -> None:
        self.under_way = 0
        self.all_are_there = asyncio.Event()
        self.goes_on = asyncio.Event()

    async def reply(self, question: Question) -> AsyncIterator[str]:
        """Yield the answer."""
        if not question.text.startswith("slowly"):
            yield "fine"
            return
        self.under_way += 1
        if self.under_way == CHATS:
            self.all_are_there.set()
        await self.goes_on.wait()
        for number in range(PIECES):
            yield f"**word{number}** "
            await asyncio.sleep(MODEL_SECONDS / PIECES)
        self.under_way -= 1
        self.all_are_there.clear()
        yield f"to: {question.text}."


class People:
    """Players with a chat each, half of them a group; and some who only look."""

    def __init__(self, telegram: Telegram) -> None:
        self.telegram = telegram
        self.players = [telegram.add_user(f"Player {n}", language_code="en") for n in range(CHATS)]
        self.others = [telegram.add_user(f"Other {n}", language_code="en") for n in range(OTHERS)]
        self.places: list[Chat | User] = [
            telegram.add_group(f"Group {n}", [player]) if n % 2 else player
            for n, player in enumerate(self.players)
        ]

    async def agree(self, app: Running) -> None:
        """Let every player pay for his first message, about which he is asked, and the others say hello."""
        for player, place in zip(self.players, self.places, strict=True):
            self.telegram.say(player, place, "/ask hello")
        for other in self.others:
            self.telegram.say(other, other, "/start")
        await self._settled(app)
        for player, place in zip(self.players, self.places, strict=True):
            (message,) = (one for one in self.telegram.from_bot(place) if "Pay 5" in str(one.markup))
            self.telegram.press(player, message.chat, message.id, "Pay 5 and send")
        await self._settled(app)

    async def ask(self, app: Running, model: SlowModel, word: str) -> list[float]:
        """Let all players ask at once; return how long commands of others took while all of them waited."""
        for player, place in zip(self.players, self.places, strict=True):
            self.telegram.say(player, place, f"/ask slowly {word} {player.id}")
        async with asyncio.timeout(PATIENCE_SECONDS):
            await model.all_are_there.wait()
            await self.telegram.drained(PATIENCE_SECONDS)
            await app.parts.lanes.idle()
        model.goes_on.set()
        seconds = [await self._look(other) for other in self.others]
        assert model.under_way == CHATS, "not all waited any more"
        model.goes_on.clear()
        await self._settled(app)
        return seconds

    async def _look(self, other: User) -> float:
        before, began = len(self.telegram.texts(other)), time.perf_counter()
        self.telegram.say(other, other, "/price")
        await self.telegram.wait_for(lambda: len(self.telegram.texts(other)) > before, PATIENCE_SECONDS)
        return time.perf_counter() - began

    async def _settled(self, app: Running) -> None:
        await self.telegram.drained(PATIENCE_SECONDS)
        await app.settled()


@pytest.mark.timeout(PATIENCE_SECONDS * 3)
async def test_200_chats_that_wait_for_a_slow_model_slow_down_nobody_and_pay_once(
    database_url: str, record_property: Any
) -> None:
    """The bot talks to its Telegram over HTTP; both are in this process, so the figures are both's together."""
    telegram, model = Telegram(limits=None), SlowModel()
    people = People(telegram)
    async with telegram_server(telegram) as url:
        settings: dict[str, Any] = {"bot_api_url": url, "welcome_budget_credits": 10**9, **PAID, **FAST}
        async with running(database_url, telegram=telegram, model=model, **settings) as app:
            await people.agree(app)
            before, rounds = resident_mib(), []
            for number in range(ROUNDS):  # another program on this machine may spoil one
                rounds.append(await people.ask(app, model, f"round-{number}"))
                if max(rounds[-1]) < LIMIT_SECONDS:
                    break
            grown = resident_mib() - before
            best = min(rounds, key=max)
            mean = sum(best) / len(best)
            print(
                f"{database_url.partition(':')[0]}: {len(best)} commands beside {CHATS} chats, "
                f"{mean:.3f} s on average and {max(best):.3f} s at most, {grown:.0f} MiB more"
            )
            record_property("slowest_command_seconds", round(max(best), 3))
            assert max(best) < LIMIT_SECONDS
            assert grown < LIMIT_MIB
            assert_answered_once(people, len(rounds))
            charges = await app.parts.db.read(charges_of)
            assert charges == dict.fromkeys(charges, 1 + len(rounds))
            assert len(charges) == CHATS


def assert_answered_once(people: People, rounds: int) -> None:
    """Look for one answer to every question, whole, where it was asked."""
    for player, place in zip(people.players, people.places, strict=True):
        ends = Counter(
            said.partition("to: slowly ")[2].partition(".")[0] for said in people.telegram.texts(place)
        )
        for number in range(rounds):
            assert ends[f"round-{number} {player.id}"] == 1


def charges_of(tx: Connection) -> dict[int, int]:
    """Return how often each player was charged for a message."""
    query = "SELECT player_id, COUNT(*) AS n FROM entry WHERE kind = 'message' GROUP BY player_id"
    return {row.player_id: row.n for row in tx.execute(text(query))}


def resident_mib() -> float:
    """Return how much memory this process has now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4_096 / 2**20
