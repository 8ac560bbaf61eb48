"""Frozen players: an operator who sees signs of cheating stops what they stake, pay and give, until he lifts it."""

from typing import ClassVar

from sqlalchemy import Row

from services.errors import UserError


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
