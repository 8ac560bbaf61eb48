"""Statements of quiz duels: sets, seats, duels, answers, challenges."""

from sqlalchemy import bindparam, insert, select, update

from db.models.books import entry
from db.models.duels import DuelState, challenge, duel, duel_answer, question_set
from db.models.people import player
from db.models.questions import question, question_pool, question_text
from db.models.transport import InboxState, inbox
from db.queries import upsert

OPEN = (DuelState.SENDING, DuelState.PLAYING, DuelState.WAITING)

SHARE_POOL = (
    select(question_pool.c.id, question_pool.c.digest, question_pool.c.question_ids)
    .where(
        question_pool.c.category == bindparam("of_category"),
        question_pool.c.language == bindparam("of_language"),
        question_pool.c.is_current,
    )
    .with_for_update(read=True)
)
"""Nobody withdraws a question of it before this transaction ends."""
LANGUAGES_OF_QUESTIONS = select(question_text.c.question_id, question_text.c.language).where(
    question_text.c.question_id.in_(bindparam("ids", expanding=True))
)
TEXT_OF_QUESTION = select(question_text.c.text, question_text.c.options).where(
    question_text.c.question_id == bindparam("of_question"),
    question_text.c.language == bindparam("of_language"),
)
RIGHT_OPTION = select(question.c.right_option).where(question.c.id == bindparam("of_question"))

ADD_SET = (
    insert(question_set)
    .values(
        {
            name: bindparam(name)
            for name in (
                "pool_id",
                "category",
                "seed",
                "commitment",
                "question_ids",
                "orders",
                "content",
                "languages",
                "is_open",
                "created_at",
            )
        }
    )
    .returning(question_set)
)
SET_OF_DUEL = select(duel.c.set_id).where(duel.c.id == bindparam("of_duel"))
SET = select(question_set).where(question_set.c.id == bindparam("of_set"))
LOCK_SET = SET.with_for_update()
OPEN_SEAT = (
    update(question_set)
    .where(question_set.c.id == bindparam("of_set"), question_set.c.is_open != bindparam("to_open"))
    .values(is_open=bindparam("to_open"))
)
_mine, _met, _played = duel.alias("mine"), duel.alias("met"), question_set.alias("played")
SEATS = (
    select(question_set.c.id, question_set.c.languages)
    .join(duel, (duel.c.set_id == question_set.c.id) & duel.c.state.in_(OPEN[1:]))
    .where(
        question_set.c.is_open,
        question_set.c.category == bindparam("of_category"),
        duel.c.player_id != bindparam("of_player"),
        duel.c.started_at >= bindparam("started_after", type_=duel.c.started_at.type),
        ~duel.c.was_down,
        duel.c.stake == bindparam("of_stake"),
        duel.c.bounty == bindparam("of_bounty"),
        ~select(_mine.c.id)
        .join(_played, _played.c.id == _mine.c.set_id)
        .where(_mine.c.player_id == bindparam("of_player"), _played.c.content == question_set.c.content)
        .exists(),
        ~select(_mine.c.id)
        .join(_met, _met.c.id == _mine.c.opponent_id)
        .where(
            _mine.c.player_id == bindparam("of_player"),
            _met.c.player_id == duel.c.player_id,
            _mine.c.ended_at > bindparam("met_after", type_=duel.c.ended_at.type),
        )
        .exists(),
    )
    .order_by(question_set.c.id)
    .limit(bindparam("most"))
)
"""Sets with room for this player, the oldest first."""
TAKE_SEAT = (
    select(question_set)
    .where(question_set.c.id == bindparam("of_set"), question_set.c.is_open)
    .with_for_update(skip_locked=True)
)
PLAYED_CONTENT = (
    select(duel.c.id)
    .join(question_set, question_set.c.id == duel.c.set_id)
    .where(duel.c.player_id == bindparam("of_player"), question_set.c.content == bindparam("of_content"))
    .limit(1)
)
MET_SINCE = (
    select(_mine.c.id)
    .join(_met, _met.c.id == _mine.c.opponent_id)
    .where(
        _mine.c.player_id == bindparam("of_player"),
        _met.c.player_id == bindparam("of_other"),
        _mine.c.ended_at > bindparam("met_after", type_=duel.c.ended_at.type),
    )
    .limit(1)
)

ADD_DUEL = (
    upsert.insert(duel)
    .values(
        {
            name: bindparam(name)
            for name in (
                "set_id",
                "player_id",
                "chat_id",
                "thread_id",
                "language",
                "stake",
                "bounty",
                "hold_id",
                "created_at",
            )
        }
        | {"state": DuelState.SENDING.value}
    )
    .on_conflict_do_nothing()
    .returning(duel.c.id)
)
DUEL = select(duel).where(duel.c.id == bindparam("of_duel"))
DUELS_OF_SET = select(duel).where(duel.c.set_id == bindparam("of_set")).order_by(duel.c.id)
OPEN_DUEL = select(duel).where(duel.c.player_id == bindparam("of_player"), duel.c.state.in_(OPEN))
BEGIN_DUEL = (
    update(duel)
    .where(duel.c.id == bindparam("of_duel"), duel.c.state == DuelState.SENDING)
    .values(
        state=DuelState.PLAYING.value,
        shown_by=bindparam("to_shown_by"),
        message_id=bindparam("to_message_id"),
        started_at=bindparam("at"),
    )
    .returning(duel)
)
COUNT_ANSWER = (
    update(duel)
    .where(duel.c.id == bindparam("of_duel"), duel.c.state == DuelState.PLAYING)
    .values(answered=bindparam("to_answered"), score=bindparam("to_score"), time_ms=bindparam("to_time_ms"))
    .returning(duel.c.id)
)
ADD_ANSWER = insert(duel_answer)
FINISH_DUEL = (
    update(duel)
    .where(duel.c.id == bindparam("of_duel"), duel.c.state == DuelState.PLAYING)
    .values(state=DuelState.WAITING.value, finished_at=bindparam("at"))
    .returning(duel.c.id)
)
END_DUEL = (
    update(duel)
    .where(duel.c.id == bindparam("of_duel"), duel.c.state.in_(OPEN))
    .values(
        state=bindparam("to_state"),
        outcome=bindparam("to_outcome"),
        opponent_id=bindparam("to_opponent_id"),
        returned=bindparam("to_returned"),
        why=bindparam("to_why"),
        entry_id=bindparam("to_entry_id"),
        ended_at=bindparam("at"),
    )
    .returning(duel.c.id)
)
MARK_DOWN = (
    update(duel)
    .where(
        duel.c.shown_by == bindparam("of_owner"),
        duel.c.state == DuelState.PLAYING,
        duel.c.started_at < bindparam("started_before"),
        duel.c.started_at > bindparam("started_after"),
    )
    .values(was_down=True)
    .returning(duel.c.id)
)
PRESSES_UNDER_WAY = (
    select(inbox.c.id)
    .where(
        inbox.c.lane == bindparam("of_lane"),
        inbox.c.state == InboxState.WAITING,
        inbox.c.received_at <= bindparam("until"),
    )
    .limit(1)
)

ENTRY_OF_CAUSE = select(entry.c.id).where(entry.c.cause == bindparam("of_cause"))

_has_question = question_set.c.content.like(bindparam("with_question"))
DOUBTFUL_LOST = (
    select(duel, question_set.c.category)
    .join(question_set, question_set.c.id == duel.c.set_id)
    .where(
        duel.c.state == DuelState.SETTLED,
        duel.c.ended_at >= bindparam("since"),
        duel.c.outcome == "lost",
        duel.c.back_entry_id.is_(None),
        _has_question,
    )
    .order_by(duel.c.player_id, duel.c.id)
    .limit(bindparam("most"))
)
DOUBTFUL_OPEN = (
    select(duel.c.id)
    .join(question_set, question_set.c.id == duel.c.set_id)
    .where(duel.c.state.in_(OPEN), _has_question)
    .order_by(duel.c.id)
    .limit(bindparam("most"))
)
SET_BACK = (
    update(duel)
    .where(duel.c.id == bindparam("of_duel"), duel.c.back_entry_id.is_(None))
    .values(back_entry_id=bindparam("to_entry_id"), returned=bindparam("to_returned"))
    .returning(duel.c.id)
)

CHALLENGE = select(challenge).where(challenge.c.token == bindparam("of_token"))
CHALLENGE_OF_SET = select(challenge).where(challenge.c.set_id == bindparam("of_set"))
ACCEPT_CHALLENGE = (
    update(challenge)
    .where(challenge.c.id == bindparam("of_challenge"), challenge.c.rival_id.is_(None))
    .values(rival_id=bindparam("to_rival_id"))
    .returning(challenge.c.id)
)
FREE_CHALLENGE = (
    update(challenge)
    .where(challenge.c.set_id == bindparam("of_set"), challenge.c.rival_id == bindparam("of_rival"))
    .values(rival_id=None)
)
PEOPLE_OF_SET = (
    select(duel.c.id, player.c.name, player.c.alias, player.c.hidden)
    .join(player, player.c.id == duel.c.player_id)
    .where(duel.c.set_id == bindparam("of_set"))
)
