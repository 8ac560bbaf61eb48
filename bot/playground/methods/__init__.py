"""The methods of the Bot API by topic; importing this package registers them all."""

from bot.playground.methods import (
    callbacks,
    chats,
    commands,
    edits,
    files,
    messages,
    payments,
    polling,
    profile,
    stars,
)

__all__ = [
    "callbacks",
    "chats",
    "commands",
    "edits",
    "files",
    "messages",
    "payments",
    "polling",
    "profile",
    "stars",
]
