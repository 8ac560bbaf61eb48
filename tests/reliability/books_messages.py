"""What the model knows of a message, and of a question with buttons."""

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
    feeds: bool = True
    """Whether the pot was on when its price was held."""
    day: date | None = None
    reserved_at: datetime = NEVER
    owner: str = ""
    worker: int = 0
    lease_until: datetime = NEVER


@dataclass(kw_only=True)
class Ask:
    """A question with buttons: to pay for a message, to make a gift, or to reset a pot."""

    player: int
    place: int
    credits: int
    """The price, the gift, or the round that would be closed."""
    until: datetime
    ways: tuple[str, ...]
    key: Key | None = None
    is_used: bool = False


@dataclass(frozen=True, kw_only=True)
class Press:
    """Somebody's press of a button."""

    way: str
    player: int
    place: int
    is_admin: bool
    owner: str
    at: datetime
