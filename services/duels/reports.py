"""Reports of bad questions: players make them after settlement, operators decide about them."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from db.models.questions import Decision, QuestionState
from db.queries import duel_watch
from db.session import Database, announce, unfinished
from services.duels.doubt import refund_doubtful
from services.duels.review import settled_duel, words_of
from services.events import Happened
from services.questions.store import withdraw_question
from services.rules import GameRules
from services.stamp import Stamp, Stamps

WITHDRAW: Final = "question_withdraw"
KEEP: Final = "question_keep"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportQuestion:
    """Note that a player thinks a question of his settled duel is bad; once for each question."""

    db: Database
    stamps: Stamps

    async def __call__(self, *, player_id: int, duel_id: int, position: int) -> None:
        """Note it; ``position`` counts from 1.

        Raises:
            DuelNotFound: the player has no such duel, or it no such question.
            NotSettled: he hasn't seen what is right.
        """
        with unfinished():  # the word that it is done comes behind the commit
            await self.db.transact(_report, player_id, duel_id, position, self.stamps.take())


def _report(tx: Connection, player_id: int, duel_id: int, position: int, stamp: Stamp) -> None:
    question_id = settled_duel(tx, player_id, duel_id, position).question_ids[position - 1]
    row = {"question_id": question_id, "player_id": player_id, "duel_id": duel_id}
    if tx.scalar(duel_watch.ADD_REPORT, row | {"at": stamp.now}) is not None:
        announce(tx, Happened("question_reported", {"question": question_id, "player": player_id}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """A question with reports that wait for a decision; ``rest`` are as many more questions."""

    question_id: int
    key: str
    category: str
    text: str
    options: tuple[str, ...]
    right: int
    source: str
    reports: int
    is_active: bool
    rest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadReported:
    """Show operators the question with most reports."""

    db: Database

    async def __call__(self, *, language: str) -> Reported | None:
        """Return it, in a language that it is known in, or None if no report waits."""
        return await self.db.read(_reported, language)


def _reported(tx: Connection, language: str) -> Reported | None:
    row = tx.execute(duel_watch.REPORTED).first()
    if row is None:
        return None
    words = words_of(tx, row.id, language)
    return Reported(
        question_id=row.id,
        key=row.key,
        category=row.category,
        text=words.text,
        options=tuple(words.options),
        right=row.right_option,
        source=words.source,
        reports=row.reports,
        is_active=row.state == QuestionState.ACTIVE,
        rest=(tx.scalar(duel_watch.COUNT_REPORTED) or 0) - 1,
    )


def decide(
    tx: Connection, question_id: int, is_bad: bool, operator_id: int, rules: GameRules, stamp: Stamp
) -> None:
    """Decide about all open reports of a question; one that is bad is withdrawn, and its duels made good.

    Args:
        operator_id: our key of who decides.
    """
    decision = Decision.WITHDRAWN if is_bad else Decision.KEPT
    facts = {"of_question": question_id, "to_decision": decision, "at": stamp.now}
    if is_bad and withdraw_question(tx, question_id, stamp):
        refund_doubtful(tx, question_id, rules, stamp)
    tx.execute(duel_watch.DECIDE, facts)
    decided = {"question": question_id, "decision": decision, "operator": operator_id}
    announce(tx, Happened("reports_decided", decided))
