"""The screen of /limit: what a player wants to be asked about, and the most he wants to spend a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast

from handlers.breaks import break_line
from handlers.navigation import Look, Screen
from handlers.words import Html, Words
from services.amounts import parse_amount
from services.counters import counters_of
from services.limits import Limit, LimitKind, Limits
from services.money import MAX_CREDITS

_DAY: Final = frozenset({"day", "día", "dia"})
_OFF: Final = frozenset({"off", "no"})


@dataclass(frozen=True, slots=True)
class Wish:
    """A limit as a player asks for it; ``credits`` None: no limit."""

    kind: LimitKind
    credits: int | None


def parse_wish(arguments: Sequence[str]) -> Wish | None:
    """Return what is asked for behind /limit, or None if it can't be understood.

    Raises:
        BadAmount, AmountTooLarge: the number is no amount.
    """
    match [one.casefold() for one in arguments]:
        case [day, off] if day in _DAY and off in _OFF:
            return Wish(LimitKind.DAY_CAP, None)
        case [day, amount] if day in _DAY:
            return Wish(LimitKind.DAY_CAP, parse_amount(amount, most=MAX_CREDITS))
        case [amount] if not amount.isalpha():
            return Wish(LimitKind.GUARD, parse_amount(amount, most=MAX_CREDITS))
        case _:
            return None


async def limit_screen(look: Look) -> Screen:
    """Draw the limits, or change one and draw what has changed."""
    if not look.arguments:
        return Screen(await _shown(look) + break_line(look))
    wish = parse_wish(look.arguments)
    if wish is None:
        return Screen(look.words("limit.how"))
    limits = await look.services.set_limit(
        player_id=look.reader.player_id, kind=wish.kind, credits=wish.credits
    )
    return Screen(_changed(look.words, wish.kind, limits, look.services.clock.now()))


async def _shown(look: Look) -> str:
    limits = await look.services.limits(player_id=look.reader.player_id)
    now, words = look.services.clock.now(), look.words
    spent = counters_of(look.reader.player, look.services.rules.price.window, now).spent_today
    most = limits.day_cap.credits
    day = words("limit.day_none") if most is None else words("limit.day", most=most, spent=spent)
    return words(
        "limit.screen",
        dearest=cast("int", limits.guard.credits),
        dearest_pending=_pending(words, limits.guard, now),
        day=Html(day),
        day_pending=_pending(words, limits.day_cap, now),
    )


def _pending(words: Words, limit: Limit, now: datetime) -> Html:
    if limit.next_at is None:
        return Html("")
    wait = limit.next_at - now
    if limit.next_credits is None:
        return Html(" " + words("limit.pending_off", wait=wait))
    return Html(" " + words("limit.pending", amount=limit.next_credits, wait=wait))


def _changed(words: Words, kind: LimitKind, limits: Limits, now: datetime) -> str:
    if kind is LimitKind.GUARD:
        return _changed_guard(words, limits.guard, now)
    return _changed_day(words, limits.day_cap, now)


def _changed_guard(words: Words, limit: Limit, now: datetime) -> str:
    if limit.next_at is not None:
        return words("limit.raise_waits", dearest=limit.next_credits, wait=limit.next_at - now)
    return words("limit.lowered", dearest=limit.credits)


def _changed_day(words: Words, limit: Limit, now: datetime) -> str:
    if limit.next_at is not None and limit.next_credits is None:
        return words("limit.off_waits_day", wait=limit.next_at - now)
    if limit.next_at is not None:
        return words("limit.raise_waits_day", most=limit.next_credits, wait=limit.next_at - now)
    if limit.credits is None:
        return words("limit.day_none")
    return words("limit.lowered_day", most=limit.credits)
