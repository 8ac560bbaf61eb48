"""Conversations: the turns that a model is shown together. One goes on in each chat and topic."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from sqlalchemy import Connection, Row

from db.queries import conversations
from db.session import Database, announce, unfinished
from services.buttons import add_buttons
from services.errors import UserError
from services.events import Happened, TurnReserved
from services.people import chat_row, player_row
from services.stamp import Stamp, Stamps
from services.timers import TimerKind, end_timer, set_timer

TITLE_MOST: Final = 60
TITLE_KEPT_MOST: Final = 128
"""Code points that the books keep of a title."""
UNDO: Final = timedelta(minutes=10)
RESTORE: Final = "restore"
"""The action of the button that takes a deletion back."""
ERASE_AT_ONCE: Final = 500


class ConversationGone(UserError):
    """There is no such conversation in this chat, or not any more."""

    code: ClassVar[str] = "conversation_gone"


class NoConversation(UserError):
    """No conversation goes on here."""

    code: ClassVar[str] = "no_conversation"


class BadTitle(UserError):
    """Nothing of it would be seen."""

    code: ClassVar[str] = "bad_title"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """A conversation that was deleted, and the button's token that takes it back."""

    title: str
    undo: str
    left: timedelta


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


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginAnew:
    """End the conversation that goes on in a chat and topic; the next answered message begins another."""

    db: Database

    async def __call__(self, *, player_id: int, chat_id: int, thread_id: int | None) -> bool:
        """Return whether there was one to end."""
        with unfinished():
            return await self.db.transact(_end_current, player_id, chat_id, thread_id or 0)


def _end_current(tx: Connection, player_id: int, chat_id: int, thread: int) -> bool:
    place = {"of_chat": chat_row(tx, chat_id).id, "of_thread": thread}
    ended = tx.scalar(conversations.END_CURRENT, place)
    if ended is not None:
        announce(tx, Happened("conversation_ended", {"conversation": ended, "player": player_id}))
    return ended is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContinueConversation:
    """Go on with one of a player's own conversations, in the topic where he is."""

    db: Database

    async def __call__(
        self, *, player_id: int, chat_id: int, conversation_id: int, thread_id: int | None
    ) -> None:
        """Make it the one that goes on there.

        Raises:
            ConversationGone: there is none of this number.
        """
        with unfinished():
            await self.db.transact(_make_current, player_id, chat_id, conversation_id, thread_id or 0)


def _make_current(tx: Connection, player_id: int, chat_id: int, conversation_id: int, thread: int) -> None:
    player_row(tx, player_id, lock=True)  # no answer of his begins another meanwhile
    tx.execute(conversations.END_CURRENT, {"of_chat": chat_id, "of_thread": thread})
    one = {"conversation_id": conversation_id, "of_chat": chat_id, "to_thread": thread}
    if tx.scalar(conversations.MAKE_CURRENT, one) is None:
        raise ConversationGone


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameConversation:
    """Give a conversation another title."""

    db: Database

    async def __call__(
        self, *, chat_id: int, thread_id: int | None, conversation_id: int | None, title: str
    ) -> None:
        """Rename it, or the one that goes on in this topic if no number is given.

        Raises:
            ConversationGone: there is none of this number.
            NoConversation: none goes on here.
        """
        with unfinished():
            await self.db.transact(_rename, chat_id, thread_id or 0, conversation_id, title)


def _rename(tx: Connection, chat_id: int, thread: int, conversation_id: int | None, title: str) -> None:
    if conversation_id is None:
        conversation_id = current_of(tx, chat_id, thread)
    one = {"conversation_id": conversation_id, "of_chat": chat_id, "to_title": title}
    if tx.scalar(conversations.RENAME, one) is None:
        raise ConversationGone


def current_of(tx: Connection, chat_id: int, thread: int) -> int:
    """Return the conversation that goes on in a chat and topic.

    Raises:
        NoConversation: there is none.
    """
    found = tx.scalar(conversations.CURRENT, {"chat_id": chat_id, "thread": thread})
    if found is None:
        raise NoConversation
    return int(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteConversation:
    """Take a conversation away at once, and its texts for good when it can't be taken back any more."""

    db: Database
    stamps: Stamps

    async def __call__(self, *, player_id: int, chat_id: int, conversation_id: int) -> Deleted:
        """Return what takes it back; the same once more for one that was deleted just now.

        Raises:
            ConversationGone: there is none of this number.
        """
        with unfinished():
            return await self.db.transact(_delete, player_id, chat_id, conversation_id, self.stamps.take())


def _delete(tx: Connection, player_id: int, chat_id: int, conversation_id: int, stamp: Stamp) -> Deleted:
    player_row(tx, player_id, lock=True)
    one = {"conversation_id": conversation_id, "of_chat": chat_id}
    row = tx.execute(conversations.CONVERSATION, one).first()
    deleted_at = stamp.now if row is None or row.deleted_at is None else row.deleted_at
    left = deleted_at + UNDO - stamp.now
    if row is None or left <= timedelta(0):
        raise ConversationGone
    if row.deleted_at is None:
        tx.execute(conversations.DELETE, {**one, "at": stamp.now})
        cause, facts = _cause(conversation_id, stamp.now), {"conversation": conversation_id}
        due_at = stamp.now + UNDO
        set_timer(tx, TimerKind.ERASE, cause, due_at, chat_id=chat_id, facts=facts, stamp=stamp)
        announce(tx, Happened("conversation_deleted", {"conversation": conversation_id, "player": player_id}))
    taken_back: dict[str, object] = {"conversation": conversation_id, "was_current": row.is_current}
    tokens = add_buttons(
        tx,
        {RESTORE: taken_back},
        player_id=player_id,
        chat_id=chat_id,
        ttl=left,
        stamp=stamp,
        label=f"{RESTORE}:{conversation_id}:{stamp.token}",
    )
    return Deleted(title=row.title, undo=tokens[RESTORE], left=left)


def _cause(conversation_id: int, deleted_at: datetime) -> str:
    return f"erase:{conversation_id}:{deleted_at.isoformat()}"


def restore(tx: Connection, player_id: int, chat_id: int, facts: Mapping[str, Any], stamp: Stamp) -> None:
    """Take a deletion back; the conversation goes on again if it did and no other has begun in its place.

    Raises:
        ConversationGone: it was erased.
    """
    player_row(tx, player_id, lock=True)
    one = {"conversation_id": facts["conversation"], "of_chat": chat_id}
    row = tx.execute(conversations.CONVERSATION, one).first()
    if row is None or row.deleted_at is None:
        raise ConversationGone
    end_timer(tx, _cause(row.id, row.deleted_at), stamp)
    place = {"chat_id": chat_id, "thread": row.thread_id}
    goes_on = facts["was_current"] and tx.scalar(conversations.CURRENT, place) is None
    if tx.scalar(conversations.RESTORE, {**one, "to_current": goes_on}) is None:
        raise ConversationGone
    announce(tx, Happened("conversation_restored", {"conversation": row.id, "player": player_id}))


def erase_conversation(tx: Connection, timer: Row[Any], stamp: Stamp) -> bool:
    """Erase what was said in a deleted conversation, in batches; the books keep its turns. A job of a timer.

    The conversation's own row goes first: from then on nothing can be taken back.
    """
    conversation_id = timer.facts["conversation"]
    one = {"conversation_id": conversation_id}
    if tx.scalar(conversations.IS_KEPT, one):
        return False
    tx.execute(conversations.REMOVE, one)
    batch = {"of_chat": timer.chat_id, "of_conversation": conversation_id, "most": ERASE_AT_ONCE}
    if tx.execute(conversations.ERASE, batch).rowcount == ERASE_AT_ONCE:
        return True
    announce(tx, Happened("conversation_erased", {"conversation": conversation_id}))
    return False
