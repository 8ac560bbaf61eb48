"""All that is held about a player, as one JSON text, piece by piece. Read only; memory holds one page at a time."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection

from db.queries import mydata
from db.session import Database
from services.ports import Clock

FORMAT: Final = "potluck/mydata/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadMyData:
    """Read all about a player: profile, wallet, entries with tickets, holds, purchases, rounds, duels, turns."""

    db: Database
    clock: Clock

    async def __call__(self, *, player_id: int) -> AsyncIterator[bytes]:
        """Give the pieces of a JSON text, in UTF-8."""
        head = await self.db.read(_head, player_id)
        yield _json({"format": FORMAT, "made_at": self.clock.now(), **head})[:-1].encode()
        for name in mydata.SECTIONS:
            yield f',\n"{name}": ['.encode()
            async for piece in self._rows(name, player_id):
                yield piece
            yield b"]"
        yield b"}\n"

    async def _rows(self, name: str, player_id: int) -> AsyncIterator[bytes]:
        """Give the rows of a section, a page at a time."""
        after, separator, key = 0, "\n", mydata.KEYS.get(name, "id")
        while rows := await self.db.read(_page, name, player_id, after):
            after = rows[-1][key]
            yield (separator + ",\n".join(map(_json, rows))).encode()
            separator = ",\n"
            if len(rows) < mydata.MOST:
                return


def _head(tx: Connection, player_id: int) -> dict[str, object]:
    whose = {"player_id": player_id}
    return {
        "profile": dict(tx.execute(mydata.PROFILE, whose).mappings().one()),
        "wallet": dict(tx.execute(mydata.WALLET, whose).mappings().one()),
    }


def _page(tx: Connection, name: str, player_id: int, after: int) -> list[dict[str, Any]]:
    found = tx.execute(mydata.SECTIONS[name], {"player_id": player_id, "after": after})
    return [dict(_given(row)) for row in found.mappings()]


def _given(row: Any) -> Iterator[tuple[str, Any]]:
    """Give what a row says; a column without a value says nothing, and of a grant not which operator made it."""
    for name, value in row.items():
        if value is not None:
            yield name, _without_operator(value) if name == "facts" else value


def _without_operator(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if name != "operator"}


def _json(row: object) -> str:
    return json.dumps(row, ensure_ascii=False, default=_plain)


def _plain(value: object) -> str:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"no way to write a {type(value).__name__}")
