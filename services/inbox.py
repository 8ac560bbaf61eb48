"""The inbox: updates stored before they are acknowledged, owned by leases, finished once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from db.queries import leases, transport
from services.settle import LeaseLost
from services.stamp import Stamp

KEEP_DONE = timedelta(days=3)
PRESSES = "u"
"""Begins the lanes of presses, which are their users'."""


@dataclass(frozen=True, slots=True)
class RawUpdate:
    """An update as it came: its id, its lane (a chat or a user) and its bytes."""

    update_id: int
    lane: str
    body: bytes


@dataclass(frozen=True, slots=True)
class StoredUpdate:
    """An update of the inbox that this process owns."""

    inbox_id: int
    token: int
    update_id: int
    lane: str
    body: bytes
    tries: int
    """How often its handling was begun or has failed, as far as the database knows."""
    received_at: datetime
    """When it came."""
    is_taken_over: bool = False
    """It was not born in the hands of this process: somebody may have died of it."""


def store_updates(tx: Connection, updates: Sequence[RawUpdate], stamp: Stamp) -> list[StoredUpdate]:
    """Store new updates and return those that this process owns: lanes that another one works on are left to it.

    Run again after a commit whose answer was lost, it returns the same.
    """
    stored = []
    lanes = sorted({update.lane for update in updates})
    if tx.dialect.name == "postgresql":
        tx.execute(transport.LOCK_LANES, {"lanes": lanes})  # two replicas must not both find a lane free
    ours = {lane: _is_ours(tx, lane, stamp) for lane in lanes}
    for update in updates:
        is_ours = ours[update.lane]
        inbox_id = tx.scalar(
            transport.ADD_UPDATE,
            {
                "update_id": update.update_id,
                "lane": update.lane,
                "body": update.body,
                "at": stamp.now,
                "owner": stamp.owner if is_ours else None,
                "token": stamp.token if is_ours else None,
                "until": stamp.lease_until if is_ours else None,
            },
        )
        if inbox_id is None:
            own = {"update_id": update.update_id, "token": stamp.token}
            inbox_id = tx.scalar(transport.UPDATE_OF_TOKEN, own)
        if inbox_id is not None and is_ours:
            stored.append(
                StoredUpdate(
                    inbox_id,
                    stamp.token,
                    update.update_id,
                    update.lane,
                    update.body,
                    0,
                    received_at=stamp.now,
                )
            )
    return stored


def _is_ours(tx: Connection, lane: str, stamp: Stamp) -> bool:
    return tx.scalar(transport.OTHERS_IN_LANE, {"lane": lane, "owner": stamp.owner}) is None


def claim_updates(tx: Connection, most: int, *, alone: bool, stamp: Stamp) -> list[StoredUpdate]:
    """Take over updates that nobody works on, oldest first; with ``alone`` no other process can be at work."""
    if tx.dialect.name == "postgresql":
        tx.execute(leases.CLAIM_LOCK)  # two replicas must not split a lane between them
    ids = tx.scalars(
        transport.FREE_UPDATES, {"owner": stamp.owner, "now": stamp.now, "alone": alone, "most": most}
    ).all()
    if not ids:
        return []
    taken = {"ids": ids, "owner": stamp.owner, "token": stamp.token, "until": stamp.lease_until}
    rows = sorted(tx.execute(transport.TAKE_UPDATES, taken), key=lambda row: row.id)
    return [
        StoredUpdate(
            row.id,
            stamp.token,
            row.update_id,
            row.lane,
            row.body,
            row.tries,
            received_at=row.received_at,
            is_taken_over=True,
        )
        for row in rows
    ]


def mark_tries(tx: Connection, update: StoredUpdate, tries: int) -> bool:
    """Note how often an update was begun; return False if it isn't this process's any more."""
    facts = {"inbox_id": update.inbox_id, "token": update.token, "to_tries": tries}
    return tx.scalar(transport.MARK_TRIES, facts) is not None


def finish_update(tx: Connection, update: StoredUpdate, stamp: Stamp) -> None:
    """Mark an update as handled; run first in every transaction of its handling, it is also the fence.

    Raises:
        LeaseLost: another process has taken the update over.
    """
    facts = {"inbox_id": update.inbox_id, "token": update.token, "at": stamp.now}
    if tx.scalar(transport.FINISH_UPDATE, facts) is None:
        raise LeaseLost


def check_update(tx: Connection, update: StoredUpdate) -> None:
    """Make sure that an update is this worker's and stays it until the commit, which does not finish it.

    Raises:
        LeaseLost: another process has taken the update over.
    """
    facts = {"inbox_id": update.inbox_id, "token": update.token}
    if tx.scalar(transport.OWN_UPDATE, facts) is None:
        raise LeaseLost


def finish_updates(tx: Connection, updates: Sequence[StoredUpdate], stamp: Stamp) -> None:
    """Mark updates as handled that wrote nothing; those that were taken over are left alone."""
    for update in updates:
        facts = {"inbox_id": update.inbox_id, "token": update.token, "at": stamp.now}
        tx.execute(transport.FINISH_UPDATE, facts)


def park_update(tx: Connection, update: StoredUpdate, tries: int, error: str, stamp: Stamp) -> None:
    """Set an update aside with its raw bytes and what went wrong."""
    facts = {"inbox_id": update.inbox_id, "token": update.token, "to_tries": tries, "to_error": error[:500]}
    tx.execute(transport.PARK_UPDATE, {**facts, "at": stamp.now})


def forget_done(tx: Connection, most: int, stamp: Stamp) -> int:
    """Delete at most ``most`` handled updates that are some days old and return how many."""
    return tx.execute(transport.FORGET_UPDATES, {"before": stamp.now - KEEP_DONE, "most": most}).rowcount
