"""The shared pace when the database doesn't answer: alone for a while, then shared again."""

import asyncio
from typing import Any

from bot.pace import ANSWER_SECONDS, AWAY_SECONDS, SharedPace
from db.session import DatabaseUnavailable
from services.pace import Taken
from services.pacing import Ask, Limits, Reply
from tests.virtual_time import now, run

ANA = Ask("7", is_group=False)


class Books:
    """A database that answers, fails or hangs, as it is told."""

    def __init__(self) -> None:
        self.asked = 0
        self.error: Exception | None = None
        self.hangs = False

    async def transact(self, _job: Any, asks: Any, *_: Any, **__: Any) -> Taken:
        """Do as told."""
        self.asked += 1
        if self.hangs:
            await asyncio.sleep(3_600)
        if self.error is not None:
            raise self.error
        return Taken([Reply(0, is_granted=True)] * len(asks), 0)


def test_a_database_that_hangs_is_waited_for_once_and_for_a_second() -> None:
    async def scenario() -> None:
        books = Books()
        books.hangs = True
        pace, began = SharedPace(books, Limits()), now()  # type: ignore[arg-type]
        asks = [pace.ask(Ask(str(number), is_group=False)) for number in range(3)]
        replies = await asyncio.gather(*asks, pace.ask(ANA))
        assert now() - began == ANSWER_SECONDS
        assert [reply.is_granted for reply in replies] == [True] * 4
        assert (await pace.ask(ANA)).is_granted
        assert (now() - began, books.asked) == (ANSWER_SECONDS, 1)

    run(scenario())


def test_all_ask_the_database_again_when_it_is_back() -> None:
    async def scenario() -> None:
        books = Books()
        books.error = DatabaseUnavailable("away")
        pace = SharedPace(books, Limits())  # type: ignore[arg-type]
        for _ in range(5):
            await pace.ask(ANA)
            await pace.close(ANA, 30)
        assert books.asked == 1
        books.error = None
        await asyncio.sleep(AWAY_SECONDS)
        assert [(await pace.ask(ANA)).is_granted for _ in range(9)] == [True] * 9
        assert books.asked == 10

    run(scenario())


def test_not_even_a_bug_holds_up_a_send() -> None:
    async def scenario() -> None:
        books = Books()
        books.error = ValueError("a bug")
        pace = SharedPace(books, Limits())  # type: ignore[arg-type]
        assert (await pace.ask(ANA)).is_granted

    run(scenario())
