"""Foreign text made harmless: names, facts, log lines; cut where a reader sees a border. No markup here."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import dropwhile
from typing import Final

NOBODY: Final = "\N{BUST IN SILHOUETTE}"
"""Stands for a name of which nothing visible is left."""

_ZWJ: Final = "\u200d"
_ELLIPSIS: Final = "…"
_MOST_MARKS: Final = 3
_MOST_CODE_POINTS: Final = 16
_ANSI: Final = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    r"|(?:\x1b\]|\x9d)[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # OSC: title, links
    r"|\x1b[@-_]?"
)
_BLANKS: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0\ufffc")
"""Letters and marks that show nothing."""

_FLAG: Final = "\U0001f3f4"
_TAGS: Final = (0xE0020, 0xE007F)
_VARIATIONS: Final = (0xFE00, 0xFE0F)
_REGIONAL: Final = (0x1F1E6, 0x1F1FF)
_SKIN_TONES: Final = (0x1F3FB, 0x1F3FF)
_PICTURES: Final = (
    (0x2190, 0x27FF),
    (0x2900, 0x2BFF),
    (0x1F000, 0x1FAFF),
    (0x3030, 0x303D),
    (0x3297, 0x3299),
)
_SMALL_PICTURES: Final = frozenset("©®‼⁉™\N{INFORMATION SOURCE}")


def utf16_len(text: str) -> int:
    """Return the length in UTF-16 units, as Telegram counts; a lone surrogate is one."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def harmless(text: str) -> str:
    """Return ``text`` in one line without anything that hides, reorders or controls."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible(without_ansi(text)))


@lru_cache(maxsize=4_096)  # every update names its sender and its chat
def clean_name(text: str, *, most: int = 32) -> str:
    """Return a name or title that can stand in any message: one line, visible, cut between graphemes.

    Args:
        text: what a person or a client sent as a name.
        most: graphemes of the result, the "…" of a cut included; 1 and more.
    """
    line = "".join(dropwhile(lambda char: char.isspace() or _is_mark(char), harmless(text)))
    clusters = [_tame(cluster) for cluster in graphemes(" ".join(line.split()))]
    if not clusters:
        return NOBODY
    if len(clusters) > most:
        return "".join(clusters[: most - 1]).rstrip() + _ELLIPSIS
    return "".join(clusters)


def fitting_name(text: str, *, most: int, code_points: int) -> str | None:
    """Return a name as ``clean_name`` does, cut further until the books can keep it; None if nothing would be seen.

    Args:
        text: what a person sent as a name.
        most: graphemes of the result.
        code_points: how many of these the books keep.
    """
    for fewer in range(most, 0, -1):
        name = clean_name(text, most=fewer)
        if len(name) <= code_points and name != NOBODY:
            return name
    return None


def is_blank(text: str) -> bool:
    """Tell whether nothing of ``text`` can be seen."""
    return all(char.isspace() for char in _visible(without_ansi(text)))


def without_ansi(text: str) -> str:
    """Return ``text`` without the escape sequences of terminals."""
    return _ANSI.sub("", text)


def storable(text: str) -> str:
    """Return ``text`` as every database can keep it: without NUL and without halves of characters."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def graphemes(text: str) -> Iterator[str]:
    """Yield what a reader sees as single characters: after UAX 29, for the scripts and emoji people use."""
    cluster = ""
    for char in text:
        if cluster and _joins(cluster, char):
            cluster += char
        else:
            if cluster:
                yield cluster
            cluster = char
    if cluster:
        yield cluster


def _joins(cluster: str, char: str) -> bool:
    """Tell whether ``char`` continues the grapheme ``cluster``."""
    if _is_mark(char) or char == _ZWJ or _within(char, _SKIN_TONES, _TAGS):
        return True
    if cluster[-1] == _ZWJ:
        return is_picture(char)
    if _within(char, _REGIONAL):
        return len(cluster) == 1 and _within(cluster, _REGIONAL)
    return _joins_hangul(cluster[-1], char)


def _joins_hangul(before: str, char: str) -> bool:
    """Tell whether two Hangul letters make one syllable."""
    if _within(char, (0x1160, 0x11A7)):
        return _within(before, (0x1100, 0x115F), (0x1160, 0x11A7), (0xAC00, 0xD7A3))
    return _within(char, (0x11A8, 0x11FF)) and _within(before, (0x1160, 0x11FF), (0xAC00, 0xD7A3))


def is_picture(char: str) -> bool:
    """Tell whether ``char`` is an emoji or may be one with a variation selector."""
    return char in _SMALL_PICTURES or _within(char, *_PICTURES)


def _visible(text: str) -> Iterator[str]:
    """Yield the characters that show something; joiners and tags only inside an emoji."""
    before = ""
    for index, char in enumerate(text):
        if char in "\n\r\t\v\f\x85\u2028\u2029":
            yield " "
        elif _belongs(char, before, text[index + 1 : index + 2]):
            yield char
        else:
            continue
        before = char if not _is_mark(char) and not _within(char, _SKIN_TONES) else before


def _belongs(char: str, before: str, after: str) -> bool:
    """Tell whether ``char`` may stay; ``before`` is the last base kept, ``after`` what follows."""
    if char == _ZWJ:
        return bool(before and after) and is_picture(before) and is_picture(after)
    if _within(char, _TAGS):
        return before == _FLAG or (bool(before) and _within(before, _TAGS))
    if char in _BLANKS or ord(char) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(char) <= 0xFDEF:
        return False
    return unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co")


def _tame(cluster: str) -> str:
    """Bound one grapheme: piles of accents and endless emoji chains are cut."""
    if len(cluster) > _MOST_CODE_POINTS and _ZWJ in cluster:
        return cluster[0]
    kept, marks = "", 0
    for char in cluster[:_MOST_CODE_POINTS]:
        marks += _is_mark(char) and not _within(char, _VARIATIONS)
        if marks <= _MOST_MARKS or not _is_mark(char):
            kept += char
    return kept


def _is_mark(char: str) -> bool:
    return unicodedata.category(char)[0] == "M"


def _within(char: str, *ranges: tuple[int, int]) -> bool:
    return any(least <= ord(char) <= most for least, most in ranges)
