"""Choosing among interchangeable sentences: reproducible, never what was just said. No randomness."""

import re
from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from handlers.character.phrases import normalise

_ECHO: Final = 0.8
"""From this part of its words on, a sentence counts as said before."""

_MOST_ANSWER: Final = 1_500
_FIGURES: Final = re.compile(r"\d+")


def stable_number(below: int, *parts: str | int) -> int:
    """Return a number from 0 to ``below`` - 1 that depends on the parts alone; good for small talk only."""
    data = "\0".join(str(part) for part in parts).encode("utf-8", "surrogatepass")
    return int.from_bytes(sha256(data).digest()[:8], "big") % below


def freshest(sentences: Sequence[str], *, start: int, answers: Sequence[str]) -> str:
    """Return the first sentence, from number ``start`` around, that the earlier answers don't contain.

    If all were said already, the one whose last time is longest ago.

    Args:
        sentences: what to choose from, at least one.
        start: the number of the one to begin with.
        answers: what was answered before, oldest first.
    """
    said = [_words_of(answer[:_MOST_ANSWER]) for answer in answers]
    best, best_at = "", len(said)
    for sentence in (*sentences[start:], *sentences[:start]):
        at = _last_said(_words_of(sentence), said)
        if at < 0:
            return sentence
        if at < best_at:
            best, best_at = sentence, at
    return best


def _last_said(words: frozenset[str], said: Sequence[frozenset[str]]) -> int:
    """Return the index of the newest answer that contains the words, -1 if none does."""
    for at in range(len(said) - 1, -1, -1):
        if len(words & said[at]) >= _ECHO * len(words):
            return at
    return -1


def _words_of(text: str) -> frozenset[str]:
    return frozenset(_FIGURES.sub("", normalise(text)).split())
