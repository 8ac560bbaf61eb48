"""Caps of what the model uses: of each player and of all together, by the UTC day. Without caps nothing is read."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import Connection, Row

from db.queries import usage
from services import days
from services.errors import UserError
from services.rules import ModelRules


class PlayerCapReached(UserError):
    """The player has used as much of the model today as one player may."""

    code: ClassVar[str] = "player_cap"

    def __init__(self, *, until: datetime) -> None:
        super().__init__()
        self.until = until


class HouseCapReached(UserError):
    """All players together have used as much of the model today as the operator pays for."""

    code: ClassVar[str] = "house_cap"

    def __init__(self, *, until: datetime) -> None:
        super().__init__()
        self.until = until


def check_caps(tx: Connection, player_id: int, day: date, rules: ModelRules, now: datetime) -> None:
    """Refuse another question to the model when a cap is reached; what is under way doesn't count yet.

    Args:
        day: the player's present day.

    Raises:
        PlayerCapReached: his own.
        HouseCapReached: that of all players together.
    """
    if not rules.is_there:
        return
    if rules.player_day_tokens or rules.player_day_micros:
        used = tx.execute(usage.OF_PLAYER_ON_DAY, {"player_id": player_id, "day": day}).one()
        if _is_reached(used, rules.player_day_tokens, rules.player_day_micros):
            raise PlayerCapReached(until=days.next_midnight(now))
    if rules.day_tokens or rules.day_micros:
        used = tx.execute(usage.OF_ALL_ON_DAY, {"day": day}).one()
        if _is_reached(used, rules.day_tokens, rules.day_micros):
            raise HouseCapReached(until=days.next_midnight(now))


def _is_reached(used: Row[tuple[int, int, int]], tokens: int, micros: int) -> bool:
    return bool((tokens and used.tokens >= tokens) or (micros and used.micros >= micros))
