"""Carries what the bot is told to its queue of updates; payments may get lost, come twice or late on demand."""

from dataclasses import dataclass, field, replace
from typing import Any

from bot.playground.faults import UPDATE_KINDS, Faults
from bot.playground.updates import MESSAGE_TTL_SECONDS, UpdateQueue

PAYMENTS = frozenset({"pre_checkout_query", "successful_payment", "refunded_payment", "subscription"})


@dataclass(frozen=True, slots=True)
class Letter:
    """An update that is on its way."""

    kind: str
    payload: Any
    queue: str
    expires_at: float


@dataclass(slots=True)
class Courier:
    """The way of updates into the queue, faults included."""

    updates: UpdateQueue
    faults: Faults
    _late: list[tuple[float, Letter]] = field(default_factory=list)

    def carry(self, letter: Letter, *, about: str, chat_id: int) -> None:
        """Queue an update; one about a payment as often and as soon as faults let it come."""
        fault = self.faults.take_of(UPDATE_KINDS, about, chat_id) if about in PAYMENTS else None
        match fault.kind if fault is not None else None:
            case "update_lost":
                return
            case "update_doubled":
                self._post(letter)
                self._post(letter)
            case "update_late":
                assert fault is not None
                self._late.append((self.updates.now() + fault.seconds, letter))
            case _:
                self._post(letter)

    def release(self, *, all_of_them: bool = False) -> None:
        """Queue what comes late, once its time has come."""
        now, waiting = self.updates.now(), self._late
        self._late = []
        for due_at, letter in waiting:
            if due_at <= now or all_of_them:
                until = max(letter.expires_at, now + MESSAGE_TTL_SECONDS)
                self._post(replace(letter, expires_at=until))
            else:
                self._late.append((due_at, letter))

    def _post(self, letter: Letter) -> None:
        self.updates.add(letter.kind, letter.payload, queue=letter.queue, expires_at=letter.expires_at)
