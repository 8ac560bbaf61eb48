"""Who may act: players. Bots, channels and anonymous admins have no wallet; they never reach a handler."""

from typing import Final

from telegram import Chat, Message
from telegram.constants import ChatType
from telegram.ext import filters

NOBODIES: Final = frozenset({777_000, 136_817_688, 1_087_968_824})
"""Telegram's stand-ins: automatic forwards, channels, anonymous admins."""

_CHATS: Final = frozenset({ChatType.PRIVATE, ChatType.GROUP, ChatType.SUPERGROUP})


class _FromPlayer(filters.MessageFilter):
    """Lets pass what a person wrote as himself, in a private chat or a group."""

    __slots__ = ()

    def filter(self, message: Message) -> bool:
        """Return whether a player wrote the message."""
        user = message.from_user
        if user is None or user.is_bot or user.id in NOBODIES:
            return False
        return message.sender_chat is None and message.via_bot is None and is_place(message.chat)


def is_place(chat: Chat | None) -> bool:
    """Return whether the game is played in a chat: no channels, and not nowhere."""
    return chat is not None and chat.type in _CHATS


FROM_PLAYER: Final = _FromPlayer()
NEW_FROM_PLAYER: Final = filters.UpdateType.MESSAGE & FROM_PLAYER
"""A player's new message; edited ones never act."""
