"""Conversations: the turns that a model is shown together. One goes on in each chat and topic."""

from typing import Final

from sqlalchemy import Connection

from db.queries import conversations
from services.events import TurnReserved
from services.stamp import Stamp

TITLE_MOST: Final = 60


def title_from(text: str) -> str:
    """Return the title of a conversation that begins with ``text``: its first words, on one line."""
    words, title = text.split(), ""
    for word in words:
        if title and len(title) + 1 + len(word) > TITLE_MOST:
            return f"{title} …"
        title = f"{title} {word}".strip()
    return title if len(title) <= TITLE_MOST else f"{title[: TITLE_MOST - 1]}…"


def put_in_conversation(tx: Connection, turn: TurnReserved, stamp: Stamp) -> None:
    """Make a turn part of the conversation of its chat and topic; the first turn begins it."""
    place = {"chat_id": turn.chat_id, "thread": turn.thread_id or 0}
    conversation_id = tx.scalar(conversations.CURRENT, place)
    if conversation_id is None:
        new = {
            **place,
            "title": title_from(turn.text or (turn.file.name if turn.file else "")),
            "at": stamp.now,
        }
        conversation_id = tx.scalar(conversations.ADD_CONVERSATION, new)
    if conversation_id is None:  # another turn of a group was quicker
        conversation_id = tx.scalar(conversations.CURRENT, place)
    facts = {"turn_id": turn.turn_id, "to_conversation_id": conversation_id}
    tx.execute(conversations.PUT_TURN_IN, facts)
