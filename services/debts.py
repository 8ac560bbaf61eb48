"""Debts: what players owe after Telegram took Stars back. Only deposits pay them off; gifts of the house don't."""

from typing import Any, ClassVar

from sqlalchemy import Row

from services.errors import UserError


class InDebt(UserError):
    """The player owes credits: he can't play before deposits have covered it."""

    code: ClassVar[str] = "in_debt"

    def __init__(self, *, debt: int) -> None:
        super().__init__()
        self.debt = debt


def check_debt(player: Row[Any]) -> None:
    """Refuse whatever is play, or a gift of the house, while a player owes credits.

    Raises:
        InDebt: he does.
    """
    if player.debt_credits > 0:
        raise InDebt(debt=player.debt_credits)
