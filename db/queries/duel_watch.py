"""Statements of what operators watch in duels: reported questions, and signs of cheating."""

from sqlalchemy import bindparam, case, func, select, update

from db.models.duels import DuelState, duel, duel_answer
from db.models.people import player
from db.models.questions import question, question_report
from db.queries import upsert

ADD_REPORT = (
    upsert.insert(question_report)
    .values(
        question_id=bindparam("question_id"),
        player_id=bindparam("player_id"),
        duel_id=bindparam("duel_id"),
        created_at=bindparam("at"),
    )
    .on_conflict_do_nothing(index_elements=["question_id", "player_id"])
    .returning(question_report.c.id)
)
_first = func.min(question_report.c.id)
_open = question_report.c.decision.is_(None)
REPORTED = (
    select(
        question.c.id,
        question.c.key,
        question.c.category,
        question.c.state,
        question.c.right_option,
        func.count().label("reports"),
    )
    .join(question_report, (question_report.c.question_id == question.c.id) & _open)
    .group_by(question.c.id, question.c.key, question.c.category, question.c.state, question.c.right_option)
    .order_by(func.count().desc(), _first)
    .limit(1)
)
"""The question with most reports that wait for a decision."""
COUNT_REPORTED = select(func.count(question_report.c.question_id.distinct())).where(_open)
DECIDE = (
    update(question_report)
    .where(question_report.c.question_id == bindparam("of_question"), _open)
    .values(decision=bindparam("to_decision"), decided_at=bindparam("at"))
)

_theirs = duel.alias("theirs")
_recent = (duel.c.state == DuelState.SETTLED) & (
    duel.c.ended_at >= bindparam("since", type_=duel.c.ended_at.type)
)
_pairs = (
    select(
        duel.c.player_id.label("one_id"),
        _theirs.c.player_id.label("other_id"),
        func.count().label("duels"),
        func.sum(duel.c.returned - duel.c.stake).label("one_net"),
        func.sum(_theirs.c.returned - _theirs.c.stake).label("other_net"),
    )
    .join(_theirs, _theirs.c.id == duel.c.opponent_id)
    .where(_recent, duel.c.player_id < _theirs.c.player_id)
    .group_by(duel.c.player_id, _theirs.c.player_id)
    .subquery()
)
_flow = func.abs(_pairs.c.one_net - _pairs.c.other_net)
_pair = select(_pairs).limit(bindparam("most"))
REPEATED = _pair.where(_pairs.c.duels >= bindparam("least_duels")).order_by(
    _pairs.c.duels.desc(), _pairs.c.one_id, _pairs.c.other_id
)
FLOWS = _pair.where(
    case((_pairs.c.one_net < _pairs.c.other_net, _pairs.c.one_net), else_=_pairs.c.other_net)
    <= -bindparam("least_lost")
).order_by(_flow.desc(), _pairs.c.one_id, _pairs.c.other_id)

_before = func.lag(duel_answer.c.at_ms, 1, 0).over(
    partition_by=duel_answer.c.duel_id, order_by=duel_answer.c.position
)
_took = (
    select(duel_answer.c.duel_id, (duel_answer.c.at_ms - _before).label("ms"))
    .join(duel, duel.c.id == duel_answer.c.duel_id)
    .where(_recent)
    .subquery()
)
_slowest = (
    select(_took.c.duel_id, func.max(_took.c.ms).label("ms"), func.count().label("answers"))
    .group_by(_took.c.duel_id)
    .subquery()
)
FAST = (
    select(duel.c.player_id, func.count().label("duels"), func.sum(duel.c.score).label("right"))
    .join(_slowest, _slowest.c.duel_id == duel.c.id)
    .where(_slowest.c.ms < bindparam("below_ms"), _slowest.c.answers >= bindparam("least_answers"))
    .group_by(duel.c.player_id)
    .order_by(func.count().desc(), duel.c.player_id)
    .limit(bindparam("most"))
)
"""Players with duels in which no answer took longer than ``below_ms`` after the one before it."""
FROZEN = (
    select(player.c.id)
    .where(player.c.frozen_at.is_not(None))
    .order_by(player.c.frozen_at.desc())
    .limit(bindparam("most"))
)
PEOPLE = select(player.c.id, player.c.name, player.c.frozen_at).where(
    player.c.id.in_(bindparam("player_ids", expanding=True))
)
