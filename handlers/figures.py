"""Shares, spans and times as a language writes them, by Babel's data. No sentences here."""

import functools
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final

_UNITS: Final = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
_GRAINS: Final = ((86_400, 3_600), (60, 60), (0, 1))
"""From this length on, a span is rounded up to that many seconds."""

# Babel is imported where it is needed first: the command line's help must not wait for it.


@functools.cache
def group_symbol(language: str) -> str:
    """Return what stands between groups of three digits."""
    from babel.numbers import get_group_symbol

    return get_group_symbol(language)


@functools.lru_cache(maxsize=256)
def percent(language: str, bps: int) -> str:
    """Return ``bps`` hundredths of a percent, with decimals only where they are needed."""
    from babel.numbers import format_percent

    return format_percent(Decimal(bps) / 10_000, locale=language, decimal_quantization=False)


def dollars(language: str, micros: int) -> str:
    """Return millionths of a US dollar, to a hundredth of a cent where it is less than a dollar."""
    from babel.numbers import format_currency

    amount = Decimal(micros) / 1_000_000
    pattern = "¤#,##0.00" if amount == 0 or amount >= 1 else "¤#,##0.0000"
    return format_currency(amount, "USD", pattern, locale=language, currency_digits=False)


def seconds(language: str, ms: int) -> str:
    """Return milliseconds as seconds with all three decimals: in a duel they may decide."""
    from babel.numbers import format_decimal

    return f"{format_decimal(Decimal(ms) / 1_000, '0.000', locale=language)} s"


@functools.lru_cache(maxsize=1_024)
def span(language: str, length: timedelta) -> str:
    """Return how long something takes in its two largest units, rounded up; never below zero."""
    from babel.lists import format_list
    from babel.units import format_unit

    parts = _parts_of(max(0, -(-length // timedelta(seconds=1))))
    return format_list(
        [format_unit(count, f"duration-{unit}", locale=language) for unit, count in parts],
        locale=language,
    )


def _parts_of(seconds: int) -> list[tuple[str, int]]:
    """Split a span into its two largest units that aren't zero."""
    grain = next(grain for least, grain in _GRAINS if seconds >= least)
    rest = -(-seconds // grain) * grain
    parts = []
    for unit, size in _UNITS:
        count, rest = divmod(rest, size)
        if count:
            parts.append((unit, count))
    return parts[:2] or [("second", 0)]


def ago(language: str, age: timedelta) -> str:
    """Return how long ago something was, in its largest unit: "2 hours ago"; a minute at least."""
    from babel.dates import format_timedelta

    return format_timedelta(
        -max(age, timedelta(minutes=1)), granularity="minute", add_direction=True, locale=language
    )


def moment(language: str, at: date) -> str:
    """Return a day, or for a ``datetime`` the minute in UTC.

    Raises:
        ValueError: a ``datetime`` without its time zone.
    """
    from babel.dates import format_date, format_time

    if not isinstance(at, datetime):
        return format_date(at, locale=language)
    if at.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    at = at.astimezone(UTC)
    return f"{format_date(at, locale=language)}, {format_time(at, 'HH:mm', locale=language)} UTC"
