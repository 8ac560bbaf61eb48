"""Statements of edited messages."""

from sqlalchemy import bindparam, case, insert, select, update

from db.models.chats import TurnState, turn
from db.models.people import player
from db.models.transport import outbox

TURN_OF_MESSAGE = (
    select(turn, player.c.telegram_id)
    .join(player, player.c.id == turn.c.player_id)
    .where(
        turn.c.telegram_chat_id == bindparam("telegram_chat_id"),
        turn.c.message_id == bindparam("message_id"),
    )
)
SET_TEXT = (
    update(turn)
    .where(
        turn.c.id == bindparam("turn_id"),
        turn.c.state.in_([TurnState.WAITING, TurnState.ASKING]),
    )
    .values(text=bindparam("to_text"))
    .returning(turn.c.id)
)
EDIT_OF = select(turn).where(turn.c.edit_of == bindparam("of_turn"))
LATER_TURN = (
    select(turn.c.id)
    .where(
        turn.c.chat_id == bindparam("chat_id"),
        turn.c.player_id == bindparam("player_id"),
        turn.c.id > bindparam("turn_id"),
        turn.c.edit_of.is_(None),
        turn.c.state.not_in([TurnState.DECLINED, TurnState.RELEASED]),
    )
    .limit(1)
)
ADD_EDIT = (
    insert(turn)
    .values(
        {
            name: bindparam(name)
            for name in (
                "chat_id",
                "player_id",
                "telegram_chat_id",
                "message_id",
                "thread_id",
                "sent_at",
                "text",
                "always_paid",
                "state",
                "is_free",
                "price",
                "day",
                "window_key",
                "created_at",
                "reserved_at",
                "edit_of",
                "file_id",
                "file_kind",
                "file_name",
                "lease_owner",
                "lease_token",
                "lease_until",
            )
        }
    )
    .returning(turn.c.id)
)
PUT_ANSWER = (
    update(turn)
    .where(turn.c.id == bindparam("turn_id"), turn.c.answer != "")
    .values(
        text=bindparam("to_text"),
        answer=bindparam("to_answer"),
        is_cut=bindparam("to_is_cut"),
        edited_at=bindparam("at"),
    )
    .returning(turn.c.id)
)
"""What was erased meanwhile stays so."""
CLEAR_TEXT = update(turn).where(turn.c.id == bindparam("turn_id")).values(text="")
SENT_PARTS = (
    select(outbox.c.state, outbox.c.message_id, outbox.c.facts)
    .where(outbox.c.key.in_(bindparam("keys", expanding=True)))
    .order_by(outbox.c.id)
)
"""The messages of an answer, in order."""

_first = turn.alias("first")
CONVERSATION = case(
    (turn.c.edit_of.is_(None), turn.c.conversation_id),
    else_=select(_first.c.conversation_id).where(_first.c.id == turn.c.edit_of).scalar_subquery(),
)
"""A turn's conversation; that of the first turn if it answers an edited message again."""
