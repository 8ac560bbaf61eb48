"""Reads the numbers that players type. Only plain ASCII digits count: ``int()`` alone takes far too much."""

import re
from typing import ClassVar, Final

from services.errors import UserError
from services.money import MAX_CREDITS, Credits

LONGEST_CHARS: Final = 19
"""Digits of the largest 64-bit number; anything longer is refused before it is converted."""

_CANONICAL: Final = re.compile(r"0|[1-9][0-9]*")


class BadAmount(UserError):
    """The text is no amount: something else than the digits 0-9, a leading zero, or zero itself."""

    code: ClassVar[str] = "bad_amount"

    def __init__(self, *, most: int) -> None:
        super().__init__()
        self.most = most


class AmountTooLarge(UserError):
    """The text is a plain number, but above the most that is allowed here."""

    code: ClassVar[str] = "amount_too_large"

    def __init__(self, *, most: int) -> None:
        super().__init__()
        self.most = most


class BadNumber(UserError):
    """The text is no plain whole number between ``least`` and ``most``."""

    code: ClassVar[str] = "bad_number"

    def __init__(self, *, least: int, most: int) -> None:
        super().__init__()
        self.least = least
        self.most = most


class BadRound(UserError):
    """The text is no number of a round (1, 2, 3…)."""

    code: ClassVar[str] = "bad_round"


def parse_amount(text: str, *, most: int) -> Credits:
    """Return the credits that ``text`` names, 1 to ``most``, and never above 64 bits.

    Raises:
        BadAmount: it isn't written in the digits 0-9, has a leading zero, or is zero.
        AmountTooLarge: it is more than ``most``.
    """
    limit = min(most, MAX_CREDITS)
    if text == "0" or not _CANONICAL.fullmatch(text):
        raise BadAmount(most=limit)
    value = _convert(text)
    if value is None or value > limit:
        raise AmountTooLarge(most=limit)
    return Credits(value)


def parse_whole(text: str, *, least: int, most: int) -> int:
    """Return the whole number that ``text`` names, ``least`` to ``most`` (neither below zero).

    Raises:
        BadNumber: it isn't written in plain digits 0-9, or out of range.
    """
    value = _convert(text)
    if value is None or not least <= value <= most:
        raise BadNumber(least=least, most=most)
    return value


def parse_round_no(text: str) -> int:
    """Return the number of a round, from 1.

    Raises:
        BadRound: it isn't one.
    """
    try:
        return parse_whole(text, least=1, most=MAX_CREDITS)
    except BadNumber:
        raise BadRound from None


def _convert(text: str) -> int | None:
    if len(text) > LONGEST_CHARS or not _CANONICAL.fullmatch(text):
        return None
    return int(text)
