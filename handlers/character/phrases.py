"""Phrase patterns over words and where they occur in a text; knows nothing of what a phrase means.

A pattern is words with spaces: ``a/b`` either word, ``ab*`` any word that begins so, ``..`` up to three
words of any kind. A leading ``^`` means only at the start of the text, ``=`` only as the whole text, ``~``
only in a text of few words.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

_GAP = ".."
_PLACES = "^=~"
_GAP_WORDS = 3
_FEW_WORDS = 5
_STEM = 3
_MOST_HEAD_WORDS = 90
_MOST_TAIL_WORDS = 50
_MAX_CHARACTERS = 4_096
_APOSTROPHES = re.compile("['`\N{ACUTE ACCENT}\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}]")
_NOT_WORDS = re.compile(r"[\W_]+")
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")


def normalise(text: str) -> str:
    """Return the text in lower case without accents, apostrophes, punctuation and stretched letters."""
    plain = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", text[:_MAX_CHARACTERS])).casefold()
    bare = "".join(char for char in plain if not unicodedata.combining(char))
    return _NOT_WORDS.sub(" ", _STRETCHED.sub(r"\1", bare)).strip()


@dataclass(frozen=True, slots=True)
class _Slot:
    exact: frozenset[str]
    stems: tuple[str, ...]

    def takes(self, word: str) -> bool:
        return word in self.exact or (bool(self.stems) and word.startswith(self.stems))


@dataclass(frozen=True, slots=True)
class _Phrase:
    name: str
    slots: tuple[_Slot | None, ...]
    place: str

    @property
    def weight(self) -> int:
        return sum(slot is not None for slot in self.slots)

    def may_stand(self, start: int, end: int, length: int) -> bool:
        """Tell whether the phrase counts at this place of a text of ``length`` words."""
        match self.place:
            case "^":
                return start == 0
            case "=":
                return start == 0 and end == length
            case "~":
                return length <= _FEW_WORDS
        return True


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase found: whose it is, its span in words, and how many words it fixes."""

    name: str
    start: int
    end: int
    weight: int


class PhraseBook:
    """Finds named phrases in normalised text, the longer one where two overlap."""

    def __init__(self, patterns: Mapping[str, Iterable[str]]) -> None:
        self._by_word: dict[str, list[_Phrase]] = defaultdict(list)
        self._by_stem: dict[str, list[_Phrase]] = defaultdict(list)
        for name, lines in patterns.items():
            for line in lines:
                self._add(_parse(name, line))

    def find(self, normalised: str) -> list[Hit]:
        """Return the hits in their order in the text; no two of them share a word.

        Of a long text only the beginning and the end are looked at.
        """
        words = _head_and_tail(normalised.split())
        hits = sorted(self._all_hits(words), key=lambda hit: (-hit.weight, hit.start, hit.end))
        taken = bytearray(len(words))
        chosen: list[Hit] = []
        for hit in hits:
            if not any(taken[hit.start : hit.end]):
                taken[hit.start : hit.end] = b"\1" * (hit.end - hit.start)
                chosen.append(hit)
        return sorted(chosen, key=lambda hit: hit.start)

    def _add(self, phrase: _Phrase) -> None:
        head = phrase.slots[0]
        if head is None or any(len(stem) < _STEM for stem in head.stems):
            raise ValueError(f"a phrase of {phrase.name} begins with a gap or too short a stem")
        for word in head.exact:
            self._by_word[word].append(phrase)
        for stem in {stem[:_STEM] for stem in head.stems}:
            self._by_stem[stem].append(phrase)

    def _all_hits(self, words: list[str]) -> Iterator[Hit]:
        for start, word in enumerate(words):
            for phrase in (*self._by_word.get(word, ()), *self._by_stem.get(word[:_STEM], ())):
                end = _end_of(phrase.slots, words, start)
                if end is not None and phrase.may_stand(start, end, len(words)):
                    yield Hit(phrase.name, start, end, phrase.weight)


def _head_and_tail(words: list[str]) -> list[str]:
    if len(words) <= _MOST_HEAD_WORDS + _MOST_TAIL_WORDS:
        return words
    return [*words[:_MOST_HEAD_WORDS], *words[-_MOST_TAIL_WORDS:]]


def _parse(name: str, line: str) -> _Phrase:
    place = line[0] if line[0] in _PLACES else ""
    parts = line[len(place) :].split()
    return _Phrase(name, tuple(None if part == _GAP else _slot(part) for part in parts), place)


def _slot(part: str) -> _Slot:
    options = part.split("/")
    exact = frozenset(option for option in options if not option.endswith("*"))
    return _Slot(exact, tuple(option[:-1] for option in options if option.endswith("*")))


def _end_of(slots: tuple[_Slot | None, ...], words: list[str], at: int) -> int | None:
    for index, slot in enumerate(slots):
        if slot is None:
            return _end_after_gap(slots[index + 1 :], words, at)
        if at >= len(words) or not slot.takes(words[at]):
            return None
        at += 1
    return at


def _end_after_gap(slots: tuple[_Slot | None, ...], words: list[str], at: int) -> int | None:
    for skipped in range(_GAP_WORDS + 1):
        end = _end_of(slots, words, at + skipped)
        if end is not None:
            return end
    return None
