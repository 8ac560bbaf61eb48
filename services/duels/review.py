"""The answers of a settled duel, question by question, as both of its players may see them. Read only."""

from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import Connection, Row

from db.models.duels import DuelState
from db.models.questions import QuestionState
from db.queries import duel_past
from db.session import Database
from services.duels.past import DuelNotFound, own_duel
from services.errors import UserError


class NotSettled(UserError):
    """The duel isn't settled: what was right stays secret."""

    code: ClassVar[str] = "duel_not_settled"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenOption:
    """An option as it was shown, and who chose it."""

    text: str
    is_right: bool
    is_mine: bool
    is_theirs: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One question of a settled duel; positions count from 1 to ``total``, milliseconds from the start."""

    position: int
    total: int
    text: str
    options: tuple[SeenOption, ...]
    source: str
    my_time_ms: int | None
    """None: not answered."""
    their_time_ms: int | None
    is_reported: bool
    is_withdrawn: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadReview:
    """Show a question of a settled duel with both answers, the right one and its source."""

    db: Database

    async def __call__(self, *, player_id: int, duel_id: int, position: int, language: str) -> Review:
        """Return the question at ``position``, from 1, in a language that it is known in.

        Raises:
            DuelNotFound: the player has no such duel, or it no such question.
            NotSettled: nobody may see that yet, or ever.
        """
        return await self.db.read(_review, player_id, duel_id, position, language)


def settled_duel(tx: Connection, player_id: int, duel_id: int, position: int) -> Row[Any]:
    """Return a player's duel that is settled and has a question at ``position``, from 1.

    Raises:
        DuelNotFound, NotSettled: there is none.
    """
    row = own_duel(tx, player_id, duel_id)
    if row.state != DuelState.SETTLED:
        raise NotSettled
    if not 1 <= position <= len(row.question_ids):
        raise DuelNotFound(number=f"D{duel_id}")
    return row


def _review(tx: Connection, player_id: int, duel_id: int, position: int, language: str) -> Review:
    row = settled_duel(tx, player_id, duel_id, position)
    of_question = {"of_question": row.question_ids[position - 1]}
    question = tx.execute(duel_past.QUESTION, of_question).one()
    words = words_of(tx, question.id, language, row.language)
    facts = {"duel_ids": [row.id, row.opponent_id], "of_position": position - 1}
    answers = {answer.duel_id: answer for answer in tx.execute(duel_past.ANSWERS, facts)}
    mine, theirs = answers.get(row.id), answers.get(row.opponent_id)
    return Review(
        position=position,
        total=len(row.question_ids),
        text=words.text,
        options=tuple(
            SeenOption(
                text=words.options[option],
                is_right=option == question.right_option,
                is_mine=mine is not None and mine.option == option,
                is_theirs=theirs is not None and theirs.option == option,
            )
            for option in row.orders[position - 1]
        ),
        source=words.source,
        my_time_ms=mine.at_ms if mine is not None else None,
        their_time_ms=theirs.at_ms if theirs is not None else None,
        is_reported=tx.scalar(duel_past.REPORTED, of_question | {"of_player": player_id}) is not None,
        is_withdrawn=question.state == QuestionState.WITHDRAWN,
    )


def words_of(tx: Connection, question_id: int, *languages: str) -> Row[Any]:
    """Return the words of a question in the first of ``languages`` that it has, else in any."""
    found = {row.language: row for row in tx.execute(duel_past.TEXTS, {"of_question": question_id})}
    return next((found[one] for one in languages if one in found), None) or found[min(found)]
