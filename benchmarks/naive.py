"""The naive service of ``benchmarks.naive_service``, run and asked as people run it; and whether its books add up."""

import asyncio
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
from sqlalchemy import create_engine, text

from benchmarks.places import Place, sync_url
from benchmarks.whole import ROOT
from bot.chaos.children import environment_of, free_port
from bot.orphans import end_with_parent

WEALTH = 10**12
START_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Naive:
    """What came of it: answers a second, how many failed, and credits that are nowhere to be found."""

    per_second: float
    failed: int
    missing_credits: int


async def measure(place: Place, clients: int, seconds: float, *, is_repaired: bool) -> Naive:
    """Run the service on a new database and have so many people write for a while."""
    url = await place.empty()
    async with _service(url, is_repaired=is_repaired) as address:
        limits = httpx.Limits(max_connections=clients)
        async with httpx.AsyncClient(base_url=address, limits=limits, timeout=60) as client:
            until = (began := time.perf_counter()) + seconds
            done = await asyncio.gather(*(_write(client, n, until) for n in range(1, clients + 1)))
            passed = time.perf_counter() - began
    answered, failed = sum(one[0] for one in done), sum(one[1] for one in done)
    return Naive(answered / passed, failed, await asyncio.to_thread(_missing, url))


async def _write(client: httpx.AsyncClient, user_id: int, until: float) -> tuple[int, int]:
    done = failed = 0
    while time.perf_counter() < until:
        answer = await client.post(f"/message/{user_id}")
        done, failed = done + answer.is_success, failed + (not answer.is_success)
    return done, failed


@asynccontextmanager
async def _service(url: str, *, is_repaired: bool) -> AsyncIterator[str]:
    port = free_port()
    database = sync_url(url).replace("sqlite:", "sqlite+aiosqlite:")
    settings = {"NAIVE_DATABASE": database, "NAIVE_REPAIRED": str(int(is_repaired))}
    arguments = ("uvicorn", "benchmarks.naive_service:app", "--port", str(port), "--log-level", "error")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        *arguments,
        cwd=ROOT,
        env=environment_of(settings),
        stdin=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,  # locked databases make it write pages
        preexec_fn=end_with_parent(signal.SIGKILL),
    )
    try:
        address = f"http://127.0.0.1:{port}"
        await _until_it_answers(address)
        yield address
    finally:
        process.terminate()
        await process.wait()


async def _until_it_answers(address: str) -> None:
    async with httpx.AsyncClient() as client, asyncio.timeout(START_SECONDS):
        while True:
            try:
                await client.get(address)
            except httpx.TransportError:
                await asyncio.sleep(0.1)
            else:
                return


def _missing(url: str) -> int:
    """Return the credits that were there at first and are neither with people, nor in the pot, nor the house's."""
    engine = create_engine(sync_url(url))
    with engine.connect() as connection:
        people, balances = connection.execute(text("SELECT count(*), sum(balance) FROM users")).one()
        pot = connection.scalar(text("SELECT amount + house FROM pots"))
    engine.dispose()
    return int(people * WEALTH - balances - (pot or 0))
