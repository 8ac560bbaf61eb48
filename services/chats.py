"""A player's own conversations as he sees them: pages of a list, and one of them. Read only."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row

from db.queries import conversations
from db.session import Database
from services.conversations import ConversationGone

PAGE_SIZE: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A conversation with how many turns it has, and the last of them."""

    id: int
    title: str
    thread_id: int
    is_current: bool
    turns: int
    used_at: datetime
    text: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationPage:
    """One page of a list, the latest used first; pages count from 1 to ``pages`` (at least 1)."""

    conversations: tuple[Conversation, ...]
    page: int
    pages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadConversations:
    """List the conversations of a private chat."""

    db: Database

    async def __call__(self, *, player_id: int, chat_id: int, page: int = 1) -> ConversationPage:
        """Return a page; one beyond the last is the last."""
        return await self.db.read(_page, player_id, chat_id, page)


def _page(tx: Connection, player_id: int, chat_id: int, page: int) -> ConversationPage:
    count = tx.scalar(conversations.COUNT, {"of_chat": chat_id}) or 0
    pages = max(1, -(-count // PAGE_SIZE))
    page = min(page, pages)
    facts = {"player_id": player_id, "of_chat": chat_id, "most": PAGE_SIZE, "skip": (page - 1) * PAGE_SIZE}
    rows = tx.execute(conversations.PAGE, facts)
    return ConversationPage(conversations=tuple(map(_conversation, rows)), page=page, pages=pages)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadConversation:
    """Show one conversation of a private chat."""

    db: Database

    async def __call__(self, *, player_id: int, chat_id: int, conversation_id: int) -> Conversation:
        """Return it.

        Raises:
            ConversationGone: there is none of this number.
        """
        return await self.db.read(_opened, player_id, chat_id, conversation_id)


def _opened(tx: Connection, player_id: int, chat_id: int, conversation_id: int) -> Conversation:
    facts = {"player_id": player_id, "of_chat": chat_id, "conversation_id": conversation_id}
    row = tx.execute(conversations.OPENED, facts).first()
    if row is None:
        raise ConversationGone
    return _conversation(row)


def _conversation(row: Row[Any]) -> Conversation:
    return Conversation(
        id=row.id,
        title=row.title,
        thread_id=row.thread_id,
        is_current=row.is_current,
        turns=row.turns,
        used_at=row.ended_at or row.created_at,
        text=row.text or "",
        answer=row.answer or "",
    )
