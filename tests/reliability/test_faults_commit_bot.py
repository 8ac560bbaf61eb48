"""The whole bot on a Postgres whose COMMITs break off: all is answered at once, booked once and said once."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.playground.telegram import Telegram
from tests.app import running
from tests.reliability.pg_proxy import PostgresProxy
from tests.reliability.pg_proxy_plans import Cut, by_chance, nth_commit
from tests.reliability.storm import STORM, Echo, Party, assert_booked_once

PATIENCE_SECONDS = 30
"""Far below a lease, by whose end a turn that nobody knows of would be found."""
COMMITS = 5


@pytest.fixture
def proxy(postgres_url: str, tmp_path: Path) -> Iterator[PostgresProxy]:
    """Give a proxy in front of an empty database; it cuts nothing yet."""
    with PostgresProxy(postgres_url, tmp_path) as found:
        yield found


@pytest.mark.parametrize("cut", [Cut.AFTER, Cut.BEFORE, Cut.LATE])
async def test_t62_a_paid_message_is_answered_at_once_whichever_commit_of_it_breaks_off(
    proxy: PostgresProxy, cut: Cut
) -> None:
    """Nothing ticks: what a lost commit would have begun has to be begun by what is known of it."""
    party = Party(Telegram(), players=1)
    (ben,) = party.players
    async with running(proxy.url, telegram=party.telegram, model=Echo(), **STORM) as app:
        await party.agree(app)
        app.parts.upkeep.stop()
        for number in range(1, COMMITS + 1):
            proxy.plan = nth_commit(number, cut)
            async with asyncio.timeout(PATIENCE_SECONDS):
                party.ask(ben)
                await app.settled()
        assert {kind for kind, _ in proxy.cuts} == {cut}
        assert len(proxy.cuts) >= COMMITS - 1
        party.assert_all_answered(at_most=1)
        await assert_booked_once(app, party)


@pytest.mark.parametrize("seed", range(3))
async def test_t62_players_notice_nothing_of_commits_that_break_off_by_chance(
    proxy: PostgresProxy, seed: int
) -> None:
    party = Party(Telegram(), seed)
    async with running(proxy.url, telegram=party.telegram, model=Echo(), **STORM) as app:
        await party.agree(app)
        proxy.plan = by_chance(seed, 250_000, Cut.BEFORE, Cut.AFTER, Cut.LATE)
        for _ in range(3):
            party.ask_all(3)
            await party.telegram.drained(PATIENCE_SECONDS)
            async with asyncio.timeout(PATIENCE_SECONDS):
                await app.settled()
        assert {kind for kind, _ in proxy.cuts} == {Cut.BEFORE, Cut.AFTER, Cut.LATE}
        proxy.plan = lambda _: Cut.NO
        party.assert_all_answered(at_most=1)
        await assert_booked_once(app, party)
