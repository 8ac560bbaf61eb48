"""The end of the play: a result is there, and is compared at once if the opponent's is; or the duel doesn't count."""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row

from db.models.duels import DuelState
from db.queries import duels
from db.session import announce
from services.duels.sets import Table, table_of
from services.duels.settle import settle
from services.duels.silence import was_silent
from services.duels.telling import tell
from services.duels.void import DOWN, void_all
from services.events import DuelEnded, Happened
from services.inbox import PRESSES
from services.people import player_row
from services.rules import GameRules
from services.stamp import Stamp
from services.timers import TimerKind, set_timer, wait_on

TRANSIT: Final = timedelta(seconds=0.5)
"""A press that came in time may take as long to be stored."""


def finish_duel(tx: Connection, duel_id: int, at: datetime, rules: GameRules, stamp: Stamp) -> None:
    """End the play of a duel, with the last answer or with its time; its set is locked."""
    table = table_of(tx, duel_id)
    assert table is not None
    duel = table.duel(duel_id)
    if was_silent(tx, duel, at, rules.duels):
        void_all(tx, table, DOWN, stamp)
        return
    tx.execute(duels.FINISH_DUEL, {"of_duel": duel.id, "at": at})
    announce(tx, DuelEnded(duel.id))
    announce(tx, Happened("duel_finished", {"duel": duel.id, "answered": duel.answered}))
    other = table.other_than(duel.id)
    if other is not None and other.state == DuelState.WAITING:
        settle(tx, table, duel, other, rules, stamp)
    else:
        _tell_waiting(tx, table, duel, other, rules, stamp)


def _tell_waiting(
    tx: Connection, table: Table, duel: Row[Any], other: Row[Any] | None, rules: GameRules, stamp: Stamp
) -> None:
    left = duel.started_at + rules.duels.pair_within - stamp.now
    facts = {
        "answered": duel.answered,
        "total": len(table.set.question_ids),
        "seconds": max(0, round(left.total_seconds())),
        "is_paired": other is not None,
    }
    tell(tx, duel, table.set.category, "duel_waiting", facts, stamp, is_money=False, instead=True)


class EndJob:
    """Ends the play of a duel whose time is over. A job of a timer."""

    def __init__(self, rules: GameRules) -> None:
        self._rules = rules

    def __call__(self, tx: Connection, timer: Row[Any], stamp: Stamp) -> bool:
        """Do it, but not before all presses that came in time are handled."""
        table = table_of(tx, timer.facts["duel"])
        assert table is not None
        duel = table.duel(timer.facts["duel"])
        if duel.state != DuelState.PLAYING:
            return False
        ends_at = duel.started_at + self._rules.duels.window
        if is_press_under_way(tx, duel, ends_at):
            return wait_on(tx, timer, stamp)
        finish_duel(tx, duel.id, ends_at, self._rules, stamp)
        return False


def is_press_under_way(tx: Connection, duel: Row[Any], until: datetime) -> bool:
    """Return whether a press of the player that came in time waits to be handled."""
    lane = f"{PRESSES}{player_row(tx, duel.player_id).telegram_id}"
    return tx.scalar(duels.PRESSES_UNDER_WAY, {"of_lane": lane, "until": until}) is not None


def set_end(tx: Connection, duel_id: int, ends_at: datetime, stamp: Stamp) -> None:
    """Have the play of a duel ended when answers count no more."""
    facts = {"duel": duel_id}
    set_timer(tx, TimerKind.DUEL_END, f"duel_end:{duel_id}", ends_at + TRANSIT, facts=facts, stamp=stamp)
