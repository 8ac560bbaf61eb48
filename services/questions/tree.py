"""YAML as plain data with line numbers: no tags, no references, and never deeper or longer than a pack is."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import yaml

from services.questions.packs import FILE_MOST_BYTES, QUESTIONS_MOST, BadPack, Problem, Wrong

DEEPEST: Final = 4
"""Fields of the file, its questions, fields of a question, its options."""
EVENTS_MOST: Final = 40 * QUESTIONS_MOST
"""A question takes 19 events of the parser."""
_LONGEST_GUESS: Final = 64
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TEXT: Final = "tag:yaml.org,2002:str"


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value; plain if it stands there without quotes."""

    text: str
    line: int
    is_plain: bool

    @property
    def is_text(self) -> bool:
        """Return whether YAML takes it for text, and not for a number, a date, a yes or nothing."""
        if not self.is_plain or len(self.text) > _LONGEST_GUESS:
            return True
        guesses = yaml.SafeLoader.yaml_implicit_resolvers.get(self.text[:1], [])
        return all(tag == _TEXT or not pattern.match(self.text) for tag, pattern in guesses)


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: tuple["Node", ...]
    line: int


@dataclass(frozen=True, slots=True)
class Fields:
    """Names with values, in their order."""

    pairs: tuple[tuple["Node", "Node"], ...]
    line: int


Node = Scalar | Items | Fields


def parse(content: bytes) -> Node | None:
    """Return what a file says, None if it says nothing.

    Raises:
        BadPack: it can't be read, or holds what no pack needs.
    """
    text = _text_of(content)
    try:
        return _Parser(text).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _bad(Wrong.NO_YAML, 1 if mark is None else mark.line + 1) from None
    except yaml.YAMLError:
        raise _bad(Wrong.NO_YAML, 1) from None


def _text_of(content: bytes) -> str:
    if len(content) > FILE_MOST_BYTES:
        raise _bad(Wrong.TOO_BIG, 1, most=FILE_MOST_BYTES // 1_024)
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise _bad(Wrong.ENCODING, content.count(b"\n", 0, error.start) + 1) from None


def _bad(wrong: Wrong, line: int, **facts: int | str) -> BadPack:
    return BadPack([Problem(line, wrong, facts)])


class _Parser:
    """Builds the tree event by event, and stops at the first one that has no place in it."""

    def __init__(self, text: str) -> None:
        self._events: Iterator[Any] = iter(yaml.parse(text, Loader=_LOADER))
        self._left = EVENTS_MOST

    def _next(self) -> Any:
        event = next(self._events)
        self._left -= 1
        if self._left < 0:
            raise _bad(Wrong.TOO_MUCH, _line(event), most=QUESTIONS_MOST)
        return event

    def document(self) -> Node | None:
        """Return the one document of the stream."""
        self._next()
        if isinstance(self._next(), yaml.StreamEndEvent):
            return None
        node = self._node(self._next(), 0)
        self._next()
        after = self._next()
        if not isinstance(after, yaml.StreamEndEvent):
            raise _bad(Wrong.TWO_PARTS, _line(after))
        return node

    def _node(self, event: Any, depth: int) -> Node:
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None or event.tag is not None:
            raise _bad(Wrong.REFERENCE, _line(event))
        if isinstance(event, yaml.ScalarEvent):
            return Scalar(event.value, _line(event), is_plain=event.style in (None, ""))
        if depth >= DEEPEST:
            raise _bad(Wrong.TOO_DEEP, _line(event))
        nodes = tuple(self._until_end(depth + 1))
        if isinstance(event, yaml.SequenceStartEvent):
            return Items(nodes, _line(event))
        return Fields(tuple(zip(nodes[::2], nodes[1::2], strict=True)), _line(event))

    def _until_end(self, depth: int) -> Iterator[Node]:
        while not isinstance(event := self._next(), yaml.CollectionEndEvent):
            yield self._node(event, depth)


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1
