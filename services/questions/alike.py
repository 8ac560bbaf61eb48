"""Whether two questions are nearly the same: the words that matter, whatever their order, case and accents. Pure."""

import unicodedata
from collections.abc import Mapping
from typing import Final

FEW: Final = 4
"""Questions with fewer words that matter differ by each of them."""

_SMALL: Final[Mapping[str, str]] = {
    "en": "which what who whom whose where when how many much is are was were do does did the a an of in on at "
    "to for by with from that this and or as its it name named called",
    "es": "que cual cuales quien quienes donde cuando como cuanto cuanta cuantos cuantas es son fue el la los "
    "las un una de del en a al por para con y o se su llama llaman",
}
"""Words that hardly change what is asked, without accents."""


class Alike:
    """Knows questions of one language, and finds one that asks what another one asks.

    Two are alike if the same words matter in both, or if they have the same answer and one has a single word
    more. It takes as long as there are words: a file can't make it slow.
    """

    def __init__(self, language: str) -> None:
        self._small = frozenset(_SMALL[language].split())
        self._whole: dict[frozenset[str], str] = {}
        self._right: dict[tuple[frozenset[str], str], str] = {}
        self._lessened: dict[tuple[frozenset[str], str], str] = {}

    def add(self, text: str, right: str, *, name: str) -> str | None:
        """Take a question in under a name; return the name of an earlier one that is alike."""
        words, answer = self._words(text), " ".join(_split(right))
        less = [(words - {word}, answer) for word in words] if len(words) > FEW else []
        found = self._whole.get(words) or self._lessened.get((words, answer))
        found = found or next((self._right[one] for one in less if one in self._right), None)
        self._whole.setdefault(words, name)
        self._right.setdefault((words, answer), name)
        for one in less:
            self._lessened.setdefault(one, name)
        return found

    def _words(self, text: str) -> frozenset[str]:
        words = frozenset(_split(text))
        return words - self._small or words


def _split(text: str) -> list[str]:
    """Return the words of a text: folded, without accents and punctuation."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = (char for char in plain if not unicodedata.combining(char))
    return "".join(char if char.isalnum() else " " for char in kept).split()
