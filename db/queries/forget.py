"""Statements of forgetting a player, batch by batch, and of knowing him again."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    LargeBinary,
    String,
    bindparam,
    case,
    cast,
    false,
    func,
    literal,
    or_,
    select,
    true,
    update,
)

from db.models.books import entry
from db.models.chats import TurnState, conversation, turn
from db.models.duels import challenge, duel
from db.models.people import ChatKind, Reach, chat, player
from db.models.transport import InboxState, OutboxState, inbox, outbox

NO_TITLE = "…"
_hash = bindparam("of_hash", type_=LargeBinary)
_id = bindparam("to_telegram_id", type_=BigInteger)

FORGOTTEN = select(player.c.id).where(player.c.forgotten_hash == _hash)
BRING_BACK = (
    update(player)
    .where(player.c.forgotten_hash == _hash)
    .values(
        telegram_id=_id,
        forgotten_hash=None,
        **{name: bindparam(f"to_{name}") for name in ("name", "username", "telegram_language")},
    )
    .returning(player.c.id, player.c.welcomed)
)
RENUMBER_CHAT = (
    update(chat)
    .where(chat.c.telegram_id == bindparam("of_telegram_id"), chat.c.kind == ChatKind.PRIVATE)
    .values(telegram_id=_id, title="", language=None, reach=Reach.OK.value)
    .returning(chat.c.id)
)
RENUMBER_TURNS = (
    update(turn)
    .where(turn.c.chat_id == bindparam("of_chat"), turn.c.created_at > bindparam("since"))
    .values(telegram_chat_id=_id)
)

FORGET_PLAYER = (
    update(player)
    .where(player.c.id == bindparam("player_id"))
    .values(
        telegram_id=_id,
        forgotten_hash=_hash,
        name="",
        username=None,
        telegram_language=None,
        language=None,
        alias=None,
        hidden=true(),
        character=None,
        seed="0",
    )
)
DROP_ASKS = (
    update(turn)
    .where(turn.c.player_id == bindparam("of_player"), turn.c.state == TurnState.ASKING)
    .values(state=TurnState.DECLINED.value, reason="forgotten", ended_at=bindparam("at"))
)
DROP_OUTGOING = (
    update(outbox)
    .where(outbox.c.chat_id == bindparam("of_chat"), outbox.c.state == OutboxState.WAITING)
    .values(state=OutboxState.EXPIRED.value, ended_at=bindparam("at"), facts={})
)
CLOSE_CONVERSATIONS = (
    update(conversation)
    .where(conversation.c.chat_id == bindparam("of_chat"))
    .values(
        title=NO_TITLE,
        is_current=false(),
        deleted_at=func.coalesce(conversation.c.deleted_at, bindparam("at")),
    )
)
CLOSE_CHALLENGES = (
    update(challenge)
    .where(
        challenge.c.player_id == bindparam("of_player"),
        challenge.c.rival_id.is_(None),
        challenge.c.expires_at > bindparam("at", type_=challenge.c.expires_at.type),
    )
    .values(expires_at=bindparam("at"))
)


def _ids(column: Any) -> Any:
    return column.in_(bindparam("ids", expanding=True))


def _within(column: Any) -> Any:
    return (column > bindparam("after")) & (column <= bindparam("upto"))


NEWEST = {
    "turns": select(func.max(turn.c.id)),
    "inbox": select(func.max(inbox.c.id)),
    "outbox": select(func.max(outbox.c.id)),
}
NEXT_TURNS = (
    select(turn.c.id, turn.c.conversation_id)
    .where(turn.c.player_id == bindparam("of_player"), _within(turn.c.id))
    .order_by(turn.c.id)
    .limit(bindparam("most"))
)
ERASE_TURNS = (
    update(turn)
    .where(_ids(turn.c.id))
    .values(
        text="",
        answer=case((turn.c.answer.is_not(None), "")),
        file_id=None,
        file_kind=None,
        file_name=None,
        telegram_chat_id=case(
            (turn.c.chat_id == bindparam("private_id"), _id), else_=turn.c.telegram_chat_id
        ),
    )
)
ERASE_TITLES = update(conversation).where(_ids(conversation.c.id)).values(title=NO_TITLE)

NEXT_UPDATES = (
    select(inbox.c.id, inbox.c.body, inbox.c.state)
    .where(_within(inbox.c.id))
    .order_by(inbox.c.id)
    .limit(bindparam("most"))
)
ERASE_UPDATES = (
    update(inbox)
    .where(_ids(inbox.c.id), inbox.c.state != InboxState.WAITING)
    .values(body=b"", error=None, lane=literal("x") + cast(inbox.c.id, String))
)


def _is_about(what: str, id: Any) -> Any:
    """Return whether an outgoing message's key begins with ``what``, a number and a colon."""
    return outbox.c.key.like(literal(what, String) + cast(id, String) + literal(":%", String))


NEXT_OUTGOING = select(outbox.c.id).where(_within(outbox.c.id)).order_by(outbox.c.id).limit(bindparam("most"))
_whose = bindparam("of_player", type_=BigInteger)
_his_duels = or_(
    select(duel.c.id)
    .where(
        duel.c.player_id == _whose,
        or_(_is_about("duel:", duel.c.id), _is_about("duel:", duel.c.opponent_id)),
    )
    .exists(),
    select(challenge.c.id)
    .where(
        or_(challenge.c.player_id == _whose, challenge.c.rival_id == _whose),
        _is_about("challenge:", challenge.c.id),
    )
    .exists(),
)
_his_resets = literal("reset:%:done:", String) + cast(bindparam("of_player", type_=BigInteger), String)
ERASE_OUTGOING = (
    update(outbox)
    .where(
        _ids(outbox.c.id),
        outbox.c.state != OutboxState.WAITING,
        or_(
            outbox.c.chat_id == bindparam("private_id"),
            select(turn.c.id)
            .where(turn.c.chat_id == outbox.c.chat_id, turn.c.player_id == bindparam("of_player"))
            .exists(),
            select(entry.c.id)
            .where(entry.c.cause == outbox.c.key, entry.c.player_id == bindparam("of_player"))
            .exists(),
            outbox.c.key.like(_his_resets),
            _his_duels,
        ),
    )
    .values(facts={})
)
"""What was said in his private chat, in the groups where he asked, and of his gifts, resets and duels, to whoever
played against him too; it has been sent.
"""
