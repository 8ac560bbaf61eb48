"""Duels as they are once they have ended, written row by row and booked: for tests of what is read of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update

from db.models.duels import DuelState, Outcome, duel, duel_answer, question_set
from db.models.questions import question, question_pool, question_text
from services import ledger, wallet
from services.duels.draw import commitment, draw, pool_digest
from services.duels.ratings import rate
from services.entry_kinds import EntryKind
from services.ledger import Move, NewEntry
from services.operator_grants import GrantCredits
from services.people import Met
from services.questions.pools import wording_digest
from services.stamp import Stamp
from tests.house import House

STAKE, BOUNTY, BONUS = 500, 800, 25
SIZE = 12
"""So many questions a category has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What one player reached: right answers, of how many given, and when in milliseconds each was."""

    who: Met
    right: int = 3
    at_ms: Sequence[int] = (2_000, 4_000, 6_000, 8_000, 10_000)


async def duellist(house: House, number: int = 1, *, name: str = "Ana") -> Met:
    """Return a player who can afford some duels."""
    who = await house.player(number, name=name)
    grant = GrantCredits(db=house.db, stamps=house.stamps)
    await grant(telegram_id=number, credits=9_000, reason="duels", operator_id=1, cause=f"duels:{number}")
    return who


async def stock(house: House, category: str = "science", *languages: str) -> None:
    """Give a category its questions, in English and in more languages."""
    await house.db.transact(_stock, category, ("en", *languages), house.stamps.take())


def _stock(tx: Connection, category: str, languages: Sequence[str], stamp: Stamp) -> None:
    ids, keys = [], []
    for n in range(SIZE):
        key, right = f"{category}-{n:03}", n % 4
        options = [f"{key} {one}" for one in "abcd"]
        wording = wording_digest("en", f"en {key}?", options, right)
        row: dict[str, Any] = {"key": key, "category": category, "difficulty": "easy", "licence": "CC0-1.0"}
        row |= {"digest": wording, "right_option": right, "created_at": stamp.now}
        ids.append(tx.scalar(insert(question).values(row).returning(question.c.id)))
        keys.append((key, wording))
        for language in languages:
            source = f"https://{language}.example.org/{key}"
            words = {"question_id": ids[-1], "language": language, "source": source}
            tx.execute(insert(question_text).values(**words, text=f"{language} {key}?", options=options))
    for language in languages:
        pool = {"category": category, "language": language, "digest": pool_digest(keys), "question_ids": ids}
        tx.execute(insert(question_pool).values(pool | {"is_current": True, "created_at": stamp.now}))


async def settled(house: House, first: Side, second: Side, category: str = "science") -> tuple[int, int]:
    """Play a duel to its settlement and return the numbers of both sides; the first has won, or it is a tie."""
    return await house.db.transact(_settled, first, second, category, house.stamps.take())


async def given_back(house: House, number: int) -> None:
    """Give the stake of a lost duel back, since a question of it was bad."""
    await house.db.transact(_give_back, number, house.stamps.take())


async def ended(house: House, side: Side, state: DuelState, category: str = "science") -> int:
    """Play a duel alone until it waits, is refunded with its bonus, or is void; return its number."""
    return await house.db.transact(_ended, side, state, category, house.stamps.take())


def _settled(tx: Connection, first: Side, second: Side, category: str, stamp: Stamp) -> tuple[int, int]:
    set_row = _new_set(tx, category, stamp)
    numbers = [_new_duel(tx, set_row, side, stamp) for side in (first, second)]
    is_tie = (first.right, list(first.at_ms)) == (second.right, list(second.at_ms))
    outcomes = (Outcome.TIE, Outcome.TIE) if is_tie else (Outcome.WON, Outcome.LOST)
    for side, number, other, outcome in zip(
        (first, second), numbers, reversed(numbers), outcomes, strict=True
    ):
        facts: dict[str, Any] = {"state": DuelState.SETTLED, "outcome": outcome, "opponent_id": other}
        _end(tx, number, facts | _booked(tx, number, side, outcome, stamp), stamp)
    if first.right:
        rate(tx, first.who.player_id, second.who.player_id, outcomes[0], stamp)
    return numbers[0], numbers[1]


def _ended(tx: Connection, side: Side, state: DuelState, category: str, stamp: Stamp) -> int:
    number = _new_duel(tx, _new_set(tx, category, stamp), side, stamp)
    if state in (DuelState.REFUNDED, DuelState.VOID):
        wallet.release_hold(tx, _hold_of(tx, number), now=stamp.now)
        facts: dict[str, Any] = {"state": state, "returned": STAKE}
        if state is DuelState.VOID:
            facts["why"] = "down"
        if state is DuelState.REFUNDED:
            wallet_ = ledger.wallet_of(side.who.player_id)
            moves = [Move(ledger.PROMO, wallet_, BONUS)]
            cause = f"duel_bonus:{side.who.player_id}:{stamp.now.date()}"
            facts |= {"entry_id": _posted(tx, EntryKind.DUEL_BONUS, cause, moves, side, stamp)}
            facts["returned"] += BONUS
        _end(tx, number, facts, stamp)
    return number


def _give_back(tx: Connection, number: int, stamp: Stamp) -> None:
    player_id = tx.scalars(select(duel.c.player_id).where(duel.c.id == number)).one()
    moves, cause = [Move(ledger.HOUSE, ledger.wallet_of(player_id), STAKE)], f"duel_back:{number}"
    kind = EntryKind.DUEL_BACK
    entry = NewEntry(kind=kind, cause=cause, at=stamp.now, moves=moves, player_id=player_id)
    facts = {"back_entry_id": ledger.post(tx, entry).entry_id, "returned": STAKE}
    tx.execute(update(duel).where(duel.c.id == number).values(facts))


def _new_set(tx: Connection, category: str, stamp: Stamp) -> Any:
    pool = tx.execute(
        select(question_pool).where(question_pool.c.category == category, question_pool.c.language == "en")
    ).one()
    seed = stamp.random(f"set:{stamp.token}")
    drawn = draw(seed, pool_size=len(pool.question_ids), questions=5)
    ids = [pool.question_ids[place] for place in drawn.questions]
    row = {
        "pool_id": pool.id,
        "category": category,
        "seed": seed,
        "commitment": commitment(pool.digest, seed),
        "question_ids": ids,
        "orders": [list(order) for order in drawn.orders],
        "content": f",{','.join(map(str, sorted(ids)))},",
        "languages": ["en"],
        "is_open": False,
        "created_at": stamp.now,
    }
    return tx.execute(insert(question_set).values(row).returning(question_set)).one()


def _new_duel(tx: Connection, set_row: Any, side: Side, stamp: Stamp) -> int:
    who, last = side.who, max(side.at_ms, default=0)
    began = stamp.now - timedelta(seconds=20)
    hold_id = wallet.place_hold(
        tx, who.player_id, STAKE, cause=f"duel:{set_row.id}:{who.player_id}", now=began
    )
    row = {
        "set_id": set_row.id,
        "player_id": who.player_id,
        "chat_id": who.chat_id,
        "language": "en",
        "state": DuelState.WAITING,
        "stake": STAKE,
        "bounty": BOUNTY,
        "hold_id": hold_id,
        "created_at": began,
        "started_at": began,
        "finished_at": stamp.now,
        "answered": len(side.at_ms),
        "score": side.right,
        "time_ms": last,
    }
    number = int(tx.execute(insert(duel).values(row).returning(duel.c.id)).scalar_one())
    _answer(tx, number, set_row, side)
    return number


def _answer(tx: Connection, number: int, set_row: Any, side: Side) -> None:
    for position, at_ms in enumerate(side.at_ms):
        of = select(question.c.right_option).where(question.c.id == set_row.question_ids[position])
        right, is_right = tx.scalars(of).one(), position < side.right
        row = {"duel_id": number, "position": position, "option": right if is_right else (right + 1) % 4}
        tx.execute(insert(duel_answer).values(row | {"is_right": is_right, "at_ms": at_ms}))


def _booked(tx: Connection, number: int, side: Side, outcome: Outcome, stamp: Stamp) -> dict[str, Any]:
    hold_id, purse = _hold_of(tx, number), ledger.wallet_of(side.who.player_id)
    if outcome is Outcome.TIE:
        wallet.release_hold(tx, hold_id, now=stamp.now)
        return {"returned": STAKE}
    wallet.capture_hold(tx, hold_id, now=stamp.now)
    moves = [Move(purse, ledger.HOUSE, STAKE, from_hold=True)]
    if outcome is Outcome.LOST:
        return {
            "returned": 0,
            "entry_id": _posted(tx, EntryKind.DUEL_LOST, f"duel:{number}", moves, side, stamp),
        }
    moves.append(Move(ledger.HOUSE, purse, BOUNTY))
    entry_id = _posted(tx, EntryKind.DUEL_WON, f"duel:{number}", moves, side, stamp)
    return {"returned": BOUNTY, "entry_id": entry_id}


def _posted(tx: Connection, kind: EntryKind, cause: str, moves: list[Move], side: Side, stamp: Stamp) -> int:
    entry = NewEntry(kind=kind, cause=cause, at=stamp.now, moves=moves, player_id=side.who.player_id)
    return ledger.post(tx, entry).entry_id


def _hold_of(tx: Connection, number: int) -> int:
    return int(tx.scalars(select(duel.c.hold_id).where(duel.c.id == number)).one())


def _end(tx: Connection, number: int, facts: dict[str, Any], stamp: Stamp) -> None:
    tx.execute(update(duel).where(duel.c.id == number).values(**facts, ended_at=stamp.now))
