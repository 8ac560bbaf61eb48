"""Answers of duels: judged by the duel's row and by when they reached the bot; what is right isn't told."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import Connection, Row

from db.models.duels import DuelState
from db.queries import duels
from db.session import Database, announce, unfinished
from services.buttons import ExpiredButton, NotYours
from services.duels.draw import OPTIONS
from services.duels.finish import finish_duel
from services.duels.sets import Table, table_of
from services.duels.shown import ShownQuestion, question_of
from services.errors import TransientError, UserError
from services.events import DuelAnswered
from services.rules import GameRules
from services.stamp import Stamp, Stamps


class DuelOver(UserError):
    """The answer came too late, or the duel has ended."""

    code: ClassVar[str] = "duel_over"


class AnsweredBefore(UserError):
    """The question was answered before; the first answer counts."""

    code: ClassVar[str] = "answered_before"


class DuelNotBegun(TransientError):
    """The first question is on its way; that it has arrived is about to be written down."""

    code: ClassVar[str] = "duel_not_begun"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An answer that counts: the question to show now (None after the last one), and the end of the time."""

    next: ShownQuestion | None
    answered: int
    total: int
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerDuel:
    """Take a player's answer to the next question of his duel."""

    db: Database
    stamps: Stamps
    rules: GameRules

    async def __call__(
        self, *, player_id: int, duel_id: int, position: int, place: int, received_at: datetime
    ) -> Answered:
        """Return what comes next; after the last answer the duel is finished, and the outbox tells of it.

        Args:
            position: of the question, from 0.
            place: of the option as shown, from 0.
            received_at: when the press reached the bot.

        Raises:
            NotYours: the duel is another player's.
            ExpiredButton: there is no such duel, question or option.
            AnsweredBefore: the question was answered.
            DuelOver: the time is over, or the duel has ended.
            DuelNotBegun: it isn't known yet that it began; to be tried again.
        """
        given = _Given(player_id, duel_id, position, place, received_at)
        with unfinished():  # the next question is shown behind the commit
            return await self.db.transact(_answer, given, self.rules, self.stamps.take())


@dataclass(frozen=True, slots=True)
class _Given:
    player_id: int
    duel_id: int
    position: int
    place: int
    received_at: datetime


def _answer(tx: Connection, given: _Given, rules: GameRules, stamp: Stamp) -> Answered:
    table = table_of(tx, given.duel_id)
    if table is None:
        raise ExpiredButton
    duel, total = table.duel(given.duel_id), len(table.set.question_ids)
    _judge(duel, given, total, rules)
    _store(tx, table, duel, given)
    announce(tx, DuelAnswered(duel.id, given.position))
    answered, ends_at = given.position + 1, duel.started_at + rules.duels.time
    if answered == total:
        finish_duel(tx, duel.id, given.received_at, rules, stamp)
        return Answered(next=None, answered=answered, total=total, ends_at=ends_at)
    shown = question_of(tx, duel, table.set, answered)
    return Answered(next=shown, answered=answered, total=total, ends_at=ends_at)


def _judge(duel: Row[Any], given: _Given, total: int, rules: GameRules) -> None:
    if duel.player_id != given.player_id:
        raise NotYours
    if duel.state == DuelState.SENDING:
        raise DuelNotBegun
    if not (0 <= given.position < total and 0 <= given.place < OPTIONS):
        raise ExpiredButton
    if duel.state != DuelState.PLAYING or given.received_at > duel.started_at + rules.duels.window:
        raise DuelOver
    if given.position < duel.answered:
        raise AnsweredBefore
    if given.position > duel.answered:
        raise ExpiredButton


def _store(tx: Connection, table: Table, duel: Row[Any], given: _Given) -> None:
    option = table.set.orders[given.position][given.place]
    question_id = table.set.question_ids[given.position]
    is_right = option == tx.scalar(duels.RIGHT_OPTION, {"of_question": question_id})
    at_ms = max(0, (given.received_at - duel.started_at) // timedelta(milliseconds=1))
    row = {"duel_id": duel.id, "position": given.position, "option": option, "is_right": is_right}
    tx.execute(duels.ADD_ANSWER, row | {"at_ms": at_ms})
    counted = {
        "of_duel": duel.id,
        "to_answered": duel.answered + 1,
        "to_score": duel.score + is_right,
        "to_time_ms": max(duel.time_ms, at_ms),
    }
    tx.execute(duels.COUNT_ANSWER, counted)
