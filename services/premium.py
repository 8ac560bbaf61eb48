"""Premium: who has it, by its date alone, what it gives, and what is said before its end and after it."""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row

from db.queries import payments
from services.outbox import address_of_player, enqueue
from services.people import player_row
from services.rules import GameRules
from services.stamp import Stamp
from services.timers import TimerKind, set_timer

KNOWN_BY: Final = timedelta(hours=1)
"""A renewal at the last moment, or one that no update told of, is booked by then."""
OVERLAP: Final = timedelta(days=1)
"""Periods of one subscription may overlap as much, where it was renewed before its end."""


def has_premium(player: Row[Any], now: datetime) -> bool:
    """Tell whether a player has Premium now: its date decides, whatever was or wasn't heard of it."""
    return player.premium_until is not None and now < player.premium_until


def renews(player: Row[Any], now: datetime) -> bool:
    """Tell whether a player's Premium goes on beyond its date, as far as is known."""
    return has_premium(player, now) and not player.premium_canceled


def rules_for(player: Row[Any], rules: GameRules, now: datetime) -> GameRules:
    """Return the rules as they are for a player now."""
    return rules.with_premium() if has_premium(player, now) else rules


def pays_again(tx: Connection, player_id: int, until: datetime, rules: GameRules) -> bool:
    """Tell whether a period that ends then was paid for before: by another subscription, since none overlaps itself."""
    period = rules.purchases.premium_period
    others = tx.execute(payments.OTHER_PREMIUM, {"player_id": player_id, "but_payment": 0}).all()
    ends = (other.until or other.paid_at + period for other in others)
    return any(abs(until - end) < period - OVERLAP for end in ends)


def set_notices(tx: Connection, player_id: int, until: datetime, rules: GameRules, stamp: Stamp) -> None:
    """Have a player told, if it is still so then, that his Premium will end, and that it has."""
    times = {"premium_ends": until - rules.purchases.premium_notice, "premium_ended": until + KNOWN_BY}
    for notice, due in times.items():
        cause = f"{notice}:{player_id}:{until.isoformat()}"
        facts = {"player": player_id, "notice": notice, "until": until.isoformat()}
        set_timer(tx, TimerKind.PREMIUM, cause, due, facts=facts, stamp=stamp)


def tell_of_end(tx: Connection, timer: Row[Any], stamp: Stamp) -> bool:
    """Tell a player that his Premium ends or has ended: the job of such a timer."""
    facts = timer.facts
    player: Row[Any] = player_row(tx, facts["player"], lock=True)
    address = address_of_player(tx, player)
    if address is not None and _is_so(player, facts, stamp.now):
        enqueue(tx, address, facts["notice"], {"until": facts["until"]}, key=timer.cause, stamp=stamp)
    return False


def _is_so(player: Row[Any], facts: dict[str, str], now: datetime) -> bool:
    """Tell whether Premium ends when it was to; one that renews by itself needs no word before."""
    if player.premium_until != datetime.fromisoformat(facts["until"]):
        return False
    has_ended = not has_premium(player, now)
    return has_ended if facts["notice"] == "premium_ended" else player.premium_canceled and not has_ended
