"""Statements of what players and all together have used: messages, tokens of the model, and its price."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, bindparam, cast, func, select

from db.models.books import account, entry, transfer
from db.models.chats import TurnState, turn


def _sum(column: ColumnElement[Any], label: str) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(column), 0), BigInteger).label(label)


_used = (
    func.count().label("messages"),
    _sum(turn.c.tokens_in + turn.c.tokens_out, "tokens"),
    _sum(turn.c.cost_micros, "micros"),
)
_asked_model = turn.c.tokens_in.is_not(None)

OF_ALL_ON_DAY = select(*_used).where(turn.c.day == bindparam("day"), _asked_model)
OF_PLAYER_ON_DAY = OF_ALL_ON_DAY.where(turn.c.player_id == bindparam("player_id"))
OF_PLAYER = select(*_used).where(turn.c.player_id == bindparam("player_id"), _asked_model)
OF_ALL_SINCE = select(*_used).where(turn.c.day >= bindparam("since"), _asked_model)
MOST_SINCE = (
    select(turn.c.player_id, *_used)
    .where(turn.c.day >= bindparam("since"), _asked_model)
    .group_by(turn.c.player_id)
    .order_by(_sum(turn.c.cost_micros, "by_micros").desc(), func.count().desc(), turn.c.player_id)
    .limit(bindparam("most"))
)

_answered_free = (
    turn.c.player_id == bindparam("player_id"),
    turn.c.is_free,
    turn.c.edit_of.is_(None),
    turn.c.state == TurnState.SETTLED,
)
FREE_MESSAGES = select(func.count()).select_from(turn).where(*_answered_free)
SPENT = (
    select(_sum(transfer.c.amount, "credits"))
    .select_from(entry)
    .join(transfer, transfer.c.entry_id == entry.c.id)
    .join(account, account.c.id == transfer.c.debit_id)
    .where(
        entry.c.player_id == bindparam("player_id"),
        entry.c.kind.in_(["message", "gift"]),
        account.c.owner_id == bindparam("player_id"),
        account.c.kind == "player",
    )
)
