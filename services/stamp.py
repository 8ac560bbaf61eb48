"""What a transaction is given from outside: the moment, who works, its lease and its randomness."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from services.ports import Clock, Entropy

LONGEST_BEYOND = timedelta(seconds=30)


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present time in UTC."""
        return datetime.now(UTC)


class SystemEntropy:
    """The machine's source of unpredictable bytes."""

    def bytes(self, size: int) -> bytes:
        """Return ``size`` random bytes."""
        return secrets.token_bytes(size)


@dataclass(frozen=True, slots=True)
class Stamp:
    """One moment of one worker: rows that are born in it are owned by ``owner`` until ``lease_until``."""

    now: datetime
    owner: str
    token: int
    lease_until: datetime
    entropy: bytes

    def turn_lease_until(self, deadline: timedelta, reserved_at: datetime | None = None) -> datetime:
        """Return until when a turn is its worker's: a while beyond the deadline of the answer.

        Nothing prolongs it, so that a turn whose worker dies is released within the deadline and a minute.
        """
        while_beyond = min((self.lease_until - self.now) / 3, LONGEST_BEYOND)
        return max(self.now, (reserved_at or self.now) + deadline) + while_beyond

    def random(self, label: str, size: int = 32) -> bytes:
        """Return ``size`` (at most 32) bytes that only ``label`` and this stamp give, the same when run again."""
        return hmac.digest(self.entropy, label.encode(), hashlib.sha256)[:size]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamps:
    """Makes stamps for one process."""

    clock: Clock
    entropy: Entropy
    owner: str
    lease: timedelta

    def take(self) -> Stamp:
        """Return a stamp of now, with fresh randomness."""
        now = self.clock.now()
        random = self.entropy.bytes(40)
        token = int.from_bytes(random[32:], "big") >> 1
        return Stamp(now, self.owner, token, now + self.lease, random[:32])
