"""What a question pack is: its categories, languages and limits, and what may be wrong with a file of one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, Final

from services.errors import UserError

LANGUAGES: Final = ("en", "es")
"""Questions are read in these; the first one is that of the originals, the others translate."""

ORIGINAL: Final = LANGUAGES[0]
FILE_MOST_BYTES: Final = 2**20
QUESTIONS_MOST: Final = 5_000
KEY_LEAST, KEY_MOST = 3, 64
OPTIONS: Final = 4
OPTION_MOST: Final = 32
"""Characters: what can be read on a button."""
QUESTION_LEAST: Final = 10
QUESTION_MOST: Final = 140
SOURCE_MOST: Final = 300
SHOWN_MOST: Final = 50
"""Of a bad file's problems, as many are shown."""


class Category(StrEnum):
    """What questions are about."""

    SCIENCE = "science"
    """Physics, chemistry, mathematics, the body, space."""
    NATURE = "nature"
    """Animals, plants, weather."""
    GEOGRAPHY = "geography"
    """Countries, cities, rivers, mountains."""
    HISTORY = "history"
    """What happened, and who was there."""
    ARTS = "arts"
    """Painting, music, film, the stage."""
    WORDS = "words"
    """Literature, languages, myths."""
    TECHNOLOGY = "technology"
    """Machines, computers, inventions."""
    LEISURE = "leisure"
    """Sports, games, food, festivals."""


class Difficulty(StrEnum):
    """How many know the answer."""

    EASY = "easy"
    """Most adults."""
    MEDIUM = "medium"
    """Some."""
    HARD = "hard"
    """Few."""


class Wrong(StrEnum):
    """What may be wrong with a file of questions."""

    TOO_BIG = "too_big"
    """It has more bytes than are read."""
    ENCODING = "encoding"
    """It isn't text in UTF-8."""
    BAD_SIGN = "bad_sign"
    """A character that controls, hides or reorders."""
    NO_YAML = "no_yaml"
    """It breaks the rules of YAML."""
    REFERENCE = "reference"
    """An anchor, an alias or a tag."""
    TOO_DEEP = "too_deep"
    """Lists in lists in lists."""
    TOO_MUCH = "too_much"
    """More values or questions than are read."""
    TWO_PARTS = "two_parts"
    """More than one document."""
    NO_FIELDS = "no_fields"
    """Something else where names with values are expected."""
    NO_LIST = "no_list"
    """Something else than a list."""
    NO_TEXT = "no_text"
    """Something else than a text; a number, a date or a yes without quotes is none."""
    MISSING = "missing"
    """A field isn't there."""
    TWICE = "twice"
    """A field is there twice."""
    UNKNOWN = "unknown"
    """A field that no pack has."""
    EMPTY = "empty"
    """There are no questions."""
    CATEGORY = "category"
    """No category of ours."""
    LANGUAGE = "language"
    """No language of ours."""
    LICENCE = "licence"
    """No short name of a licence."""
    KEY = "key"
    """No id as ids are written."""
    KEY_TWICE = "key_twice"
    """An id of another question of the file."""
    SPACES = "spaces"
    """Spaces around the text, several in a row, or others than plain ones."""
    MARKUP = "markup"
    """Signs of HTML or Markdown, or emoji."""
    TOO_SHORT = "too_short"
    """Fewer characters than a question has."""
    TOO_LONG = "too_long"
    """More characters than are shown."""
    NO_QUESTION = "no_question"
    """It doesn't end with a question mark."""
    OPTIONS = "options"
    """Not as many options as there must be."""
    SAME_OPTIONS = "same_options"
    """Two options are the same but for case or form."""
    NO_RIGHT = "no_right"
    """What is right isn't among the options."""
    DIFFICULTY = "difficulty"
    """No difficulty of ours."""
    SOURCE = "source"
    """No plain https address."""
    ALIKE = "alike"
    """Nearly the words of another question of the file."""
    KNOWN = "known"
    """Nearly the words of another question that is asked already."""
    ELSEWHERE = "elsewhere"
    """An id of a question of another category."""
    OTHER_ORDER = "other_order"
    """A translation whose right option isn't where the original has it."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, in a line counted from 1."""

    line: int
    wrong: Wrong
    facts: Mapping[str, int | str] = field(default_factory=dict)


class BadPack(UserError):
    """A file of questions isn't in order; nothing of it was imported."""

    code: ClassVar[str] = "bad_pack"

    def __init__(self, problems: Iterable[Problem]) -> None:
        super().__init__()
        self.problems = sorted(problems, key=lambda one: one.line)
        self.n = len(self.problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackQuestion:
    """A question of a pack; ``right`` is the place of the right option, from 0."""

    key: str
    text: str
    options: tuple[str, ...]
    right: int
    difficulty: Difficulty
    source: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """A file of questions that is in order."""

    category: Category
    language: str
    licence: str
    questions: tuple[PackQuestion, ...]
