"""When the update in hand reached the bot: what has to come in time is judged by that."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

_arrived: ContextVar[datetime | None] = ContextVar("arrived", default=None)


@contextmanager
def arrived(at: datetime | None) -> Iterator[None]:
    """Handle an update that arrived then."""
    mark = _arrived.set(at)
    try:
        yield
    finally:
        _arrived.reset(mark)


def arrived_at() -> datetime | None:
    """Return when it arrived; None if that isn't known."""
    return _arrived.get()
