"""Practice: single questions without stake, told at once. None that anybody plays, or may play, for a stake."""

from dataclasses import dataclass
from itertools import permutations
from typing import Any, ClassVar, Final

from sqlalchemy import Connection, Row

from db.queries import lobby
from db.session import Database
from services.buttons import ExpiredButton
from services.duels.draw import OPTIONS
from services.duels.lobby import pool_of
from services.duels.sets import FALLBACK
from services.errors import UserError
from services.stamp import Stamp, Stamps

ORDERS: Final = tuple(permutations(range(OPTIONS)))
"""All orders in which options can be shown; a button names one by its number."""


class NothingToPractise(UserError):
    """The category has no question that is free now."""

    code: ClassVar[str] = "nothing_to_practise"


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeQuestion:
    """A question with its options as shown."""

    question_id: int
    order: int
    category: str
    text: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeAnswer:
    """What was right, and what was chosen."""

    question: PracticeQuestion
    right: str
    chosen: str
    source: str

    @property
    def is_right(self) -> bool:
        """Return whether the right one was chosen."""
        return self.chosen == self.right


@dataclass(frozen=True, slots=True, kw_only=True)
class AskPractice:
    """Ask a question without stake."""

    db: Database
    stamps: Stamps

    async def __call__(self, *, category: str, language: str, last_id: int | None = None) -> PracticeQuestion:
        """Return one, another than the last if there is another.

        Raises:
            NothingToPractise: there is none.
        """
        return await self.db.read(_ask, category, language, last_id, self.stamps.take())


def _ask(tx: Connection, category: str, language: str, last_id: int | None, stamp: Stamp) -> PracticeQuestion:
    free = sorted(set(pool_of(tx, category, language)) - _secret(tx, stamp))
    free = [one for one in free if one != last_id] or free
    if not free:
        raise NothingToPractise
    label = f"practice:{stamp.token}"
    question_id = free[_number(label, stamp) % len(free)]
    return _question(tx, question_id, _number(f"{label}:order", stamp) % len(ORDERS), language)[0]


def _number(label: str, stamp: Stamp) -> int:
    return int.from_bytes(stamp.random(label, 8), "big")


def _secret(tx: Connection, stamp: Stamp) -> set[int]:
    """Return the questions of which nobody may learn now what is right."""
    return {one for ids in tx.scalars(lobby.SECRET_SETS, {"now": stamp.now}) for one in ids}


def _question(
    tx: Connection, question_id: int, order: int, language: str
) -> tuple[PracticeQuestion, Row[Any]]:
    """Return a question in a language, or in English, with its row.

    Raises:
        ExpiredButton: it is asked no more.
    """
    facts = {"of_question": question_id, "languages": [language, FALLBACK]}
    found = {row.language: row for row in tx.execute(lobby.QUESTION, facts)}
    row = found.get(language) or found.get(FALLBACK)
    if row is None:
        raise ExpiredButton
    shown = PracticeQuestion(
        question_id=question_id,
        order=order,
        category=row.category,
        text=row.text,
        options=tuple(row.options[option] for option in ORDERS[order]),
    )
    return shown, row


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgePractice:
    """Tell what is right, in practice."""

    db: Database
    stamps: Stamps

    async def __call__(self, *, question_id: int, order: int, place: int, language: str) -> PracticeAnswer:
        """Return it; whoever makes the numbers up learns nothing that matters.

        Raises:
            ExpiredButton: there is no such question now: it was withdrawn, or somebody plays it for a stake.
        """
        return await self.db.read(_judge, (question_id, order, place), language, self.stamps.take())


def _judge(tx: Connection, what: tuple[int, int, int], language: str, stamp: Stamp) -> PracticeAnswer:
    question_id, order, place = what
    question, row = _question(tx, question_id, order, language)
    if question_id in _secret(tx, stamp):
        raise ExpiredButton
    return PracticeAnswer(
        question=question,
        right=row.options[row.right_option],
        chosen=question.options[place],
        source=row.source,
    )
