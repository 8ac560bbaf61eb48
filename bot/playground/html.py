"""Reads Telegram's HTML, with the rules and error texts of TDLib's parser."""

import re
from dataclasses import dataclass, field

from bot.playground.errors import ApiError, bad_request
from bot.playground.models import Json
from bot.playground.utf16 import utf16_length

_SPACE = " \t\n\r\0\v"
_TAGS = {
    "a": "text_link",
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "u": "underline",
    "ins": "underline",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "tg-emoji": "custom_emoji",
    "tg-time": "date_time",
    "pre": "pre",
    "code": "code",
    "blockquote": "blockquote",
}
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(r"&(?:#x([0-9a-fA-F]+)|#([0-9]+)|([a-zA-Z]+));?")
_PLAIN = re.compile(r"[^<&]+")
_NAME_TOKEN = re.compile(r"[A-Za-z0-9.\-]*")


@dataclass(slots=True)
class _Open:
    tag: str
    arguments: dict[str, str]
    offset: int
    start: int


@dataclass(slots=True)
class _Parser:
    """One reading of one text; positions are characters, offsets UTF-16 units."""

    source: str
    position: int = 0
    units: int = 0
    parts: list[str] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)
    entities: list[Json] = field(default_factory=list)

    def run(self) -> tuple[str, list[Json]]:
        while self.position < len(self.source):
            char = self.source[self.position]
            if char == "<":
                closing = self.source.startswith("</", self.position)
                self._close() if closing else self._open()
            elif char == "&":
                self._add(self._reference())
            else:
                self._plain()
        if self.stack:
            raise _wrong(f'Can\'t find end tag corresponding to start tag "{self.stack[-1].tag}"')
        return "".join(self.parts), self.entities

    def _plain(self) -> None:
        match = _PLAIN.match(self.source, self.position)
        assert match is not None
        self.position = match.end()
        self._add(match.group())

    def _add(self, text: str) -> None:
        self.parts.append(text)
        self.units += utf16_length(text)

    def _at(self, position: int) -> int:
        """Return the byte offset of a character."""
        return len(self.source[:position].encode("utf-8", "surrogatepass"))

    def _char(self) -> str:
        return self.source[self.position] if self.position < len(self.source) else ""

    def _skip_space(self) -> None:
        while (char := self._char()) and char in _SPACE:
            self.position += 1

    def _word(self, stop: str) -> str:
        start = self.position
        while (char := self._char()) and char not in stop:
            self.position += 1
        return self.source[start : self.position]

    def _reference(self) -> str:
        match = _REFERENCE.match(self.source, self.position)
        char = _referred(match) if match else None
        if match is None or char is None:
            self.position += 1
            return "&"
        self.position = match.end()
        return char

    def _open(self) -> None:
        begin = self.position
        self.position += 1
        tag = self._word(_SPACE + ">").lower()
        if not self._char():
            raise _wrong(f"Unclosed start tag at byte offset {self._at(begin)}")
        if tag not in _TAGS:
            raise _wrong(f'Unsupported start tag "{tag}" at byte offset {self._at(begin)}')
        arguments = self._attributes(tag, begin)
        if tag == "span" and arguments.get("class") != "tg-spoiler":
            raise _wrong(f'Tag "span" must have class "tg-spoiler" at byte offset {self._at(begin)}')
        self.stack.append(_Open(tag, arguments, self.units, len(self.parts)))

    def _attributes(self, tag: str, begin: int) -> dict[str, str]:
        found: dict[str, str] = {}
        unclosed = _wrong(f'Unclosed start tag "{tag}" at byte offset {self._at(begin)}')
        while True:
            self._skip_space()
            if self._char() == ">":
                self.position += 1
                return found
            name = self._word(_SPACE + "=>").lower()
            if not self._char():
                raise unclosed
            if not name:
                text = f'Empty attribute name in the tag "{tag}" at byte offset {self._at(begin)}'
                raise _wrong(text)
            found[name] = self._value()
            if not self._char():
                raise unclosed

    def _value(self) -> str:
        self._skip_space()
        if self._char() != "=":
            return ""
        self.position += 1
        self._skip_space()
        quote = self._char()
        return self._quoted(quote) if quote and quote in "'\"" else self._token()

    def _quoted(self, quote: str) -> str:
        self.position += 1
        parts: list[str] = []
        while (char := self._char()) and char != quote:
            if char == "&":
                parts.append(self._reference())
            else:
                parts.append(char)
                self.position += 1
        self.position += 1
        return "".join(parts)

    def _token(self) -> str:
        match = _NAME_TOKEN.match(self.source, self.position)
        assert match is not None
        start, self.position = self.position, match.end()
        if (char := self._char()) and char not in _SPACE + ">":
            raise _wrong(f"Unexpected end of name token at byte offset {self._at(start)}")
        return match.group().lower()

    def _close(self) -> None:
        begin = self.position
        if not self.stack:
            raise _wrong(f"Unexpected end tag at byte offset {self._at(begin)}")
        self.position += 2
        tag = self._word(_SPACE + ">").lower()
        self._skip_space()
        if self._char() != ">":
            raise _wrong(f"Unclosed end tag at byte offset {self._at(begin)}")
        self.position += 1
        opened = self.stack.pop()
        if tag and tag != opened.tag:
            where = f"byte offset {self._at(begin)}"
            raise _wrong(f'Unmatched end tag at {where}, expected "</{opened.tag}>", found "</{tag}>"')
        if self.units > opened.offset:
            self._finish(opened)

    def _finish(self, opened: _Open) -> None:
        kind = _TAGS[opened.tag]
        entity: Json = {"type": kind, "offset": opened.offset, "length": self.units - opened.offset}
        given = opened.arguments
        if kind == "text_link":
            entity["url"] = given.get("href") or "".join(self.parts[opened.start :])
        elif kind == "custom_emoji":
            entity["custom_emoji_id"] = given.get("emoji-id", "")
        elif kind == "date_time":
            entity |= _moment(given)
        elif kind == "blockquote" and "expandable" in given:
            entity["type"] = "expandable_blockquote"
        elif kind in ("pre", "code") and self._joined(entity, given):
            return
        self.entities.append(entity)

    def _joined(self, entity: Json, given: dict[str, str]) -> bool:
        """Make ``<pre><code class="language-…">`` one entity."""
        language = given.get("class", "").removeprefix("language-") if entity["type"] == "code" else ""
        last = self.entities[-1] if self.entities else {}
        same = (last.get("offset"), last.get("length")) == (entity["offset"], entity["length"])
        if same and {last["type"], entity["type"]} == {"pre", "code"}:
            if tongue := language or last.pop("_language", ""):
                last |= {"type": "pre", "language": tongue}
                return True
        elif language:
            entity["_language"] = language
        return False


def _moment(given: dict[str, str]) -> Json:
    view: Json = {"unix_time": int(given["unix"]) if given.get("unix", "").isdigit() else 0}
    return view | ({"date_time_format": given["format"]} if given.get("format") else {})


def _referred(match: re.Match[str]) -> str | None:
    hexadecimal, decimal, name = match.groups()
    if name:
        return _NAMED.get(name)
    if match.end() - match.start() > 11:
        return None
    code = int(hexadecimal, 16) if hexadecimal else int(decimal)
    return chr(code) if 0 < code < 0x10FFFF and not 0xD800 <= code < 0xE000 else None


def _wrong(text: str) -> ApiError:
    return bad_request(f"can't parse entities: {text}")


def parse_html(source: str) -> tuple[str, list[Json]]:
    """Return the text and the entities of Telegram's HTML.

    Raises:
        ApiError: the markup is broken or uses a tag that Telegram doesn't know.
    """
    if "<" not in source and "&" not in source:
        return source, []
    text, entities = _Parser(source).run()
    for entity in entities:
        entity.pop("_language", None)
    return text, entities
