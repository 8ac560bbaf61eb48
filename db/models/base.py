"""The metadata that all tables share, and the columns and names that recur."""

from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, MetaData, String, text

from db.types import UtcTime

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


def id_column() -> Column[int]:
    """Return the usual primary key: 64 bits, given by the database."""
    return Column("id", BigInteger, primary_key=True, autoincrement=True)


def one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    """Return the CHECK that ``column`` holds one of ``values``."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def only_where(condition: str) -> dict[str, Any]:
    """Return the options of an index that holds only some rows."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


def lease_columns() -> list[Column[Any]]:
    """Return the columns by which a worker owns a row for a while.

    ``lease_token`` is the fence: whoever takes a row over writes a new one; the old owner's writes find nothing.
    """
    return [
        Column("lease_owner", String(32)),
        Column("lease_token", BigInteger),
        Column("lease_until", UtcTime),
    ]
