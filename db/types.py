"""Column types that keep money whole and times in UTC, and the names that SQLite's STRICT tables accept."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, DateTime, Dialect, Double, LargeBinary, String, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.types import TypeDecorator


class UtcTime(TypeDecorator[datetime]):
    """An aware moment: stored in UTC, comes back aware."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return ``value`` in UTC; a naive one is refused."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("a time without a zone can't be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return ``value`` aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Day(TypeDecorator[date]):
    """A UTC day, stored as ``YYYY-MM-DD`` so that days compare as text."""

    impl = String(10)
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> str | None:
        """Return ``value`` as ISO text."""
        return None if value is None else value.isoformat()

    def process_result_value(self, value: str | None, dialect: Dialect) -> date | None:
        """Return the day that the ISO text names."""
        return None if value is None else date.fromisoformat(value)


class CreditsColumn(TypeDecorator[int]):
    """Whole credits, 64-bit; a float or a bool is a bug and refused."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> int | None:
        """Return ``value`` unchanged if it is a whole number."""
        if value is None or type(value) is int:
            return value
        raise TypeError(f"credits are whole numbers, not {type(value).__name__}")


@compiles(BigInteger, "sqlite")
@compiles(Boolean, "sqlite")
def _integer(*_: object, **__: object) -> str:
    return "INTEGER"


@compiles(DateTime, "sqlite")
@compiles(String, "sqlite")
@compiles(Text, "sqlite")
@compiles(JSON, "sqlite")
def _text(*_: object, **__: object) -> str:
    return "TEXT"


@compiles(LargeBinary, "sqlite")
def _blob(*_: object, **__: object) -> str:
    return "BLOB"


@compiles(Double, "sqlite")
def _real(*_: object, **__: object) -> str:
    return "REAL"
