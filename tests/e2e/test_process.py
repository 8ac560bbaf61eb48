"""The real program as a process: both ways of intake, its limits of time and memory, ends of every kind."""

import re
import signal
import socket
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest

from bot.events import Event
from bot.playground.models import User
from bot.playground.telegram import Telegram
from tests.app import assert_books_are_right
from tests.canary import CANARY_SECRET, CANARY_TOKEN
from tests.child import CANARY_PASSWORD, Child, telegram_server

READY_LIMIT_SECONDS = 4.0
DRAIN_LIMIT_SECONDS = 10.0
MEMORY_LIMIT_BYTES = 130 * 1024 * 1024


class Stage:
    """A fake Telegram on loopback, a player, and programs that are ended with the test."""

    def __init__(self, directory: Path, stack: AsyncExitStack, url: str, telegram: Telegram) -> None:
        self._directory = directory
        self._stack = stack
        self.url = url
        self.telegram = telegram
        self.ben: User = telegram.add_user("Ben", language_code="en")
        self.database_url = f"sqlite:///{directory / 'potluck.db'}"

    async def start(self, *arguments: str, **env: str) -> Child:
        """Start the program with this stage's settings; ``env`` overrides them."""
        given = {
            "BOT_TOKEN": CANARY_TOKEN,
            "BOT_API_URL": self.url,
            "DATABASE_URL": self.database_url,
            "HTTP_LISTEN": "127.0.0.1:0",
            **env,
        }
        child = await Child(self._directory, *arguments, **given).start()
        self._stack.push_async_callback(child.discard)
        return child

    async def ready(self, **env: str) -> Child:
        """Start the program and wait until it is ready."""
        child = await self.start(**env)
        await child.line(Event.READY)
        return child

    async def refused(self, *arguments: str, **env: str) -> str:
        """Start the program, which must end with exit code 2, and return its one line on stderr."""
        child = await self.start(*arguments, **env)
        assert await child.end() == 2, child.err
        assert len(child.err) == 1, child.err
        return child.err[0]

    async def answered(self, text: str) -> None:
        """Write to the bot and wait for what it says to it."""
        before = len(self.telegram.texts(self.ben))
        self.telegram.say(self.ben, text=text)
        await self.said(before + 1)

    async def said(self, count: int) -> None:
        """Wait until the bot has said so many things to the player."""
        await self.telegram.wait_for(lambda: len(self.telegram.texts(self.ben)) >= count, 30)

    async def text(self, fragment: str, *, after: int = 0) -> dict[str, Any]:
        """Wait until the bot has said something to the player."""
        return await self.telegram.wait_for_text(self.ben, fragment, after=after, timeout_seconds=30)

    async def pay(self, question: str) -> None:
        """Write a paid message and agree to its price."""
        self.telegram.say(self.ben, text=f"/play {question}")
        asked = await self.text("your first paid message")
        await self.telegram.press(self.ben, self.ben.id, asked["message_id"], "Pay 5 and send")


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """Give a stage."""
    async with AsyncExitStack() as stack:
        telegram = Telegram(tokens=[CANARY_TOKEN])
        url = await stack.enter_async_context(telegram_server(telegram))
        yield Stage(tmp_path, stack, url, telegram)


async def get(url: str) -> httpx.Response:
    """Ask over HTTP."""
    async with httpx.AsyncClient(timeout=10) as client:
        return await client.get(url)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def memory_bytes(process_id: int) -> int:
    """Return the resident memory of a process."""
    status = Path(f"/proc/{process_id}/status").read_text()
    found = re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)
    assert found is not None
    return int(found[1]) * 1024


async def test_it_answers_in_polling_mode_and_serves_its_state(stage: Stage) -> None:
    """One run: commands, an answer, health, readiness, figures, an end by SIGINT."""
    child = await stage.ready()
    await stage.answered("/start")
    assert "1,000" in stage.telegram.texts(stage.ben)[0]
    await stage.answered("How big is the pot?")
    await child.line(Event.FREE_TAKEN)
    address = await child.address()
    assert (await get(f"{address}/healthz")).text == "ok"
    readiness = await get(f"{address}/readyz")
    assert (readiness.status_code, readiness.json()["ready"]) == (200, True)
    figures = (await get(f"{address}/metrics")).text
    assert re.search(r'^potluck_updates_total\{result="handled"\} 2\.0$', figures, re.MULTILINE)
    assert re.search(r'^potluck_events_total\{name="free_taken"\} 1\.0$', figures, re.MULTILINE)
    assert "potluck_answer_seconds_count" in figures
    assert (await get(f"{address}/telegram")).status_code == 404
    assert await child.stop(signal.SIGINT) == 0
    assert [line["event"] for line in child.lines()][-2:] == [Event.DRAIN_STARTED, Event.DRAIN_DONE]
    assert child.err == []
    assert_books_are_right(stage.database_url)


async def test_it_answers_in_webhook_mode_over_plain_http(stage: Stage) -> None:
    """The webhook is set with its secret, and taken away again by a start in polling mode."""
    port = free_port()
    settings = {
        "WEBHOOK_URL": f"http://127.0.0.1:{port}",
        "WEBHOOK_SECRET": CANARY_SECRET,
        "HTTP_LISTEN": f"127.0.0.1:{port}",
    }
    child = await stage.ready(**settings)
    assert stage.telegram.webhook.url == f"http://127.0.0.1:{port}/telegram"
    await stage.answered("hello")
    await stage.telegram.drained()
    assert not [one for one in stage.telegram.journal.deliveries if one.outcome == "failed"]
    assert await child.stop() == 0
    polling = await stage.ready()
    assert stage.telegram.webhook.url == ""
    assert (await polling.line(Event.WEBHOOK_MISMATCH))["mode"] == "polling"
    await stage.answered("hello again")
    assert await polling.stop() == 0


async def test_the_second_start_is_ready_in_time_and_idle_memory_stays_small(
    stage: Stage, record_property: Any
) -> None:
    """Seconds are counted from the start of the process, not from its first line."""
    assert await (await stage.ready()).stop() == 0
    seconds: list[float] = []
    memory = 0
    for _ in range(3):
        child = await stage.start()
        await child.line(Event.READY)
        seconds.append(time.perf_counter() - child.began)
        await stage.answered("hello")
        memory = memory_bytes(child.process.pid)
        assert await child.stop() == 0
        assert not [line for line in child.lines() if line["event"] == Event.MIGRATION]
        if min(seconds) < READY_LIMIT_SECONDS:
            break
    print(f"ready after {min(seconds):.2f} s, {memory / 2**20:.0f} MiB resident")
    assert min(seconds) < READY_LIMIT_SECONDS
    assert memory < MEMORY_LIMIT_BYTES


async def test_sigterm_lets_an_answer_under_way_come_to_its_end(stage: Stage) -> None:
    """The player gets what he paid for, and the exit code is 0."""
    child = await stage.ready()
    await stage.pay("tell me all the rules of the pot")
    await child.line(Event.PRICE_HELD)
    assert await child.stop() == 0
    assert child.lines()[-1]["left"] == 0
    assert len([said for said in stage.telegram.texts(stage.ben) if "ticket 1" in said]) == 1
    assert_books_are_right(stage.database_url)


async def test_sigterm_ends_within_ten_seconds_and_loses_nothing_that_is_stuck(stage: Stage) -> None:
    """Telegram asks for a minute's pause: the answer waits in the outbox for the next start."""
    child = await stage.ready()
    address = await child.address()
    stage.telegram.faults.add("429", method="sendMessage", times=None, retry_after=60)
    stage.telegram.say(stage.ben, text="hello")
    await child.line(Event.RATE_LIMITED)
    began = time.perf_counter()
    child.send(signal.SIGTERM)
    await child.line(Event.DRAIN_STARTED)
    draining = await get(f"{address}/readyz")
    assert (draining.status_code, draining.json()["running"]) == (503, False)
    assert await child.end() == 0
    assert time.perf_counter() - began < DRAIN_LIMIT_SECONDS
    assert child.lines()[-1]["left"] == 1
    assert stage.telegram.texts(stage.ben) == []
    stage.telegram.faults.clear()
    again = await stage.ready()
    await stage.said(1)
    assert await again.stop() == 0
    assert len(stage.telegram.texts(stage.ben)) == 1
    assert_books_are_right(stage.database_url)


async def test_a_kill_in_the_middle_of_a_paid_turn_costs_once_and_is_answered_once(stage: Stage) -> None:
    """The next start takes the reserved turn over at once."""
    child = await stage.ready()
    await stage.pay("tell me all the rules of the pot")
    held = await child.line(Event.PRICE_HELD)
    assert await child.stop(signal.SIGKILL) == -signal.SIGKILL
    assert not [line for line in child.lines() if line["event"] == Event.CHARGED]
    again = await stage.ready()
    charged = await again.line(Event.CHARGED)
    assert (charged["turn"], charged["price"]) == (held["turn"], 5)
    await stage.text("ticket 1")
    assert await again.stop() == 0
    assert len([said for said in stage.telegram.texts(stage.ben) if "ticket 1" in said]) == 1
    audit = await stage.start("audit", "--json")
    assert await audit.process.wait() == 0
    assert_books_are_right(stage.database_url)


async def test_a_token_that_telegram_refuses_is_one_line(stage: Stage) -> None:
    assert (await stage.refused(BOT_TOKEN="1:wrong")).startswith("BOT_TOKEN is not known to Telegram")


async def test_a_model_without_its_key_is_one_line(stage: Stage) -> None:
    assert (await stage.refused(MODEL="gemini:flash")).startswith("MODEL_API_KEY is not set")


async def test_a_port_in_use_is_one_line(stage: Stage) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        assert await stage.refused(HTTP_LISTEN=address) == (
            f"can't start: {address} can't be listened on; is it in use?"
        )


async def test_t65_a_second_process_on_the_same_sqlite_file_refuses_to_start(stage: Stage) -> None:
    first = await stage.ready()
    assert "another process uses" in await stage.refused()
    await stage.answered("hello")
    assert await first.stop() == 0


@pytest.mark.parametrize("arguments", [("run",), ("audit",)])
async def test_a_postgres_that_is_not_there_is_one_line_without_its_password(
    stage: Stage, arguments: tuple[str, ...]
) -> None:
    url = f"postgresql://somebody:{CANARY_PASSWORD}@127.0.0.1:{free_port()}/potluck"
    line = await stage.refused(*arguments, DATABASE_URL=url)
    assert "database" in line
    assert "refused" in line


async def test_a_sqlite_file_that_can_not_be_is_one_line(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "can't" in await stage.refused(DATABASE_URL=f"sqlite:///{tmp_path}/file/potluck.db")
    (tmp_path / "folder").mkdir()
    assert "database" in await stage.refused(DATABASE_URL=f"sqlite:///{tmp_path}/folder")


async def test_readiness_is_red_while_postgres_is_away_and_green_when_it_is_back(
    stage: Stage, postgres_url: str
) -> None:
    """The process goes on and answers what came in between."""
    stage.database_url = postgres_url
    child = await stage.ready()
    address = await child.address()
    shut_out(postgres_url, True)
    await child.line(Event.READINESS_CHANGED, database=False)
    assert (await get(f"{address}/readyz")).status_code == 503
    assert (await get(f"{address}/healthz")).status_code == 200
    stage.telegram.say(stage.ben, text="hello")
    shut_out(postgres_url, False)
    await child.line(Event.READINESS_CHANGED, database=True)
    assert (await get(f"{address}/readyz")).status_code == 200
    await stage.said(1)
    assert await child.stop() == 0
    assert not [line for line in child.lines() if line["event"] in (Event.ERROR, Event.UNCAUGHT)]
    assert_books_are_right(postgres_url)


def shut_out(url: str, is_away: bool) -> None:
    """Take a database away from its clients, or give it back."""
    name = urlsplit(url).path.removeprefix("/")
    with psycopg.connect(url.replace(f"/{name}?", "/postgres?"), autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS {not is_away}")
        if is_away:
            query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
            connection.execute(query, (name,))
