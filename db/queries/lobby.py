"""Statements for the way into duels and for practice: which categories there are, who plays, what stays secret."""

from sqlalchemy import bindparam, func, or_, select

from db.models.duels import DuelState, challenge, duel, question_set
from db.models.people import chat, player
from db.models.questions import QuestionState, question, question_pool, question_text

_OPEN = (DuelState.SENDING, DuelState.PLAYING, DuelState.WAITING)

POOLS = select(question_pool.c.category, question_pool.c.language, question_pool.c.question_ids).where(
    question_pool.c.language.in_(bindparam("languages", expanding=True)), question_pool.c.is_current
)
PLAYERS = (
    select(question_set.c.category, func.count().label("players"))
    .join(duel, (duel.c.set_id == question_set.c.id) & duel.c.state.in_(_OPEN))
    .group_by(question_set.c.category)
)
"""How many have an open duel, by category."""

SECRET_SETS = select(question_set.c.question_ids).where(
    or_(
        question_set.c.is_open,
        question_set.c.id.in_(select(duel.c.set_id).where(duel.c.state.in_(_OPEN))),
        question_set.c.id.in_(
            select(challenge.c.set_id).where(
                challenge.c.expires_at > bindparam("now", type_=challenge.c.expires_at.type)
            )
        ),
    )
)
"""Sets that somebody plays or may play: what is right in them is told to nobody."""

QUESTION = (
    select(
        question.c.category,
        question.c.right_option,
        question_text.c.language,
        question_text.c.text,
        question_text.c.options,
        question_text.c.source,
    )
    .join(question_text, question_text.c.question_id == question.c.id)
    .where(
        question.c.id == bindparam("of_question"),
        question.c.state == QuestionState.ACTIVE,
        question_text.c.language.in_(bindparam("languages", expanding=True)),
    )
)

BOARD = (
    select(
        duel.c.message_id,
        duel.c.started_at,
        chat.c.telegram_id,
        func.coalesce(player.c.language, player.c.telegram_language).label("language"),
    )
    .join(chat, chat.c.id == duel.c.chat_id)
    .join(player, player.c.id == duel.c.player_id)
    .where(duel.c.id == bindparam("of_duel"), duel.c.state == DuelState.PLAYING)
)
"""Where a duel that is being played is shown."""
