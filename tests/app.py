"""The whole bot in one process with the fake Telegram: what end-to-end and reliability tests talk to."""

import asyncio
import functools
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.playground.models import Chat, Json, User
from bot.playground.telegram import Telegram
from bot.playground.transport import transport
from bot.process import Process
from bot.settings import Settings
from bot.wiring import Parts, build
from db.schema import blocking_engine, migrate
from services.audit import Report, run_audit
from services.ports import Entropy, Model
from services.questions import built_in
from services.questions.reading import read_pack
from tests.canary import CANARY_SECRET, CANARY_TOKEN
from tests.judge import judge_journal

OPEN_RATES: dict[str, Any] = {
    "send_per_second": 10_000,
    "chat_send_per_second": 10_000,
    "http_listen": "127.0.0.1:0",
    "drain_seconds": 3,
}
START = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
# Every bot of a test finds the same packs of questions: they are read once.
pytest.MonkeyPatch().setattr(built_in, "read_pack", functools.cache(read_pack))


class MovableClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = START) -> None:
        self._now = now

    def now(self) -> datetime:
        """Return the moment it stands at."""
        return self._now

    def move(self, step: timedelta) -> None:
        """Move it, forward or back."""
        self._now += step


class CountedEntropy:
    """Bytes of which only the last 8, a lease's token, are different each time.

    How often it is asked depends on timing; draws must not, or a test would win by luck now and then.
    """

    def __init__(self, seed: int = 1) -> None:
        self._seed = seed
        self._count = seed * 1_000_000

    def bytes(self, size: int) -> bytes:
        """Return the next bytes."""
        self._count += 1
        parts = ((self._seed, size - 8), (self._count, 8))
        return b"".join(hashlib.shake_256(str(number).encode()).digest(length) for number, length in parts)


@dataclass(kw_only=True)
class Running:
    """A running bot with its Telegram."""

    telegram: Telegram
    parts: Parts
    process: Process
    clock: MovableClock
    settings: Settings

    async def say(self, user: User, chat: Chat | User, text: str, **more: Any) -> Json:
        """Write as a user and wait until the bot is done with it."""
        message = self.telegram.say(user, chat.id if isinstance(chat, User) else chat, text, **more)
        await self.settled()
        return message

    async def press(self, user: User, chat: Chat | User, message_id: int, button: str) -> Json | None:
        """Press a button as a user and wait until the bot is done with it."""
        chat_id = chat.id if isinstance(chat, User) else chat
        answer = await self.telegram.press(user, chat_id, message_id, button)
        await self.settled()
        return answer

    async def settled(self) -> None:
        """Wait until every update is handled, every turn ended and every message out."""
        await self.telegram.drained()
        while True:
            await self.parts.checkouts.idle()
            await self.parts.lanes.idle()
            await self.parts.turns.idle()
            await self.parts.cashier.idle()
            await self.parts.delivery.idle()
            if not (self.parts.lanes.held or self.parts.turns.held or self.parts.delivery.held):
                return

    def texts(self, chat: Chat | User) -> list[str]:
        """Return all that the bot has said in a chat."""
        return self.telegram.texts(chat)

    def last(self, chat: Chat | User) -> str:
        """Return the last thing the bot said in a chat."""
        return self.texts(chat)[-1]

    def buttons(self, chat: Chat | User) -> dict[str, str]:
        """Return the buttons of the bot's last message in a chat: text to data."""
        message = self.telegram.from_bot(chat)[-1]
        rows = (message.markup or {}).get("inline_keyboard", [])
        return {button["text"]: button.get("callback_data", "") for row in rows for button in row}

    def last_id(self, chat: Chat | User) -> int:
        """Return the id of the bot's last message in a chat."""
        return self.telegram.from_bot(chat)[-1].id


def audit(database_url: str) -> Report:
    """Audit a database."""
    engine = blocking_engine(sync_url(database_url))
    try:
        with engine.connect() as connection:
            report = run_audit(connection)
            connection.rollback()
            return report
    finally:
        engine.dispose()


def sync_url(database_url: str) -> str:
    """Return a database's URL as SQLAlchemy takes it."""
    return Settings(database_url=database_url).database_url.sync_url  # type: ignore[arg-type]


def assert_books_are_right(database_url: str) -> None:
    """Fail with the first finding that doesn't hold."""
    report = audit(database_url)
    assert report.is_clean, [finding for finding in report.findings if not finding.holds]


@asynccontextmanager
async def running(
    database_url: str,
    *,
    telegram: Telegram | None = None,
    clock: MovableClock | None = None,
    entropy: Entropy | None = None,
    model: Model | None = None,
    check: bool = True,
    on_build: Callable[[Parts], None] = lambda _: None,
    **settings: Any,
) -> AsyncIterator[Running]:
    """Run the bot; at the end drain it, judge its calls and audit its books (unless ``check`` is False).

    Its Telegram is in this process, without sockets, unless ``bot_api_url`` says where it is served.
    """
    given = Settings(**{"database_url": database_url, "bot_token": CANARY_TOKEN, **OPEN_RATES, **settings})
    clock = clock or MovableClock()
    telegram = telegram or Telegram()
    telegram.now = lambda: clock.now().timestamp()
    await asyncio.to_thread(migrate, given.database_url.sync_url)
    parts = build(
        given,
        token=CANARY_TOKEN,
        clock=clock,
        entropy=entropy or CountedEntropy(),
        model=model,
        httpx_options={} if "bot_api_url" in settings else {"transport": transport(telegram)},
        pause_seconds=0,
    )
    on_build(parts)
    process = Process(given, parts)
    try:
        await process.start()
        yield Running(telegram=telegram, parts=parts, process=process, clock=clock, settings=given)
    finally:
        await process.drain()
    if check:
        assert judge_journal(telegram) == []
        assert_books_are_right(database_url)


__all__ = ["CANARY_SECRET", "MovableClock", "Running", "assert_books_are_right", "audit", "running"]
