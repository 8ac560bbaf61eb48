"""End to end: an update goes to the bot over HTTP, until its answer has reached the Telegram of another process."""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.load import MOST, SECRET
from benchmarks.places import Place
from benchmarks.stage import open_stage
from bot.chaos.children import environment_of, free_port
from bot.orphans import end_with_parent

TOKEN = "1:bench"  # noqa: S105
ROOT = Path(__file__).resolve().parents[1]
FIRST_CHAT = 1_000
MOST_CHATS = 256
OPEN = {
    "PRICE_STEP": "0",
    "CHANCE_PPM_PER_CREDIT": "1",
    "FREE_MESSAGES_PER_DAY": "0",
    "GUARD_LIMIT_CREDITS": "1000000",
    "MESSAGES_PER_MINUTE": "1000000",
    "SEND_PER_SECOND": "10000",
    "CHAT_SEND_PER_SECOND": "10000",
    "GROUP_MESSAGES_PER_MINUTE": "1000000",
    "LOG_LEVEL": "WARNING",
}


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of a load: answers a second, latencies in milliseconds, the bot's processor time for each."""

    messages: int
    per_second: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float
    resident_mib: float


@dataclass(slots=True)
class Running:
    """A bot and the people who write to it, each in a process of its own."""

    load: asyncio.subprocess.Process
    bot: asyncio.subprocess.Process
    webhook: str | None
    start_seconds: float

    async def measure(
        self,
        chats: int,
        seconds: float,
        *,
        texts: Sequence[str] = ("/play hello",),
        is_paced: bool = False,
        most: int = MOST,
    ) -> Measured:
        """Have so many people write for a while, or until there were ``most`` messages."""
        people = list(range(FIRST_CHAT, FIRST_CHAT + chats))
        wish = {"webhook": self.webhook, "chats": people, "seconds": seconds, "texts": list(texts)}
        before = cpu_seconds(self.bot.pid)
        told = await self._ask(wish | {"is_paced": is_paced, "most": most})
        used = cpu_seconds(self.bot.pid) - before
        latencies = told["latencies"]
        return Measured(
            messages=len(latencies),
            per_second=len(latencies) / told["seconds"],
            p50_ms=1000 * latencies[len(latencies) // 2],
            p99_ms=1000 * latencies[len(latencies) * 99 // 100],
            cpu_ms=1000 * used / len(latencies),
            resident_mib=resident_mib(self.bot.pid),
        )

    async def _ask(self, wish: Mapping[str, Any]) -> dict[str, Any]:
        assert self.load.stdin is not None
        assert self.load.stdout is not None
        self.load.stdin.write(json.dumps(wish).encode() + b"\n")
        line = await self.load.stdout.readline()
        if not line:
            raise RuntimeError("the people's process ended")
        told: dict[str, Any] = json.loads(line)
        return told


@asynccontextmanager
async def running(
    place: Place, *, is_polling: bool = False, chats: int = MOST_CHATS
) -> AsyncIterator[Running]:
    """Start a bot on a new database whose players are rich, and the people who will write to it."""
    url = await place.migrated()
    async with open_stage(url) as stage:
        for number in range(FIRST_CHAT, FIRST_CHAT + chats):
            await stage.player(number)
    load = await _start("benchmarks.load", environment_of({}))
    api_url = await _first_line(load)
    port = free_port()
    webhook = None if is_polling else f"http://127.0.0.1:{port}/telegram"
    settings = {"BOT_TOKEN": TOKEN, "BOT_API_URL": api_url, "DATABASE_URL": url, **OPEN}
    settings["HTTP_LISTEN"] = f"127.0.0.1:{port}"
    if webhook is not None:
        settings |= {"WEBHOOK_URL": "https://bench.example/telegram", "WEBHOOK_SECRET": SECRET}
    began = time.perf_counter()
    bot = await _start("benchmarks.bot_child", environment_of(settings))
    try:
        assert await _first_line(bot) == "ready"
        yield Running(load, bot, webhook, time.perf_counter() - began)
    finally:
        bot.terminate()
        await bot.wait()
        with suppress(ProcessLookupError):
            load.kill()
        await load.wait()


async def _start(module: str, environment: Mapping[str, str]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        cwd=ROOT,
        env=dict(environment),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**26,
        preexec_fn=end_with_parent(signal.SIGKILL),
    )


async def _first_line(process: asyncio.subprocess.Process) -> str:
    """Return the first line that is no line of log.

    Raises:
        RuntimeError: the process ended before.
    """
    assert process.stdout is not None
    logged: list[str] = []
    while line := (await process.stdout.readline()).decode().strip():
        if not line.startswith("{"):
            return line
        logged.append(line)
    raise RuntimeError("\n".join(["a process ended:", *logged[-3:]]))


def cpu_seconds(pid: int) -> float:
    """Return the processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mib(pid: int) -> float:
    """Return the memory that a process holds."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
