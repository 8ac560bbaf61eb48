"""The word that a message is about, and the options it offers; only harmless words come out."""

import re
from itertools import pairwise
from typing import Final

from handlers.character.keywords import determiners, either_words, stopwords
from handlers.character.phrases import normalise

_WORD: Final = re.compile(r"[a-zA-ZÀ-ÖØ-öø-ÿ]+")
_MOST_TEXT: Final = 1_000
_MOST_LETTERS: Final = 20
_FEWEST_LETTERS: Final = 4
_NAME: Final = re.compile(r"[^\w \-']|_")
_MOST_NAME: Final = 32


def subject_of(text: str) -> str | None:
    """Return the word of the text that is likely its subject, in lower case; None if there is none.

    A word after an article or the like goes before others, then a longer one before a shorter one.
    """
    words = [word.lower() for word in _WORD.findall(text[:_MOST_TEXT])]
    fit = [
        (before in determiners(), len(word), word)
        for before, word in pairwise(["", *words])
        if _FEWEST_LETTERS <= len(word) <= _MOST_LETTERS and normalise(word) not in stopwords()
    ]
    return max(fit)[2] if fit else None


def options_of(text: str) -> tuple[str, str] | None:
    """Return the two words that stand around the first "or" of the text."""
    words = _WORD.findall(text[:_MOST_TEXT])
    for left, middle, right in zip(words, words[1:], words[2:], strict=False):
        if middle.lower() in either_words() and max(len(left), len(right)) <= _MOST_LETTERS:
            return left, right
    return None


def plain_name(name: str) -> str:
    """Return a player's name without anything that Markdown or Telegram could read as markup; maybe empty."""
    return " ".join(_NAME.sub("", name[:_MOST_NAME]).split())
