"""Statements of turns and buttons."""

from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, update

from db.models.chats import TurnState, button, turn
from db.models.people import chat, player
from db.queries import edits, leases, upsert
from db.queries.conversations import current_of_turn, is_kept

ADD_TURN = (
    upsert.insert(turn)
    .values(
        {
            name: bindparam(name)
            for name in (
                "chat_id",
                "player_id",
                "telegram_chat_id",
                "message_id",
                "thread_id",
                "media_group_id",
                "sent_at",
                "text",
                "always_paid",
                "created_at",
                "state",
                "reason",
                "ended_at",
                "file_id",
                "file_kind",
                "file_name",
            )
        }
    )
    .on_conflict_do_nothing()
    .returning(turn.c.id)
)
TURN = select(turn).where(turn.c.id == bindparam("turn_id"))
IS_TAKEN = select(turn.c.id).where(
    turn.c.telegram_chat_id == bindparam("telegram_chat_id"), turn.c.message_id == bindparam("message_id")
)
LAST_TURN = (
    select(turn)
    .where(
        turn.c.chat_id == bindparam("chat_id"),
        turn.c.player_id == bindparam("player_id"),
        func.coalesce(turn.c.thread_id, 0) == bindparam("thread"),
        turn.c.edit_of.is_(None),
        (turn.c.state != TurnState.DECLINED) | (turn.c.reason == "cancelled"),
    )
    .order_by(turn.c.id.desc())
    .limit(1)
)
"""Of those that were begun, or that the player didn't want to begin."""
UNDER_WAY = select(turn.c.id).where(
    turn.c.player_id == bindparam("player_id"), turn.c.state == TurnState.RESERVED
)
PAID_UNDER_WAY = (
    select(func.count())
    .select_from(turn)
    .where(
        turn.c.player_id == bindparam("player_id"),
        turn.c.state == TurnState.RESERVED,
        turn.c.is_free.is_(False),
        turn.c.window_key == bindparam("window_key"),
    )
)
COUNT_WAITING = (
    select(func.count())
    .select_from(turn)
    .where(turn.c.player_id == bindparam("player_id"), turn.c.state == TurnState.WAITING)
)
NEXT_WAITING = (
    select(turn)
    .where(turn.c.player_id == bindparam("player_id"), turn.c.state == TurnState.WAITING)
    .order_by(turn.c.id)
    .limit(1)
)
COUNT_FREE = (
    select(func.count())
    .select_from(turn)
    .where(
        turn.c.player_id == bindparam("player_id"),
        turn.c.day == bindparam("day"),
        turn.c.is_free,
        turn.c.edit_of.is_(None),
        turn.c.state.in_([TurnState.RESERVED, TurnState.SETTLED]),
    )
)
UNDER_WAY_IN_CHAT = (
    select(func.count())
    .select_from(turn)
    .where(turn.c.chat_id == bindparam("chat_id"), turn.c.state == TurnState.RESERVED)
)

RESERVE = (
    update(turn)
    .where(turn.c.id == bindparam("turn_id"), turn.c.state == TurnState.WAITING)
    .values(
        state=TurnState.RESERVED.value,
        is_free=bindparam("to_is_free"),
        price=bindparam("to_price"),
        seed=bindparam("to_seed"),
        day=bindparam("to_day"),
        window_key=bindparam("to_window_key"),
        hold_id=bindparam("to_hold_id"),
        reserved_at=bindparam("at"),
        conversation_id=current_of_turn(),
        lease_owner=bindparam("owner"),
        lease_token=bindparam("token"),
        lease_until=bindparam("until"),
    )
    .returning(turn.c.conversation_id)
)
ASK = (
    update(turn)
    .where(turn.c.id == bindparam("turn_id"), turn.c.state == TurnState.WAITING)
    .values(state=TurnState.ASKING.value, price=bindparam("to_price"), confirm_until=bindparam("until"))
    .returning(turn.c.id)
)
CONFIRM = (
    update(turn)
    .where(
        turn.c.id == bindparam("turn_id"),
        turn.c.state == TurnState.ASKING,
        turn.c.confirm_until > bindparam("now"),
    )
    .values(state=TurnState.WAITING.value, confirmed_price=turn.c.price, confirm_until=bindparam("until"))
    .returning(turn.c.player_id, turn.c.price)
)
DECLINE = (
    update(turn)
    .where(turn.c.id == bindparam("turn_id"), turn.c.state.in_([TurnState.WAITING, TurnState.ASKING]))
    .values(state=TurnState.DECLINED.value, reason=bindparam("to_reason"), ended_at=bindparam("at"))
    .returning(turn.c.id)
)
EXPIRE_ASKS = (
    update(turn)
    .where(turn.c.state == TurnState.ASKING, turn.c.confirm_until <= bindparam("now"))
    .values(state=TurnState.DECLINED.value, reason="expired", ended_at=bindparam("now"))
    .returning(turn.c.id)
)
_own = (
    (turn.c.id == bindparam("turn_id"))
    & (turn.c.lease_token == bindparam("token"))
    & (turn.c.state == TurnState.RESERVED)
)
_used: dict[str, Any] = {
    name: bindparam(f"to_{name}") for name in ("model", "tokens_in", "tokens_out", "cost_micros")
}
SETTLE = (
    update(turn)
    .where(_own)
    .values(
        state=TurnState.SETTLED.value,
        answer=bindparam("to_answer"),
        is_cut=bindparam("to_is_cut"),
        ended_at=bindparam("at"),
        **_used,
    )
    .returning(turn)
)
NOTE_SHOWN = update(turn).where(_own).values(shown_id=bindparam("to_shown_id")).returning(turn.c.id)
SET_ENTRY = update(turn).where(turn.c.id == bindparam("turn_id")).values(entry_id=bindparam("to_entry_id"))
RELEASE = (
    update(turn)
    .where(_own)
    .values(state=TurnState.RELEASED.value, reason=bindparam("to_reason"), ended_at=bindparam("at"), **_used)
    .returning(turn)
)

STOP = (
    update(turn)
    .where(turn.c.id == bindparam("turn_id"), turn.c.state == TurnState.RESERVED)
    .values(stop_at=func.coalesce(turn.c.stop_at, bindparam("at")))
    .returning(turn.c.id)
)
STOPPED = select(turn.c.id).where(
    turn.c.id.in_(bindparam("ids", expanding=True)), turn.c.stop_at.is_not(None)
)
CANCEL_WAITING = (
    update(turn)
    .where(
        turn.c.player_id == bindparam("of_player"),
        turn.c.state.in_([TurnState.WAITING, TurnState.ASKING]),
    )
    .values(state=TurnState.DECLINED.value, reason="stopped", ended_at=bindparam("at"))
    .returning(turn.c.id)
)

FREE_TURNS = leases.free_rows(turn, TurnState.RESERVED)
TAKE_TURN = (
    update(turn)
    .where(turn.c.id == bindparam("turn_id"))
    .values(lease_owner=bindparam("owner"), lease_token=bindparam("token"), lease_until=bindparam("until"))
)
TURNS_WITH_PEOPLE = (
    select(
        turn,
        chat.c.kind.label("chat_kind"),
        player.c.name.label("player_name"),
        player.c.character,
        player.c.language.label("chosen_language"),
        player.c.telegram_language,
        player.c.premium_until,
        edits.CONVERSATION.label("shown_conversation_id"),
    )
    .join(chat, chat.c.id == turn.c.chat_id)
    .join(player, player.c.id == turn.c.player_id)
    .where(turn.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(turn.c.id)
)
_under_way = turn.alias("under_way")
STALLED_PLAYERS = (
    select(turn.c.player_id)
    .distinct()
    .where(
        turn.c.state == TurnState.WAITING,
        turn.c.created_at < bindparam("before"),
        ~select(_under_way.c.id)
        .where(_under_way.c.player_id == turn.c.player_id, _under_way.c.state == TurnState.RESERVED)
        .exists(),
    )
    .limit(bindparam("most"))
)
HISTORY = (
    select(turn.c.text, turn.c.answer, turn.c.file_name)
    .where(
        turn.c.conversation_id == bindparam("conversation_id"),
        turn.c.player_id == bindparam("player_id"),
        turn.c.state == TurnState.SETTLED,
        turn.c.id < bindparam("before_id"),
        is_kept(),
    )
    .order_by(turn.c.id.desc())
    .limit(bindparam("most"))
)

ADD_BUTTONS = insert(button)
BUTTON = select(button).where(button.c.token == bindparam("of_token"))
USE_BUTTONS = (
    update(button)
    .where(button.c.sibling == bindparam("of_sibling"), button.c.used_at.is_(None))
    .values(used_at=bindparam("at"), pressed=bindparam("to_pressed"))
    .returning(button.c.token)
)
FORGET_BUTTONS = delete(button).where(
    button.c.token.in_(
        select(button.c.token).where(button.c.expires_at < bindparam("before")).limit(bindparam("most"))
    )
)
