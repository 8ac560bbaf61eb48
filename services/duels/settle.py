"""Settlement: two results are compared, the winner gets his bounty, the house the rest. Once per pair."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row

from db.models.duels import DuelState, Outcome
from db.queries import duels, people
from db.session import announce
from services import ledger, wallet
from services.counters import begin_day
from services.duels.challenges import announce_result
from services.duels.endings import end_duel
from services.duels.ratings import rate
from services.duels.score import OTHER_SIDE, Result, outcome_of
from services.duels.sets import Table, close_seat
from services.duels.telling import tell
from services.entry_kinds import EntryKind
from services.events import Happened
from services.ledger import Move, NewEntry
from services.names import shown
from services.people import player_row
from services.rules import GameRules
from services.stamp import Stamp


def settle(
    tx: Connection, table: Table, last: Row[Any], first: Row[Any], rules: GameRules, stamp: Stamp
) -> None:
    """Compare the results of two duels on a set, which is locked, and pay.

    Args:
        last: the one that was finished just now; its player sees the result where his question was.
    """
    outcome = outcome_of(_result(last), _result(first))
    sides = ((last, first, outcome), (first, last, OTHER_SIDE[outcome]))
    receipts = {}
    for mine, theirs, end in sorted(sides, key=lambda side: int(side[0].player_id)):
        receipts[mine.id] = _pay(tx, table, mine, theirs, end, rules, stamp)
    close_seat(tx, table)
    if outcome is not Outcome.TIE or last.score:
        rate(tx, last.player_id, first.player_id, outcome, stamp)
    names = names_of(tx, table)
    for mine, theirs, end in sides:
        facts = _facts(table, mine, theirs, end) | {"other": names[theirs.id]} | receipts[mine.id]
        tell(tx, mine, table.set.category, f"duel_{end}", facts, stamp, instead=mine is last)
    announce_result(tx, table, (last, first), outcome, names, stamp)
    settled = {"set": table.set.id, "duel": last.id, "opponent": first.id, "outcome": outcome}
    announce(tx, Happened("duel_settled", settled))


def _result(duel: Row[Any]) -> Result:
    return Result(right=duel.score, time_ms=duel.time_ms)


def _pay(
    tx: Connection,
    table: Table,
    mine: Row[Any],
    theirs: Row[Any],
    outcome: Outcome,
    rules: GameRules,
    stamp: Stamp,
) -> dict[str, object]:
    """End one player's duel and return its receipt, if there is an entry."""
    player = player_row(tx, mine.player_id, lock=True)
    ended: dict[str, Any] = {"outcome": outcome, "opponent_id": theirs.id}
    if outcome is Outcome.TIE:
        wallet.release_hold(tx, mine.hold_id, now=stamp.now)
        end_duel(tx, mine, DuelState.SETTLED, stamp, returned=mine.stake, **ended)
        return {}
    stake = wallet.capture_hold(tx, mine.hold_id, now=stamp.now)
    bounty = mine.bounty if outcome is Outcome.WON else 0
    entry_id = _book(tx, mine, stake, bounty, table.set.category, stamp)
    if outcome is Outcome.LOST:
        begin_day(tx, player, rules.price.window, stamp.now)
        tx.execute(people.COUNT_SPENT, {"player_id": player.id, "spent": stake})
    end_duel(tx, mine, DuelState.SETTLED, stamp, returned=bounty, entry_id=entry_id, **ended)
    return {"receipt": entry_id}


def _book(tx: Connection, duel: Row[Any], stake: int, bounty: int, category: str, stamp: Stamp) -> int:
    account = ledger.wallet_of(duel.player_id)
    moves = [Move(account, ledger.HOUSE, stake, from_hold=True)]
    if bounty:
        moves.append(Move(ledger.HOUSE, account, bounty))
    new = NewEntry(
        kind=EntryKind.DUEL_WON if bounty else EntryKind.DUEL_LOST,
        cause=f"duel:{duel.id}",
        at=stamp.now,
        moves=moves,
        player_id=duel.player_id,
        facts={"duel": duel.id, "category": category, "stake": stake, "bounty": bounty},
    )
    return ledger.post(tx, new).entry_id


def _facts(table: Table, mine: Row[Any], theirs: Row[Any], outcome: Outcome) -> dict[str, object]:
    bounty = theirs.bounty if outcome is Outcome.LOST else mine.bounty
    returned = {Outcome.WON: mine.bounty, Outcome.TIE: mine.stake, Outcome.LOST: 0}
    return {
        "right": mine.score,
        "time_ms": mine.time_ms,
        "their_right": theirs.score,
        "their_time_ms": theirs.time_ms,
        "total": len(table.set.question_ids),
        "bounty": bounty,
        "rake": mine.stake + theirs.stake - bounty,
        "returned": returned[outcome],
    }


def names_of(tx: Connection, table: Table) -> Mapping[int, dict[str, object]]:
    """Return how the players of a set's duels are shown to others, by the duels' ids."""
    rows = tx.execute(duels.PEOPLE_OF_SET, {"of_set": table.set.id})
    return {row.id: shown(row).facts() for row in rows}
