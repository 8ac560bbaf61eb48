"""How fast may be sent, as pure rules: what a budget lets through, and when. No clock and no database.

A budget is a GCRA (its state is one moment, https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm); a group's
also counts the sends of its last minute one by one. All times are whole microseconds of one clock.
"""

from collections import ChainMap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
AHEAD_US = SECOND_US
"""How far ahead a turn may be promised; whoever would wait for longer asks again, and takes nothing till then."""
SHORT_US = 5 * SECOND_US
FAR_US = 2 * MINUTE_US
"""What is stored for later than this was stored under another time: the clock has been set back."""
LONGEST_PAUSE_US = 100 * SECOND_US
CHAT_BURST = 3
SPARED_DIVISOR = 2
"""What is only nice to have leaves so much of a chat's budget to what must be said."""
SPARE_DIVISOR = 40
BOT = "bot"


@dataclass(frozen=True, slots=True)
class Limit:
    """A rate: ``burst`` at once, then one ``every_us``; if ``in_minute`` is given, at most so many in any minute."""

    every_us: int
    burst: int
    in_minute: int | None = None
    far_us: int = FAR_US


@dataclass(frozen=True, slots=True)
class Pace:
    """What is known of a budget: when it will be whole again, and its last sends, the oldest first."""

    next_us: int = 0
    recent_us: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """Send after ``wait_us``, or ask again then."""

    wait_us: int
    is_granted: bool


@dataclass(frozen=True, slots=True)
class Ask:
    """Who wants to send."""

    chat: str
    is_group: bool
    is_optional: bool = False
    """Whether it is only nice to have, and goes at once or not at all."""

    @property
    def key(self) -> str:
        """Return the key of the chat's budget."""
        return key_of(self.chat)


NEW = Pace()


def key_of(chat: str) -> str:
    """Return the key of a chat's budget."""
    return f"chat:{chat}"[:40]


def bot_limit(per_second: int) -> Limit:
    """Return the budget of all sends: never more than ``per_second`` in any second, its small burst included."""
    burst = max(1, per_second // 10)
    return Limit(_every(max(1, per_second - burst)), burst, far_us=SHORT_US)


def chat_limit(per_second: int, in_minute: int | None = None) -> Limit:
    """Return the budget of a chat: a short burst, then ``per_second``."""
    return Limit(_every(per_second), max(CHAT_BURST, per_second), in_minute)


def _every(per_second: int) -> int:
    return -(-SECOND_US // per_second)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Telegram's limits: for all sends together, for each chat, and for each group by the minute."""

    per_second: int = 30
    chat_per_second: int = 1
    group_per_minute: int = 20

    @cached_property
    def bot(self) -> Limit:
        """Return the budget of all sends."""
        return bot_limit(self.per_second)

    @cached_property
    def _private(self) -> Limit | None:
        return chat_limit(self.chat_per_second) if self.chat_per_second < self.per_second else None

    @cached_property
    def _group(self) -> Limit:
        return chat_limit(self.chat_per_second, self.group_per_minute)

    def of(self, ask: Ask) -> Limit | None:
        """Return the budget of a chat, or None if that of the bot is narrower."""
        return self._group if ask.is_group else self._private

    @property
    def spare(self) -> int:
        """Return how many turns may be taken at once for later; none at the rates of Telegram."""
        return self.per_second // SPARE_DIVISOR


def earliest(limit: Limit, pace: Pace, now_us: int) -> int:
    """Return when the budget lets the next send through."""
    pace = _trusted(limit, pace, now_us)
    at_us = max(now_us, pace.next_us - (limit.burst - 1) * limit.every_us)
    if limit.in_minute is not None and len(pace.recent_us) >= limit.in_minute:
        at_us = max(at_us, pace.recent_us[-limit.in_minute] + MINUTE_US)
    return at_us


def spend(limit: Limit, pace: Pace, at_us: int, now_us: int, *, count: int = 1) -> Pace:
    """Return the budget after ``count`` sends at ``at_us``."""
    pace = _trusted(limit, pace, now_us)
    recent: tuple[int, ...] = ()
    if limit.in_minute is not None:
        recent = tuple(sorted((*pace.recent_us, *[at_us] * count)))[-limit.in_minute :]
    return Pace(max(pace.next_us, at_us) + count * limit.every_us, recent)


def closed(limit: Limit, pace: Pace, pause_us: int, now_us: int) -> Pace:
    """Return the budget when nothing may go for a while (at most 100 s), and one by one from then on."""
    pace = _trusted(limit, pace, now_us)
    until_us = now_us + min(pause_us, LONGEST_PAUSE_US) + (limit.burst - 1) * limit.every_us
    return Pace(max(pace.next_us, until_us), pace.recent_us)


def _trusted(limit: Limit, pace: Pace, now_us: int) -> Pace:
    """Return what may be believed of a budget: nothing that lies far ahead."""
    most_us = now_us + limit.far_us + limit.burst * limit.every_us
    if pace.next_us <= most_us and (not pace.recent_us or pace.recent_us[-1] <= most_us):
        return pace
    recent = tuple(at_us for at_us in pace.recent_us if at_us <= most_us)
    return Pace(pace.next_us if pace.next_us <= most_us else 0, recent)


def is_spent(pace: Pace, now_us: int) -> bool:
    """Return whether a budget is as good as new."""
    return max(pace.next_us, *pace.recent_us, 0) <= now_us - MINUTE_US


def free_now(limit: Limit, pace: Pace, now_us: int, *, most: int) -> int:
    """Return how many sends, at most ``most``, the budget lets through at once."""
    pace = _trusted(limit, pace, now_us)
    room_us = now_us + (limit.burst - 1) * limit.every_us - max(pace.next_us, now_us)
    return min(most, max(0, room_us // limit.every_us + 1))


def keys_of(asks: Iterable[Ask], limits: Limits) -> list[str]:
    """Return the keys of the budgets that decide over the asks."""
    return [BOT, *sorted({ask.key for ask in asks if limits.of(ask) is not None})]


def decide(
    asks: Sequence[Ask], limits: Limits, paces: dict[str, Pace], now_us: int
) -> tuple[list[Reply], dict[str, Pace]]:
    """Answer each ask in turn; return the answers and the budgets that have changed."""
    changed: dict[str, Pace] = {}
    known = ChainMap(changed, paces)
    return [_answer(ask, limits, known, now_us) for ask in asks], changed


def _answer(ask: Ask, limits: Limits, paces: ChainMap[str, Pace], now_us: int) -> Reply:
    """Give a turn in both budgets, or take nothing: a chat that must wait doesn't hold up the others."""
    limit, chat, bot = limits.of(ask), paces.get(ask.key, NEW), paces.get(BOT, NEW)
    if limit is not None and (wait_us := _wait_us(limit, chat, ask, now_us)) > 0:
        return Reply(wait_us, is_granted=False)
    at_us = earliest(limits.bot, bot, now_us)
    if at_us - now_us > (0 if ask.is_optional else AHEAD_US):
        return Reply(at_us - now_us - AHEAD_US // 2, is_granted=False)
    paces[BOT] = spend(limits.bot, bot, at_us, now_us)
    if limit is not None:
        paces[ask.key] = spend(limit, chat, at_us, now_us)
    return Reply(at_us - now_us, is_granted=True)


def _wait_us(limit: Limit, pace: Pace, ask: Ask, now_us: int) -> int:
    if ask.is_optional and limit.in_minute is not None:
        narrow = max(1, limit.in_minute // SPARED_DIVISOR)
        limit = replace(limit, burst=max(1, limit.burst - 1), in_minute=narrow)
    return earliest(limit, pace, now_us) - now_us
