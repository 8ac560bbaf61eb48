"""A player's own conversations as they leave the house: read in pages, so that nothing else waits; and as JSON."""

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Connection, Row

from db.queries import conversations
from db.session import Database, announce, unfinished
from services.conversations import NoConversation, current_of
from services.events import Happened
from services.ports import Clock

FORMAT: Final = "potluck/conversations/v1"
TURNS_AT_ONCE: Final = 250
BYTES_MOST: Final = 40_000_000
"""Of texts in one file; Telegram takes 50 MB."""
_EVERY: Final = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedTurn:
    """A message and its answer; ``price`` in credits, 0 for a free one."""

    asked_at: datetime
    text: str
    file_name: str | None
    answered_at: datetime
    answer: str
    is_cut: bool
    price: int
    receipt: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedConversation:
    """A conversation with its turns, the oldest first."""

    title: str
    began_at: datetime
    turns: tuple[ExportedTurn, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """Conversations of a player; cut if there are more than a file may hold."""

    made_at: datetime
    conversations: tuple[ExportedConversation, ...]
    is_cut: bool

    @property
    def turns(self) -> int:
        """Return how many turns there are."""
        return sum(len(one.turns) for one in self.conversations)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportConversations:
    """Read one of a player's private conversations, or all of them."""

    db: Database
    clock: Clock

    async def current(self, *, chat_id: int, thread_id: int | None) -> int:
        """Return the conversation that goes on in a chat and topic.

        Raises:
            NoConversation: there is none.
        """
        return await self.db.read(current_of, chat_id, thread_id or 0)

    async def __call__(self, *, player_id: int, chat_id: int, conversation_id: int | None) -> Export:
        """Return it, or all of them if no number is given.

        Raises:
            NoConversation: there is nothing.
        """
        rows, is_cut = await self.db.read(_rows, player_id, chat_id, conversation_id)
        if not rows:
            raise NoConversation
        found = await asyncio.to_thread(_conversations, rows)
        export = Export(made_at=self.clock.now(), conversations=found, is_cut=is_cut)
        with unfinished():  # the file is still to be sent
            await self.db.transact(_note, player_id, export)
        return export


def _rows(
    tx: Connection, player_id: int, chat_id: int, conversation_id: int | None
) -> tuple[Sequence[Row[Any]], bool]:
    """Return the turns page by page, of one moment, as far as they fit."""
    facts = {"player_id": player_id, "of_chat": chat_id, "most": TURNS_AT_ONCE, "after_turn": 0}
    facts["from_conversation"] = conversation_id or 0
    facts["to_conversation"] = conversation_id or _EVERY
    rows: list[Row[Any]] = []
    left = BYTES_MOST
    while page := tx.execute(conversations.EXPORT_PAGE, facts).all():
        left -= sum(len(row.text.encode()) + len(row.answer.encode()) for row in page)
        if left < 0:
            return rows, True
        rows += page
        facts |= {"from_conversation": page[-1].conversation_id, "after_turn": page[-1].id}
    return rows, False


def _conversations(rows: Sequence[Row[Any]]) -> tuple[ExportedConversation, ...]:
    groups = [list(turns) for _, turns in groupby(rows, key=lambda row: int(row.conversation_id))]
    return tuple(
        ExportedConversation(title=turns[0].title, began_at=turns[0].began_at, turns=tuple(map(_turn, turns)))
        for turns in groups
    )


def _turn(row: Row[Any]) -> ExportedTurn:
    return ExportedTurn(
        asked_at=row.sent_at,
        text=row.text,
        file_name=row.file_name,
        answered_at=row.ended_at,
        answer=row.answer,
        is_cut=row.is_cut,
        price=row.price or 0,
        receipt=row.entry_id,
    )


def _note(tx: Connection, player_id: int, export: Export) -> None:
    facts = {"player": player_id, "conversations": len(export.conversations), "turns": export.turns}
    announce(tx, Happened("exported", {**facts, "cut": export.is_cut}))


def json_file(export: Export) -> bytes:
    """Return the conversations as JSON, one turn a line; times are ISO 8601 in UTC, prices in credits."""
    head = {"format": FORMAT, "exported_at": export.made_at.isoformat(), "cut": export.is_cut}
    return _object(head, "conversations", map(_json_conversation, export.conversations)).encode() + b"\n"


def _json_conversation(one: ExportedConversation) -> str:
    head = {"title": one.title, "began_at": one.began_at.isoformat()}
    return _object(head, "turns", map(_json_turn, one.turns))


def _json_turn(turn: ExportedTurn) -> str:
    return _json(
        {
            "asked_at": turn.asked_at.isoformat(),
            "text": turn.text,
            "file": turn.file_name,
            "answered_at": turn.answered_at.isoformat(),
            "answer": turn.answer,
            "cut": turn.is_cut,
            "price": turn.price,
            "receipt": turn.receipt,
        }
    )


def _object(head: Mapping[str, object], name: str, items: Iterator[str]) -> str:
    """Return an object whose last value is a list; built of pieces, so that other threads get their turn."""
    lines = ",\n".join(items)
    return f"{_json(head)[:-1]}, {_json(name)}: [\n{lines}\n]}}"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
