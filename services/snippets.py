"""The part of a text where words that were looked for stand, with those words marked; answers as plain text. Pure."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

ELLIPSIS: Final = "…"
_BEFORE: Final = 3
"""A third of the part stands before the first hit, at most."""
_WORD: Final = re.compile(r"[^\W_]+")
_BETWEEN: Final = r"[\W_]+"
_FENCE: Final = re.compile(r"^```[\w+#.-]*\n?", re.MULTILINE)
_HEADING: Final = re.compile(r"^#{1,6} +", re.MULTILINE)
_MARKED: Final = re.compile(r"(\*\*|__|`)(?=\S)([^\n]*?\S)\1")


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text, and whether it was looked for."""

    text: str
    is_hit: bool = False


class _Folds(dict[int, str]):
    """What letters are when neither case nor accents count; each stays one letter."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        parts = unicodedata.normalize("NFD", letter.lower())
        self[code] = parts[0] if all(map(unicodedata.combining, parts[1:])) else letter
        return self[code]


_FOLDS: Final = _Folds()


def words_in(wanted: str) -> list[str]:
    """Return what of a text can be looked for as words: what has a letter or a digit in it."""
    return [word for word in wanted.split() if _WORD.search(word)]


def without_marks(answer: str) -> str:
    """Return an answer without the commonest marks of Markdown, for where only a part of it is shown."""
    return _MARKED.sub(r"\2", _HEADING.sub("", _FENCE.sub("", answer)))


def snippet(text: str, wanted: str, *, most: int) -> tuple[Piece, ...]:
    """Return at most about ``most`` characters of ``text``, around the first of the words, or its beginning."""
    pattern = _pattern(wanted)
    folded = text.translate(_FOLDS)
    first = pattern.search(folded)
    begin, end = _part(text, first.start() if first else 0, most)
    pieces = [Piece(ELLIPSIS)] if begin else []
    pieces += _pieces(text, [hit.span() for hit in pattern.finditer(folded, begin, end)], begin, end)
    return tuple([*pieces, Piece(ELLIPSIS)] if end < len(text) else pieces)


def has_hit(pieces: Sequence[Piece]) -> bool:
    """Tell whether any of the words stands in a part of a text."""
    return any(piece.is_hit for piece in pieces)


def _part(text: str, hit: int, most: int) -> tuple[int, int]:
    """Return from where to where, between words if there is a space nearby."""
    begin = max(0, min(hit - most // _BEFORE, len(text) - most))
    if begin:
        begin = text.find(" ", begin, hit) + 1 or begin
    end = min(len(text), begin + most)
    if end < len(text):
        end = max(text.rfind(" ", hit + most // _BEFORE, end), 0) or end
    return begin, end


def _pieces(text: str, hits: Sequence[tuple[int, int]], begin: int, end: int) -> Iterator[Piece]:
    for start, stop in hits:
        if begin < start:
            yield Piece(text[begin:start])
        yield Piece(text[start:stop], is_hit=True)
        begin = stop
    if begin < end:
        yield Piece(text[begin:end])


def _pattern(wanted: str) -> re.Pattern[str]:
    """Return what finds the words as the databases do: whole ones, the last one also as a beginning."""
    folded = wanted.translate(_FOLDS)
    words = [_BETWEEN.join(map(re.escape, _WORD.findall(word))) for word in words_in(folded)]
    if not words:
        return re.compile(re.escape(wanted))
    words[-1] += r"\w*"
    longest_first = "|".join(sorted(words, key=len, reverse=True))
    return re.compile(rf"(?<![^\W_])(?:{longest_first})(?![^\W_])")
