"""What replicas share beside the work itself: who is alive, and how fast all together may send."""

from sqlalchemy import JSON, BigInteger, Column, Index, String, Table

from db.models.base import metadata
from db.types import UtcTime

heartbeat = Table(
    "heartbeat",
    metadata,
    Column("owner", String(32), primary_key=True),
    Column("started_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    sqlite_strict=True,
)

pace = Table(
    "pace",
    metadata,
    Column("key", String(40), primary_key=True),
    Column("next_us", BigInteger, nullable=False),
    Column("recent_us", JSON, nullable=False),
    Column("seen_us", BigInteger, nullable=False),
    Index("ix_pace_seen_us", "seen_us"),
    sqlite_strict=True,
)
"""One row per budget of sends ("bot", a chat); times are microseconds of the database's own clock."""

commit_mark = Table(
    "commit_mark",
    metadata,
    Column("token", BigInteger, primary_key=True, autoincrement=False),
    Column("marked_at", UtcTime, nullable=False),
    Index("ix_commit_mark_marked_at", "marked_at"),
    sqlite_strict=True,
)
"""One row per writing transaction on Postgres, by which it is known whether it was committed."""
