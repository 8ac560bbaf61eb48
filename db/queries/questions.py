"""Statements about questions of quiz duels: wordings, pools, packs."""

from sqlalchemy import Insert, Update, bindparam, insert, select, update

from db.models.questions import question, question_pack, question_pool, question_text
from db.queries import upsert

_words = (
    question_text.c.question_id,
    question_text.c.language,
    question_text.c.text,
    question_text.c.options,
    question_text.c.source,
)
_of_active = question_text.join(question, question.c.id == question_text.c.question_id)

ACTIVE = select(
    question.c.id,
    question.c.key,
    question.c.difficulty,
    question.c.licence,
    question.c.right_option,
    question.c.digest,
).where(question.c.category == bindparam("category"), question.c.state == "active")
ELSEWHERE = select(question.c.key, question.c.category).where(
    question.c.key.in_(bindparam("keys", expanding=True)),
    question.c.category != bindparam("category"),
    question.c.state == "active",
)
"""A key is one question's alone, whatever its category."""
ACTIVE_WORDS = (
    select(*_words)
    .select_from(_of_active)
    .where(question.c.category == bindparam("category"), question.c.state == "active")
)
WITHDRAWN_WORDS = (
    select(question.c.key, question.c.right_option, *_words)
    .select_from(_of_active)
    .where(question.c.category == bindparam("category"), question.c.state == "withdrawn")
)
QUESTION = select(question).where(question.c.id == bindparam("question_id"))
WORDS_OF = (
    select(question.c.key, question.c.category, question.c.difficulty, question.c.right_option, *_words)
    .select_from(_of_active)
    .where(question.c.id.in_(bindparam("ids", expanding=True)))
)
ADD_QUESTIONS: Insert = insert(question).values(
    {
        name: bindparam(name)
        for name in ("key", "category", "difficulty", "licence", "right_option", "digest", "created_at")
    }
)
ADD_WORDS: Insert = insert(question_text)
END_QUESTION: Update = (
    update(question)
    .where(question.c.id == bindparam("question_id"))
    .values(state=bindparam("to_state"), ended_at=bindparam("at"))
)
WITHDRAW = (
    update(question)
    .where(question.c.id == bindparam("question_id"), question.c.state != "withdrawn")
    .values(state="withdrawn", ended_at=bindparam("at"))
    .returning(question.c.key)
)

POOL = select(question_pool).where(
    question_pool.c.category == bindparam("category"),
    question_pool.c.language == bindparam("language"),
    question_pool.c.is_current,
)
POOLS = select(question_pool).where(
    question_pool.c.category == bindparam("category"), question_pool.c.is_current
)
SIZES = select(question_pool.c.category, question_pool.c.language, question_pool.c.question_ids).where(
    question_pool.c.is_current
)
END_POOL = update(question_pool).where(question_pool.c.id == bindparam("pool_id")).values(is_current=False)
ADD_POOL = insert(question_pool).values(
    category=bindparam("category"),
    language=bindparam("language"),
    digest=bindparam("digest"),
    question_ids=bindparam("question_ids"),
    is_current=True,
    created_at=bindparam("at"),
)

PACKS = select(question_pack)
BEGIN_PACK = (
    upsert.insert(question_pack)
    .values(
        category=bindparam("category"),
        language=bindparam("language"),
        digest=b"",
        question_keys=[],
        imported_at=bindparam("at"),
    )
    .on_conflict_do_nothing()
)
LOCK_PACK = (
    select(question_pack)
    .where(
        question_pack.c.category == bindparam("category"), question_pack.c.language == bindparam("language")
    )
    .with_for_update()
)
"""Whoever changes the questions of a category holds the row of its originals."""
NOTE_PACK = (
    update(question_pack)
    .where(
        question_pack.c.category == bindparam("of_category"),
        question_pack.c.language == bindparam("of_language"),
    )
    .values(digest=bindparam("to_digest"), question_keys=bindparam("to_keys"), imported_at=bindparam("at"))
)
