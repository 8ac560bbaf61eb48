"""What questions must be like, text by text. Pure; every rule stands in docs/questions.md too."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from services.questions.packs import (
    KEY_LEAST,
    KEY_MOST,
    LANGUAGES,
    OPTION_MOST,
    OPTIONS,
    QUESTION_LEAST,
    QUESTION_MOST,
    SOURCE_MOST,
    Category,
    Difficulty,
    Problem,
    Wrong,
)
from services.questions.tree import Scalar

_KEY: Final = re.compile(rf"[a-z0-9-]{{{KEY_LEAST},{KEY_MOST}}}")
_LICENCE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]{1,63}")
_ADDRESS: Final = re.compile(r"https://[!#-;=?-Z_a-z~]+")
"""Signs that may stand in an address, without those that quote or end it in messages."""
_MARKUP: Final = re.compile(r"[<>*_`~|\[\]{}\\]|&#?\w+;|^#|https?:|www\.", re.IGNORECASE)
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Mn", "Me"})
"""Kinds of characters that can't be seen, and marks that aren't part of a letter."""
_FILLERS: Final = frozenset("\u115f\u1160\u3164\uffa0")
LONGEST: Final = 2 * QUESTION_MOST
_PICTURES: Final = 0x2100
"""Symbols from here on are emoji and their like; before, there are signs such as that of degrees."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A question as it stands in a file, before it is judged."""

    key: Scalar
    text: Scalar
    options: tuple[Scalar, ...]
    right: Scalar
    difficulty: Scalar
    source: Scalar


def composed(text: str) -> str:
    """Return a text with its accents in their letters, so that the same words are the same characters.

    One that is too long anyway stays as it is: of many loose accents, that would take for ever.
    """
    return text if len(text) > LONGEST else unicodedata.normalize("NFC", text)


def problems_of_head(category: Scalar, language: Scalar, licence: Scalar) -> Iterator[Problem]:
    """Give what is wrong with a file's own fields."""
    if category.text not in list(Category):
        yield Problem(category.line, Wrong.CATEGORY, {"known": ", ".join(Category)})
    if language.text not in LANGUAGES:
        yield Problem(language.line, Wrong.LANGUAGE, {"known": ", ".join(LANGUAGES)})
    if not _LICENCE.fullmatch(licence.text):
        yield Problem(licence.line, Wrong.LICENCE)


def problems_of_ids(drafts: Sequence[Draft]) -> Iterator[Problem]:
    """Give the ids that stand in a file twice."""
    first: dict[str, int] = {}
    for draft in drafts:
        key = draft.key
        if key.text in first:
            yield Problem(key.line, Wrong.KEY_TWICE, {"first": first[key.text]})
        else:
            first[key.text] = key.line


def problems_of(draft: Draft) -> Iterator[Problem]:
    """Give what is wrong with one question."""
    if not _KEY.fullmatch(draft.key.text):
        yield Problem(draft.key.line, Wrong.KEY, {"least": KEY_LEAST, "most": KEY_MOST})
    yield from _of_words(draft.text, "question", QUESTION_MOST)
    yield from _of_question(draft.text)
    for option in draft.options:
        yield from _of_words(option, "options", OPTION_MOST)
    yield from _of_options(draft)
    if draft.difficulty.text not in list(Difficulty):
        yield Problem(draft.difficulty.line, Wrong.DIFFICULTY, {"known": ", ".join(Difficulty)})
    if not _is_address(draft.source.text):
        yield Problem(draft.source.line, Wrong.SOURCE, {"most": SOURCE_MOST})


def _of_words(words: Scalar, name: str, most: int) -> Iterator[Problem]:
    """Give what is wrong with any text that players read."""
    text = composed(words.text)
    if len(text) > most:
        yield Problem(words.line, Wrong.TOO_LONG, {"name": name, "most": most})
    elif any(unicodedata.category(char) in _UNSEEN or char in _FILLERS for char in text):
        yield Problem(words.line, Wrong.BAD_SIGN, {"name": name})
    elif not text or " ".join(text.split()) != text:
        yield Problem(words.line, Wrong.SPACES, {"name": name})
    elif _MARKUP.search(text) or any(_is_picture(char) for char in text):
        yield Problem(words.line, Wrong.MARKUP, {"name": name})


def _is_picture(char: str) -> bool:
    return ord(char) >= _PICTURES and unicodedata.category(char) in ("So", "Sk")


def _of_question(words: Scalar) -> Iterator[Problem]:
    if len(words.text) < QUESTION_LEAST:
        yield Problem(words.line, Wrong.TOO_SHORT, {"least": QUESTION_LEAST})
    if not words.text.endswith("?"):
        yield Problem(words.line, Wrong.NO_QUESTION)


def _of_options(draft: Draft) -> Iterator[Problem]:
    texts = [composed(option.text) for option in draft.options]
    if len({_folded(text) for text in texts}) < OPTIONS:
        yield Problem(draft.options[0].line, Wrong.SAME_OPTIONS)
    if composed(draft.right.text) not in texts:
        yield Problem(draft.right.line, Wrong.NO_RIGHT)


def _folded(text: str) -> str:
    return text if len(text) > LONGEST else unicodedata.normalize("NFKC", composed(text).casefold())


def _is_address(text: str) -> bool:
    """Return whether a text is an https address of a named host, without a user or a port."""
    if len(text) > SOURCE_MOST or not _ADDRESS.fullmatch(text):
        return False
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    host = parts.hostname or ""
    return "." in host.strip(".") and "@" not in parts.netloc and port is None and ":" not in parts.netloc
