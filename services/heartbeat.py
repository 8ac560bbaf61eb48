"""The heartbeat of a process: a small write that shows that it is alive and that the database takes writes."""

from datetime import timedelta

from sqlalchemy import Connection

from db.queries import replicas
from services.duels.silence import note_silence
from services.rules import DuelRules
from services.stamp import Stamp

KEEP_BEATS = timedelta(hours=1)


def beat(tx: Connection, rules: DuelRules, stamp: Stamp) -> None:
    """Write down that this process is alive; on a full disk this fails like every write.

    If it was silent for long, duels that it shows don't count.
    """
    last = tx.scalar(replicas.LOCK_BEAT, {"owner": stamp.owner})
    if last is not None:
        note_silence(tx, last, rules, stamp)
    tx.execute(replicas.BEAT, {"owner": stamp.owner, "at": stamp.now})


def end_beat(tx: Connection, stamp: Stamp) -> None:
    """Write down that this process ends."""
    tx.execute(replicas.END_BEAT, {"owner": stamp.owner})


def forget_beats(tx: Connection, stamp: Stamp) -> int:
    """Delete the heartbeats of processes that are long gone and return how many."""
    return tx.execute(replicas.FORGET_BEATS, {"before": stamp.now - KEEP_BEATS}).rowcount


def forget_marks(tx: Connection, most: int) -> int:
    """Delete at most ``most`` marks of transactions that nobody asks for any more and return how many."""
    if tx.dialect.name != "postgresql":
        return 0
    return tx.execute(replicas.FORGET_MARKS, {"most": most}).rowcount
