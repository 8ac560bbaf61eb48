"""Silence: a process that showed a duel and was down for too long in its time makes it void."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from db.queries import duels, replicas
from services.rules import DuelRules
from services.stamp import Stamp


def note_silence(tx: Connection, since: datetime, rules: DuelRules, stamp: Stamp) -> None:
    """Mark the duels that this process shows and in whose time it was silent for too long, ``since`` then.

    A duel counts by what of its time lies in the silence: its start and its end may both cut that short.
    """
    if stamp.now - since <= rules.silence:
        return
    facts = {
        "of_owner": stamp.owner,
        "started_before": stamp.now - rules.silence,
        "started_after": since + rules.silence - rules.time,
    }
    tx.execute(duels.MARK_DOWN, facts)


def was_silent(tx: Connection, duel: Row[Any], until: datetime, rules: DuelRules) -> bool:
    """Return whether who shows a duel was silent for too long in its time, or ``until`` then if that is sooner.

    Its last sign is read before its marks: what it marks, it marks with a sign.
    """
    end = min(until, duel.started_at + rules.time)
    seen_at = tx.scalar(replicas.LAST_BEAT, {"owner": duel.shown_by}) or duel.started_at
    if end - max(seen_at, duel.started_at) > rules.silence:
        return True
    return bool(tx.execute(duels.DUEL, {"of_duel": duel.id}).one().was_down)
