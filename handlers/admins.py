"""Whether a member of a group is one of its admins, as Telegram says; remembered for a while."""

from datetime import timedelta
from typing import Final

from telegram import ChatMember

from handlers.context import Context

KEEP: Final = timedelta(seconds=60)
MOST: Final = 10_000
_ADMINS: Final = frozenset({ChatMember.OWNER, ChatMember.ADMINISTRATOR})


async def admin_rights(context: Context, chat_id: int, user_id: int, *, live: bool) -> bool:
    """Return whether a user is an admin of a chat; ``live`` asks Telegram even if it was asked just now."""
    key, known, now = (chat_id, user_id), context.services.admins, context.services.clock.now()
    found = known.get(key)
    if found is not None and not live and timedelta(0) <= now - found[0] < KEEP:
        return found[1]
    member = await context.bot.get_chat_member(chat_id, user_id)
    known.pop(key, None)
    known[key] = (now, member.status in _ADMINS)
    if len(known) > MOST:
        del known[next(iter(known))]
    return known[key][1]
