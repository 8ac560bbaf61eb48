"""Statements of inbox and outbox."""

from sqlalchemy import and_, bindparam, delete, func, select, update

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
    inbox.c.id, inbox.c.update_id, inbox.c.lane, inbox.c.body, inbox.c.tries
)
_own_update = and_(inbox.c.id == bindparam("inbox_id"), inbox.c.lease_token == bindparam("token"))
FINISH_UPDATE = (
    update(inbox)
    .where(_own_update, inbox.c.state.in_([InboxState.WAITING, InboxState.DONE]))
    .values(state=InboxState.DONE.value, done_at=func.coalesce(inbox.c.done_at, bindparam("at")))
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

ADD_OUTGOING = (
    upsert.insert(outbox)
    .values(
        {
            name: bindparam(name)
            for name in (
                "key",
                "chat_id",
                "thread_id",
                "reply_to",
                "language",
                "notice",
                "facts",
                "is_money",
                "created_at",
                "expires_at",
                "lease_owner",
                "lease_token",
                "lease_until",
            )
        }
        | {"state": OutboxState.WAITING.value}
    )
    .on_conflict_do_nothing(index_elements=["key"])
    .returning(outbox.c.id)
)
WAITING_FOR_CHAT = (
    select(func.count())
    .select_from(outbox)
    .where(outbox.c.chat_id == bindparam("chat_id"), outbox.c.state == OutboxState.WAITING)
)
FREE_OUTGOING = leases.free_rows(outbox, OutboxState.WAITING)
TAKE_OUTGOING = leases.take(outbox).returning(outbox)
END_OUTGOING = (
    update(outbox)
    .where(
        outbox.c.id == bindparam("outbox_id"),
        outbox.c.lease_token == bindparam("token"),
        outbox.c.state == OutboxState.WAITING,
    )
    .values(
        state=bindparam("to_state"),
        ended_at=bindparam("at"),
        message_id=bindparam("to_message_id"),
        tries=bindparam("to_tries"),
        error=bindparam("to_error"),
    )
)
FORGET_OUTGOING = delete(outbox).where(
    outbox.c.id.in_(
        select(outbox.c.id)
        .where(outbox.c.state != OutboxState.WAITING, outbox.c.ended_at < bindparam("before"))
        .limit(bindparam("most"))
    )
)
