"""What the next message costs, how likely it wins, and which window its price counts in. Pure."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, assert_never

from services.money import Credits

CERTAIN_PPM: Final = 1_000_000
"""A chance of one, in millionths."""


class Window(StrEnum):
    """How long paid messages keep raising a player's price."""

    DAY = "day"
    """One UTC day."""
    WEEK = "week"
    """One ISO week, Monday to Sunday in UTC."""
    LIFETIME = "lifetime"
    """For ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRule:
    """The figures of the rising price, in whole credits."""

    base: int = 5
    step: int = 5
    cap: int = 100
    window: Window = Window.DAY


def price_of_next(rule: PriceRule, *, paid_in_window: int) -> Credits:
    """Return the price of the message that follows ``paid_in_window`` paid ones."""
    return Credits(min(rule.base + rule.step * paid_in_window, rule.cap))


def half_price(price: int) -> Credits:
    """Return what a message costs where the pot is switched off: half of ``price``, rounded up."""
    return Credits((price + 1) // 2)


def chance_ppm(price: int, *, ppm_per_credit: int = 1_000) -> int:
    """Return the chance of a ticket in millionths, proportional to its price and never above certainty."""
    return min(price * ppm_per_credit, CERTAIN_PPM)


def window_key(window: Window, day: date) -> str:
    """Return the name of the window that a UTC day lies in: ``2026-11-21``, ``2026-W47`` or ``all``."""
    match window:
        case Window.DAY:
            return day.isoformat()
        case Window.WEEK:
            iso = day.isocalendar()
            return f"{iso.year}-W{iso.week:02}"
        case Window.LIFETIME:
            return "all"
    assert_never(window)
