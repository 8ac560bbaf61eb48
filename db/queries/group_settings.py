"""Statements of what the admins of a group choose for it."""

from typing import Any, Final

from sqlalchemy import Column, DefaultClause, bindparam, select, true, update

from db.models.people import chat

SETTINGS = (
    "language",
    "report",
    "report_hour",
    "timezone",
    "topic_id",
    "quiet",
    "pot_on",
)


def _default(column: Column[Any]) -> object:
    if not isinstance(column.server_default, DefaultClause):
        return None
    given = column.server_default.arg
    return column.type.python_type(given) if isinstance(given, str) else given is true()


DEFAULTS: Final = {name: _default(chat.c[name]) for name in SETTINGS}
"""What holds until somebody has chosen."""

GROUP = select(chat).where(chat.c.id == bindparam("chat_id"))
LOCK_GROUP = GROUP.with_for_update(key_share=True)
SET_GROUP = (
    update(chat)
    .where(chat.c.id == bindparam("of_chat"))
    .values({name: bindparam(f"to_{name}") for name in SETTINGS})
)
IS_QUIET = select(chat.c.quiet).where(chat.c.id == bindparam("chat_id"))
