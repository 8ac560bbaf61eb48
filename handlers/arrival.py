"""When the update that is being handled reached the bot."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

_arrival: ContextVar[datetime] = ContextVar("arrival")


@contextmanager
def arriving(at: datetime) -> Iterator[None]:
    """Handle an update that came at ``at``."""
    mark = _arrival.set(at)
    try:
        yield
    finally:
        _arrival.reset(mark)


def arrived_at() -> datetime:
    """Return when the update came that is being handled."""
    return _arrival.get()
