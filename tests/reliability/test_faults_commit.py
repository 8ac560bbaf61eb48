"""A COMMIT whose answer is cut off: each transaction once, with its result and its events, in the whole bot too."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from db.schema import migrate
from db.session import Database
from tests.app import sync_url
from tests.integration.kept import kept, make_kept, opened
from tests.reliability.pg_proxy import PostgresProxy
from tests.reliability.pg_proxy_plans import Cut, by_chance, only
from tests.reliability.writer import Writer

ROUNDS, WRITERS = 12, 8


@pytest.fixture
def proxy(postgres_url: str, tmp_path: Path) -> Iterator[PostgresProxy]:
    """Give a proxy in front of an empty database; it cuts nothing yet."""
    with PostgresProxy(postgres_url, tmp_path) as found:
        yield found


@pytest_asyncio.fixture
async def db(proxy: PostgresProxy) -> AsyncIterator[Database]:
    """Give a database with a table of the test's own, behind the proxy."""
    migrate(sync_url(proxy.url))
    async with opened(sync_url(proxy.url)) as found:
        await make_kept(found)
        yield found


@pytest.mark.parametrize(
    ("cuts", "tries"),
    [
        ((Cut.AFTER,), 1),
        ((Cut.LATE,), 1),
        ((Cut.BEFORE,), 2),
        ((Cut.BEFORE, Cut.BEFORE, Cut.AFTER), 3),
        ((Cut.BEFORE, Cut.LATE), 2),
    ],
)
async def test_t62_a_commit_that_breaks_off_counts_once_and_keeps_its_result_and_its_events(
    proxy: PostgresProxy, db: Database, cuts: tuple[Cut, ...], tries: int
) -> None:
    writer = Writer(db)
    proxy.plan = only("COMMIT", *cuts)
    await writer.add(7)
    assert [cut for cut, _ in proxy.cuts] == list(cuts)
    assert (writer.tried[7], writer.told[7]) == (tries, 1)
    assert await kept(db) == [(7, 1)]


@pytest.mark.parametrize("cut", [Cut.BEFORE, Cut.AFTER])
@pytest.mark.parametrize("statement", ["BEGIN", "INSERT"])
async def test_t62_a_connection_that_breaks_earlier_in_a_transaction_is_tried_again(
    proxy: PostgresProxy, db: Database, statement: str, cut: Cut
) -> None:
    writer = Writer(db)
    proxy.plan = only(statement, cut)
    await writer.add(7)
    assert len(proxy.cuts) == 1
    assert writer.told[7] == 1
    assert await kept(db) == [(7, 1)]


async def test_t62_the_question_for_a_transactions_fate_may_break_off_as_well(
    proxy: PostgresProxy, db: Database
) -> None:
    writer = Writer(db)
    asked = ("COMMIT", "INSERT INTO commit_mark")
    answers = iter([Cut.AFTER, Cut.BEFORE, Cut.AFTER])
    proxy.plan = lambda sent: next(answers, Cut.NO) if sent.startswith(asked) else Cut.NO
    await writer.add(7)
    assert len(proxy.cuts) == 3
    assert (writer.tried[7], writer.told[7]) == (1, 1)


@pytest.mark.parametrize("seed", range(3))
async def test_t62_many_writers_whose_commits_break_off_by_chance_book_each_row_once(
    proxy: PostgresProxy, db: Database, seed: int
) -> None:
    """A row's key is unique: a second effect would be an error, a lost one a missing row."""
    writer = Writer(db)
    proxy.plan = by_chance(seed, 300_000, Cut.BEFORE, Cut.AFTER, Cut.LATE)
    for start in range(0, ROUNDS * WRITERS, WRITERS):
        await asyncio.gather(*(writer.add(start + n) for n in range(WRITERS)))
    assert len(proxy.cuts) > ROUNDS
    assert await kept(db) == [(n, 1) for n in range(ROUNDS * WRITERS)]
    assert writer.told == Counter(range(ROUNDS * WRITERS))
    first = [sum(cut is kind for cut, _ in proxy.cuts) for kind in (Cut.BEFORE, Cut.AFTER, Cut.LATE)]
    assert all(first)
    assert sum(writer.tried.values()) == ROUNDS * WRITERS + first[0]
