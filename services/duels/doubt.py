"""Bad questions: the duels of the last day that asked one are made good, batch by batch."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row

from db.models.duels import DuelState
from db.queries import duels
from db.session import announce
from services import ledger
from services.duels.endings import DuelMoved
from services.duels.sets import table_of
from services.duels.telling import tell
from services.duels.void import DOUBT, void_all
from services.entry_kinds import EntryKind
from services.events import Happened
from services.ledger import Move, NewEntry
from services.people import player_row
from services.rules import GameRules
from services.stamp import Stamp
from services.timers import TimerKind, set_timer, wait_on

BATCH: Final = 50


def refund_doubtful(tx: Connection, question_id: int, rules: GameRules, stamp: Stamp) -> None:
    """Have the stakes given back that were lost with a question in the last day, and its open duels made void.

    The question is withdrawn in this transaction: no set is drawn with it any more.
    """
    since = stamp.now - rules.duels.doubt
    facts = {"question": question_id, "since": since.isoformat()}
    cause = f"duel_doubt:{question_id}"
    set_timer(tx, TimerKind.DUEL_DOUBT, cause, stamp.now, facts=facts, stamp=stamp)


def refund_next(tx: Connection, timer: Row[Any], stamp: Stamp) -> bool:
    """Make the next duels good; return whether there are more. A job of a timer."""
    found = {"with_question": f"%,{timer.facts['question']},%", "most": BATCH}
    opened = tx.scalars(duels.DOUBTFUL_OPEN, found).all()
    is_waited_for = [duel_id for duel_id in opened if not _void(tx, duel_id, stamp)]
    since = datetime.fromisoformat(timer.facts["since"])
    lost = tx.execute(duels.DOUBTFUL_LOST, found | {"since": since}).all()
    for duel in lost:  # by player, as everybody locks wallets
        _give_back(tx, duel, stamp)
    if is_waited_for and len(lost) < BATCH:
        return wait_on(tx, timer, stamp)
    return bool(opened or lost)


def _void(tx: Connection, duel_id: int, stamp: Stamp) -> bool:
    """Make a duel void with its opponent's; return False if it is to begin yet, and is void then."""
    table = table_of(tx, duel_id)
    assert table is not None
    void_all(tx, table, DOUBT, stamp)
    return bool(table.duel(duel_id).state != DuelState.SENDING)


def _give_back(tx: Connection, duel: Row[Any], stamp: Stamp) -> None:
    player_row(tx, duel.player_id, lock=True)
    new = NewEntry(
        kind=EntryKind.DUEL_BACK,
        cause=f"duel_back:{duel.id}",
        at=stamp.now,
        moves=[Move(ledger.HOUSE, ledger.wallet_of(duel.player_id), duel.stake)],
        player_id=duel.player_id,
        facts={"duel": duel.id, "stake": duel.stake},
    )
    entry_id = ledger.post(tx, new).entry_id
    back = {"of_duel": duel.id, "to_entry_id": entry_id, "to_returned": duel.stake}
    if tx.scalar(duels.SET_BACK, back) is None:
        raise DuelMoved
    facts = {"returned": duel.stake, "receipt": entry_id}
    tell(tx, duel, duel.category, "duel_back", facts, stamp)
    announce(tx, Happened("duel_back", {"duel": duel.id, "player": duel.player_id, "credits": duel.stake}))
