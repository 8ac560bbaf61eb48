"""Telegram's limits on sending: per second in all, per chat with bursts, per minute and group."""

import math
from collections import deque
from dataclasses import dataclass, field


@dataclass(slots=True)
class Window:
    """At most ``size`` events in any ``seconds``."""

    size: int
    seconds: float
    times: deque[float] = field(default_factory=deque)

    def wait_seconds(self, now: float) -> float:
        """Return how long to wait for a free place; zero if there is one."""
        while self.times and (self.times[0] <= now - self.seconds or self.times[0] > now):
            self.times.popleft()
        return 0.0 if len(self.times) < self.size else self.times[0] + self.seconds - now


@dataclass(slots=True)
class RateLimits:
    """Counts sends, for the bot and for each chat; off where a size is 0."""

    total_per_second: int = 30
    chat_burst: int = 10
    chat_burst_seconds: float = 10.0
    group_per_minute: int = 20
    _total: Window = field(init=False)
    _chats: dict[tuple[int, str], Window] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._total = Window(self.total_per_second, 1.0)

    def claim(self, chat_id: int, now: float) -> int:
        """Take a place for one send; return 0, or the seconds to wait without taking one."""
        windows = [window for window in self._windows(chat_id) if window.size]
        wait = max((window.wait_seconds(now) for window in windows), default=0.0)
        if wait > 0:
            return max(1, math.ceil(wait))
        for window in windows:
            window.times.append(now)
        return 0

    def _windows(self, chat_id: int) -> list[Window]:
        burst = (chat_id, "burst"), Window(self.chat_burst, self.chat_burst_seconds)
        found = [self._total, self._chats.setdefault(*burst)]
        if chat_id < 0:
            found.append(self._chats.setdefault((chat_id, "minute"), Window(self.group_per_minute, 60.0)))
        return found
