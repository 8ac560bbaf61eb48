"""The pace that replicas keep together in Postgres: never more than allowed, by the database's clock, and cheap."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from heapq import heappop, heappush
from typing import Any

import psycopg
import pytest_asyncio
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url

from bot.pace import SharedPace
from db.session import Database, fenced, open_database
from services.pace import close_chat, forget_pace, take_turns
from services.pacing import CHAT_BURST, MINUTE_US, SECOND_US, Ask, Limits

START_US = 1_800_000_000 * SECOND_US
ANA = Ask("7", is_group=False)
GROUP = Ask("-9", is_group=True)
OPEN = Limits(per_second=10_000, chat_per_second=10_000)
REPLICAS = 4


@pytest_asyncio.fixture
async def replicas(postgres_books: str) -> AsyncIterator[list[Database]]:
    """Give several processes' connections to one database."""
    found = [open_database(postgres_books) for _ in range(REPLICAS)]
    for db in found:
        await db.open()
    yield found
    for db in found:
        await db.close()


async def sends(
    replicas: list[Database], limits: Limits, asks: list[tuple[int, Ask]]
) -> list[tuple[int, Ask]]:
    """Let all ask at their times, each through one of the replicas, those of one moment all at once."""
    waiting = sorted((at_us, number) for number, (at_us, _) in enumerate(asks))
    sent: list[tuple[int, Ask]] = []
    while waiting:
        now_us, due = waiting[0][0], []
        while waiting and waiting[0][0] == now_us:
            due.append(heappop(waiting)[1])
        for number, wait_us, is_granted in await _ask_at_once(replicas, limits, asks, due, now_us):
            if is_granted:
                sent.append((now_us + wait_us, asks[number][1]))
            else:
                heappush(waiting, (now_us + wait_us, number))
    return sorted(sent, key=lambda one: one[0])


async def _ask_at_once(
    replicas: list[Database], limits: Limits, asks: list[tuple[int, Ask]], due: list[int], now_us: int
) -> list[tuple[int, int, bool]]:
    async def ask(db: Database, numbers: list[int]) -> list[tuple[int, int, bool]]:
        batch = [asks[number][1] for number in numbers]
        taken = await db.transact(take_turns, batch, limits, now_us=now_us)
        return [(n, one.wait_us, one.is_granted) for n, one in zip(numbers, taken.replies, strict=True)]

    shares = [[n for n in due if n % REPLICAS == index] for index in range(REPLICAS)]
    work = [ask(db, share) for db, share in zip(replicas, shares, strict=True) if share]
    return [one for found in await asyncio.gather(*work) for one in found]


def most_in(times_us: list[int], window_us: int) -> int:
    """Return how many of the times at most lie in any window."""
    return max(sum(0 <= other - at_us < window_us for other in times_us) for at_us in times_us)


async def test_all_replicas_together_never_send_more_than_thirty_in_any_second(
    replicas: list[Database],
) -> None:
    asks = [(START_US + number % 4 * 200_000, Ask(str(number), is_group=False)) for number in range(120)]
    times = [at_us for at_us, _ in await sends(replicas, Limits(), asks)]
    assert len(times) == 120
    assert most_in(times, SECOND_US) <= 30
    assert times[-1] - START_US < 5.5 * SECOND_US


async def test_a_chat_that_several_replicas_write_to_has_one_burst_and_one_a_second(
    replicas: list[Database],
) -> None:
    times = [at_us - START_US for at_us, _ in await sends(replicas, Limits(), [(START_US, ANA)] * 12)]
    assert most_in(times, SECOND_US) <= CHAT_BURST
    assert all(at_us >= (number - CHAT_BURST + 1) * SECOND_US for number, at_us in enumerate(times))
    assert times[-1] < 11 * SECOND_US


async def test_a_group_gets_twenty_in_any_minute_from_all_replicas(replicas: list[Database]) -> None:
    sent = await sends(replicas, Limits(chat_per_second=20), [(START_US, GROUP)] * 50)
    times = [at_us for at_us, _ in sent]
    assert most_in(times, MINUTE_US) <= 20
    assert times[-1] - START_US < 2.2 * MINUTE_US


async def test_a_pause_of_a_chat_is_kept_by_all_replicas(replicas: list[Database]) -> None:
    one, two, *_ = replicas
    await one.transact(close_chat, ANA, Limits(), 30 * SECOND_US, now_us=START_US)
    asks = [ANA, Ask("8", is_group=False)]
    taken = await two.transact(take_turns, asks, Limits(), now_us=START_US + SECOND_US)
    assert [(reply.is_granted, reply.wait_us) for reply in taken.replies] == [
        (False, 29 * SECOND_US),
        (True, 0),
    ]


async def test_what_was_stored_before_the_clock_was_set_back_holds_up_nobody(
    replicas: list[Database],
) -> None:
    for now_us in (START_US, START_US - 60 * MINUTE_US):
        taken = await replicas[0].transact(take_turns, [ANA] * 3, Limits(), now_us=now_us)
        assert [reply.wait_us for reply in taken.replies] == [0, 0, 0]


async def test_budgets_that_nobody_used_for_an_hour_are_forgotten(replicas: list[Database]) -> None:
    db = replicas[0]
    await db.transact(take_turns, [ANA, GROUP], Limits(), now_us=START_US)
    await db.transact(take_turns, [Ask("8", is_group=False)], Limits())  # by the database's clock
    age = "UPDATE pace SET seen_us = seen_us - :age"
    await db.transact(_execute, "UPDATE pace SET seen_us = 1 WHERE key IN ('chat:7', 'chat:-9')")
    assert [await db.transact(forget_pace, 1) for _ in range(3)] == [1, 1, 0]
    assert await _keys(db) == ["bot", "chat:8"]
    await db.transact(_execute, age.replace(":age", str(58 * MINUTE_US)))
    assert await db.transact(forget_pace, 10) == 0
    await db.transact(_execute, age.replace(":age", str(3 * MINUTE_US)))
    assert await db.transact(forget_pace, 10) == 2


async def test_on_sqlite_there_is_nothing_to_forget(sqlite_books: str) -> None:
    db = open_database(sqlite_books)
    await db.open()
    assert await db.transact(forget_pace, 10) == 0
    await db.close()


async def test_an_open_limit_costs_next_to_nothing(replicas: list[Database]) -> None:
    with counted(replicas[0]) as counts:
        pace = SharedPace(replicas[0], OPEN)
        for number in range(1_000):
            reply = await pace.ask(Ask(str(number % 50), is_group=False))
            assert (reply.is_granted, reply.wait_us) == (True, 0)
    assert counts[0] < 50, "the spare turns were not used"


async def test_those_who_ask_at_the_same_time_share_a_transaction(replicas: list[Database]) -> None:
    with counted(replicas[0]) as counts:
        pace = SharedPace(replicas[0], Limits(per_second=1_000))
        replies = await asyncio.gather(*[pace.ask(Ask(str(number), is_group=False)) for number in range(80)])
    assert all(reply.is_granted for reply in replies)
    assert counts[0] <= 2


async def test_asking_does_not_end_the_update_in_whose_handling_a_screen_is_sent(
    replicas: list[Database],
) -> None:
    def fence(tx: Connection) -> None:
        raise AssertionError("the update would be done before its time")

    with fenced(fence):
        pace = SharedPace(replicas[0], Limits())
        assert (await pace.ask(ANA)).is_granted
        await pace.close(ANA, 30)
    assert await _keys(replicas[0]) == ["bot", "chat:7"]


async def test_sends_go_on_when_the_database_is_away(replicas: list[Database]) -> None:
    pace = SharedPace(replicas[0], Limits())
    await replicas[0].close()
    async with asyncio.timeout(30):
        replies = [await pace.ask(ANA) for _ in range(CHAT_BURST + 1)]
        await pace.close(ANA, 30)
    assert [reply.is_granted for reply in replies] == [True] * CHAT_BURST + [False]


async def test_a_replica_that_stands_still_in_the_middle_holds_up_nobody(
    replicas: list[Database], postgres_books: str
) -> None:
    url = make_url(postgres_books).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url) as other:
        other.execute("SELECT pg_advisory_xact_lock(1863)")
        pace = SharedPace(replicas[0], Limits())
        async with asyncio.timeout(30):
            assert (await pace.ask(ANA)).is_granted
        assert await _keys(replicas[0]) == []


@contextmanager
def counted(db: Database) -> Iterator[list[int]]:
    """Count the transactions of a database."""
    counts, real = [0], db.transact

    async def transact(job: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        counts[0] += 1
        return await real(job, *args, **kwargs)

    db.transact = transact  # type: ignore[method-assign, assignment]
    yield counts
    del db.transact


def _execute(tx: Connection, statement: str) -> None:
    tx.execute(text(statement))


async def _keys(db: Database) -> list[str]:
    return list(await db.read(lambda tx: tx.scalars(text("SELECT key FROM pace ORDER BY key")).all()))
