"""Postgres goes away and comes back: readiness tells, Telegram keeps what isn't stored, nothing is lost or doubled."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from bot.chaos.cluster import Cluster, find_binaries, new_directory
from bot.events import Event
from bot.playground.telegram import Telegram
from db.schema import migrate
from tests.app import Running, assert_books_are_right, running, sync_url
from tests.canary import CANARY_TOKEN
from tests.child import Child, telegram_server
from tests.integration.kept import kept, make_kept, opened
from tests.reliability.pg_proxy import PostgresProxy
from tests.reliability.pg_proxy_plans import Cut
from tests.reliability.storm import STORM, Echo, Party, assert_booked_once
from tests.reliability.writer import Writer
from tests.stand_ins import WEBHOOK, ToProcess, logged, port_of

READY_WITHIN_SECONDS = 5.0
PATIENCE_SECONDS = 60
OTHERS = 20


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """Give a running Postgres of the test's own, which it may stop."""
    if find_binaries() is None:
        pytest.skip("no Postgres here: initdb and pg_ctl are missing")
    found = Cluster(new_directory("potluck-away-"))
    found.create()
    found.start()
    yield found
    found.remove()


@asynccontextmanager
async def party_by_webhook(database_url: str) -> AsyncIterator[tuple[Party, Running]]:
    """Run a bot that is called by Telegram, with players who have paid once."""
    party = Party(Telegram(backoff=lambda _: 0.2))
    way = party.telegram.webhook.transport = ToProcess()
    settings: dict[str, Any] = {**STORM, **WEBHOOK}
    async with running(database_url, telegram=party.telegram, model=Echo(), **settings) as app:
        way.process = app.process
        await party.agree(app)
        yield party, app
    await party.telegram.aclose()


async def all_answered(party: Party, app: Running) -> None:
    """Wait until everything is done, and look at what was said and booked."""
    await party.telegram.drained(PATIENCE_SECONDS)
    async with asyncio.timeout(PATIENCE_SECONDS):
        await app.settled()
    party.assert_all_answered(at_most=1)
    await assert_booked_once(app, party)


async def readiness_becomes(url: str, status: int) -> float:
    """Ask until the readiness is as wanted; return the seconds that it took."""
    began = time.perf_counter()
    async with httpx.AsyncClient() as client, asyncio.timeout(PATIENCE_SECONDS):
        while (await client.get(f"{url}/readyz")).status_code != status:  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(0.05)
    return time.perf_counter() - began


async def test_t62_the_program_is_ready_again_within_five_seconds_when_postgres_is_back(
    cluster: Cluster, tmp_path: Path, record_property: Any
) -> None:
    """The real program, polling: what was written meanwhile is answered, once."""
    async with AsyncExitStack() as stack:
        telegram = Telegram(tokens=[CANARY_TOKEN])
        ben = telegram.add_user("Ben", language_code="en")
        settings = {
            "BOT_TOKEN": CANARY_TOKEN,
            "BOT_API_URL": await stack.enter_async_context(telegram_server(telegram)),
            "DATABASE_URL": cluster.url(),
            "HTTP_LISTEN": "127.0.0.1:0",
        }
        child = await Child(tmp_path, **settings).start()
        stack.push_async_callback(child.discard)
        url = await child.address()
        await asyncio.to_thread(cluster.stop)
        await readiness_becomes(url, 503)
        telegram.say(ben, text="hello")
        await child.line(Event.DATABASE_FAILED)
        await asyncio.to_thread(cluster.start)
        seconds = await readiness_becomes(url, 200)
        record_property("ready_again_seconds", round(seconds, 2))
        print(f"ready again after {seconds:.2f} s")
        assert seconds < READY_WITHIN_SECONDS
        await telegram.wait_for(lambda: telegram.texts(ben), PATIENCE_SECONDS)
        assert await child.stop() == 0
        assert len(telegram.texts(ben)) == 1
        assert not [line for line in child.lines() if line["level"] == "critical"]
        assert child.err == []
        assert_books_are_right(cluster.url())


async def test_t62_what_comes_by_webhook_while_postgres_is_away_gets_503_and_is_answered_later(
    cluster: Cluster,
) -> None:
    with logged() as log:
        async with party_by_webhook(cluster.url()) as (party, app):
            url = f"http://127.0.0.1:{port_of(app.process)}"
            await asyncio.to_thread(cluster.stop)
            party.ask_all(2)
            await readiness_becomes(url, 503)
            failed = await party.telegram.wait_for(lambda: _failed(party.telegram), PATIENCE_SECONDS)
            assert {detail.split(": ")[1][:3] for detail in failed} == {"503"}
            await asyncio.to_thread(cluster.start)
            assert await readiness_becomes(url, 200) < READY_WITHIN_SECONDS
            await all_answered(party, app)
    assert [line for line in log.lines if line["level"] == "critical"] == []


def _failed(telegram: Telegram) -> list[str]:
    return [one.detail for one in telegram.journal.deliveries if one.outcome == "failed"]


@pytest.mark.parametrize("questions", [1, 4, 8])
async def test_t62_postgres_restarts_under_load_and_nothing_is_lost_or_doubled(
    cluster: Cluster, questions: int
) -> None:
    """The restart is like a crash: every session breaks off, wherever it is; it meets a different moment each time."""
    with logged() as log:
        async with party_by_webhook(cluster.url()) as (party, app):
            for _ in range(2):
                party.ask_all(questions)
                await party.telegram.wait_for(lambda: app.parts.turns.held, PATIENCE_SECONDS)
                await asyncio.to_thread(cluster.restart)
            await all_answered(party, app)
    assert [line for line in log.lines if line["level"] == "critical"] == []


async def test_t62_a_commit_lost_in_a_crash_is_not_taken_for_one_of_others_who_came_after_it(
    cluster: Cluster, tmp_path: Path
) -> None:
    migrate(sync_url(cluster.url()))
    crashes = [1]

    def crash(sent: str) -> Cut:
        """Lose one COMMIT in a crash, after which others commit before anybody asks."""
        if sent != "COMMIT" or not crashes:
            return Cut.NO
        crashes.pop()
        cluster.restart()
        with psycopg.connect(cluster.url(), autocommit=True) as other:
            for _ in range(OTHERS):
                other.execute("BEGIN; SELECT pg_current_xact_id(); COMMIT")
        return Cut.BEFORE

    with PostgresProxy(cluster.url(), tmp_path) as proxy:
        async with opened(sync_url(proxy.url)) as db:
            await make_kept(db)
            writer = Writer(db)
            proxy.plan = crash
            await writer.add(7)
            assert crashes == []
            assert await kept(db) == [(7, 1)]
            assert (writer.tried[7], writer.told[7]) == (2, 1)


@pytest.mark.parametrize("table", ["inbox", "player", "outbox"])
async def test_t63_statements_that_are_stuck_and_an_empty_pool_leave_nothing_half_done(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    limits = {"LOCK_TIMEOUT_MS": 300, "STATEMENT_TIMEOUT_MS": 500, "POOL_SIZE": 2, "RETRY_SECONDS": 0.5}
    for name, value in {**limits, "POOL_TIMEOUT_SECONDS": 1}.items():
        monkeypatch.setattr(f"db.postgres.{name}", value)
    with logged() as log:
        async with party_by_webhook(postgres_url) as (party, app):
            with psycopg.connect(postgres_url) as other:
                other.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE".encode())
                party.ask_all(3)
                await party.telegram.wait_for(
                    lambda: log.of("database_failed") or log.of("update_retried"), PATIENCE_SECONDS
                )
                if table == "inbox":
                    assert "503" in _failed(party.telegram)[0]
                other.rollback()
            await all_answered(party, app)
    assert [line for line in log.lines if line["level"] == "critical"] == []
