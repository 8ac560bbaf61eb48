"""The paid step: reserve and settle, by the driver alone and by our use cases, eight clients each."""

import asyncio
import shutil
import time
from pathlib import Path

from sqlalchemy import Connection, text

from benchmarks.places import Place
from benchmarks.replay import PostgresReplay, SqliteReplay, Template, spread_numbers, tables, template_of
from benchmarks.stage import FIRST_MESSAGE_ID, Stage, open_stage
from benchmarks.tape import Spoken, recording
from services.people import Met

CLIENTS = 8
WARM_MESSAGES = 3
APART = 1_000_000_000
"""The message ids of one client begin so far from the next one's."""


async def use_cases(stage: Stage, players: list[Met], seconds: float) -> float:
    """Return how many messages a second the use cases do, each player one after the other."""
    began = time.perf_counter()
    done = await asyncio.gather(*(_pay_until(stage, who, began + seconds) for who in players))
    return sum(done) / (time.perf_counter() - began)


async def _pay_until(stage: Stage, who: Met, until: float) -> int:
    done = 0
    while time.perf_counter() < until:
        await stage.pay(who)
        done += 1
    return done


async def warm_players(stage: Stage) -> list[Met]:
    """Return players who have written before, so that nothing is a first time any more."""
    players = [await stage.player(number) for number in range(1, CLIENTS + 1)]
    for who in players:
        for _ in range(WARM_MESSAGES):
            await stage.pay(who)
    return players


async def postgres_replay(place: Place) -> tuple[PostgresReplay, int]:
    """Record a message of each client; return what does them again, and how many statements one has."""
    url = await place.migrated()
    async with open_stage(url) as stage:
        await stage.db.transact(spread_numbers)
        players = await warm_players(stage)
        templates = [await _record(stage, who, number) for number, who in enumerate(players, 1)]
    return PostgresReplay(url, templates), sum(map(len, templates[0].transactions))


async def _record(stage: Stage, who: Met, number: int) -> Template:
    message_id = FIRST_MESSAGE_ID + number * APART
    with recording() as tape:
        await stage.pay(who, message_id)
        said = tape.cut()
    return template_of(said, message_id, await stage.db.read(_newest))


def _newest(tx: Connection) -> dict[str, int]:
    rows = {name: tx.scalar(text(f'SELECT max(id) FROM "{name}"')) for name in tables().values()}  # noqa: S608
    return {name: row for name, row in rows.items() if row is not None}


async def sqlite_replay(place: Place, messages: int, per_commit: int) -> tuple[SqliteReplay, int]:
    """Record ``messages`` on a file; return what does them again on its copies, and the statements of one."""
    url = await place.migrated()
    file = Path(url.removeprefix("sqlite:///"))
    async with open_stage(url) as stage:
        players = await warm_players(stage)
    before = file.with_suffix(".before.db")
    await asyncio.to_thread(shutil.copy, file, before)
    said: list[list[Spoken]] = []
    async with open_stage(url, FIRST_MESSAGE_ID + APART) as stage:
        with recording() as tape:
            for number in range(messages):
                await stage.pay(players[number % CLIENTS])
            said = tape.cut()
    replay = SqliteReplay(before, said, per_commit=per_commit)
    return replay, sum(map(len, said[:2]))
