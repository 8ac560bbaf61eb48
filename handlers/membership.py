"""The bot is added to a group, removed, made an admin; blocked or unblocked by a player; a group moves."""

from typing import cast

from telegram import ChatMember, ChatMemberRestricted, ChatMemberUpdated, Message, Update
from telegram.ext import ChatMemberHandler, MessageHandler, filters

from db.models.people import ChatKind, Reach
from handlers.context import App, Context, find_former, place_of
from handlers.players import is_place
from handlers.words import language_of
from services.membership import Joined

_OUT = frozenset({ChatMember.LEFT, ChatMember.BANNED})


async def on_membership(update: Update, context: Context) -> None:
    """Welcome a group that added the bot; note a chat that doesn't want it any more."""
    change = cast("ChatMemberUpdated", update.my_chat_member)
    if not is_place(change.chat):
        return
    place, services = place_of(change.chat), context.services
    was_in, is_in = _is_in(change.old_chat_member), _is_in(change.new_chat_member)
    if place.kind is ChatKind.PRIVATE:
        reach = Reach.OK if is_in else Reach.BLOCKED
        await services.note_reach(telegram_id=place.telegram_id, reach=reach)
    elif not is_in:
        await services.leave(telegram_id=place.telegram_id)
    elif not was_in:
        await find_former(change.chat, context)
        await services.join(_joined(change, context))
    elif _is_admin(change.new_chat_member) and not _is_admin(change.old_chat_member):
        await services.note_admin(_joined(change, context))


def _is_in(member: ChatMember) -> bool:
    if isinstance(member, ChatMemberRestricted):
        return member.is_member
    return member.status not in _OUT


def _is_admin(member: ChatMember) -> bool:
    return member.status == ChatMember.ADMINISTRATOR


def _joined(change: ChatMemberUpdated, context: Context) -> Joined:
    return Joined(
        place=place_of(change.chat),
        language=language_of(change.from_user.language_code),
        bot_name=context.bot.username,
        is_admin=_is_admin(change.new_chat_member),
        sees_all=bool(context.bot.can_read_all_group_messages),
        cause=f"{change.chat.id}:{int(change.date.timestamp())}",
    )


async def on_migration(update: Update, context: Context) -> None:
    """Make one chat of a group and the supergroup that it became; either of them tells of it, or both."""
    message = cast("Message", update.effective_message)
    old, new = message.chat_id, message.migrate_to_chat_id
    if new is None:
        old, new = message.migrate_from_chat_id or 0, message.chat_id
    await context.services.merge_chats(old=old, new=new, title=place_of(message.chat).title)


def register(application: App) -> None:
    """Listen to changes of the bot's own membership, and to groups that move."""
    application.add_handler(ChatMemberHandler(on_membership, ChatMemberHandler.MY_CHAT_MEMBER))
    application.add_handler(MessageHandler(filters.StatusUpdate.MIGRATE, on_migration))
