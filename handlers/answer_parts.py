"""Text with entities cut into messages that Telegram takes. Markdown is read in answer_text."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from telegramify_markdown import MessageEntity

from handlers.text import graphemes, is_blank, utf16_len

MOST_UNITS: Final = 3_990
"""UTF-16 units of one message: Telegram takes 4,096, we stay below 4,000."""

MOST_ENTITIES: Final = 100
_LEAST_UNITS: Final = 1_000
"""A footer never takes so much room that less than this is left for the text."""

_RANKS: Final = (
    "text_link",
    "pre",
    "code",
    "spoiler",
    "blockquote",
    "bold",
    "underline",
    "strikethrough",
    "italic",
)
"""Kinds of entities that are sent, those that are given up last first."""

_BORDERS: Final = (
    (re.compile(r"\n\n+"), 0.35),
    (re.compile(r"\n"), 0.35),
    (re.compile(r"[.!?…;:]['\")\]»”]*\s|[\u3002\uff01\uff1f]"), 0.5),
    (re.compile(r"\s"), 0.5),
)
"""Where a text is best cut, and how much of the room must be used for it."""

_LINK: Final = re.compile(r"https?://[^\s/?#@]+([/?#]\S*)?", re.IGNORECASE)
_LANGUAGE: Final = re.compile(r"[\w+#.-]{1,32}")
_MOST_LINK_UNITS: Final = 2_048
_LOOK_AROUND: Final = 64


@dataclass(frozen=True, slots=True)
class Part:
    """One message to send: its text, and its entities as the Bot API takes them."""

    text: str
    entities: list[dict[str, Any]]


def split(text: str, entities: Iterable[MessageEntity], *, room_units: int) -> list[Part]:
    """Cut ``text`` into messages, each with room for ``room_units`` more; only blank space gets lost."""
    sendable = [taken for entity in entities if (taken := _sendable(entity))]
    most = max(_LEAST_UNITS, MOST_UNITS - room_units)
    parts: list[Part] = []
    start, start_units = 0, 0
    while start < len(text):
        end = cut_at(text, start, most)
        if not is_blank(text[start:end]):
            parts.append(_part(text[start:end], start_units, sendable))
        start_units += utf16_len(text[start:end])
        start = end
    return parts


def cut_at(text: str, start: int, most_units: int) -> int:
    """Return where to cut the rest of ``text``: after the last paragraph, line, sentence or word to fit."""
    limit = _limit(text, start, most_units)
    if limit == len(text):
        return limit
    for border, least in _BORDERS:
        earliest = start + int((limit - start) * least)
        ends = [match.end() for match in border.finditer(text, earliest, limit)]
        if ends:
            return ends[-1]
    return _grapheme_border(text, start, limit)


def _limit(text: str, start: int, most_units: int) -> int:
    """Return the index of the first character that doesn't fit any more."""
    units = 0
    for index in range(start, min(len(text), start + most_units)):
        units += 2 if text[index] > "\uffff" else 1
        if units > most_units:
            return index
    return min(len(text), start + most_units)


def _grapheme_border(text: str, start: int, limit: int) -> int:
    """Return the last border between graphemes up to ``limit``, or ``limit`` where one is endless."""
    border = first = max(start, limit - _LOOK_AROUND)
    for grapheme in graphemes(text[first : limit + _LOOK_AROUND]):
        if border + len(grapheme) > limit:
            break
        border += len(grapheme)
    return border if border > first else limit


def _part(chunk: str, start_units: int, entities: list[MessageEntity]) -> Part:
    """Make a message of ``chunk``, trimmed as Telegram does it, with its share of the entities."""
    text = chunk.rstrip()
    lead = len(text) - len(text.lstrip())
    first = start_units + utf16_len(text[:lead])
    text = text[lead:]
    last = first + utf16_len(text)
    own = [clipped for entity in entities if (clipped := _clip(entity, first, last))]
    return Part(text, [entity.to_dict() for entity in _most_important(own)])


def _clip(entity: MessageEntity, first: int, last: int) -> MessageEntity | None:
    """Return the part of ``entity`` within a message's bounds, counted from its start, or None."""
    begin, end = max(entity.offset, first), min(entity.offset + entity.length, last)
    if end <= begin:
        return None
    return entity.copy_with(offset=begin - first, length=end - begin)


def _most_important(entities: list[MessageEntity]) -> list[MessageEntity]:
    """Return at most as many as a message may have, outer ones first."""
    by_rank = sorted(entities, key=lambda entity: (_RANKS.index(entity.type), entity.offset))
    return sorted(by_rank[:MOST_ENTITIES], key=lambda entity: (entity.offset, -entity.length))


def _sendable(entity: MessageEntity) -> MessageEntity | None:
    """Return the entity as Telegram takes it; None if it refuses it, or for a link that isn't the web's."""
    if entity.type not in _RANKS:
        return None
    if entity.type == "text_link" and not _is_web(entity.url or ""):
        return None
    if entity.language is not None and not is_language(entity.language):
        return entity.copy_with(language=None)
    return entity


def is_language(name: str) -> bool:
    """Tell whether ``name`` can be shown as the language of a block of code."""
    return bool(_LANGUAGE.fullmatch(name))


def _is_web(url: str) -> bool:
    return bool(_LINK.fullmatch(url)) and utf16_len(url) <= _MOST_LINK_UNITS
