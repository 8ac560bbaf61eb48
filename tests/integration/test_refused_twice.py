"""What must be there once is refused by the database itself a second time, whatever the code above it does."""

from typing import Any

import pytest
from sqlalchemy import Connection, Table, insert, select
from sqlalchemy.exc import IntegrityError

from db.models import metadata
from tests.house import UNGUARDED, House

ONCE: tuple[tuple[str, dict[str, Any]], ...] = (
    ("entry", {}),
    ("hold", {}),
    ("ticket", {"entry_id": 1}),
    ("ticket", {"n": 2}),
    ("turn", {"hold_id": None, "entry_id": None}),
    ("turn", {"message_id": 7, "hold_id": None}),
    ("turn", {"message_id": 7, "entry_id": None}),
    ("outbox", {}),
    ("player", {}),
    ("chat", {}),
    ("account", {"kind": "house", "owner_id": None, "balance": None, "held": 0}),
    ("account", {"kind": "player", "owner_id": 1, "balance": 0, "held": 0}),
    ("pot", {"chat_id": None}),
    ("round", {"k": 2}),
    ("round", {"state": "closed", "outcome": "carried"}),
    ("round_player", {}),
    ("button", {}),
)
"""Tables, and what is different in the copy of a row, so that only the constraint that is meant can refuse it."""


@pytest.mark.parametrize(("table", "changes"), ONCE, ids=lambda value: str(value).replace("'", ""))
async def test_what_is_there_once_is_refused_a_second_time(
    house: House, table: str, changes: dict[str, Any]
) -> None:
    house.rules = UNGUARDED
    await house.pay(await house.player())
    closed = {"closed_at": house.clock.now()} if changes.get("state") == "closed" else {}
    with pytest.raises(IntegrityError, match=r"(?i)unique"):
        await house.db.transact(_copy_first, metadata.tables[table], changes | closed)


def _copy_first(tx: Connection, table: Table, changes: dict[str, Any]) -> None:
    row = dict(tx.execute(select(table).order_by(*table.primary_key).limit(1)).mappings().one())
    row.pop("id", None)
    tx.execute(insert(table), row | changes)
