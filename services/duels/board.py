"""The board of a duel that is being played: the message in which it is shown, and what stands there now."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from db.queries import lobby
from services.duels.shown import ShownQuestion, next_question
from services.rules import DuelRules


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """What a player sees of his duel, and where; both ids are Telegram's."""

    chat_id: int
    message_id: int
    language: str
    question: ShownQuestion
    ends_at: datetime
    """The end of the time for all questions; answers count for the grace longer."""


def find_board(tx: Connection, duel_id: int, rules: DuelRules) -> Board | None:
    """Return the board of a duel; None if it isn't played (any more)."""
    question = next_question(tx, duel_id)
    row = tx.execute(lobby.BOARD, {"of_duel": duel_id}).first()
    if question is None or row is None:
        return None
    return Board(
        chat_id=row.telegram_id,
        message_id=row.message_id,
        language=row.language or "en",
        question=question,
        ends_at=row.started_at + rules.time,
    )
