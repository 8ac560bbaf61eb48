"""Statements of leases, which inbox, outbox and turns share."""

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Select,
    Table,
    Update,
    bindparam,
    or_,
    select,
    text,
    update,
)

from db.models.chats import TurnState, turn
from db.models.transport import InboxState, OutboxState, inbox, outbox

ALONE = bindparam("alone", type_=Boolean)
"""True where no other process can be at work: then what others seem to own is free as well."""

_OPEN = {
    "inbox": (inbox, InboxState.WAITING),
    "outbox": (outbox, OutboxState.WAITING),
    "turn": (turn, TurnState.RESERVED),
}


def is_free(table: Table) -> ColumnElement[bool]:
    """Return the condition that nobody works on a row, by ``now``, ``owner`` and ``alone``."""
    return or_(
        table.c.lease_until.is_(None),
        table.c.lease_until < bindparam("now"),
        ALONE & (table.c.lease_owner != bindparam("owner")),
    )


def free_rows(table: Table, state: str) -> Select[tuple[int]]:
    """Return the statement that locks the free rows of a table, the oldest first, at most ``most``."""
    return (
        select(table.c.id)
        .where(table.c.state == state, is_free(table))
        .order_by(table.c.id)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True)
    )


def take(table: Table) -> Update:
    """Return the statement by which ``owner`` takes rows over, with a new ``token``, for a while."""
    return (
        update(table)
        .where(table.c.id.in_(bindparam("ids", expanding=True)))
        .values(
            lease_owner=bindparam("owner"), lease_token=bindparam("token"), lease_until=bindparam("until")
        )
    )


def _owned(table: Table, state: str) -> ColumnElement[bool]:
    return (table.c.lease_owner == bindparam("owner")) & (table.c.state == state)


RENEW = {
    name: update(table)
    .where(table.c.id.in_(bindparam("ids", expanding=True)), _owned(table, state))
    .values(lease_until=bindparam("until"))
    for name, (table, state) in _OPEN.items()
    if name != "turn"
}
"""For what may take long; a turn's lease lasts until after its deadline and isn't prolonged."""
GIVE_UP = tuple(
    update(table)
    .where(_owned(table, state))
    .values(lease_owner="", lease_token=bindparam("token"), lease_until=bindparam("now"))
    for table, state in _OPEN.values()
)
CLAIM_LOCK = text("SELECT pg_advisory_xact_lock(1862)")
