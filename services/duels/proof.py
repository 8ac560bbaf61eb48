"""The proof of a question set as a JSON file, once nobody plays it any more; see ``verify_duel``."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Connection, Row

from db.queries import duel_past
from db.session import Database
from services.duels.draw import SCHEME
from services.duels.past import own_duel
from services.errors import UserError
from services.ports import Clock
from services.proof import proof_file
from services.questions.pools import wording_digest


class SetNotOver(UserError):
    """Somebody still plays these questions, or may; their seed is secret."""

    code: ClassVar[str] = "set_not_over"


@dataclass(frozen=True, slots=True, kw_only=True)
class DuelProof:
    """A proof as a file to be sent."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDuelProof:
    """Make the proof of the questions of a player's duel."""

    db: Database
    clock: Clock

    async def __call__(self, *, player_id: int, duel_id: int) -> DuelProof:
        """Return it; what was right is in that of a settled duel alone.

        Raises:
            DuelNotFound: the player has no such duel.
            SetNotOver: it isn't public yet.
        """
        return await self.db.read(_proof, player_id, duel_id, self.clock.now())


def _proof(tx: Connection, player_id: int, duel_id: int, now: datetime) -> DuelProof:
    duel = own_duel(tx, player_id, duel_id)
    found = tx.execute(duel_past.SET_WHEN_OVER, {"of_set": duel.set_id, "now": now}).first()
    if found is None:
        raise SetNotOver
    pool = {row.id: row for row in tx.execute(duel_past.QUESTIONS, {"question_ids": found.pool_ids})}
    words = dict(original_words(tx, found, pool)) if duel.state == "settled" else {}
    content = proof_file(set_proof(found, pool, words))
    return DuelProof(name=f"potluck-duel-set-{found.id}.json", content=content)


def set_proof(
    found: Row[Any], pool: Mapping[int, Row[Any]], words: Mapping[int, Mapping[str, object]]
) -> dict[str, object]:
    """Return the proof of a set (with its pool); of questions without ``words`` it says their hashes alone."""
    asked = zip(found.question_ids, found.orders, strict=True)
    return {
        "scheme": SCHEME,
        "set": found.id,
        "category": found.category,
        "commitment": found.commitment.hex(),
        "seed": found.seed.hex(),
        "pool": [[pool[one].key, pool[one].digest.hex()] for one in found.pool_ids],
        "questions": [
            {"key": pool[one].key, "order": order, "words": words.get(one)} for one, order in asked
        ],
    }


def original_words(
    tx: Connection, found: Row[Any], pool: Mapping[int, Row[Any]]
) -> Iterator[tuple[int, dict[str, object]]]:
    """Give the words of a set's questions to which their hashes belong: those in their first language."""
    for row in tx.execute(duel_past.WORDS, {"question_ids": found.question_ids}):
        question = pool[row.question_id]
        hashed = wording_digest(row.language, row.text, row.options, question.right_option)
        if hashed == question.digest:
            facts = {"language": row.language, "question": row.text, "options": row.options}
            yield row.question_id, facts | {"right": question.right_option}
