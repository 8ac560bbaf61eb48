"""Statements of what the admins of a group choose for it."""

from sqlalchemy import bindparam, select, update

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
GROUP = select(chat).where(chat.c.id == bindparam("chat_id"))
LOCK_GROUP = GROUP.with_for_update(key_share=True)
SET_GROUP = (
    update(chat)
    .where(chat.c.id == bindparam("of_chat"))
    .values({name: bindparam(f"to_{name}") for name in SETTINGS})
)
IS_QUIET = select(chat.c.quiet).where(chat.c.id == bindparam("chat_id"))
