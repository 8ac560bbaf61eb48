"""Statements of timers: what is to be done at a time, once per cause."""

from sqlalchemy import bindparam, delete, select, update

from db.models.groups import timer
from db.queries import upsert

ADD_TIMER = (
    upsert.insert(timer)
    .values(
        {
            name: bindparam(name)
            for name in ("kind", "cause", "due_at", "chat_id", "round_id", "facts", "created_at")
        }
    )
    .on_conflict_do_nothing(index_elements=["cause"])
)
DUE_TIMERS = (
    select(timer.c.id)
    .where(
        timer.c.done_at.is_(None),
        timer.c.due_at <= bindparam("now"),
        timer.c.kind.in_(bindparam("kinds", expanding=True)),
        timer.c.id.not_in(bindparam("skipped", expanding=True)),
    )
    .order_by(timer.c.due_at, timer.c.id)
    .limit(bindparam("most"))
)
TAKE_TIMER = (
    select(timer)
    .where(timer.c.id == bindparam("timer_id"), timer.c.done_at.is_(None))
    .with_for_update(skip_locked=True)
)
"""No row where it is done, or where another process is at it."""
END_TIMER = (
    update(timer)
    .where(timer.c.id == bindparam("timer_id"), timer.c.done_at.is_(None))
    .values(done_at=bindparam("at"))
)
END_TIMER_OF_CAUSE = (
    update(timer)
    .where(timer.c.cause == bindparam("of_cause"), timer.c.done_at.is_(None))
    .values(done_at=bindparam("at"))
)
TAKE_TIMERS_OF_CHAT = (
    select(timer)
    .where(
        timer.c.kind == bindparam("of_kind"),
        timer.c.chat_id == bindparam("of_chat"),
        timer.c.done_at.is_(None),
        timer.c.due_at <= bindparam("until"),
    )
    .order_by(timer.c.due_at, timer.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
END_TIMERS = (
    update(timer).where(timer.c.id.in_(bindparam("ids", expanding=True))).values(done_at=bindparam("at"))
)
POSTPONE_TIMER = (
    update(timer)
    .where(timer.c.id == bindparam("timer_id"), timer.c.done_at.is_(None))
    .values(due_at=bindparam("to_due_at"))
    .returning(timer.c.kind)
)
FORGET_TIMERS = delete(timer).where(
    timer.c.id.in_(
        select(timer.c.id)
        .where(
            (timer.c.done_at < bindparam("before"))
            | ((timer.c.kind == bindparam("often")) & (timer.c.done_at < bindparam("often_before")))
        )
        .limit(bindparam("most"))
    )
)
