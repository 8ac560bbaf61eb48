"""What duels must have come to, reckoned anew from answers and rows, without a line of the product's rules."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from itertools import pairwise
from typing import Any

from sqlalchemy import Row, select

from db.models.books import entry
from db.models.duels import duel, duel_answer, question_set
from db.models.questions import question_pool
from tests.duels import Arena
from tests.house import House

STAKE, BOUNTY, BONUS = 500, 800, 25


@dataclass(kw_only=True)
class Sums:
    """What each player gained or lost, and what house and promo must have."""

    players: Counter[int] = field(default_factory=Counter)
    house: int = 0
    promo: int = 0
    ends: Counter[str] = field(default_factory=Counter)


async def check_duels(
    house: House, *, budget: int, again_after: timedelta, at_first: Mapping[int, int]
) -> Sums:
    """Compare every duel, every wallet and both system accounts with what they must be; return the sums."""
    rows = await house.db.read(lambda tx: tx.execute(select(duel).order_by(duel.c.id)).all())
    sets = {row.id: row for row in await house.db.read(lambda tx: tx.execute(select(question_set)).all())}
    scores = await _scores(house, rows)
    sums = Sums()
    by_id = {row.id: row for row in rows}
    for row in rows:
        _check_one(row, by_id, scores, sums)
    await _check_bonuses(house, rows, sums, budget)
    _check_sets(rows, sets, again_after, by_id)
    await _check_seeds(house, sets)
    wallets = "SELECT owner_id, balance, held FROM account WHERE kind = 'player'"
    for wallet in await house.rows(wallets):
        wanted = at_first[wallet.owner_id] + sums.players[wallet.owner_id]
        assert (wallet.balance, wallet.held) == (wanted, 0), wallet
    arena = Arena(house=house)
    assert await arena.sum_of("house") == sums.house
    assert await arena.sum_of("promo") == sums.promo - sum(at_first.values())
    return sums


async def _scores(house: House, rows: Any) -> dict[int, tuple[int, int]]:
    """Return right answers and the time to the last one, of each duel."""
    answers = await house.db.read(lambda tx: tx.execute(select(duel_answer)).all())
    found: dict[int, list[Row[Any]]] = defaultdict(list)
    for answer in answers:
        assert answer.is_right == (answer.option == 0)
        assert 0 <= answer.at_ms <= 18_000
        found[answer.duel_id].append(answer)
    for row in rows:
        assert sorted(one.position for one in found[row.id]) == list(range(row.answered))
    return {
        row.id: (
            sum(one.is_right for one in found[row.id]),
            max((one.at_ms for one in found[row.id]), default=0),
        )
        for row in rows
    }


def _check_one(row: Row[Any], rows: Mapping[int, Row[Any]], scores: Any, sums: Sums) -> None:
    sums.ends[row.outcome or row.why or row.state] += 1
    if row.state != "settled":
        assert row.state in {"refunded", "void"}
        assert (row.outcome, row.opponent_id, row.back_entry_id) == (None, None, None)
        assert row.returned == STAKE + (BONUS if row.entry_id else 0)
        return
    other = rows[row.opponent_id]
    assert (other.opponent_id, other.set_id) == (row.id, row.set_id)
    assert other.player_id != row.player_id
    mine, theirs = scores[row.id], scores[other.id]
    better = (mine[0], -mine[1]) > (theirs[0], -theirs[1])
    if mine == theirs or mine[0] == theirs[0] == 0:
        assert (row.outcome, row.returned, row.entry_id) == ("tie", STAKE, None)
    elif better:
        assert (row.outcome, row.returned) == ("won", BOUNTY)
        sums.players[row.player_id] += BOUNTY - STAKE
        sums.house += 2 * STAKE - BOUNTY
    else:
        assert (row.outcome, row.returned) == ("lost", STAKE if row.back_entry_id else 0)
        sums.players[row.player_id] -= STAKE
    if row.back_entry_id:
        sums.ends["back"] += 1
        sums.players[row.player_id] += STAKE
        sums.house -= STAKE


async def _check_bonuses(house: House, rows: Any, sums: Sums, budget: int) -> None:
    given = select(entry.c.id, entry.c.player_id, entry.c.at).where(entry.c.kind == "duel_bonus")
    bonuses = await house.db.read(lambda tx: tx.execute(given).all())
    days: Counter[Any] = Counter(one.at.date() for one in bonuses)
    had = {(one.player_id, one.at.date()) for one in bonuses}
    assert len(had) == len(bonuses), "two bonuses on one day"
    assert all(count * BONUS <= budget for count in days.values())
    assert {one.id for one in bonuses} == {row.entry_id for row in rows if row.state == "refunded"} - {None}
    for one in bonuses:
        sums.players[one.player_id] += BONUS
        sums.promo -= BONUS
    for row in rows:
        if row.state == "refunded" and row.entry_id is None and row.answered:
            day = row.ended_at.date()
            assert (row.player_id, day) in had or (days[day] + 1) * BONUS > budget, row
        assert row.state != "refunded" or row.answered or row.entry_id is None


def _check_sets(rows: Any, sets: Any, again_after: timedelta, by_id: Any) -> None:
    """Nobody had a set twice, nor met somebody again too soon."""
    played = [(row.player_id, sets[row.set_id].content) for row in rows]
    assert len(set(played)) == len(played)
    met: dict[tuple[int, int], list[Any]] = defaultdict(list)
    for row in rows:
        if row.opponent_id:
            met[row.player_id, by_id[row.opponent_id].player_id].append(row)
    for pairs in met.values():
        pairs.sort(key=lambda row: row.created_at)
        for before, after in pairwise(pairs):
            later = max(after.created_at, by_id[after.opponent_id].created_at)
            assert later >= before.ended_at + again_after
    assert not any(one.is_open for one in sets.values())


async def _check_seeds(house: House, sets: Any) -> None:
    pools = {
        row.id: row.digest for row in await house.db.read(lambda tx: tx.execute(select(question_pool)).all())
    }
    for one in sets.values():
        assert one.commitment == sha256(b"duel/v1|" + pools[one.pool_id] + b"|" + one.seed).digest()
