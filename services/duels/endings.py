"""One duel's ending: its hold is taken or given back, its row says so, its timers have nothing to do any more."""

from collections.abc import Mapping
from typing import Any, ClassVar

from sqlalchemy import Connection, Row

from db.models.duels import DuelState, Outcome
from db.queries import duels
from services.errors import InvariantError
from services.stamp import Stamp
from services.timers import end_timer


class DuelMoved(InvariantError):
    """A duel ended while somebody ended it."""

    code: ClassVar[str] = "internal"


def end_duel(
    tx: Connection,
    duel: Row[Any],
    state: DuelState,
    stamp: Stamp,
    *,
    returned: int,
    entry_id: int | None = None,
    outcome: Outcome | None = None,
    opponent_id: int | None = None,
    why: str | None = None,
) -> None:
    """Write down how a duel ended; ``returned`` is what came back in all, in credits.

    Raises:
        DuelMoved: it had ended.
    """
    facts: Mapping[str, object] = {
        "of_duel": duel.id,
        "to_state": state,
        "to_outcome": outcome,
        "to_opponent_id": opponent_id,
        "to_returned": returned,
        "to_why": why,
        "to_entry_id": entry_id,
        "at": stamp.now,
    }
    if tx.scalar(duels.END_DUEL, facts) is None:
        raise DuelMoved
    for timer in ("duel_end", "duel_pair"):
        end_timer(tx, f"{timer}:{duel.id}", stamp)
