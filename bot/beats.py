"""Heartbeats: now and then always, and many a second while this process shows duels, whose time must not be lost."""

import asyncio
from datetime import datetime, timedelta

from bot.bugs import report
from bot.logs import get_logger
from db.session import Database, DatabaseUnavailable
from services import heartbeat
from services.events import DuelBegan, DuelEnded
from services.rules import DuelRules
from services.stamp import Stamps

BEAT_SECONDS = 0.3
BEYOND = timedelta(seconds=1)

log = get_logger(__name__)


class Beats:
    """Writes down that this process is alive."""

    def __init__(self, db: Database, stamps: Stamps, rules: DuelRules) -> None:
        self._db = db
        self._stamps = stamps
        self._rules = rules
        self._shown: dict[int, datetime] = {}
        self._showing = asyncio.Event()
        db.on_commit(self._on_commit)

    async def beat(self) -> None:
        """Do it once.

        Raises:
            DatabaseUnavailable: it can't be written.
        """
        await self._db.transact(heartbeat.beat, self._rules, self._stamps.take())

    async def run(self) -> None:
        """Do it, for ever, while a duel is played that this process shows; meanwhile a failure is silence."""
        while True:
            await self._showing.wait()
            try:
                await self.beat()
            except DatabaseUnavailable:
                pass
            except Exception as error:
                report(log, error, step="beats")
            self._drop_past()
            await asyncio.sleep(BEAT_SECONDS)

    def _on_commit(self, event: object) -> None:
        if isinstance(event, DuelBegan):
            self._shown[event.duel_id] = event.ends_at + BEYOND
            self._showing.set()
        elif isinstance(event, DuelEnded):
            self._shown.pop(event.duel_id, None)
            self._drop_past()

    def _drop_past(self) -> None:
        now = self._stamps.clock.now()
        self._shown = {duel_id: until for duel_id, until in self._shown.items() if now < until}
        if not self._shown:
            self._showing.clear()
