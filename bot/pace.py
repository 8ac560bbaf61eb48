"""Who keeps the pace of sending: this process alone, or all replicas together in their database."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.batcher import Batcher
from bot.bugs import report
from bot.events import Event
from bot.logs import get_logger
from db.session import Database, DatabaseUnavailable, unfenced
from services.pace import close_chat, take_turns
from services.pacing import SECOND_US, Ask, Limits, Pace, Reply, decide, is_spent

IDLE_BUDGETS = 5_000
ANSWER_SECONDS = 1.0
AWAY_SECONDS = 2.0
SPARE_SECONDS = 1.0

log = get_logger(__name__)


class Pacer(Protocol):
    """Says when a send may go."""

    async def ask(self, ask: Ask) -> Reply:
        """Take a turn, or learn when to ask again."""

    async def close(self, ask: Ask, seconds: float) -> None:
        """Tell other replicas that nothing may go to a chat for a while."""


class OwnPace:
    """The pace of one process, in its memory."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._paces: dict[str, Pace] = {}

    async def ask(self, ask: Ask) -> Reply:
        """Take a turn, or learn when to ask again."""
        return self.take(ask)

    def take(self, ask: Ask) -> Reply:
        """Take a turn at once, or learn when to ask again."""
        now_us = round(asyncio.get_running_loop().time() * SECOND_US)
        (reply,), changed = decide([ask], self._limits, self._paces, now_us)
        self._paces |= changed
        if len(self._paces) > IDLE_BUDGETS:
            self._paces = {key: pace for key, pace in self._paces.items() if not is_spent(pace, now_us)}
        return reply

    async def close(self, ask: Ask, seconds: float) -> None:
        """Tell nobody: there are no other replicas."""

    @property
    def known(self) -> frozenset[str]:
        """Return the keys of the budgets that are not forgotten."""
        return frozenset(self._paces)


@dataclass(slots=True)
class _Spare:
    """Turns taken for later; they don't keep."""

    count: int = 0
    until: float = 0.0

    def take(self, now: float) -> bool:
        """Use one up if there is one."""
        if self.count > 0 and now < self.until:
            self.count -= 1
            return True
        return False


class SharedPace:
    """The pace of all replicas, in their database; that of this process alone while the database is away."""

    def __init__(self, db: Database, limits: Limits) -> None:
        self._db = db
        self._limits = limits
        self._own = OwnPace(limits)
        self._asks: Batcher[Ask, dict[Ask, list[Reply]] | None] = Batcher(self._take)
        self._spare = _Spare()
        self._away_until = 0.0

    async def ask(self, ask: Ask) -> Reply:
        """Take a turn, or learn when to ask again; never longer than a second, and never an error."""
        if self._limits.of(ask) is None and self._spare.take(_now()):
            return Reply(0, is_granted=True)
        if _now() < self._away_until:
            return self._own.take(ask)
        replies = await self._asks.put(ask)
        return replies[ask].pop(0) if replies is not None else self._own.take(ask)

    async def close(self, ask: Ask, seconds: float) -> None:
        """Tell the other replicas that nothing may go to a chat for a while."""
        if _now() >= self._away_until:
            await self._close(ask, round(seconds * SECOND_US))

    async def _take(self, asks: Sequence[Ask]) -> dict[Ask, list[Reply]] | None:
        """Ask the database once for all that ask at the same time; None if it doesn't answer."""
        if _now() < self._away_until:
            return None
        wants_spare = any(self._limits.of(ask) is None for ask in asks)
        try:
            with unfenced():
                async with asyncio.timeout(ANSWER_SECONDS):
                    taken = await self._db.transact(take_turns, asks, self._limits, spare=wants_spare)
        except Exception as error:
            self._be_away(error)
            return None
        self._spare = _Spare(taken.spare, _now() + SPARE_SECONDS)
        replies: dict[Ask, list[Reply]] = {}
        for ask, reply in zip(asks, taken.replies, strict=True):
            replies.setdefault(ask, []).append(reply)
        return replies

    async def _close(self, ask: Ask, pause_us: int) -> None:
        try:
            with unfenced():
                async with asyncio.timeout(ANSWER_SECONDS):
                    await self._db.transact(close_chat, ask, self._limits, pause_us)
        except Exception as error:
            self._be_away(error)

    def _be_away(self, error: Exception) -> None:
        """Go on alone for a while; asking a database that is away would hold up every send."""
        self._away_until = _now() + AWAY_SECONDS
        if isinstance(error, DatabaseUnavailable | TimeoutError):
            log.warning(Event.DATABASE_FAILED, step="pace", why=repr(error))
        else:
            report(log, error, step="pace")


def _now() -> float:
    return asyncio.get_running_loop().time()
