"""Statements of conversations."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    Subquery,
    bindparam,
    case,
    delete,
    desc,
    false,
    func,
    literal_column,
    null,
    or_,
    select,
    true,
    update,
)

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

_own = (conversation.c.chat_id == bindparam("of_chat")) & conversation.c.deleted_at.is_(None)
_one = (conversation.c.id == bindparam("conversation_id")) & _own
END_CURRENT = (
    update(conversation)
    .where(_own, conversation.c.thread_id == bindparam("of_thread"), conversation.c.is_current)
    .values(is_current=false())
    .returning(conversation.c.id)
)
MAKE_CURRENT = (
    update(conversation)
    .where(_one)
    .values(is_current=true(), thread_id=bindparam("to_thread"))
    .returning(conversation.c.id)
)
RENAME = update(conversation).where(_one).values(title=bindparam("to_title")).returning(conversation.c.id)
CONVERSATION = select(conversation).where(
    conversation.c.id == bindparam("conversation_id"), conversation.c.chat_id == bindparam("of_chat")
)
"""Deleted ones too."""
DELETE = (
    update(conversation)
    .where(_one)
    .values(is_current=false(), deleted_at=bindparam("at"))
    .returning(conversation.c.title)
)
RESTORE = (
    update(conversation)
    .where(
        conversation.c.id == bindparam("conversation_id"),
        conversation.c.chat_id == bindparam("of_chat"),
        conversation.c.deleted_at.is_not(None),
    )
    .values(is_current=bindparam("to_current"), deleted_at=null())
    .returning(conversation.c.title)
)

_settled = turn.c.state == literal_column("'settled'")
_said = (
    (turn.c.conversation_id == conversation.c.id) & (turn.c.player_id == bindparam("player_id")) & _settled
)
_last = func.coalesce(select(func.max(turn.c.id)).where(_said).correlate(conversation).scalar_subquery(), 0)
_shown = select(conversation, _last.label("last_turn_id"))
_page = (
    _shown.where(_own)
    .order_by(desc("last_turn_id"), conversation.c.id.desc())
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
    .subquery("page")
)
_opened = _shown.where(_one).subquery("page")


def _with_last_turn(page: Subquery) -> Select[Any]:
    """Return conversations with how many turns they have, and the last of them."""
    turns = (
        select(func.count())
        .where(turn.c.conversation_id == page.c.id, turn.c.player_id == bindparam("player_id"), _settled)
        .correlate(page)
        .scalar_subquery()
    )
    last = turn.alias("last")
    return (
        select(page, turns.label("turns"), last.c.text, last.c.answer, last.c.ended_at)
        .outerjoin(last, last.c.id == page.c.last_turn_id)
        .order_by(page.c.last_turn_id.desc(), page.c.id.desc())
    )


PAGE = _with_last_turn(_page)
OPENED = _with_last_turn(_opened)
COUNT = select(func.count()).select_from(conversation).where(_own)

IS_KEPT = select(conversation.c.id).where(
    conversation.c.id == bindparam("conversation_id"), conversation.c.deleted_at.is_(None)
)
REMOVE = delete(conversation).where(
    conversation.c.id == bindparam("conversation_id"), conversation.c.deleted_at.is_not(None)
)
_first = turn.alias("first")
_of_deleted = (
    select(turn.c.id)
    .where(
        turn.c.chat_id == bindparam("of_chat"),
        or_(
            turn.c.conversation_id == bindparam("of_conversation"),
            turn.c.edit_of.in_(
                select(_first.c.id).where(
                    _first.c.chat_id == bindparam("of_chat"),
                    _first.c.conversation_id == bindparam("of_conversation"),
                )
            ),
        ),
        or_(turn.c.text != "", turn.c.answer != "", turn.c.file_id.is_not(None)),
    )
    .limit(bindparam("most"))
)
ERASE = (
    update(turn)
    .where(turn.c.id.in_(_of_deleted))
    .values(
        text="",
        answer=case((turn.c.answer.is_not(None), "")),
        file_id=null(),
        file_kind=null(),
        file_name=null(),
    )
)
"""Leaves the row, which the books know; edited messages' rows go with the one that they belong to."""

EXPORT_PAGE = (
    select(
        conversation.c.id.label("conversation_id"),
        conversation.c.title,
        conversation.c.created_at.label("began_at"),
        turn.c.id,
        turn.c.sent_at,
        turn.c.text,
        turn.c.ended_at,
        turn.c.answer,
        turn.c.is_cut,
        turn.c.price,
        turn.c.entry_id,
        turn.c.file_name,
    )
    .select_from(conversation.join(turn, _said))
    .where(
        _own,
        conversation.c.id >= bindparam("from_conversation"),
        conversation.c.id <= bindparam("to_conversation"),
        or_(conversation.c.id > bindparam("from_conversation"), turn.c.id > bindparam("after_turn")),
    )
    .order_by(conversation.c.id, turn.c.id)
    .limit(bindparam("most"))
)
"""The next turns after one, in the order of their conversations."""


def is_kept() -> ColumnElement[bool]:
    """Return the condition that the conversation asked for isn't deleted."""
    return IS_KEPT.exists()


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
