"""A player's break: for some days nothing that costs credits. It can be made longer, never shorter."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final

from sqlalchemy import Connection, Row

from db.queries import people
from db.session import Database, announce, unfinished
from services.buttons import add_buttons
from services.errors import UserError
from services.events import Happened
from services.people import player_row
from services.rules import GameRules
from services.stamp import Stamp, Stamps

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


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedBreak:
    """A question whether to take a break: when it would end, and its buttons."""

    until: datetime
    buttons: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskBreak:
    """Ask a player by buttons whether he wants a break of so many days: it has no early end."""

    db: Database
    stamps: Stamps
    rules: GameRules

    async def __call__(self, *, player_id: int, chat_id: int, days: int) -> AskedBreak:
        """Return the question, as of now."""
        with unfinished():  # the question itself comes behind the commit
            where = (player_id, chat_id)
            return await self.db.transact(_ask_break, where, days, self.rules, self.stamps.take())


def _ask_break(
    tx: Connection, where: tuple[int, int], days: int, rules: GameRules, stamp: Stamp
) -> AskedBreak:
    player_id, chat_id = where
    tokens = add_buttons(
        tx,
        {action: {"days": days} for action in ACTIONS},
        player_id=player_id,
        chat_id=chat_id,
        ttl=rules.talk.confirm,
        stamp=stamp,
        label=f"break:{player_id}:{stamp.token}",
    )
    return AskedBreak(until=_until(player_row(tx, player_id), days, stamp), buttons=tokens)


def take_break(tx: Connection, player_id: int, days: int, stamp: Stamp) -> datetime:
    """Begin a break, or make one longer, and return its end."""
    until = _until(player_row(tx, player_id, lock=True), days, stamp)
    tx.execute(people.SET_BREAK, {"player_id": player_id, "to_break_until": until})
    announce(tx, Happened("break_taken", {"player": player_id, "days": days}))
    return until


def _until(player: Row[tuple[object, ...]], days: int, stamp: Stamp) -> datetime:
    return max(stamp.now + timedelta(days=days), break_of(player, stamp.now) or stamp.now)
