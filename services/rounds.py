"""The rounds of a pot: each is opened with a seed of the pot's chain, and closed when it is won, reset or refunded."""

from dataclasses import dataclass

from sqlalchemy import Connection

from db.models.pots import Outcome, RoundState
from db.queries import pots
from db.session import announce
from services import draw
from services.errors import InvariantError
from services.events import Happened
from services.stamp import Stamp


class RoundMissing(InvariantError):
    """A pot has no open round."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A round that has just begun; ``new_anchor`` if it is the first of a new chain."""

    round_no: int
    commitment: bytes
    new_anchor: bytes | None


def open_round(tx: Connection, pot_id: int, key: str, k: int, *, carried_in: int, stamp: Stamp) -> Opened:
    """Open round ``k`` of a pot with its seed of the chain, or of a new one if that is used up."""
    chain_id, top, new_anchor = _chain_for(tx, pot_id, k, stamp)
    commitment = draw.commitment(top, k)
    tx.execute(
        pots.ADD_ROUND,
        {
            "pot_id": pot_id,
            "chain_id": chain_id,
            "k": k,
            "secret": draw.round_secret(top, k),
            "commitment": commitment,
            "head": draw.start_head(key, k),
            "carried_in": carried_in,
            "state": RoundState.OPEN,
            "opened_at": stamp.now,
        },
    )
    return Opened(k, commitment, new_anchor)


def close_round(
    tx: Connection,
    pot_id: int,
    key: str,
    round_id: int,
    k: int,
    outcome: Outcome,
    prize: int | None,
    left: int,
    stamp: Stamp,
) -> Opened:
    """Close a round and open the next one with ``left`` credits as its seed.

    Raises:
        RoundMissing: the round was closed before.
    """
    facts = {"round_id": round_id, "to_outcome": outcome, "to_prize": prize, "at": stamp.now}
    if tx.scalar(pots.CLOSE_ROUND, facts) is None:
        raise RoundMissing
    announce(tx, Happened("round_closed", {"pot": key, "round": k, "outcome": outcome, "carried": left}))
    return open_round(tx, pot_id, key, k + 1, carried_in=left, stamp=stamp)


def _chain_for(tx: Connection, pot_id: int, k: int, stamp: Stamp) -> tuple[int, bytes, bytes | None]:
    number = draw.chain_no(k)
    last = tx.execute(pots.LAST_CHAIN, {"pot_id": pot_id}).first()
    if last is not None and last.number == number:
        return last.id, last.top, None
    top = stamp.random(f"chain:{pot_id}:{number}")
    anchor = draw.anchor(top)
    row = {"pot_id": pot_id, "number": number, "anchor": anchor, "top": top}
    return int(tx.execute(pots.ADD_CHAIN, row).scalar_one()), top, anchor
