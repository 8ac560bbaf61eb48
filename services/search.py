"""Words looked for in a player's own private conversations. Read only."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final

from sqlalchemy import Connection, Row

from db.queries import search
from db.session import Database
from services.conversations import ConversationGone
from services.errors import UserError
from services.snippets import Piece, has_hit, snippet, without_marks, words_in

PAGE_SIZE: Final = 5
SEARCH_MOST: Final = 100
"""Characters of what is looked for."""
BEGINNING_LEAST: Final = 3
"""Letters from which on the last word may be the beginning of one."""
SNIPPET_MOST: Final = 160
EXCHANGE_MOST: Final = 800


class BadSearch(UserError):
    """There is nothing to look for, or too much."""

    code: ClassVar[str] = "bad_search"

    def __init__(self, *, most: int) -> None:
        super().__init__()
        self.most = most


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A turn with the words in it, and its conversation."""

    turn_id: int
    conversation_id: int
    title: str
    at: datetime
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPage:
    """One page of what was found, the newest first."""

    found: tuple[Found, ...]
    page: int
    has_more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One turn of a conversation, read again: as much of it as is shown, with the words marked."""

    conversation_id: int
    title: str
    at: datetime
    text: tuple[Piece, ...]
    answer: tuple[Piece, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchTurns:
    """Find the turns of a player's own private conversations that have all of some words."""

    db: Database

    async def __call__(self, *, player_id: int, chat_id: int, wanted: str, page: int = 1) -> FoundPage:
        """Return a page of them, empty beyond the last. Case and accents don't matter.

        What is no word (an emoji, a sign) is found as it stands, if there is nothing else to look for.

        Raises:
            BadSearch: ``wanted`` is empty or too long.
        """
        if not wanted.strip() or len(wanted) > SEARCH_MOST:
            raise BadSearch(most=SEARCH_MOST)
        return await self.db.read(_find, player_id, chat_id, wanted.strip(), page)


def _find(tx: Connection, player_id: int, chat_id: int, wanted: str, page: int) -> FoundPage:
    facts: dict[str, Any] = {"of_player": player_id, "of_chat": chat_id}
    facts |= {"most": PAGE_SIZE + 1, "skip": (page - 1) * PAGE_SIZE}
    if words := words_in(wanted):
        kind, is_begun = tx.dialect.name, len(words[-1]) >= BEGINNING_LEAST
        facts |= search.match_of(kind, player_id, words, is_begun=is_begun)
        rows = tx.execute(search.FIND[kind], facts).all()
    else:
        rows = tx.execute(search.FIND_SIGNS, {**facts, "pattern": search.pattern_of(wanted)}).all()
    found = tuple(_found(row, wanted) for row in rows[:PAGE_SIZE])
    return FoundPage(found=found, page=page, has_more=len(rows) > PAGE_SIZE)


def _found(row: Row[Any], wanted: str) -> Found:
    in_text = snippet(row.text, wanted, most=SNIPPET_MOST)
    return Found(
        turn_id=row.id,
        conversation_id=row.conversation_id,
        title=row.title,
        at=row.ended_at,
        pieces=in_text if has_hit(in_text) else _in_answer(row, wanted, SNIPPET_MOST),
    )


def _in_answer(row: Row[Any], wanted: str, most: int) -> tuple[Piece, ...]:
    return snippet(without_marks(row.answer), wanted, most=most)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadExchange:
    """Show one turn that was found."""

    db: Database

    async def __call__(self, *, player_id: int, chat_id: int, turn_id: int, wanted: str) -> Exchange:
        """Return it.

        Raises:
            ConversationGone: it is none of the player's, or deleted.
        """
        return await self.db.read(_exchange, player_id, chat_id, turn_id, wanted)


def _exchange(tx: Connection, player_id: int, chat_id: int, turn_id: int, wanted: str) -> Exchange:
    facts = {"of_player": player_id, "of_chat": chat_id, "turn_id": turn_id}
    row = tx.execute(search.EXCHANGE, facts).first()
    if row is None:
        raise ConversationGone
    return Exchange(
        conversation_id=row.conversation_id,
        title=row.title,
        at=row.ended_at,
        text=snippet(row.text, wanted, most=EXCHANGE_MOST),
        answer=_in_answer(row, wanted, EXCHANGE_MOST),
    )
