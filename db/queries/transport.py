"""Statements of inbox and outbox."""

from sqlalchemy import (
    Boolean,
    and_,
    bindparam,
    case,
    delete,
    func,
    literal_column,
    null,
    select,
    text,
    update,
)

from db.models.transport import InboxState, OutboxState, inbox, outbox
from db.queries import leases, upsert

ADD_UPDATE = (
    upsert.insert(inbox)
    .values(
        update_id=bindparam("update_id"),
        lane=bindparam("lane"),
        body=bindparam("body"),
        received_at=bindparam("at"),
        state=InboxState.WAITING.value,
        lease_owner=bindparam("owner"),
        lease_token=bindparam("token"),
        lease_until=bindparam("until"),
    )
    .on_conflict_do_nothing(index_elements=["update_id"])
    .returning(inbox.c.id)
)
UPDATE_OF_TOKEN = select(inbox.c.id).where(
    inbox.c.update_id == bindparam("update_id"), inbox.c.lease_token == bindparam("token")
)
LOCK_LANES = text(
    "SELECT pg_advisory_xact_lock(hashtextextended(lane, 0)) FROM unnest(CAST(:lanes AS text[])) AS lane"
)
"""On Postgres: nobody else stores updates of these lanes until the commit; sorted, so that nobody deadlocks."""
OTHERS_IN_LANE = (
    select(inbox.c.id)
    .where(
        inbox.c.lane == bindparam("lane"),
        inbox.c.state == InboxState.WAITING,
        inbox.c.lease_owner.is_(None) | (inbox.c.lease_owner != bindparam("owner")),
    )
    .limit(1)
)

_older = inbox.alias("older")
FREE_UPDATES = (
    select(inbox.c.id)
    .where(
        inbox.c.state == InboxState.WAITING,
        leases.is_free(inbox),
        ~select(_older.c.id)
        .where(
            _older.c.lane == inbox.c.lane,
            _older.c.state == InboxState.WAITING,
            _older.c.id < inbox.c.id,
            _older.c.lease_until >= bindparam("now"),
            ~leases.ALONE,
        )
        .exists(),
    )
    .order_by(inbox.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
TAKE_UPDATES = leases.take(inbox).returning(
    inbox.c.id, inbox.c.update_id, inbox.c.lane, inbox.c.body, inbox.c.tries, inbox.c.received_at
)
_own_update = and_(inbox.c.id == bindparam("inbox_id"), inbox.c.lease_token == bindparam("token"))
OWN_UPDATE = select(inbox.c.id).where(_own_update, inbox.c.state == InboxState.WAITING).with_for_update()
FINISH_UPDATE = (
    update(inbox)
    .where(_own_update, inbox.c.state.in_([InboxState.WAITING, InboxState.DONE]))
    .values(state=InboxState.DONE.value, done_at=func.coalesce(inbox.c.done_at, bindparam("at")))
    .returning(inbox.c.id)
)
MARK_TRIES = (
    update(inbox)
    .where(_own_update, inbox.c.state == InboxState.WAITING)
    .values(tries=bindparam("to_tries"))
    .returning(inbox.c.id)
)
PARK_UPDATE = (
    update(inbox)
    .where(_own_update)
    .values(
        state=InboxState.PARKED.value,
        done_at=bindparam("at"),
        tries=bindparam("to_tries"),
        error=bindparam("to_error"),
    )
)
FORGET_UPDATES = delete(inbox).where(
    inbox.c.id.in_(
        select(inbox.c.id)
        .where(inbox.c.state == InboxState.DONE, inbox.c.done_at < bindparam("before"))
        .limit(bindparam("most"))
    )
)

_before = outbox.alias("before")
_ahead = outbox.alias("ahead")
_waits_for_others = (
    select(_before.c.id)
    .where(
        _before.c.chat_id == bindparam("chat_id"),
        _before.c.state == OutboxState.WAITING,
        _before.c.lease_owner.is_(None) | (_before.c.lease_owner != bindparam("lease_owner")),
    )
    .exists()
)
_FACTS = ("key", "chat_id", "thread_id", "reply_to", "language", "notice", "facts", "is_money")
_TIMES = ("created_at", "expires_at")
_LEASE = ("lease_owner", "lease_token", "lease_until")
ADD_OUTGOING = (
    upsert.insert(outbox)
    .values(
        {name: bindparam(name) for name in (*_FACTS, *_TIMES)}
        | {"state": OutboxState.WAITING.value}
        | {
            name: case((_waits_for_others, null()), else_=bindparam(name, type_=outbox.c[name].type))
            for name in _LEASE
        }
    )
    .on_conflict_do_nothing(index_elements=["key"])
    .returning(outbox.c.id, outbox.c.lease_owner)
)
"""A row is born owned, or nobody's if it must wait for one of its chat that another process sends."""
WAITING_FOR_CHAT = (
    select(func.count())
    .select_from(outbox)
    .where(outbox.c.chat_id == bindparam("chat_id"), outbox.c.state == OutboxState.WAITING)
)
FREE_OUTGOING = leases.free_rows(outbox, OutboxState.WAITING).where(
    leases.ALONE
    | ~select(_ahead.c.id)
    .where(
        _ahead.c.chat_id == outbox.c.chat_id,
        _ahead.c.state == OutboxState.WAITING,
        _ahead.c.id < outbox.c.id,
        _ahead.c.lease_owner.is_(None)
        | (_ahead.c.lease_owner != bindparam("owner"))
        | (_ahead.c.lease_until < bindparam("now")),
    )
    .exists()
)
"""Of each chat only the oldest message, and what stands behind messages of ``owner``: two never share a chat."""
NEXT_OUTGOING = FREE_OUTGOING.where(outbox.c.chat_id.in_(bindparam("chat_ids", expanding=True)))
TAKE_OUTGOING = leases.take(outbox).returning(outbox)
_own_message = and_(
    outbox.c.id == bindparam("outbox_id"),
    outbox.c.lease_token == bindparam("token"),
    outbox.c.state == OutboxState.WAITING,
)
_has_next = literal_column(
    "EXISTS (SELECT 1 FROM outbox AS ahead WHERE ahead.chat_id = outbox.chat_id "
    "AND ahead.state = 'waiting' AND ahead.lease_owner IS NULL)",
    Boolean,
).label("has_next")  # by hand: on SQLite the library leaves the table's name out of what is returned
_is_quiet = literal_column("(SELECT chat.quiet FROM chat WHERE chat.id = outbox.chat_id)", Boolean).label(
    "is_quiet"
)
HOLD_OUTGOING = (
    update(outbox).where(_own_message).values(lease_until=bindparam("until")).returning(outbox.c.id)
)
BEGIN_OUTGOING = (
    update(outbox).where(_own_message, outbox.c.tries == 0).values(tries=1).returning(outbox.c.id)
)
END_OUTGOING = (
    update(outbox)
    .where(_own_message)
    .values(
        state=bindparam("to_state"),
        ended_at=bindparam("at"),
        message_id=bindparam("to_message_id"),
        tries=bindparam("to_tries"),
        error=bindparam("to_error"),
    )
    .returning(outbox.c.chat_id, _has_next, _is_quiet)
)
FORGET_OUTGOING = delete(outbox).where(
    outbox.c.id.in_(
        select(outbox.c.id)
        .where(outbox.c.state != OutboxState.WAITING, outbox.c.ended_at < bindparam("before"))
        .limit(bindparam("most"))
    )
)
