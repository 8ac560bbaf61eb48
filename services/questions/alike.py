"""Whether two questions are nearly the same: the words that matter, whatever their order, case and accents. Pure."""

import unicodedata
from collections.abc import Mapping
from hashlib import blake2b
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
        self._whole: dict[int, str] = {}
        self._right: dict[tuple[int, str], str] = {}
        self._lessened: dict[tuple[int, str], str] = {}

    def add(self, text: str, right: str, *, name: str) -> str | None:
        """Take a question in under a name; return the name of an earlier one that is alike."""
        numbers, answer = self._numbers(text), " ".join(_split(right))
        whole = sum(numbers)
        less = [(whole - number, answer) for number in numbers] if len(numbers) > FEW else []
        found = self._whole.get(whole) or self._lessened.get((whole, answer))
        found = found or next((self._right[one] for one in less if one in self._right), None)
        self._whole.setdefault(whole, name)
        self._right.setdefault((whole, answer), name)
        for one in less:
            self._lessened.setdefault(one, name)
        return found

    def _numbers(self, text: str) -> list[int]:
        """Return a number for each word that matters; their sum stands for all of them, in any order."""
        words = frozenset(_split(text))
        return [_number(word) for word in words - self._small or words]


def _number(word: str) -> int:
    return int.from_bytes(blake2b(word.encode(), digest_size=16).digest(), "big")


def _split(text: str) -> list[str]:
    """Return the words of a text: folded, without accents and punctuation."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = (char for char in plain if not unicodedata.combining(char))
    return "".join(char if char.isalnum() else " " for char in kept).split()
