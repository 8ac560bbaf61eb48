"""Statements of conversations."""

from sqlalchemy import ScalarSelect, bindparam, func, select, true, update

from db.models.chats import conversation, turn
from db.queries import upsert

CURRENT = select(conversation.c.id).where(
    conversation.c.chat_id == bindparam("chat_id"),
    conversation.c.thread_id == bindparam("thread"),
    conversation.c.is_current,
)
ADD_CONVERSATION = (
    upsert.insert(conversation)
    .values(
        chat_id=bindparam("chat_id"),
        thread_id=bindparam("thread"),
        title=bindparam("title"),
        created_at=bindparam("at"),
        is_current=true(),
    )
    .on_conflict_do_nothing()
    .returning(conversation.c.id)
)
PUT_TURN_IN = (
    update(turn)
    .where(turn.c.id == bindparam("turn_id"))
    .values(conversation_id=bindparam("to_conversation_id"))
)


def current_of_turn() -> ScalarSelect[int]:
    """Return the subquery of the conversation that goes on in a turn's chat and topic."""
    return (
        select(conversation.c.id)
        .where(
            conversation.c.chat_id == turn.c.chat_id,
            conversation.c.thread_id == func.coalesce(turn.c.thread_id, 0),
            conversation.c.is_current,
        )
        .correlate(turn)
        .scalar_subquery()
    )
