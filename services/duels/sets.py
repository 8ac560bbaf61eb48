"""Question sets: drawn from a pool, joined by an opponent, locked before anything about their duels changes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from sqlalchemy import Connection, Row

from db.queries import duels
from services.duels.draw import SEED_BYTES, Drawn, commitment, draw
from services.errors import UserError
from services.questions.packs import LANGUAGES, ORIGINAL
from services.rules import DuelRules
from services.stamp import Stamp

SEEDS_TRIED: Final = 100
SEATS_TRIED: Final = 50
FALLBACK: Final = ORIGINAL


class NoNewQuestions(UserError):
    """The category has no set of questions that the player hasn't had."""

    code: ClassVar[str] = "no_new_questions"


@dataclass(frozen=True, slots=True)
class Seat:
    """A set that a player is to play, and the language of its words."""

    set_id: int
    language: str


@dataclass(frozen=True, slots=True)
class Table:
    """A set and the duels on it; nobody else changes any of them before this transaction ends."""

    set: Row[Any]
    duels: Sequence[Row[Any]]

    def duel(self, duel_id: int) -> Row[Any]:
        """Return one of its duels."""
        return next(one for one in self.duels if one.id == duel_id)

    def other_than(self, duel_id: int) -> Row[Any] | None:
        """Return the other duel that is still open, if there is one."""
        others = [one for one in self.duels if one.id != duel_id and one.state in duels.OPEN]
        return others[0] if others else None


def lock_table(tx: Connection, set_id: int) -> Table:
    """Return a set with its duels, locked: always before players, and these in order of their ids."""
    row = tx.execute(duels.LOCK_SET, {"of_set": set_id}).one()
    return Table(row, tx.execute(duels.DUELS_OF_SET, {"of_set": set_id}).all())


def table_of(tx: Connection, duel_id: int) -> Table | None:
    """Return the set of a duel with all its duels, locked; None if there is no such duel."""
    set_id = tx.scalar(duels.SET_OF_DUEL, {"of_duel": duel_id})
    return None if set_id is None else lock_table(tx, set_id)


def take_seat(
    tx: Connection, player_id: int, category: str, language: str, rules: DuelRules, stamp: Stamp
) -> Seat | None:
    """Take the seat beside somebody who plays or waits, if there is one for this player; nobody else gets it."""
    wanted = {
        "of_category": category,
        "of_player": player_id,
        "started_after": stamp.now - rules.room_within,
        "met_after": stamp.now - rules.again_after,
        "of_stake": rules.stake,
        "of_bounty": rules.bounty,
        "most": SEATS_TRIED,
    }
    for seat in tx.execute(duels.SEATS, wanted).all():
        if language in seat.languages and tx.execute(duels.TAKE_SEAT, {"of_set": seat.id}).first():
            tx.execute(duels.OPEN_SEAT, {"of_set": seat.id, "to_open": False})
            return Seat(seat.id, language)
    return None


def offer_seat(tx: Connection, table: Table) -> None:
    """Let somebody else join a set, now that one of its duels ended without an outcome and one goes on."""
    if tx.execute(duels.CHALLENGE_OF_SET, {"of_set": table.set.id}).first() is None:
        tx.execute(duels.OPEN_SEAT, {"of_set": table.set.id, "to_open": True})


def close_seat(tx: Connection, table: Table) -> None:
    """Let nobody join a set any more."""
    tx.execute(duels.OPEN_SEAT, {"of_set": table.set.id, "to_open": False})


def draw_set(
    tx: Connection,
    player_id: int,
    category: str,
    language: str,
    rules: DuelRules,
    stamp: Stamp,
    *,
    is_open: bool = True,
) -> Row[Any]:
    """Draw and store a set that a player hasn't had, from his language's pool, or from the English one.

    Raises:
        NoNewQuestions: there is none.
    """
    for pool_language in dict.fromkeys((language, FALLBACK)):
        facts = {"of_category": category, "of_language": pool_language}
        pool = tx.execute(duels.SHARE_POOL, facts).first()
        if pool is None or len(pool.question_ids) < rules.questions:
            continue
        for number in range(SEEDS_TRIED):
            seed = stamp.random(f"duel:{player_id}:{number}", SEED_BYTES)
            drawn = draw(seed, pool_size=len(pool.question_ids), questions=rules.questions)
            ids = [pool.question_ids[place] for place in drawn.questions]
            if not has_played(tx, player_id, content_of(ids)):
                return _store(tx, pool, category, seed, drawn, ids, stamp, is_open=is_open)
    raise NoNewQuestions


def _store(
    tx: Connection,
    pool: Row[Any],
    category: str,
    seed: bytes,
    drawn: Drawn,
    ids: Sequence[int],
    stamp: Stamp,
    *,
    is_open: bool,
) -> Row[Any]:
    row = {
        "pool_id": pool.id,
        "category": category,
        "seed": seed,
        "commitment": commitment(pool.digest, seed),
        "question_ids": list(ids),
        "orders": [list(order) for order in drawn.orders],
        "content": content_of(ids),
        "languages": languages_of(tx, ids),
        "is_open": is_open,
        "created_at": stamp.now,
    }
    return tx.execute(duels.ADD_SET, row).one()


def reading_language(code: str) -> str:
    """Return the language in which somebody reads questions, by Telegram's code: that of es-MX is es, else English."""
    primary = code.replace("_", "-").partition("-")[0].lower()
    return primary if primary in LANGUAGES else FALLBACK


def language_in(languages: Collection[str], language: str) -> str:
    """Return the language in which a player plays a set: his own, else English."""
    return language if language in languages else FALLBACK


def content_of(question_ids: Collection[int]) -> str:
    """Return the name of a set's questions, whatever their order; each number stands between commas."""
    return f",{','.join(str(one) for one in sorted(question_ids))},"


def has_played(tx: Connection, player_id: int, content: str) -> bool:
    """Return whether a player ever had a set of these questions."""
    return tx.scalar(duels.PLAYED_CONTENT, {"of_player": player_id, "of_content": content}) is not None


def languages_of(tx: Connection, question_ids: Sequence[int]) -> list[str]:
    """Return the languages in which all these questions have words."""
    known: dict[str, int] = {}
    for row in tx.execute(duels.LANGUAGES_OF_QUESTIONS, {"ids": list(question_ids)}):
        known[row.language] = known.get(row.language, 0) + 1
    return sorted(language for language, count in known.items() if count == len(question_ids))
