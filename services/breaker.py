"""A breaker before a model that fails: it is let alone for a while, and players are told so at once."""

from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from services.ports import Clock, Model, ModelUnavailable, Question, Usage
from services.rules import BreakerRules

DOWN: Final = "down"
ANSWERED: Final = frozenset({"refused", "empty"})
"""Failures of a model that is there: it read the question and gave nothing for it."""


class Admission(StrEnum):
    """Whether the model may be asked."""

    USUAL = "usual"
    """It may."""
    PROBE = "probe"
    """It may, to see whether it is back."""
    REFUSED = "refused"
    """It is let alone."""


Note = Callable[[str | None], None]
"""Is told why the breaker opened, or None when it has closed."""


@dataclass(slots=True, kw_only=True)
class Breaker:
    """Tells whether a model may be asked: closed, open, or open with one probe under way."""

    clock: Clock
    rules: BreakerRules
    note: Note = lambda _: None
    _failed_at: deque[datetime] = field(default_factory=deque, init=False)
    _opened_at: datetime | None = field(default=None, init=False)
    _is_probing: bool = field(default=False, init=False)

    def admit(self) -> Admission:
        """Return whether the model may be asked now; while it is open, one is let through when it has rested."""
        if self._opened_at is None:
            return Admission.USUAL
        if self._is_probing or self._is_resting(self._opened_at):
            return Admission.REFUSED
        self._is_probing = True
        return Admission.PROBE

    def _is_resting(self, opened_at: datetime) -> bool:
        return (
            timedelta(0) <= self.clock.now() - opened_at < self.rules.rest
        )  # a clock set back ends the rest

    def succeed(self) -> None:
        """Note that the model is there."""
        was_open = self._opened_at is not None
        self._failed_at.clear()
        self._opened_at, self._is_probing = None, False
        if was_open:
            self.note(None)

    def fail(self, why: str, admission: Admission = Admission.USUAL) -> None:
        """Note that the model failed; while it is open only the probe counts."""
        now = self.clock.now()
        if self._opened_at is not None:
            if admission is Admission.PROBE:
                self._opened_at, self._is_probing = now, False
            return
        self._failed_at.append(now)
        while now - self._failed_at[0] > self.rules.within:
            self._failed_at.popleft()
        if len(self._failed_at) >= self.rules.failures:
            self._opened_at = now
            self.note(why)

    def withdraw(self, admission: Admission) -> None:
        """Note that nobody waits for the answer any more; if it was the probe, the next one is."""
        if admission is Admission.PROBE:
            self._is_probing = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardedModel:
    """A model behind a breaker; an adapter of ``services.ports.Model``."""

    model: Model
    breaker: Breaker

    async def reply(self, question: Question) -> AsyncIterator[str | Usage]:
        """Yield what the model yields.

        Raises:
            ModelUnavailable: nothing (more) will come; with the reason ``down`` it wasn't even asked.
        """
        admission = self.breaker.admit()
        if admission is Admission.REFUSED:
            raise ModelUnavailable(reason=DOWN)
        began_at, has_begun = self.breaker.clock.now(), False
        try:
            async with _closed(self.model.reply(question)) as pieces:
                async for piece in pieces:
                    if isinstance(piece, str) and not has_begun:
                        has_begun = True
                        self.breaker.succeed()
                    yield piece
        except ModelUnavailable as error:
            self._judge(error.reason, admission)
            raise
        except Exception as error:
            self.breaker.fail(type(error).__name__, admission)
            raise
        except BaseException:
            if not has_begun:
                self._left(began_at, admission)
            raise

    def _judge(self, reason: str, admission: Admission) -> None:
        if reason in ANSWERED:
            self.breaker.succeed()
        else:
            self.breaker.fail(reason, admission)

    def _left(self, began_at: datetime, admission: Admission) -> None:
        """Judge an answer that was waited for in vain, or not waited for long enough to say anything."""
        if self.breaker.clock.now() - began_at >= self.breaker.rules.silence:
            self.breaker.fail("timeout", admission)
        else:
            self.breaker.withdraw(admission)


@asynccontextmanager
async def _closed(pieces: AsyncIterator[str | Usage]) -> AsyncIterator[AsyncIterator[str | Usage]]:
    """End the stream of a model when nobody reads on, and not when it happens to be forgotten."""
    try:
        yield pieces
    finally:
        if isinstance(pieces, AsyncGenerator):
            await pieces.aclose()
