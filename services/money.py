"""Whole credits: their range, how a price is split, and what a pot pays. Pure; no accounts here."""

from dataclasses import dataclass
from typing import ClassVar, Final, NewType

from services.errors import InvariantError

Credits = NewType("Credits", int)

MAX_CREDITS: Final = Credits(2**63 - 1)
"""The largest sum that the books can hold (a signed 64-bit number)."""

BPS_OF_ALL: Final = 10_000
"""All of a sum, in basis points."""


class BadSum(InvariantError):
    """A sum that can't be credits: no whole number, below zero or above 64 bits."""

    code: ClassVar[str] = "bad_sum"

    def __init__(self, *, value: object) -> None:
        super().__init__()
        self.value = value


def whole_credits(value: object) -> Credits:
    """Return ``value`` as credits.

    Raises:
        BadSum: it is a float or a bool, below zero, or more than the books can hold.
    """
    if type(value) is not int or not 0 <= value <= MAX_CREDITS:
        raise BadSum(value=value)
    return Credits(value)


@dataclass(frozen=True, slots=True)
class Split:
    """The two parts of a price; together they are the price."""

    house: Credits
    pot: Credits


def split_price(price: int, *, house_divisor: int = 10) -> Split:
    """Return the house's part, ``price // house_divisor``, and the rest, the pot's.

    Raises:
        BadSum: the price can't be credits.
    """
    whole = whole_credits(price)
    house = whole // house_divisor
    return Split(house=Credits(house), pot=Credits(whole - house))


def prize_of(pot_credits: int, *, share_bps: int = 9_000, cap: int = 1_000) -> Credits:
    """Return what a pot pays: a share of it in basis points, rounded down, at most ``cap``; at least 1 of any.

    Raises:
        BadSum: the pot can't be credits.
    """
    whole = whole_credits(pot_credits)
    return Credits(min(max(whole * share_bps // BPS_OF_ALL, min(whole, 1)), cap))
