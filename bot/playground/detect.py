"""Finds what Telegram marks by itself in a text: commands, mentions, hashtags, links, addresses."""

import re

from bot.playground.models import Json
from bot.playground.utf16 import to_units

_DOMAINS = "com|org|net|io|me|info|dev|app|edu|gov|es|uk|de|fr|ru|co|xyz"
_FINDER = re.compile(
    r"(?P<url>(?:https?|tg)://[^\s<>\"]+|(?<![\w@./-])(?:[\w-]+\.)+(?:"
    + _DOMAINS
    + r")(?![\w.@-])(?:/[^\s<>\"]*)?)"
    r"|(?P<email>(?<![\w.+-])[\w.+-]+@(?:[\w-]+\.)+[A-Za-z]{2,})"
    r"|(?P<bot_command>(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/<>@]))"
    r"|(?P<mention>(?<![\w@/])@[A-Za-z0-9_]{4,32}(?!\w))"
    r"|(?P<hashtag>(?<!\w)#(?=\w*[^\W\d])\w{1,256})"
    r"|(?P<cashtag>(?<!\w)\$[A-Z]{1,8}(?!\w))"
)
_HINT = re.compile(r"[/@#$.]")


def detect_entities(text: str) -> list[Json]:
    """Return the entities that Telegram would find in a plain text."""
    if not _HINT.search(text):
        return []
    units = None if text.isascii() else to_units(text)
    found: list[Json] = []
    for match in _FINDER.finditer(text):
        start, end = match.span()
        if match.lastgroup == "url":
            end = start + len(match.group().rstrip(".,:;!?)'*"))
        if units is not None:
            start, end = units[start], units[end]
        found.append({"type": match.lastgroup, "offset": start, "length": end - start})
    return found
