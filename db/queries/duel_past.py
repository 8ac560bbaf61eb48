"""Statements about duels as they are looked back at: a player's own, one of them, its answers, its set."""

from sqlalchemy import BindParameter, bindparam, func, select

from db.models.duels import DuelState, challenge, duel, duel_answer, question_set
from db.models.people import player
from db.models.questions import question, question_pool, question_report, question_text

_other, _whose = duel.alias("other"), player.alias("whose")
_is_own = duel.c.player_id == bindparam("of_player")
_seen = (
    select(
        *duel.c,
        question_set.c.category,
        question_set.c.commitment,
        question_set.c.question_ids,
        question_set.c.orders,
        _other.c.score.label("other_score"),
        _other.c.time_ms.label("other_time_ms"),
        _whose.c.name,
        _whose.c.alias,
        _whose.c.hidden,
    )
    .join(question_set, question_set.c.id == duel.c.set_id)
    .outerjoin(_other, _other.c.id == duel.c.opponent_id)
    .outerjoin(_whose, _whose.c.id == _other.c.player_id)
)
COUNT = select(func.count()).select_from(duel).where(_is_own)
PAGE = _seen.where(_is_own).order_by(duel.c.id.desc()).limit(bindparam("most")).offset(bindparam("skip"))
ONE = _seen.where(_is_own, duel.c.id == bindparam("of_duel"))
_still, _settled = duel.alias("still"), duel.alias("settled")
_may_begin = question_set.c.is_open | (
    select(challenge.c.id)
    .where(
        challenge.c.set_id == question_set.c.id,
        challenge.c.expires_at > bindparam("now", type_=challenge.c.expires_at.type),
    )
    .exists()
    & ~select(_settled.c.id)
    .where(_settled.c.set_id == question_set.c.id, _settled.c.state == DuelState.SETTLED)
    .exists()
)
_is_over = ~_may_begin & ~(
    select(_still.c.id).where(_still.c.set_id == question_set.c.id, _still.c.ended_at.is_(None)).exists()
)
SET_WHEN_OVER = (
    select(question_set, question_pool.c.digest, question_pool.c.question_ids.label("pool_ids"))
    .join(question_pool, question_pool.c.id == question_set.c.pool_id)
    .where(question_set.c.id == bindparam("of_set"), _is_over)
)
"""A set with its pool, once nobody plays it any more, nor may."""

ANSWERS = select(duel_answer).where(
    duel_answer.c.duel_id.in_(bindparam("duel_ids", expanding=True)),
    duel_answer.c.position == bindparam("of_position"),
)
QUESTION = select(question).where(question.c.id == bindparam("of_question"))
TEXTS = select(question_text).where(question_text.c.question_id == bindparam("of_question"))
REPORTED = select(question_report.c.id).where(
    question_report.c.question_id == bindparam("of_question"),
    question_report.c.player_id == bindparam("of_player"),
)

_ids: BindParameter[int] = bindparam("question_ids", expanding=True)
QUESTIONS = select(question.c.id, question.c.key, question.c.digest, question.c.right_option).where(
    question.c.id.in_(_ids)
)
WORDS = select(question_text).where(question_text.c.question_id.in_(_ids))
