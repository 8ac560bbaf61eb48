"""Statements about players and chats."""

from sqlalchemy import bindparam, select, update

from db.models.people import chat, player
from db.queries import upsert

ADD_PLAYER = (
    upsert.insert(player)
    .values(
        telegram_id=bindparam("telegram_id"),
        name=bindparam("name"),
        username=bindparam("username"),
        telegram_language=bindparam("telegram_language"),
        created_at=bindparam("at"),
        day=bindparam("day"),
    )
    .on_conflict_do_nothing(index_elements=["telegram_id"])
    .returning(player.c.id)
)
PLAYER_OF_TELEGRAM = select(player).where(player.c.telegram_id == bindparam("telegram_id"))
PLAYER = select(player).where(player.c.id == bindparam("player_id"))
LOCK_PLAYER = PLAYER.with_for_update(key_share=True)  # rows that only refer to a player need not wait
_remembered = (player.c.id == bindparam("player_id")) & player.c.forgotten_hash.is_(None)
"""What a player says of himself is written to no row of who was forgotten meanwhile."""
RENAME_PLAYER = (
    update(player)
    .where(_remembered)
    .values(
        name=bindparam("name"),
        username=bindparam("username"),
        telegram_language=bindparam("telegram_language"),
    )
)
MARK_WELCOMED = update(player).where(player.c.id == bindparam("player_id")).values(welcomed=True)
CLAIM_DAILY = (
    update(player)
    .where(
        player.c.id == bindparam("of_player"),
        player.c.daily_day.is_(None) | (player.c.daily_day < bindparam("today")),
    )
    .values(daily_day=bindparam("today"), daily_streak=bindparam("streak"))
    .returning(player.c.id)
)
SET_LANGUAGE = update(player).where(_remembered).values(language=bindparam("to_language"))
SET_SEED = update(player).where(_remembered).values(seed=bindparam("to_seed"))
SET_CHARACTER = update(player).where(_remembered).values(character=bindparam("to_character"))
SET_LIMITS = (
    update(player)
    .where(player.c.id == bindparam("player_id"))
    .values(
        {
            name: bindparam(f"to_{name}")
            for name in (
                "guard_credits",
                "guard_next_credits",
                "guard_next_at",
                "day_cap_credits",
                "day_cap_next_credits",
                "day_cap_next_at",
            )
        }
    )
)
SET_BREAK = (
    update(player)
    .where(player.c.id == bindparam("player_id"))
    .values(break_until=bindparam("to_break_until"))
)
FREEZE = (
    update(player)
    .where(player.c.id == bindparam("player_id"), player.c.frozen_at.is_(None))
    .values(frozen_at=bindparam("at"))
    .returning(player.c.id)
)
UNFREEZE = (
    update(player)
    .where(player.c.id == bindparam("player_id"), player.c.frozen_at.is_not(None))
    .values(frozen_at=None)
    .returning(player.c.id)
)
MARK_HINTED = (
    update(player)
    .where(
        player.c.id == bindparam("player_id"),
        player.c.hinted_at.is_(None) | (player.c.hinted_at < bindparam("before")),
    )
    .values(hinted_at=bindparam("at"))
    .returning(player.c.id)
)
COUNT_MINUTE = (
    update(player)
    .where(player.c.id == bindparam("player_id"))
    .values(minute_at=bindparam("to_minute_at"), minute_count=bindparam("to_minute_count"))
)
BEGIN_DAY = (
    update(player)
    .where(player.c.id == bindparam("player_id"))
    .values(
        day=bindparam("to_day"),
        paid_today=bindparam("to_paid_today"),
        spent_today=bindparam("to_spent_today"),
        window_key=bindparam("to_window_key"),
        paid_in_window=bindparam("to_paid_in_window"),
    )
)
COUNT_PAID = (
    update(player)
    .where(player.c.id == bindparam("player_id"))
    .values(
        paid_in_window=player.c.paid_in_window + bindparam("in_window"),
        paid_today=player.c.paid_today + bindparam("today"),
        paid_total=player.c.paid_total + 1,
        spent_today=player.c.spent_today + bindparam("spent"),
        wins=player.c.wins + bindparam("won"),
    )
)
COUNT_SPENT = (
    update(player)
    .where(player.c.id == bindparam("player_id"))
    .values(spent_today=player.c.spent_today + bindparam("spent"))
)

ADD_CHAT = (
    upsert.insert(chat)
    .values(
        telegram_id=bindparam("telegram_id"),
        kind=bindparam("kind"),
        title=bindparam("title"),
        created_at=bindparam("at"),
    )
    .on_conflict_do_nothing(index_elements=["telegram_id"])
    .returning(chat.c.id)
)
CHAT_OF_TELEGRAM = select(chat).where(chat.c.telegram_id == bindparam("telegram_id"))
CHAT = select(chat).where(chat.c.id == bindparam("chat_id"))
RETITLE_CHAT = (
    update(chat)
    .where(chat.c.id == bindparam("chat_id"), chat.c.telegram_id == bindparam("of_telegram_id"))
    .values(title=bindparam("to_title"))
)
SET_REACH = (
    update(chat)
    .where(chat.c.id == bindparam("chat_id"), chat.c.reach != bindparam("to_reach"))
    .values(reach=bindparam("to_reach"))
    .returning(chat.c.id)
)
MARK_DECLINED = (
    update(chat)
    .where(
        chat.c.id == bindparam("chat_id"),
        chat.c.declined_at.is_(None) | (chat.c.declined_at < bindparam("before")),
    )
    .values(declined_at=bindparam("at"))
    .returning(chat.c.id)
)
CLAIM_RESET = (
    update(chat)
    .where(
        chat.c.id == bindparam("of_chat"),
        chat.c.reset_day.is_(None) | (chat.c.reset_day < bindparam("today")),
    )
    .values(reset_day=bindparam("today"))
    .returning(chat.c.id)
)
