"""A player's counters of the day and of the price window; the day never goes back."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, Row

from db.queries import people
from services import days
from services.pricing import Window, window_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """What a player has paid for in his present day and window; ``spent_today`` in credits."""

    day: date
    window_key: str
    paid_in_window: int
    paid_today: int
    spent_today: int


def counters_of(player: Row[tuple[object, ...]], window: Window, now: datetime) -> Counters:
    """Return the counters as they are now: those of a past day or window count as zero."""
    day = days.day_of(now, last_day=player.day)
    key = window_key(window, day)
    same_day, same_window = day == player.day, key == player.window_key
    return Counters(
        day=day,
        window_key=key,
        paid_in_window=player.paid_in_window if same_window else 0,
        paid_today=player.paid_today if same_day else 0,
        spent_today=player.spent_today if same_day else 0,
    )


def begin_day(tx: Connection, player: Row[tuple[object, ...]], window: Window, now: datetime) -> Counters:
    """Return the counters and, where a new day or window has begun, write them; the player's row is locked."""
    counters = counters_of(player, window, now)
    if (counters.day, counters.window_key) != (player.day, player.window_key):
        tx.execute(
            people.BEGIN_DAY,
            {
                "player_id": player.id,
                "to_day": counters.day,
                "to_paid_today": counters.paid_today,
                "to_spent_today": counters.spent_today,
                "to_window_key": counters.window_key,
                "to_paid_in_window": counters.paid_in_window,
            },
        )
    return counters
