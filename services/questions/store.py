"""Packs and questions in the database: imported whole or not at all, and withdrawn."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from db.models.questions import QuestionState
from db.queries import questions
from db.session import announce
from services.events import Happened
from services.questions.packs import LANGUAGES, BadPack, Pack
from services.questions.plan import Banned, Known, NewQuestion, Plan, Stored, Words, plan_import
from services.questions.pools import lock_category, rebuild_pools, wording_digest
from services.stamp import Stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What the import of a pack changed, in questions."""

    category: str
    language: str
    added: int
    replaced: int
    translated: int
    withdrawn: int
    unchanged: int
    left_out: int


def import_pack(tx: Connection, pack: Pack, stamp: Stamp, *, operator_id: int | None = None) -> Imported:
    """Take a pack in and return what changed; the same pack again changes nothing.

    Args:
        operator_id: Telegram's id of who sent it, for the log.

    Raises:
        BadPack: it doesn't go with what is stored; nothing was changed.
    """
    lock_category(tx, pack.category, stamp)
    plan = _plan(tx, pack)
    if plan.problems:
        raise BadPack(plan.problems)
    return _apply(tx, pack, plan, stamp, operator_id)


def import_own(tx: Connection, pack: Pack, gone: Collection[str], stamp: Stamp) -> Imported:
    """Take in a pack that comes with the program, without questions that don't go with an operator's.

    The caller holds the category.

    Args:
        gone: the keys that it had when it was last taken in.
    """
    return _apply(tx, pack, _plan(tx, pack, gone), stamp, None)


def _plan(tx: Connection, pack: Pack, gone: Collection[str] = ()) -> Plan:
    keys = [one.key for one in pack.questions]
    elsewhere = tx.execute(questions.ELSEWHERE, {"keys": keys, "category": pack.category})
    known = Known(
        active=_active(tx, pack.category),
        banned=_banned(tx, pack.category),
        elsewhere={row.key: row.category for row in elsewhere},
    )
    return plan_import(pack, known, gone)


def _active(tx: Connection, category: str) -> Mapping[str, Stored]:
    words: dict[int, dict[str, Words]] = defaultdict(dict)
    for row in tx.execute(questions.ACTIVE_WORDS, {"category": category}):
        told = Words(text=row.text, options=tuple(row.options), source=row.source)
        words[row.question_id][row.language] = told
    return {
        row.key: Stored(
            question_id=row.id,
            key=row.key,
            difficulty=row.difficulty,
            licence=row.licence,
            right=row.right_option,
            words=words[row.id],
        )
        for row in tx.execute(questions.ACTIVE, {"category": category})
    }


def _banned(tx: Connection, category: str) -> Mapping[str, Collection[Banned]]:
    found: dict[str, list[Banned]] = defaultdict(list)
    for row in tx.execute(questions.WITHDRAWN_WORDS, {"category": category}):
        found[row.key].append(Banned(row.language, row.text, tuple(row.options), row.right_option))
    return found


def _apply(tx: Connection, pack: Pack, plan: Plan, stamp: Stamp, operator_id: int | None) -> Imported:
    if plan.is_change:
        _end(tx, plan, stamp)
        _add(tx, pack, plan, stamp)
        rebuild_pools(tx, pack.category, stamp)
    imported = Imported(
        category=pack.category,
        language=pack.language,
        added=plan.added,
        replaced=plan.replaced,
        translated=len(plan.translations),
        withdrawn=len(plan.withdrawn),
        unchanged=plan.unchanged,
        left_out=plan.left_out + len(plan.problems),
    )
    announce(tx, _happened(imported, operator_id))
    return imported


def _happened(imported: Imported, operator_id: int | None) -> Happened:
    return Happened(
        "questions_imported",
        {
            "category": imported.category,
            "language": imported.language,
            "added": imported.added,
            "replaced": imported.replaced,
            "translated": imported.translated,
            "withdrawn": imported.withdrawn,
            "left_out": imported.left_out,
            "operator": operator_id,
        },
    )


def _end(tx: Connection, plan: Plan, stamp: Stamp) -> None:
    ended = [(one.replaces, QuestionState.REPLACED) for one in plan.new if one.replaces is not None]
    ended += [(question_id, QuestionState.WITHDRAWN) for question_id in plan.withdrawn]
    if ended:
        rows = [{"question_id": one, "to_state": state, "at": stamp.now} for one, state in ended]
        tx.execute(questions.END_QUESTION, rows)


def _add(tx: Connection, pack: Pack, plan: Plan, stamp: Stamp) -> None:
    if plan.new:
        tx.execute(questions.ADD_QUESTIONS, [_row(one, pack.category, stamp) for one in plan.new])
    active = tx.execute(questions.ACTIVE, {"category": pack.category})
    ids = {row.key: row.id for row in active}
    rows = [
        _words_row(ids[one.key], language, words) for one in plan.new for language, words in one.words.items()
    ]
    rows += [_words_row(question_id, pack.language, words) for question_id, words in plan.translations]
    if rows:
        tx.execute(questions.ADD_WORDS, rows)


def _row(one: NewQuestion, category: str, stamp: Stamp) -> dict[str, Any]:
    language = next(name for name in LANGUAGES if name in one.words)
    words = one.words[language]
    return {
        "key": one.key,
        "category": category,
        "difficulty": one.difficulty,
        "licence": one.licence,
        "right_option": one.right,
        "digest": wording_digest(language, words.text, words.options, one.right),
        "created_at": stamp.now,
    }


def _words_row(question_id: int, language: str, words: Words) -> dict[str, Any]:
    return {
        "question_id": question_id,
        "language": language,
        "text": words.text,
        "options": list(words.options),
        "source": words.source,
    }


def withdraw_question(tx: Connection, question_id: int, stamp: Stamp) -> bool:
    """Let a question never be asked again, and return whether it could be until now.

    What is to become of the duels that asked it is the caller's to do, in the same transaction.
    """
    row = tx.execute(questions.QUESTION, {"question_id": question_id}).one()
    lock_category(tx, row.category, stamp)
    facts = {"question_id": question_id, "at": stamp.now}
    key = tx.scalar(questions.WITHDRAW, facts)
    if key is None:
        return False
    rebuild_pools(tx, row.category, stamp)
    announce(tx, Happened("question_withdrawn", {"question": question_id, "key": key}))
    return True
