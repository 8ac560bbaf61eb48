"""Holds back a player who writes too fast, before any money is touched. Pure; one fixed window per player."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

WINDOW: Final = timedelta(minutes=1)
"""How long a window lasts from its first message."""


class Verdict(StrEnum):
    """What becomes of a message."""

    OK = "ok"
    """It is handled."""
    DROPPED = "dropped"
    """It is dropped without a word."""
    DROPPED_AND_TELL = "dropped_and_tell"
    """It is dropped, and the player is told: the first one dropped of a window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Minute:
    """A player's present window: when it began and how many messages it saw."""

    started_at: datetime
    count: int


def admit(minute: Minute | None, *, now: datetime, limit: int = 20) -> tuple[Minute, Verdict]:
    """Return the window with one more message in it, and what becomes of that message.

    The count stops just above the limit, which also remembers that the player was told. A clock that went
    back begins a new window, so nobody stays locked out.
    """
    if minute is None or not minute.started_at <= now < minute.started_at + WINDOW:
        minute = Minute(started_at=now, count=0)
    following = Minute(started_at=minute.started_at, count=min(minute.count, limit) + 1)
    if following.count <= limit:
        return following, Verdict.OK
    return following, Verdict.DROPPED if minute.count > limit else Verdict.DROPPED_AND_TELL
