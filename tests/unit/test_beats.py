"""Heartbeats: more than two a second while a duel is played here, none but the usual ones else."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast

from bot.beats import BEAT_SECONDS, Beats
from db.session import Database, DatabaseUnavailable
from services.events import DuelBegan, DuelEnded
from services.rules import DuelRules
from services.stamp import Stamps
from tests.app import START, CountedEntropy, MovableClock
from tests.virtual_time import run


class Book:
    """A database that counts what it is asked, and may be away."""

    def __init__(self) -> None:
        self.beats = 0
        self.is_away = False
        self.tell: Callable[[object], None] = lambda _: None

    def on_commit(self, listener: Callable[[object], None]) -> None:
        """Remember who listens."""
        self.tell = listener

    async def transact(self, *_: Any) -> None:
        """Count."""
        self.beats += 1
        if self.is_away:
            raise DatabaseUnavailable("away")


def began(duel_id: int) -> DuelBegan:
    """Return the begin of a duel."""
    where = {"player_id": 1, "chat_id": 1, "telegram_chat_id": 1, "message_id": 1, "language": "en"}
    times = {"started_at": START, "ends_at": START + timedelta(seconds=15)}
    return DuelBegan(duel_id=duel_id, **where, **times)  # type: ignore[arg-type]


def made() -> tuple[Beats, Book, MovableClock]:
    """Return heartbeats with what they need."""
    book, clock = Book(), MovableClock()
    stamps = Stamps(clock=clock, entropy=CountedEntropy(), owner="me", lease=timedelta(seconds=90))
    return Beats(cast("Database", book), stamps, DuelRules()), book, clock


def test_a_process_beats_often_while_it_shows_duels() -> None:
    beats, book, clock = made()

    async def play() -> None:
        running = asyncio.create_task(beats.run())
        await asyncio.sleep(10)
        assert book.beats == 0
        book.tell(began(1))
        book.tell(began(2))
        await asyncio.sleep(3)
        assert book.beats >= 3 / 0.4
        book.tell(DuelEnded(1))
        book.is_away = True  # a beat that fails is silence, and the next one comes all the same
        await asyncio.sleep(3)
        assert book.beats >= 6 / 0.4
        book.tell(DuelEnded(2))
        count = book.beats
        await asyncio.sleep(10)
        assert book.beats == count
        book.tell(began(3))
        clock.move(timedelta(seconds=20))  # another process has ended it
        await asyncio.sleep(10)
        assert book.beats <= count + 1
        running.cancel()

    assert BEAT_SECONDS <= 0.4
    run(play())
