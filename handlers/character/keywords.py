"""The words by which messages are recognised, one data file per language. Nothing of them is ever shown."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from handlers.words import LANGUAGES, Language

_DIRECTORY: Final = Path(__file__).parent
_DECIMAL_POINTS: Final[Mapping[Language, str]] = {"en": ".", "es": ","}


@dataclass(frozen=True, slots=True, kw_only=True)
class Keywords:
    """What is recognised in one language.

    Attributes:
        phrases: patterns, as in ``phrases``, by the name of their intent.
        sum_cues: phrases that announce a sum.
        operators: operators in words and their signs, longer ones first.
        decimal_point: what begins the decimals of a number.
        either: words that stand between two options.
        stopwords: words that are no subject of a sentence.
        determiners: words after which a subject is likely.
    """

    phrases: Mapping[str, tuple[str, ...]]
    sum_cues: tuple[str, ...]
    operators: Mapping[str, str]
    decimal_point: str
    either: frozenset[str]
    stopwords: frozenset[str]
    determiners: frozenset[str]


@cache
def keywords_of(language: Language) -> Keywords:
    """Return the keywords of a language; their file is read once per process."""
    data = tomllib.loads((_DIRECTORY / f"keywords.{language}.toml").read_text(encoding="utf-8"))
    return Keywords(
        phrases={name: tuple(patterns) for name, patterns in data["phrases"].items()},
        sum_cues=tuple(data["maths"]["cues"]),
        operators=data["maths"]["operators"],
        decimal_point=_DECIMAL_POINTS[language],
        either=frozenset(data["other"]["or"]),
        stopwords=frozenset(data["other"]["stopwords"].split()),
        determiners=frozenset(data["other"]["determiners"].split()),
    )


@cache
def sum_cues() -> tuple[str, ...]:
    """Return the phrases that announce a sum in any language."""
    return tuple(cue for language in LANGUAGES for cue in keywords_of(language).sum_cues)


@cache
def either_words() -> frozenset[str]:
    """Return the words between two options in any language."""
    return frozenset(word for language in LANGUAGES for word in keywords_of(language).either)


@cache
def stopwords() -> frozenset[str]:
    """Return the words of any language that are no subject of a sentence."""
    return frozenset(word for language in LANGUAGES for word in keywords_of(language).stopwords)


@cache
def determiners() -> frozenset[str]:
    """Return the words of any language after which a subject is likely."""
    return frozenset(word for language in LANGUAGES for word in keywords_of(language).determiners)
