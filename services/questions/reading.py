"""From a file's bytes to a pack: its shape is read here, its texts are judged in ``lint``."""

from collections.abc import Mapping, Sequence
from typing import Final

from services.questions import lint
from services.questions.alike import Alike
from services.questions.lint import Draft
from services.questions.packs import (
    LANGUAGES,
    OPTIONS,
    QUESTIONS_MOST,
    BadPack,
    Category,
    Difficulty,
    Pack,
    PackQuestion,
    Problem,
    Wrong,
)
from services.questions.tree import Fields, Items, Node, Scalar, parse

_FILE: Final = ("category", "language", "licence", "questions")
_NAME_MOST: Final = 32
_QUESTION: Final = ("id", "question", "options", "right", "difficulty", "source")


def read_pack(content: bytes) -> Pack:
    """Return the pack that a file holds.

    Raises:
        BadPack: something is wrong with it; all problems are named, each with its line.
    """
    reader = _Reader()
    pack = reader.pack(parse(content))
    if pack is None or reader.problems:
        raise BadPack(reader.problems)
    return pack


class _Reader:
    """Reads one file and collects what is wrong with it."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def _note(self, node: Node, wrong: Wrong, **facts: int | str) -> None:
        self.problems.append(Problem(node.line, wrong, facts))

    def pack(self, root: Node | None) -> Pack | None:
        """Return the pack, or None if anything is wrong with it."""
        found = self._fields(root or Fields((), 1), _FILE)
        category, language, licence = (self._text(found, name) for name in _FILE[:3])
        items = self._items(found, "questions")
        drafts = [] if items is None else self._drafts(items)
        self.problems += lint.problems_of_ids(drafts)
        if category is None or language is None or licence is None:
            return None
        self.problems += lint.problems_of_head(category, language, licence)
        self._compare(drafts, language.text)
        if self.problems:
            return None
        return Pack(
            category=Category(category.text),
            language=language.text,
            licence=licence.text,
            questions=tuple(_question(draft) for draft in drafts),
        )

    def _drafts(self, items: Items) -> list[Draft]:
        if not items.items:
            self._note(items, Wrong.EMPTY)
        if len(items.items) > QUESTIONS_MOST:
            self._note(items.items[QUESTIONS_MOST], Wrong.TOO_MUCH, most=QUESTIONS_MOST)
            return []
        found = (self._draft(item) for item in items.items)
        return [draft for draft in found if draft is not None]

    def _draft(self, node: Node) -> Draft | None:
        found = self._fields(node, _QUESTION)
        key, text, right, difficulty, source = (
            self._text(found, name) for name in _QUESTION if name != "options"
        )
        options = self._options(found)
        if not (key and text and right and difficulty and source and options):
            return None
        draft = Draft(key, text, options, right, difficulty, source)
        self.problems += lint.problems_of(draft)
        return draft

    def _compare(self, drafts: Sequence[Draft], language: str) -> None:
        if language not in LANGUAGES:
            return
        alike = Alike(language)
        short = [one for one in drafts if max(len(one.text.text), len(one.right.text)) <= lint.LONGEST]
        for draft in short:
            first = alike.add(draft.text.text, draft.right.text, name=str(draft.text.line))
            if first is not None:
                self._note(draft.text, Wrong.ALIKE, first=int(first))

    def _fields(self, node: Node, names: Sequence[str]) -> Mapping[str, Node]:
        if not isinstance(node, Fields):
            self._note(node, Wrong.NO_FIELDS, name=names[0])
            return {}
        found: dict[str, Node] = {}
        for key, value in node.pairs:
            if not isinstance(key, Scalar) or key.text not in names:
                self._note(key, Wrong.UNKNOWN, name=_name(key))
            elif key.text in found:
                self._note(key, Wrong.TWICE, name=key.text)
            else:
                found[key.text] = value
        for name in names:
            if name not in found:
                self._note(node, Wrong.MISSING, name=name)
        return found

    def _text(self, found: Mapping[str, Node], name: str) -> Scalar | None:
        node = found.get(name)
        return None if node is None else self._checked(node, name)

    def _checked(self, node: Node, name: str) -> Scalar | None:
        if isinstance(node, Scalar) and node.is_text:
            return node
        self._note(node, Wrong.NO_TEXT, name=name)
        return None

    def _items(self, found: Mapping[str, Node], name: str) -> Items | None:
        node = found.get(name)
        if node is None or isinstance(node, Items):
            return node
        self._note(node, Wrong.NO_LIST, name=name)
        return None

    def _options(self, found: Mapping[str, Node]) -> tuple[Scalar, ...] | None:
        node = self._items(found, "options")
        if node is None:
            return None
        if len(node.items) != OPTIONS:
            self._note(node, Wrong.OPTIONS, count=len(node.items), needed=OPTIONS)
            return None
        texts = tuple(self._checked(item, "options") for item in node.items)
        return tuple(text for text in texts if text) if all(texts) else None


def _name(node: Node) -> str:
    return node.text[:_NAME_MOST] if isinstance(node, Scalar) else "?"


def _question(draft: Draft) -> PackQuestion:
    options = tuple(lint.composed(option.text) for option in draft.options)
    return PackQuestion(
        key=draft.key.text,
        text=lint.composed(draft.text.text),
        options=options,
        right=options.index(lint.composed(draft.right.text)),
        difficulty=Difficulty(draft.difficulty.text),
        source=draft.source.text,
        line=draft.key.line,
    )
