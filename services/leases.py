"""Leases of this process: renewed while it works, given up when it stops, taken over when it is gone."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from db.queries import leases, turns
from services.events import Outgoing, TurnReserved
from services.inbox import StoredUpdate, claim_updates
from services.outbox import claim_outgoing
from services.premium import has_premium
from services.reserve import file_of
from services.stamp import Stamp


def renew(tx: Connection, held: Mapping[str, Sequence[int]], stamp: Stamp) -> None:
    """Prolong the leases of the rows (``inbox``, ``outbox``) that this process has in hand."""
    for table, ids in held.items():
        if ids:
            facts = {"ids": list(ids), "owner": stamp.owner, "until": stamp.lease_until}
            tx.execute(leases.RENEW[table], facts)


def give_up(tx: Connection, stamp: Stamp) -> int:
    """End all leases of this process, so that another one need not wait; return how many there were."""
    facts = {"owner": stamp.owner, "token": stamp.token, "now": stamp.now}
    return sum(tx.execute(statement, facts).rowcount for statement in leases.GIVE_UP)


def claim_turns(
    tx: Connection,
    most: int,
    *,
    alone: bool,
    deadline: timedelta,
    stamp: Stamp,
    held: Collection[int] = (),
) -> list[TurnReserved]:
    """Take over reserved turns whose worker is gone, oldest first; those in ``held`` are in good hands."""
    free = {"owner": stamp.owner, "now": stamp.now, "alone": alone, "most": most + len(held)}
    ids = [row.id for row in tx.execute(turns.FREE_TURNS, free) if row.id not in held]
    if not ids:
        return []
    found = {row.id: row for row in tx.execute(turns.TURNS_WITH_PEOPLE, {"ids": ids})}
    own = {"owner": stamp.owner, "token": stamp.token}
    until = {key: stamp.turn_lease_until(deadline, row.reserved_at) for key, row in found.items()}
    tx.execute(turns.TAKE_TURN, [{"turn_id": key, "until": until[key], **own} for key in found])
    return [
        TurnReserved(
            turn_id=row.id,
            token=stamp.token,
            chat_id=row.chat_id,
            telegram_chat_id=row.telegram_chat_id,
            message_id=row.message_id,
            thread_id=row.thread_id,
            player_id=row.player_id,
            player_name=row.player_name,
            language=row.chosen_language or row.telegram_language or "en",
            text=row.text,
            in_group=row.chat_kind == "group",
            reserved_at=row.reserved_at,
            conversation_id=row.shown_conversation_id,
            character=row.character,
            file=file_of(row),
            edit_of=row.edit_of,
            shown_id=row.shown_id,
            is_shown_late=row.shown_id is not None,  # by whoever had it, and may only stand still
            is_stopped=row.stop_at is not None,
            has_premium=has_premium(row, stamp.now),
        )
        for row in found.values()
    ]


@dataclass(frozen=True, slots=True)
class Claimed:
    """Work that was taken over."""

    updates: list[StoredUpdate]
    turns: list[TurnReserved]
    messages: list[Outgoing]


def claim(
    tx: Connection,
    most: int,
    *,
    alone: bool,
    deadline: timedelta,
    stamp: Stamp,
    held: Collection[int] = (),
) -> Claimed:
    """Take over what nobody works on, at most ``most`` of each; ``alone`` when there can be no other process.

    Args:
        deadline: within which a turn must be answered.
        held: the turns that this process is at work on.
    """
    return Claimed(
        updates=claim_updates(tx, most, alone=alone, stamp=stamp),
        turns=claim_turns(tx, most, alone=alone, deadline=deadline, stamp=stamp, held=held),
        messages=claim_outgoing(tx, most, alone=alone, stamp=stamp),
    )
