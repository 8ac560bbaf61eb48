"""Makes of a text with markup or given entities what Telegram stores: cleaned, trimmed, checked, sorted."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from bot.playground.detect import detect_entities
from bot.playground.errors import bad_request
from bot.playground.html import parse_html
from bot.playground.models import Json
from bot.playground.utf16 import to_units, utf16_length

MAX_TEXT = 4_096
MAX_CAPTION = 1_024
MAX_ENTITIES = 100
_FOUND = {"mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "bank_card_number"}
_STYLES = {
    "bold",
    "italic",
    "underline",
    "strikethrough",
    "spoiler",
    "blockquote",
    "expandable_blockquote",
    "code",
    "pre",
    "text_link",
    "text_mention",
    "custom_emoji",
    "date_time",
}
_REQUIRED = {"text_link": "url", "text_mention": "user", "custom_emoji": "custom_emoji_id"}
_SPACES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_DROPPED = re.compile(r"[\r\u2028-\u202e\u0333\u033f\u030a]")
_TRIMMED = " \t\n\v\f\u00a0\u200b\u2800"
_USER_LINK = re.compile(r"tg:(?://)?user\?id=(\d{1,19})$")
FindUser = Callable[[int], Json | None]
Formatted = tuple[str, list[Json]]


def read_formatted(
    text: str, parse_mode: str | None, entities: Any, find_user: FindUser, *, detect: bool = True
) -> Formatted:
    """Return the text and entities of a bot's message as Telegram keeps them.

    Raises:
        ApiError: markup or entities that Telegram refuses.
    """
    if parse_mode and parse_mode.lower() != "none":
        if parse_mode.lower() != "html":
            raise bad_request("unsupported parse_mode")
        plain, given = parse_html(text)
    else:
        plain, given = text, _given_entities(entities)
    if not given and not _SPACES.search(plain) and not _DROPPED.search(plain):
        clean = _trim(plain, [])[0]
        return clean, detect_entities(clean) if detect else []
    _check_bounds(plain, given)
    clean, kept = _trim(*_clean(plain, given))
    kept = _resolve(kept, find_user)
    return clean, _arrange(kept, detect_entities(clean) if detect else [])


def _given_entities(entities: Any) -> list[Json]:
    if entities in (None, "", []):
        return []
    if not isinstance(entities, list):
        raise bad_request("can't parse entities: expected an Array of MessageEntity")
    if len(entities) > MAX_ENTITIES:
        raise bad_request("ENTITIES_TOO_LONG")
    return [entity for raw in entities if (entity := _given_entity(raw)) is not None]


def _given_entity(raw: Any) -> Json | None:
    if not isinstance(raw, dict):
        raise bad_request("can't parse MessageEntity: expected an Object")
    kind = raw.get("type")
    for name in ("type", "offset", "length"):
        if name not in raw:
            raise bad_request(f"can't parse MessageEntity: Can't find field \"{name}\"")
    if not all(type(raw[name]) is int for name in ("offset", "length")):
        raise bad_request('can\'t parse MessageEntity: Field "offset" must be of type Number')
    if kind in _FOUND:
        return None
    if kind not in _STYLES:
        raise bad_request("can't parse MessageEntity: Unsupported type specified")
    if (field := _REQUIRED.get(kind)) and not raw.get(field):
        raise bad_request(f"can't parse MessageEntity: Can't find field \"{field}\"")
    return dict(raw)


def _check_bounds(text: str, entities: Sequence[Json]) -> None:
    if not entities:
        return
    total, starts = utf16_length(text), set(to_units(text))
    for entity in entities:
        begin, end = entity["offset"], entity["offset"] + entity["length"]
        if begin < 0 or entity["length"] < 0:
            raise bad_request("can't parse MessageEntity: offset and length must be non-negative")
        if end > total:
            raise bad_request(
                f"entity beginning at UTF-16 offset {begin} ends after the end of the text"
                f" at UTF-16 offset {total}"
            )
        if begin not in starts:
            raise bad_request(f"entity begins in a middle of a UTF-16 symbol at UTF-16 offset {begin}")
        if end not in starts:
            raise bad_request(
                f"entity beginning at UTF-16 offset {begin} ends in a middle of a UTF-16 symbol"
                f" at UTF-16 offset {end}"
            )


def _clean(text: str, entities: list[Json]) -> Formatted:
    """Replace control characters by spaces and drop those that Telegram drops."""
    text = _SPACES.sub(" ", text)
    if not _DROPPED.search(text):
        return text, entities
    kept = [char for char in text if not _DROPPED.match(char)]
    new_offset, units, dropped = {}, to_units(text), 0
    for index, char in enumerate(text):
        new_offset[units[index]] = units[index] - dropped
        dropped += bool(_DROPPED.match(char))
    new_offset[units[-1]] = units[-1] - dropped
    moved = []
    for entity in entities:
        begin, end = new_offset[entity["offset"]], new_offset[entity["offset"] + entity["length"]]
        moved.append(entity | {"offset": begin, "length": end - begin})
    return "".join(kept), moved


def _trim(text: str, entities: list[Json]) -> Formatted:
    """Cut white space at both ends, with the entities' share of it."""
    clean = text.rstrip(_TRIMMED)
    lead = len(clean) - len(clean.lstrip(_TRIMMED))
    clean = clean[lead:]
    if not entities:
        return clean, []
    total, kept = utf16_length(clean), []
    for entity in entities:
        begin = max(entity["offset"] - lead, 0)
        end = min(entity["offset"] + entity["length"] - lead, total)
        if end > begin:
            kept.append(entity | {"offset": begin, "length": end - begin})
    return clean, kept


def _resolve(entities: list[Json], find_user: FindUser) -> list[Json]:
    """Check links, turn ``tg://user`` links into mentions, drop what Telegram drops."""
    kept = []
    for entity in entities:
        resolved: Json | None = entity
        if entity["type"] == "text_link":
            resolved = _link(entity, find_user)
        elif entity["type"] == "text_mention":
            resolved = _person(entity, find_user)
        if resolved:
            kept.append(resolved)
    return kept


def _person(entity: Json, find_user: FindUser) -> Json | None:
    user_id = entity["user"].get("id") if isinstance(entity["user"], dict) else None
    user = find_user(user_id) if isinstance(user_id, int) else None
    return entity | {"user": user} if user else None


def _link(entity: Json, find_user: FindUser) -> Json | None:
    place = {"offset": entity["offset"], "length": entity["length"]}
    url = str(entity["url"]).strip()
    if match := _USER_LINK.match(url):
        user = find_user(int(match.group(1)))
        return {"type": "text_mention", **place, "user": user} if user else None
    checked = checked_url(url)
    return {"type": "text_link", **place, "url": checked} if checked else None


def checked_url(url: str) -> str | None:
    """Return the URL as Telegram would store it, or None for one that it wouldn't."""
    if re.match(r"(?i)(tg|ton|tonsite):", url):
        return url
    match = re.match(r"(?i)^(?:(https?)://)?([^\s/?#@:]+(?:\.[^\s/?#@:.]+)*)(:\d{1,5})?([/?#]\S*)?$", url)
    if match is None or ("." not in match.group(2) and match.group(2) != "localhost"):
        return None
    scheme, host, port, rest = match.groups()
    path = rest or "/"
    return (
        f"{(scheme or 'http').lower()}://{host.lower()}{port or ''}{path if path[0] == '/' else '/' + path}"
    )


def _arrange(entities: list[Json], found: list[Json]) -> list[Json]:
    """Drop styles inside of code and found entities inside of links or code; sort."""
    closed = [_span(entity) for entity in entities if entity["type"] in ("pre", "code")]
    taken = closed + [_span(entity) for entity in entities if entity["type"] in ("text_link", "text_mention")]
    kept = [
        entity
        for entity in entities
        if entity["type"] in ("pre", "code", "blockquote", "expandable_blockquote")
        or not any(_overlap(_span(entity), span) for span in closed)
    ]
    kept += [entity for entity in found if not any(_overlap(_span(entity), span) for span in taken)]
    return sorted(kept, key=lambda entity: (entity["offset"], -entity["length"]))


def _span(entity: Json) -> tuple[int, int]:
    return entity["offset"], entity["offset"] + entity["length"]


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]
