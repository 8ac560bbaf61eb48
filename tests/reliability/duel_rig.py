"""Processes that show duels and die of it: before, within and behind transactions, by seeded chance."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from db.models.transport import OutboxState
from db.session import Database
from services import outbox
from services.deliveries import note_deliveries
from services.events import Outgoing
from services.heartbeat import beat
from services.outbox import Delivered
from services.stamp import Stamps
from services.timers import RunTimers
from tests.app import CountedEntropy
from tests.house import JOBS, House, jobs_of_duels

P = ParamSpec("P")
T = TypeVar("T")
LEASE = timedelta(seconds=6)


class Died(BaseException):
    """The process ended here."""


@dataclass(kw_only=True)
class Replica:
    """A process: what it has in hand is gone when it dies; a successor with another name follows."""

    house: House
    db: Database
    name: str
    chance: random.Random
    deaths: float
    """How likely it dies at a transaction."""
    seen: Callable[[int, datetime], None]
    """Is told of every first question that Telegram took."""
    hands: list[Outgoing] = field(default_factory=list)
    lives: int = 0
    back_at: datetime | None = None

    def __post_init__(self) -> None:
        self.db.on_commit(self._on_commit)
        self._rise()

    def _rise(self) -> None:
        self.lives += 1
        entropy = CountedEntropy(seed=self.chance.randrange(10**6))
        name = f"{self.name}{self.lives}"
        self.stamps: Stamps = replace(self.house.stamps, owner=name, entropy=entropy, lease=LEASE)

    @property
    def is_up(self) -> bool:
        """Return whether it is alive and awake."""
        return self.back_at is None or self.house.clock.now() >= self.back_at

    def _on_commit(self, event: object) -> None:
        if isinstance(event, Outgoing):
            self.hands.append(event)

    async def transact(
        self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a transaction, and perhaps die before, within or behind it.

        Raises:
            Died: it did.
        """
        fate = (
            self.chance.choice(("before", "within", "behind")) if self.chance.random() < self.deaths else ""
        )
        if fate == "before":
            raise self._death()

        def work(tx: Connection) -> T:
            result = fn(tx, *args, **kwargs)
            if fate == "within":
                raise Died
            return result

        try:
            result = await self.db.transact(work)
        except Died:
            raise self._death() from None
        if fate == "behind":
            raise self._death()
        return result

    def _death(self) -> Died:
        """End, with all that is in hand; the successor comes at once or after a few seconds."""
        self.hands.clear()
        self._rise()
        self.back_at = self.house.clock.now() + timedelta(seconds=self.chance.choice((0, 0.5, 3)))
        return Died()

    async def read(self, fn: Callable[..., T], *args: Any) -> T:
        """Read."""
        return await self.db.read(fn, *args)

    async def tick(self) -> None:
        """Beat, run timers, take over what nobody sends, send what is in hand."""
        rules = self.house.rules
        await self.transact(beat, rules.duels, self.stamps.take())
        run = RunTimers(db=self, stamps=self.stamps, jobs=JOBS | jobs_of_duels(rules))  # type: ignore[arg-type]
        await run(limit=50, note=lambda _: None)
        self.hands += await self.transact(outbox.claim_outgoing, 100, alone=False, stamp=self.stamps.take())
        await self._send()

    async def _send(self) -> None:
        sent = []
        while self.hands:
            sent.append(await self._send_one(self.hands.pop(0)))
        if sent:
            await self.transact(note_deliveries, sent, self.house.rules, self.stamps.take())

    async def _send_one(self, message: Outgoing) -> Delivered:
        is_once = message.notice in outbox.ONCE
        if is_once and not await self.transact(outbox.begin_once, message.outbox_id, message.token):
            return Delivered(message=message, state=OutboxState.FAILED, tries=1)
        if self.chance.random() < self.deaths:
            raise self._death()
        if is_once and self.chance.random() < 0.02:  # refused, or it isn't known
            return Delivered(message=message, state=OutboxState.FAILED, tries=1)
        at = self.house.clock.now()
        if is_once:
            self.seen(int(str(message.facts["duel_id"])), at)
        if self.chance.random() < self.deaths:
            raise self._death()
        done = {"tries": 1, "telegram_id": 7_000, "message_id": message.outbox_id, "at": at}
        return Delivered(message=message, state=OutboxState.SENT, **done)  # type: ignore[arg-type]
