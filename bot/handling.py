"""One update through the application: its bytes are read, its handlers run, and how it went comes back."""

import json

from telegram import Update

from handlers.context import App
from handlers.errors import Handling, watched

MOST_ID = 2**63


class Unreadable(Exception):
    """The bytes of an update are no update."""


def is_id(value: object) -> bool:
    """Return whether ``value`` can be Telegram's id of a user or a chat: a whole number of 64 bits."""
    return type(value) is int and abs(value) < MOST_ID


def parse(application: App, body: bytes) -> Update:
    """Return the update that stands in some bytes.

    Raises:
        Unreadable: none does.
    """
    try:
        parsed = Update.de_json(json.loads(body), application.bot)
    except Exception as error:
        raise Unreadable(repr(error)[:300]) from error
    if parsed is None:
        raise Unreadable("empty")
    for one in (parsed.effective_user, parsed.effective_chat):
        if one is not None and not is_id(one.id):
            raise Unreadable(f"no id: {one.id!r}"[:300])
    return parsed


async def handle(application: App, body: bytes) -> Handling:
    """Handle an update once and return how it went; this never fails."""
    with watched() as handling:
        try:
            await application.process_update(parse(application, body))
        except Exception as error:
            handling.error = error
    return handling
