"""INSERT … ON CONFLICT for both databases."""

from sqlalchemy.dialects.postgresql import Insert, insert

# SQLite's compiler understands Postgres' insert with ON CONFLICT … RETURNING, so one statement serves both.
__all__ = ["Insert", "insert"]
