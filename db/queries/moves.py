"""Statements of groups that become supergroups, and of groups that the bot is removed from."""

from sqlalchemy import BigInteger, bindparam, select, update

from db.models.chats import button, conversation, turn
from db.models.groups import timer
from db.models.people import ChatKind, Reach, chat
from db.models.pots import RoundState, pot, round_
from db.queries import upsert
from db.queries.group_settings import SETTINGS

ADD_GROUP = (
    upsert.insert(chat)
    .values(
        telegram_id=bindparam("telegram_id"),
        kind=ChatKind.GROUP.value,
        title=bindparam("title"),
        created_at=bindparam("at"),
    )
    .on_conflict_do_nothing(index_elements=["telegram_id"])
)
CHATS_OF_TELEGRAM = select(chat).where(chat.c.telegram_id.in_(bindparam("telegram_ids", expanding=True)))
LOCK_CHATS = CHATS_OF_TELEGRAM.order_by(chat.c.id).with_for_update()
"""Nobody refers to them anew before the commit: whoever feeds a pot has its chat first, as ``HOME`` does."""
LOCK_CHAT = select(chat).where(chat.c.id == bindparam("chat_id")).with_for_update(key_share=True)

_alias = chat.alias("former")
HOME = (
    select(
        chat.c.id,
        chat.c.merged_into,
        select(_alias.c.id)
        .where(_alias.c.telegram_id == bindparam("telegram_id"), _alias.c.merged_into.is_not(None))
        .exists()
        .label("is_former"),
    )
    .where(chat.c.id == bindparam("chat_id"))
    .with_for_update(read=True, key_share=True, of=chat)
)
"""A chat that can't be merged into another before the commit, and whether a Telegram id is a former one."""
HAS_FORMER = select(chat.c.id).where(chat.c.merged_into == bindparam("chat_id")).limit(1)

SET_TELEGRAM_ID = (
    update(chat).where(chat.c.id == bindparam("of_chat")).values(telegram_id=bindparam("to_telegram_id"))
)
SET_MERGED = (
    update(chat)
    .where(chat.c.id == bindparam("of_chat"))
    .values(
        merged_into=bindparam("into"),
        reach=Reach.OK.value,
        removed_at=None,
        dashboard_id=None,
        dashboard_at=None,
    )
)
MERGED_BEFORE = (
    update(chat).where(chat.c.merged_into == bindparam("of_chat")).values(merged_into=bindparam("into"))
)
_CARRIED = (*SETTINGS, "title", "reach", "removed_at", "reset_day", "dashboard_id", "dashboard_at")
SET_SURVIVOR = (
    update(chat)
    .where(chat.c.id == bindparam("of_chat"))
    .values({name: bindparam(f"to_{name}") for name in _CARRIED})
)

MOVE_TURNS = update(turn).where(turn.c.chat_id == bindparam("of_chat")).values(chat_id=bindparam("into"))
_others = conversation.alias("others")
MOVE_CONVERSATIONS = (
    update(conversation)
    .where(conversation.c.chat_id == bindparam("of_chat"))
    .values(
        chat_id=bindparam("into"),
        is_current=conversation.c.is_current
        & ~select(_others.c.id)
        .where(
            _others.c.chat_id == bindparam("into"),
            _others.c.thread_id == conversation.c.thread_id,
            _others.c.is_current,
        )
        .exists(),
    )
)
"""Where a conversation goes on in both chats, that of the chat that stays does."""
MOVE_BUTTONS = (
    update(button).where(button.c.chat_id == bindparam("of_chat")).values(chat_id=bindparam("into"))
)
END_TIMERS = (
    update(timer)
    .where(
        timer.c.chat_id == bindparam("of_chat"),
        timer.c.done_at.is_(None),
        timer.c.kind.in_(bindparam("kinds", expanding=True)),
    )
    .values(done_at=bindparam("at"))
)
MOVE_SLEEP = (
    update(timer)
    .where(timer.c.cause == bindparam("of_cause"))
    .values(cause=bindparam("to_cause"), chat_id=bindparam("into"), done_at=None)
)
"""It is run again if it has ended one round already: the round that goes on is another one, or has more in it."""
WAITING_TIMER = (
    select(timer.c.id)
    .where(timer.c.cause == bindparam("of_cause"), timer.c.done_at.is_(None))
    .with_for_update()
)

POT_OF_CHAT = select(pot).where(pot.c.chat_id == bindparam("chat_id"))
SEED_ROUND = (
    update(round_)
    .where(round_.c.pot_id == bindparam("of_pot"), round_.c.state == RoundState.OPEN)
    .values(carried_in=round_.c.carried_in + bindparam("amount", type_=BigInteger))
)

SET_REMOVED = (
    update(chat)
    .where(chat.c.id == bindparam("of_chat"))
    .values(removed_at=bindparam("to_removed_at"), reach=bindparam("to_reach"))
)
AWAKE_WITHOUT_BOT = (
    select(chat.c.id)
    .where(
        chat.c.kind == ChatKind.GROUP,
        chat.c.reach == Reach.KICKED,
        chat.c.removed_at.is_(None),
        chat.c.merged_into.is_(None),
    )
    .order_by(chat.c.id)
    .limit(bindparam("most"))
)
"""Groups that the bot was removed from before it was noted when."""
FORMER_GROUPS = (
    select(chat.c.telegram_id)
    .where(
        chat.c.kind == ChatKind.GROUP,
        chat.c.title == bindparam("title"),
        chat.c.telegram_id > bindparam("above"),
        chat.c.telegram_id < 0,
        chat.c.merged_into.is_(None),
    )
    .order_by(chat.c.id.desc())
    .limit(bindparam("most"))
)
"""Groups that are no supergroups, of a title: one of them may have become one without a word."""
