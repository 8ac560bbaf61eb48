"""Frozen players: an operator who sees signs of cheating stops what they stake, pay and give, until he lifts it."""

from typing import ClassVar, Final

from sqlalchemy import Connection, Row

from db.queries import people
from db.session import announce
from services.errors import UserError
from services.events import Happened
from services.stamp import Stamp

FREEZE: Final = "freeze"
UNFREEZE: Final = "unfreeze"


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


def freeze(tx: Connection, player_id: int, operator_id: int, stamp: Stamp) -> None:
    """Freeze a player; what he has under way goes on, and who is frozen stays so."""
    if tx.scalar(people.FREEZE, {"player_id": player_id, "at": stamp.now}) is not None:
        announce(tx, Happened("player_frozen", {"player": player_id, "operator": operator_id}))


def unfreeze(tx: Connection, player_id: int, operator_id: int) -> None:
    """Let a player play again."""
    if tx.scalar(people.UNFREEZE, {"player_id": player_id}) is not None:
        announce(tx, Happened("player_unfrozen", {"player": player_id, "operator": operator_id}))
