"""Stand-ins of tests behind the real ports: models that follow a script, a way to the webhook, a log to read."""

import asyncio
import io
import json
import logging
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from sqlalchemy import Connection, select

from bot.logs import configure_logging
from bot.playground.models import User
from bot.playground.telegram import Telegram
from bot.process import Process
from db.models.chats import turn
from db.models.transport import inbox
from handlers.words import Words
from services.ports import Question
from tests.app import Running, running
from tests.canary import CANARY_SECRET, CANARY_TOKEN
from tests.scene import Scene

WEBHOOK = {"webhook_url": "http://bot.test/telegram", "webhook_secret": CANARY_SECRET}
"""Settings of a bot that takes its updates by webhook."""

EN, ES = Words("en"), Words("es")
PAID: dict[str, Any] = {"free_messages_per_day": 0}
FAST: dict[str, Any] = {"messages_per_minute": 10_000}
CERTAIN: dict[str, Any] = {
    "free_messages_per_day": 0,
    "price_base": 100,
    "price_cap": 100,
    "chance_ppm_per_credit": 10_000,
    "prize_cap_credits": 100,
    "guard_limit_credits": 100,
}
"""Settings under which every ticket wins."""

Step = str | Exception | asyncio.Event
"""A piece of an answer, an error to fail with, or something to wait for."""


class ScriptedModel:
    """Follows one script per reply, the last one again and again; remembers what it was asked."""

    def __init__(self, *scripts: tuple[Step, ...]) -> None:
        self._scripts = list(scripts)
        self._asked = asyncio.Condition()
        self.questions: list[Question] = []

    async def reply(self, question: Question) -> AsyncIterator[str]:
        """Yield the pieces of the next script."""
        script = self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]
        async with self._asked:
            self.questions.append(question)
            self._asked.notify_all()
        for step in script:
            if isinstance(step, Exception):
                raise step
            if isinstance(step, asyncio.Event):
                await step.wait()
            else:
                yield step

    async def asked(self, times: int, timeout_seconds: float = 5.0) -> None:
        """Wait until it was asked so many times.

        Raises:
            TimeoutError: it wasn't.
        """
        async with asyncio.timeout(timeout_seconds), self._asked:
            await self._asked.wait_for(lambda: len(self.questions) >= times)


class ToProcess(httpx.AsyncBaseTransport):
    """Carries what the fake Telegram posts to its webhook to a process's own HTTP server, over loopback."""

    def __init__(self) -> None:
        self.process: Process | None = None
        self._inner = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Post to the process; nobody listens while there is none."""
        if self.process is None:
            raise httpx.ConnectError("nobody listens", request=request)
        request.url = request.url.copy_with(host="127.0.0.1", port=port_of(self.process))
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


def fine() -> ScriptedModel:
    """Return a model that always says the same."""
    return ScriptedModel(("fine",))


@asynccontextmanager
async def running_webhook(
    database_url: str, *, telegram: Telegram | None = None, **settings: Any
) -> AsyncIterator[Running]:
    """Run a bot that takes its updates by webhook, over real HTTP on loopback."""
    telegram = telegram or Telegram(backoff=lambda _: 0.0)
    way = telegram.webhook.transport = ToProcess()
    try:
        async with running(database_url, telegram=telegram, **{**WEBHOOK, **settings}) as app:
            way.process = app.process
            yield app
    finally:
        await telegram.aclose()


@asynccontextmanager
async def webhook_app(database_url: str) -> AsyncIterator[tuple[Running, httpx.AsyncClient]]:
    """Run a bot that takes updates by webhook, with a client that talks to it."""
    async with running_webhook(database_url) as app:
        url = f"http://127.0.0.1:{port_of(app.process)}"
        async with httpx.AsyncClient(base_url=url) as client:
            yield app, client


def port_of(process: Process) -> int:
    """Return the port of a process's HTTP server."""
    assert process._server is not None
    return process._server.port


@dataclass
class Log:
    """The lines that were logged."""

    stream: io.StringIO = field(default_factory=io.StringIO)

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Return the lines as what their JSON says."""
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]

    def of(self, event: str) -> list[dict[str, Any]]:
        """Return the lines of one event."""
        return [line for line in self.lines if line["event"] == event]


@contextmanager
def logged(level: str = "INFO") -> Iterator[Log]:
    """Log into memory, redacting the canaries as the product does, and put all back at the end."""
    root = logging.getLogger()
    handlers, before, hooks = root.handlers[:], root.level, (sys.excepthook, threading.excepthook)
    log = Log()
    root.handlers.clear()
    configure_logging("json", level, (CANARY_TOKEN, CANARY_SECRET), log.stream)
    try:
        yield log
    finally:
        configure_logging()
        root.handlers[:], root.level = handlers, before
        sys.excepthook, threading.excepthook = hooks
        logging.captureWarnings(False)


async def turns_of(app: Running) -> list[str]:
    """Return the states of all turns, the oldest first."""

    def read(tx: Connection) -> list[str]:
        return list(tx.scalars(select(turn.c.state).order_by(turn.c.id)))

    return await app.parts.db.read(read)


async def inbox_of(app: Running) -> dict[int, tuple[str, bytes]]:
    """Return the state and the bytes of every stored update."""

    def read(tx: Connection) -> dict[int, tuple[str, bytes]]:
        rows = tx.execute(select(inbox.c.update_id, inbox.c.state, inbox.c.body))
        return {row.update_id: (row.state, row.body) for row in rows}

    return await app.parts.db.read(read)


def message_update(update_id: int, user: User, text: str, **more: Any) -> dict[str, Any]:
    """Return the update of a private message."""
    person = {"id": user.id, "is_bot": False, "first_name": user.first_name}
    chat = {"id": user.id, "type": "private", "first_name": user.first_name}
    message = {"message_id": update_id, "from": person, "chat": chat, "date": 1_795_262_400, "text": text}
    return {"update_id": update_id, "message": message | more}


async def balance_of(here: Scene, user: User) -> str:
    """Return what /balance says first."""
    return (await here.ask(user, "/balance")).partition(".")[0]
