"""A player's break: for some days nothing that costs credits. It can be made longer, never shorter."""

from datetime import datetime, timedelta
from typing import ClassVar, Final

from sqlalchemy import Connection, Row

from db.queries import people
from db.session import announce
from services.errors import UserError
from services.events import Happened
from services.people import player_row
from services.stamp import Stamp

DAYS: Final = (1, 7, 30)
ACTIONS: Final = ("break", "break_keep")


class OnBreak(UserError):
    """The player takes a break: nothing that costs credits until then."""

    code: ClassVar[str] = "on_break"

    def __init__(self, *, until: datetime) -> None:
        super().__init__()
        self.until = until


def break_of(player: Row[tuple[object, ...]], now: datetime) -> datetime | None:
    """Return until when a player takes a break, None if he takes none."""
    until: datetime | None = player.break_until
    return until if until is not None and now < until else None


def check_break(player: Row[tuple[object, ...]], now: datetime) -> None:
    """Refuse whatever costs credits, or leads to it, while a player takes a break.

    Raises:
        OnBreak: he does.
    """
    until = break_of(player, now)
    if until is not None:
        raise OnBreak(until=until)


def take_break(tx: Connection, player_id: int, days: int, stamp: Stamp) -> datetime:
    """Begin a break, or make one longer, and return its end."""
    until = end_of(player_row(tx, player_id, lock=True), days, stamp.now)
    tx.execute(people.SET_BREAK, {"player_id": player_id, "to_break_until": until})
    announce(tx, Happened("break_taken", {"player": player_id, "days": days}))
    return until


def end_of(player: Row[tuple[object, ...]], days: int, now: datetime) -> datetime:
    """Return when a break of so many days would end that is taken now: never before the one that is on."""
    return max(now + timedelta(days=days), break_of(player, now) or now)
