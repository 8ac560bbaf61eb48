"""What a player sees of a duel while he plays it. What was right isn't among it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Row

from db.models.duels import DuelState
from db.queries import duels


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownQuestion:
    """A question of a duel, with its options in the order shown; places and positions count from 0."""

    duel_id: int
    category: str
    position: int
    total: int
    text: str
    options: Sequence[str]
    commitment: str
    """Of the set, in hex."""

    def facts(self) -> dict[str, Any]:
        """Return it as a notice's facts keep it."""
        return asdict(self)


def shown_question(tx: Connection, duel_id: int, position: int) -> ShownQuestion:
    """Return a question of a duel in the language in which it is played."""
    duel = tx.execute(duels.DUEL, {"of_duel": duel_id}).one()
    return question_of(tx, duel, tx.execute(duels.SET, {"of_set": duel.set_id}).one(), position)


def question_of(tx: Connection, duel: Row[Any], set_: Row[Any], position: int) -> ShownQuestion:
    """Return a question of a duel that was read with its set."""
    facts = {"of_question": set_.question_ids[position], "of_language": duel.language}
    words = tx.execute(duels.TEXT_OF_QUESTION, facts).one()
    return ShownQuestion(
        duel_id=duel.id,
        category=set_.category,
        position=position,
        total=len(set_.question_ids),
        text=words.text,
        options=[words.options[option] for option in set_.orders[position]],
        commitment=set_.commitment.hex(),
    )


def next_question(tx: Connection, duel_id: int) -> ShownQuestion | None:
    """Return the question that is to be answered now, None if the duel isn't played (any more)."""
    duel = tx.execute(duels.DUEL, {"of_duel": duel_id}).one()
    if duel.state != DuelState.PLAYING:
        return None
    set_ = tx.execute(duels.SET, {"of_set": duel.set_id}).one()
    return question_of(tx, duel, set_, duel.answered) if duel.answered < len(set_.question_ids) else None
