"""What the model knows of a message, and of a question with two buttons."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

Key = tuple[int, int]
"""A message: its Telegram chat and its number there."""
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Said:
    """A message as it was written."""

    key: Key
    player: int
    always_paid: bool
    sent_at: datetime


@dataclass(kw_only=True)
class Turn:
    """A message and what has become of it; ``worker`` counts those who were given it."""

    said: Said
    created_at: datetime
    state: str = "waiting"
    price: int | None = None
    agreed: int | None = None
    confirm_until: datetime | None = None
    is_free: bool = False
    day: date | None = None
    reserved_at: datetime = NEVER
    owner: str = ""
    worker: int = 0
    lease_until: datetime = NEVER


@dataclass(kw_only=True)
class Ask:
    """A question with two buttons: to pay for a message, or to make a gift."""

    player: int
    place: int
    credits: int
    until: datetime
    key: Key | None = None
    is_used: bool = False
