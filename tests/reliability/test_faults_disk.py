"""A disk that is full, a server that only reads: all fails whole, readiness says so, and it goes on by itself."""

import asyncio
import resource
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Connection, text

from bot.events import Event
from bot.playground.telegram import Telegram
from tests.app import Running, assert_books_are_right, running
from tests.canary import CANARY_TOKEN
from tests.child import Child, telegram_server
from tests.reliability.storm import STORM, Echo, HurriedTelegram, Party, assert_booked_once, run_hurried
from tests.stand_ins import Log, logged

PATIENCE_SECONDS = 1_200.0
"""In the hurried loop's time: a minute of the world's."""
CHATTY = {
    "FREE_MESSAGES_PER_DAY": "1000",
    "MESSAGES_PER_MINUTE": "1000",
    "QUEUE_LENGTH": "1000",
    "CHAT_SEND_PER_SECOND": "1000",
    "SEND_PER_SECOND": "1000",
}
MESSAGES = 30


Act = Callable[[Running, Log], Awaitable[None]]


async def until(is_so: Callable[[], object]) -> None:
    """Wait until something is so of which no event tells."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not is_so():  # noqa: ASYNC110 - readiness and the log have no events
            await asyncio.sleep(0.5)


async def _play_through(database_url: str, break_it: Act, mend_it: Act) -> None:
    """Let everybody write while nothing can be written down, and look for every answer afterwards."""
    party = Party(HurriedTelegram())
    with logged() as log:
        async with running(database_url, telegram=party.telegram, model=Echo(), **STORM) as app:
            await party.agree(app)
            await break_it(app, log)
            party.ask_all(3)
            await until(lambda: log.of("database_failed"))
            await mend_it(app, log)
            await party.telegram.drained()
            async with asyncio.timeout(PATIENCE_SECONDS):
                await app.settled()
            party.assert_all_answered(at_most=1)
            await assert_booked_once(app, party)
    assert not [said for player in party.players for said in app.texts(player) if "Something broke" in said]
    assert [line for line in log.lines if line["level"] == "critical"] == []


def test_t64_a_database_that_can_not_grow_loses_nothing_and_says_nothing_wrong(sqlite_url: str) -> None:
    """Rows that still find room in their pages are written; what finds none fails whole, and is tried again."""

    async def fill(app: Running, _: Log) -> None:
        await app.parts.db.transact(_limit_pages, 0)

    async def make_room(app: Running, _: Log) -> None:
        await app.parts.db.transact(_limit_pages, 1_000_000)

    run_hurried(_play_through(sqlite_url, fill, make_room))


def _limit_pages(tx: Connection, more: int) -> None:
    pages = (tx.scalar(text("PRAGMA page_count")) or 0) + more
    tx.execute(text(f"PRAGMA max_page_count = {pages}"))


def test_t64_a_postgres_that_only_reads_is_away_and_no_bug(postgres_url: str) -> None:
    async def close(app: Running, _: Log) -> None:
        _set_read_only(postgres_url, "on")
        await until(lambda: not app.process.readiness()["database"])

    async def open_again(app: Running, _: Log) -> None:
        _set_read_only(postgres_url, "off")
        await until(lambda: app.process.readiness()["database"])

    run_hurried(_play_through(postgres_url, close, open_again))


def _set_read_only(url: str, state: str) -> None:
    """Change what new sessions may do, and end the others."""
    with psycopg.connect(url, autocommit=True, options="-c default_transaction_read_only=off") as connection:
        name = sql.Identifier(connection.info.dbname)
        connection.execute(
            sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = {}").format(name, sql.SQL(state))
        )
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


class Stage:
    """The real program on a SQLite file, with a player."""

    def __init__(self, telegram: Telegram, child: Child, directory: Path) -> None:
        self.telegram = telegram
        self.ben = telegram.add_user("Ben", language_code="en")
        self.child = child
        self.path = directory / "potluck.db"
        self.said = 0

    def say(self) -> None:
        """Write something."""
        self.said += 1
        self.telegram.say(self.ben, text=f"hello {self.said}")

    async def answered(self) -> None:
        """Wait until all is answered."""
        await self.telegram.wait_for(lambda: len(self.telegram.texts(self.ben)) >= self.said, 60)

    def limit(self, size: int) -> None:
        """Let no file of the program become larger; what it has stays."""
        resource.prlimit(self.child.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    @property
    def journal_size(self) -> int:
        """Return the size of the file to which every commit is appended."""
        return self.path.with_name(f"{self.path.name}-wal").stat().st_size


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """Give the program when it is ready."""
    async with AsyncExitStack() as stack:
        telegram = Telegram(tokens=[CANARY_TOKEN])
        url = await stack.enter_async_context(telegram_server(telegram))
        child = Child(
            tmp_path,
            BOT_TOKEN=CANARY_TOKEN,
            BOT_API_URL=url,
            DATABASE_URL=f"sqlite:///{tmp_path / 'potluck.db'}",
            HTTP_LISTEN="127.0.0.1:0",
            **CHATTY,
        )
        await child.start()
        stack.push_async_callback(child.discard)
        await child.line(Event.READY)
        yield Stage(telegram, child, tmp_path)


async def test_t64_the_program_itself_outlives_files_that_can_not_grow(stage: Stage) -> None:
    """Writes fail in the middle of a file, as on a full disk; Telegram keeps what isn't stored."""
    stage.say()
    await stage.answered()
    stage.limit(stage.journal_size)
    for _ in range(MESSAGES):
        stage.say()
    await stage.child.line(Event.READINESS_CHANGED, database=False)
    stage.limit(resource.RLIM_INFINITY)
    await stage.child.line(Event.READINESS_CHANGED, database=True)
    await stage.answered()
    assert await stage.child.stop() == 0
    texts = stage.telegram.texts(stage.ben)
    assert len(texts) == stage.said
    assert not [said for said in texts if "Something broke" in said]
    assert not [line for line in stage.child.lines() if line["level"] == "critical"]
    assert stage.child.err == []
    assert_books_are_right(f"sqlite:///{stage.path}")
