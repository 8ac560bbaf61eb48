"""Questions as they are drawn and read: pools by category and language, and wordings."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row

from db.queries import questions
from services.duels.draw import pool_digest
from services.questions.packs import LANGUAGES, ORIGINAL
from services.stamp import Stamp

_PREFERRED: Final = {language: rank for rank, language in enumerate(LANGUAGES)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """The questions of a category that have words in a language, ordered by key, as they are for a while."""

    pool_id: int
    digest: bytes
    question_ids: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A question in a language; options and ``right`` (a place, from 0) in the order of its pack."""

    question_id: int
    key: str
    category: str
    difficulty: str
    language: str
    text: str
    options: Sequence[str]
    right: int
    source: str


def wording_digest(language: str, text: str, options: Sequence[str], right: int) -> bytes:
    """Return the hash of a question's words, which its pool's digest binds; see docs/questions.md."""
    facts = {"language": language, "options": list(options), "question": text, "right": right}
    return hashlib.sha256(json.dumps(facts, sort_keys=True, separators=(",", ":")).encode()).digest()


def current_pool(tx: Connection, category: str, language: str) -> Pool | None:
    """Return what is drawn from now, or None if the category has no words in the language."""
    row = tx.execute(questions.POOL, {"category": category, "language": language}).first()
    if row is None:
        return None
    return Pool(pool_id=row.id, digest=row.digest, question_ids=row.question_ids)


def wordings(tx: Connection, question_ids: Sequence[int], language: str) -> list[Wording]:
    """Return questions in their order, in a language; those that lack it in English, else as they are."""
    best: dict[int, Row[Any]] = {}
    for row in tx.execute(questions.WORDS_OF, {"ids": list(question_ids)}):
        known = best.get(row.question_id)
        if known is None or _rank(row.language, language) < _rank(known.language, language):
            best[row.question_id] = row
    return [_wording(best[question_id]) for question_id in question_ids]


def _rank(language: str, wanted: str) -> int:
    return -1 if language == wanted else _PREFERRED.get(language, len(_PREFERRED))


def _wording(row: Row[Any]) -> Wording:
    return Wording(
        question_id=row.question_id,
        key=row.key,
        category=row.category,
        difficulty=row.difficulty,
        language=row.language,
        text=row.text,
        options=row.options,
        right=row.right_option,
        source=row.source,
    )


def lock_category(tx: Connection, category: str, stamp: Stamp) -> None:
    """Let nobody else change a category's questions before this transaction ends."""
    row = {"category": category, "language": ORIGINAL}
    tx.execute(questions.BEGIN_PACK, row | {"at": stamp.now})
    tx.execute(questions.LOCK_PACK, row)


def rebuild_pools(tx: Connection, category: str, stamp: Stamp) -> None:
    """Make the pools of a locked category what its active questions are; those that didn't change stay."""
    now = {row.language: row for row in tx.execute(questions.POOLS, {"category": category})}
    active = {row.id: row for row in tx.execute(questions.ACTIVE, {"category": category})}
    spoken: dict[str, list[Row[Any]]] = {language: [] for language in now}
    for words in tx.execute(questions.ACTIVE_WORDS, {"category": category}):
        spoken.setdefault(words.language, []).append(active[words.question_id])
    for language, members in sorted(spoken.items()):
        members.sort(key=lambda one: str(one.key))
        _replace_pool(tx, now.get(language), category, language, members, stamp)


def _replace_pool(
    tx: Connection,
    pool: Row[Any] | None,
    category: str,
    language: str,
    members: Sequence[Row[Any]],
    stamp: Stamp,
) -> None:
    ids = [one.id for one in members]
    if pool is not None and pool.question_ids == ids:
        return
    if pool is not None:
        tx.execute(questions.END_POOL, {"pool_id": pool.id})
    if members:
        digest = pool_digest([(one.key, one.digest) for one in members])
        row = {"category": category, "language": language, "digest": digest, "question_ids": ids}
        tx.execute(questions.ADD_POOL, row | {"at": stamp.now})
