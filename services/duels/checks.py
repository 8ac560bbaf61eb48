"""What the audit looks at of duels beyond the books: every draw, every judged answer, every question's words."""

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import Connection

from db.queries import audit_duels
from services.duels.proof import set_proof
from services.questions.pools import wording_digest
from services.verify_duel import verify


def first_bad_set(tx: Connection) -> Mapping[str, object] | None:
    """Return a set of questions that isn't what its seed draws from its pool, judged by its proof alone."""
    questions = {row.id: row for row in tx.execute(audit_duels.QUESTIONS)}
    for row in tx.execute(audit_duels.SETS):
        problem = verify(set_proof(row, questions, {}))
        if problem is not None:
            return {"set": row.id, "problem": problem}
    return None


def first_bad_answer(tx: Connection) -> Mapping[str, object] | None:
    """Return an answer that wasn't judged by what is right."""
    right = {row.id: row.right_option for row in tx.execute(audit_duels.QUESTIONS)}
    for row in tx.execute(audit_duels.ANSWERS):
        if row.is_right != (row.option == right[row.question_ids[row.position]]):
            return {"duel": row.duel_id, "position": row.position}
    return None


def first_bad_words(tx: Connection) -> Mapping[str, object] | None:
    """Return a question that has no words to which its hash belongs."""
    hashes = defaultdict(set)
    for row in tx.execute(audit_duels.WORDS):
        hashes[row.question_id].add(wording_digest(row.language, row.text, row.options, row.right_option))
    for row in tx.execute(audit_duels.QUESTIONS):
        if row.digest not in hashes[row.id]:
            return {"question": row.id, "key": row.key}
    return None


CHECKS = {
    "every set of questions can be drawn again": first_bad_set,
    "every answer was judged by what is right": first_bad_answer,
    "every question has the words of its hash": first_bad_words,
}
