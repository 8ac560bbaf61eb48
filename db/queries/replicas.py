"""Statements of the heartbeats by which processes show that they are alive."""

from sqlalchemy import bindparam, delete, select, text

from db.models.replicas import heartbeat
from db.queries import upsert

BEAT = (
    upsert.insert(heartbeat)
    .values(owner=bindparam("owner"), started_at=bindparam("at"), seen_at=bindparam("at"))
    .on_conflict_do_update(index_elements=["owner"], set_={"seen_at": bindparam("at")})
)
LAST_BEAT = select(heartbeat.c.seen_at).where(heartbeat.c.owner == bindparam("owner"))
LOCK_BEAT = LAST_BEAT.with_for_update()
END_BEAT = delete(heartbeat).where(heartbeat.c.owner == bindparam("owner"))
FORGET_BEATS = delete(heartbeat).where(heartbeat.c.seen_at < bindparam("before"))
FORGET_MARKS = text(
    "DELETE FROM commit_mark WHERE token IN "
    "(SELECT token FROM commit_mark WHERE marked_at < now() - interval '1 hour' LIMIT :most)"
)
"""By the database's own clock, which wrote the marks: by ours, set ahead, each deletion would find its own mark."""
