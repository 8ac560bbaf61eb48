"""Statements of the pace that replicas keep together; for Postgres alone, on SQLite there is one process."""

from sqlalchemy import BigInteger, bindparam, cast, delete, func, select, true

from db.models.replicas import pace
from db.queries import upsert

PACE_LOCK = select(
    func.set_config("synchronous_commit", "off", true()),
    func.set_config("lock_timeout", "500ms", true()),
    func.pg_advisory_xact_lock(1863),
)
"""One transaction at a time, which nobody waits for long; if its commit is lost, too little waiting is all harm."""

_clock = cast(func.extract("epoch", func.clock_timestamp()) * 1_000_000, BigInteger)
_now = select(_clock.label("now_us")).subquery("clock")
PACES = select(_now.c.now_us, pace.c.key, pace.c.next_us, pace.c.recent_us).select_from(
    _now.outerjoin(pace, pace.c.key.in_(bindparam("keys", expanding=True)))
)
"""The database's clock, read after the lock, and the rows there are."""

_new = upsert.insert(pace).values(
    {name: bindparam(name) for name in ("key", "next_us", "recent_us", "seen_us")}
)
SET_PACE = _new.on_conflict_do_update(
    index_elements=["key"],
    set_={name: _new.excluded[name] for name in ("next_us", "recent_us", "seen_us")},
)

_is_old = pace.c.seen_us < _clock - bindparam("keep_us", type_=BigInteger)
FORGET_PACE = delete(pace).where(
    pace.c.key.in_(select(pace.c.key).where(_is_old).limit(bindparam("most"))), _is_old
)
