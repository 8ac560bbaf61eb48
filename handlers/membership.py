"""The bot is added to a group or removed, blocked or unblocked by a player."""

from typing import cast

from telegram import ChatMember, ChatMemberUpdated, Update
from telegram.ext import ChatMemberHandler

from db.models.people import ChatKind, Reach
from handlers.context import App, Context, place_of
from handlers.words import language_of

_OUT = frozenset({ChatMember.LEFT, ChatMember.BANNED})


async def on_membership(update: Update, context: Context) -> None:
    """Welcome a group that added the bot; note a chat that doesn't want it any more."""
    change = cast("ChatMemberUpdated", update.my_chat_member)
    if change.chat.type == "channel":
        return
    place = place_of(change.chat)
    if change.new_chat_member.status in _OUT:
        reach = Reach.BLOCKED if place.kind is ChatKind.PRIVATE else Reach.KICKED
        await context.services.note_reach(place=place, reach=reach)
    elif place.kind is ChatKind.PRIVATE:
        await context.services.note_reach(place=place, reach=Reach.OK)
    elif change.old_chat_member.status in _OUT:
        await context.services.join(
            place=place,
            language=language_of(change.from_user.language_code),
            bot_name=context.bot.username,
            cause=f"{change.chat.id}:{int(change.date.timestamp())}",
        )


def register(application: App) -> None:
    """Listen to changes of the bot's own membership."""
    application.add_handler(ChatMemberHandler(on_membership, ChatMemberHandler.MY_CHAT_MEMBER))
