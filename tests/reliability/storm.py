"""Bad weather: faults at any call of the Bot API by seeded chance, an event loop in a hurry, and who plays in it."""

import asyncio
import random
import selectors
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any, TypeVar

import httpx
from sqlalchemy import Connection, text

from bot.playground.faults import Fault, Faults
from bot.playground.models import Chat, User
from bot.playground.telegram import Telegram
from services.ports import Question
from tests.app import Running
from tests.stand_ins import ToProcess

SPEED = 20
"""How much faster than the world the hurried loop's time goes: a pause of a second takes 50 ms."""
PLAYERS = 5
CALL_SECONDS, POLL_SECONDS = 25.0, 60.0
"""Longer than the client waits for the answer of a call, and of a long poll."""
STORM: dict[str, Any] = {
    "free_messages_per_day": 0,
    "guard_limit_credits": 10**6,
    "queue_length": 10_000,
    "messages_per_minute": 10**6,
    "group_messages_per_minute": 10**6,
    "prize_cap_credits": 10,
    "update_tries": 50,
}
"""Settings under which every message is paid, nothing is asked twice and no queue is full."""

T = TypeVar("T")


class _Hurried(selectors.DefaultSelector):
    """Waits a fraction of what it is asked to."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return super().select(timeout / SPEED if timeout is not None and timeout > 0 else timeout)


class HurriedLoop(asyncio.SelectorEventLoop):
    """An event loop with sockets and threads, whose timers all come ``SPEED`` times as early."""

    def __init__(self) -> None:
        super().__init__(_Hurried())

    def time(self) -> float:
        """Return the loop's own time in seconds."""
        return time.monotonic() * SPEED


def run_hurried(work: Coroutine[Any, Any, T]) -> T:
    """Run ``work`` in a loop that hurries."""
    with asyncio.Runner(loop_factory=HurriedLoop) as runner:
        return runner.run(work)


class HurriedTelegram(Telegram):
    """A Telegram on which one waits for as long as usual in the world's time, and longer on a busy machine."""

    async def wait_for(self, predicate: Callable[[], T | None], timeout_seconds: float = 5.0) -> T:
        """Return the first truthy value of ``predicate``."""
        return await super().wait_for(predicate, timeout_seconds * SPEED * 4)


class Weather(Faults):
    """Hits each call by a chance that depends on the seed, the method, the chat and how often it was called."""

    kinds: Sequence[str] = ("429", "500", "502", "html", "cut", "lost", "slow")

    def __init__(self, seed: int, chance_percent: int) -> None:
        super().__init__()
        self.active = [Fault(id=0, kind="storm")]  # calls look for a fault only where there is one
        self.seed = seed
        self.chance_percent = chance_percent
        self.hits: Counter[str] = Counter()
        self._calls: Counter[str] = Counter()

    def take(self, method: str, chat_id: Any) -> Fault | None:
        """Return the fault that hits this call, or None."""
        call = f"{method} {chat_id}"
        self._calls[call] += 1
        chance = random.Random(f"{self.seed} {call} {self._calls[call]}")
        if not self.active or chance.randrange(100) >= self.chance_percent:
            return None
        kind = chance.choice(self.kinds)
        self.hits[kind] += 1
        seconds = POLL_SECONDS if method == "getUpdates" else CALL_SECONDS
        return Fault(id=0, kind=kind, retry_after=chance.randint(1, 4), seconds=seconds)


class BadWay(ToProcess):
    """A way to the webhook on which requests, and answers, are lost by seeded chance."""

    def __init__(self, seed: int, chance_percent: int) -> None:
        super().__init__()
        self._chance = random.Random(seed)
        self.chance_percent = chance_percent
        self.lost: Counter[str] = Counter()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Post to the process, unless the way is broken; the answer may be lost on the way back."""
        is_bad = self._chance.randrange(100) < self.chance_percent
        what = self._chance.choice(("request", "answer"))
        if is_bad:
            self.lost[what] += 1
        if is_bad and what == "request":
            raise httpx.ConnectError("the way is broken", request=request)
        response = await super().handle_async_request(request)
        if is_bad:
            await response.aread()
            raise httpx.ReadError("the way is broken", request=request)
        return response


class Echo:
    """A model that says what it was asked, so that every answer can be told from the others."""

    async def reply(self, question: Question) -> AsyncIterator[str]:
        """Yield the question's text."""
        yield f"echo {question.text} end"


class Party:
    """Players who write in private and in a group, and what they must find in the end."""

    def __init__(self, telegram: Telegram, seed: int = 0, players: int = PLAYERS) -> None:
        self.telegram = telegram
        self.players = [telegram.add_user(f"Player {n}", language_code="en") for n in range(players)]
        self.group = telegram.add_group("Friends", self.players)
        self.asked: dict[str, Chat | User] = {}
        self._chance = random.Random(seed)

    async def agree(self, app: Running) -> None:
        """Let every player pay for his first message, about whose price he is asked, while the weather is fine."""
        for player in self.players:
            await app.say(player, player, self._question(player, player))
            await app.press(player, player, app.last_id(player), "Pay 5 and send")

    def _question(self, player: User, where: Chat | User) -> str:
        question = f"{player.id}-{len(self.asked)}"
        self.asked[question] = where
        return question

    def ask(self, player: User) -> None:
        """Let a player ask something, in private or in the group."""
        where = self._chance.choice((player, player, self.group))
        prefix = "/ask " if where is self.group else ""
        self.telegram.say(player, where, prefix + self._question(player, where))

    def ask_all(self, each: int) -> None:
        """Let everybody ask ``each`` questions, in a seeded order."""
        order = [player for player in self.players for _ in range(each)]
        self._chance.shuffle(order)
        for player in order:
            self.ask(player)

    @property
    def places(self) -> list[Chat | User]:
        """Return all chats."""
        return [*self.players, self.group]

    def answers(self) -> dict[str, list[str]]:
        """Return what was said to each question, with its receipt, as often as it was said."""
        found: dict[str, list[str]] = defaultdict(list)
        for where in self.places:
            for said in self.telegram.texts(where):
                if said.startswith("echo "):
                    found[said.removeprefix("echo ").split(" end")[0]].append(said)
        return found

    def assert_all_answered(self, *, at_most: int | None = None) -> None:
        """Look for every answer: at least once, again only with the same receipt, at most so often."""
        found = self.answers()
        assert found.keys() == self.asked.keys()
        assert {question: said for question, said in found.items() if len(set(said)) > 1} == {}
        assert all("credits · ticket" in said[0] for said in found.values())
        assert at_most is None or max(map(len, found.values())) <= at_most


async def assert_booked_once(app: Running, party: Party) -> None:
    """Look into the books: one entry for each question, nothing left to do, nothing set aside."""
    states = {
        "inbox": {"done"},
        "turn": {"settled"},
        "outbox": {"sent"},
    }
    for table, expected in states.items():
        found = await rows(app, f"SELECT state, COUNT(*) FROM {table} GROUP BY state")
        assert [(table, *one) for one in found if one[0] not in expected] == []
    turns = await rows(app, "SELECT state, COUNT(*) FROM turn GROUP BY state")
    entries = await rows(app, "SELECT kind, COUNT(*) FROM entry WHERE kind = 'message' GROUP BY kind")
    assert turns == [("settled", len(party.asked))]
    assert entries == [("message", len(party.asked))]
    held = await rows(app, "SELECT SUM(held), 0 FROM account WHERE kind = 'player'")
    assert held == [(0, 0)]


async def rows(app: Running, query: str) -> list[tuple[Any, Any]]:
    """Return what a query of two columns reads."""

    def read(tx: Connection) -> list[tuple[Any, Any]]:
        return [(row[0], row[1]) for row in tx.execute(text(query))]

    return await app.parts.db.read(read)
