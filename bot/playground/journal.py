"""Remembers every Bot API call and what became of every update; bounded."""

from collections import deque
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any


@dataclass(slots=True)
class CallRecord:
    """One Bot API call; ``violations`` lists what Telegram lets pass and we don't want to."""

    n: int
    at: float
    method: str
    params: dict[str, Any]
    ok: bool = False
    status: int = 0
    error: str | None = None
    result: Any = None
    fault: str | None = None
    ms: float = 0.0
    violations: list[str] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)

    def view(self) -> dict[str, Any]:
        """Return the call for the control API."""
        return asdict(self)


@dataclass(slots=True, frozen=True)
class Delivery:
    """What became of an update at one moment: acknowledged, failed, expired or dropped."""

    at: float
    update_id: int | None
    kind: str
    how: str
    outcome: str
    detail: str = ""


class Journal:
    """The last calls and the last deliveries."""

    def __init__(self, limit: int = 100_000) -> None:
        self.calls: deque[CallRecord] = deque(maxlen=limit)
        self.deliveries: deque[Delivery] = deque(maxlen=limit)
        self.last_n = 0

    def open(self, method: str, params: dict[str, Any], at: float) -> CallRecord:
        """Start the record of a call; it is listed from its start on."""
        self.last_n += 1
        record = CallRecord(self.last_n, at, method, params)
        self.calls.append(record)
        return record

    def after(self, n: int, limit: int) -> list[CallRecord]:
        """Return up to ``limit`` calls that came after number ``n``, oldest first."""
        found: list[CallRecord] = []
        for record in reversed(self.calls):
            if record.n <= n:
                break
            found.append(record)
        return found[::-1][:limit]

    def newest(self, limit: int) -> list[CallRecord]:
        """Return the last ``limit`` calls, oldest first."""
        return list(islice(reversed(self.calls), max(limit, 0)))[::-1]

    def clear(self) -> None:
        """Forget all calls and deliveries; numbers go on."""
        self.calls.clear()
        self.deliveries.clear()
