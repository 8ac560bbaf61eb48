"""Duels without an opponent: the stake goes back with the bonus, and nothing is told of what was right."""

from typing import Any

from sqlalchemy import Connection, Row

from db.models.duels import DuelState
from db.queries import duels
from db.session import announce
from services import days, ledger, wallet
from services.duels.endings import end_duel
from services.duels.sets import Table, close_seat, offer_seat, table_of
from services.duels.telling import tell
from services.entry_kinds import EntryKind
from services.events import Happened
from services.grants import spend_budget
from services.ledger import Move, NewEntry
from services.people import player_row
from services.rules import GameRules
from services.stamp import Stamp
from services.timers import TimerKind, set_timer, wait_on

BUDGET = "duel_bonus"


class PairJob:
    """Refunds a duel that has waited for an opponent for too long. A job of a timer."""

    def __init__(self, rules: GameRules) -> None:
        self._rules = rules

    def __call__(self, tx: Connection, timer: Row[Any], stamp: Stamp) -> bool:
        """Do it, once the duel is played; the timer that ends the play comes first."""
        table = table_of(tx, timer.facts["duel"])
        assert table is not None
        duel = table.duel(timer.facts["duel"])
        if duel.state == DuelState.PLAYING:
            return wait_on(tx, timer, stamp)
        if duel.state == DuelState.WAITING:
            refund_unpaired(tx, table, duel, self._rules, stamp)
        return False


def set_pairing_end(tx: Connection, duel: Row[Any], rules: GameRules, stamp: Stamp) -> None:
    """Have a duel refunded if it finds no opponent."""
    facts = {"duel": duel.id}
    due_at = duel.started_at + rules.duels.pair_within
    set_timer(tx, TimerKind.DUEL_PAIR, f"duel_pair:{duel.id}", due_at, facts=facts, stamp=stamp)


def refund_unpaired(tx: Connection, table: Table, duel: Row[Any], rules: GameRules, stamp: Stamp) -> None:
    """Give a stake back, with the bonus if it is due; whoever else plays the set may find another opponent."""
    player = player_row(tx, duel.player_id, lock=True)
    wallet.release_hold(tx, duel.hold_id, now=stamp.now)
    bonus, entry_id, why = _give_bonus(tx, duel, player, rules, stamp)
    end_duel(tx, duel, DuelState.REFUNDED, stamp, returned=duel.stake + bonus, entry_id=entry_id)
    (offer_seat if table.other_than(duel.id) is not None else close_seat)(tx, table)
    facts: dict[str, object] = {"returned": duel.stake + bonus, "bonus": bonus, "why": why}
    if entry_id is not None:
        facts["receipt"] = entry_id
    tell(tx, duel, table.set.category, "duel_refunded", facts, stamp)
    announce(tx, Happened("duel_refunded", {"duel": duel.id, "player": duel.player_id, "bonus": bonus}))


def _give_bonus(
    tx: Connection, duel: Row[Any], player: Row[Any], rules: GameRules, stamp: Stamp
) -> tuple[int, int | None, str | None]:
    """Return the bonus, the number of its entry, and why there is none; the player's row is locked."""
    bonus = duel.stake * rules.duels.bonus_bps // 10_000
    cause = f"duel_bonus:{player.id}:{days.day_of(stamp.now, last_day=player.day)}"
    if bonus == 0:
        return 0, None, None
    if duel.answered == 0:
        return 0, None, "unanswered"
    if tx.scalar(duels.ENTRY_OF_CAUSE, {"of_cause": cause}) is not None:
        return 0, None, "today"
    if not spend_budget(tx, BUDGET, bonus, rules.duels.bonus_budget, stamp.now):
        announce(tx, Happened("budget_spent", {"budget": BUDGET}))
        return 0, None, "budget"
    new = NewEntry(
        kind=EntryKind.DUEL_BONUS,
        cause=cause,
        at=stamp.now,
        moves=[Move(ledger.PROMO, ledger.wallet_of(player.id), bonus)],
        player_id=player.id,
        facts={"duel": duel.id},
    )
    return bonus, ledger.post(tx, new).entry_id, None
