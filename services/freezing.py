"""Frozen players: an operator who sees signs of cheating stops what they stake, pay and give, until he lifts it."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sqlalchemy import Connection, Row

from db.queries import people
from db.session import Database, announce, unfinished
from services.errors import UserError
from services.events import Happened
from services.ports import Clock


class PlayerFrozen(UserError):
    """An operator looks into the player's duels: no stakes, payments and gifts until he is done."""

    code: ClassVar[str] = "player_frozen"


def check_frozen(player: Row[tuple[object, ...]]) -> None:
    """Refuse whatever costs credits, or leads to it, while a player is frozen.

    Raises:
        PlayerFrozen: he is.
    """
    if player.frozen_at is not None:
        raise PlayerFrozen


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFrozen:
    """Freeze a player, or let him play again; what he has under way goes on."""

    db: Database
    clock: Clock

    async def __call__(self, *, player_id: int, operator_id: int, is_frozen: bool) -> None:
        """Do it in an operator's name (our keys of both), once however often it is asked for."""
        change = freeze if is_frozen else unfreeze
        with unfinished():  # the list that shows it comes behind the commit
            await self.db.transact(change, player_id, operator_id, self.clock.now())


def freeze(tx: Connection, player_id: int, operator_id: int, now: datetime) -> None:
    """Freeze a player in this transaction."""
    if tx.scalar(people.FREEZE, {"player_id": player_id, "at": now}) is not None:
        announce(tx, Happened("player_frozen", {"player": player_id, "operator": operator_id}))


def unfreeze(tx: Connection, player_id: int, operator_id: int, now: datetime) -> None:
    """Let a player play again, from ``now`` on."""
    if tx.scalar(people.UNFREEZE, {"player_id": player_id}) is not None:
        announce(tx, Happened("player_unfrozen", {"player": player_id, "operator": operator_id}))
