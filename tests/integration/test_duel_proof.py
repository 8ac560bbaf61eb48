"""Proofs of question sets: public when nobody plays them any more, and never telling what was right too early."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select

from db.models.duels import DuelState, challenge, question_set
from services.duels.past import DuelNotFound
from services.duels.proof import ReadDuelProof, SetNotOver
from services.people import Met
from services.verify_duel import verify
from tests.house import House
from tests.past_duels import Side, duellist, ended, settled, stock


async def proof(house: House, who: Met, number: int) -> Any:
    """Return the proof that a player gets, which holds."""
    file = await ReadDuelProof(db=house.db, clock=house.clock)(player_id=who.player_id, duel_id=number)
    assert verify(file.content) is None
    return json.loads(file.content)


async def test_a_settled_duels_proof_holds_and_tells_the_words(house: House) -> None:
    await stock(house, "science", "es")
    ana, ben = await duellist(house), await duellist(house, 2, name="Ben")
    number, other = await settled(house, Side(who=ana), Side(who=ben, right=1))
    found = await proof(house, ana, number)
    assert found == await proof(house, ben, other)
    assert {one["words"]["language"] for one in found["questions"]} == {"en"}
    assert found["commitment"] == (await house.value("SELECT commitment FROM question_set")).hex()


async def test_of_a_refunded_duel_the_proof_does_not_tell_what_was_right(house: House) -> None:
    await stock(house)
    ana = await duellist(house)
    for state in (DuelState.REFUNDED, DuelState.VOID):
        found = await proof(house, ana, await ended(house, Side(who=ana), state))
        assert [one["words"] for one in found["questions"]] == [None] * 5


async def test_there_is_no_proof_while_somebody_plays_the_set_or_of_anothers_duel(house: House) -> None:
    await stock(house)
    ana, ben = await duellist(house), await duellist(house, 2, name="Ben")
    waits = await ended(house, Side(who=ana), DuelState.WAITING)
    read = ReadDuelProof(db=house.db, clock=house.clock)
    with pytest.raises(SetNotOver):
        await read(player_id=ana.player_id, duel_id=waits)
    with pytest.raises(DuelNotFound):
        await read(player_id=ben.player_id, duel_id=waits)


async def test_there_is_no_proof_of_a_challenge_that_somebody_may_still_accept(house: House) -> None:
    await stock(house)
    ana, group = await duellist(house), await house.group()
    void = await ended(house, Side(who=ana), DuelState.VOID)
    await house.db.transact(_challenge, group, house.clock.now())
    read = ReadDuelProof(db=house.db, clock=house.clock)
    with pytest.raises(SetNotOver):
        await read(player_id=ana.player_id, duel_id=void)
    house.clock.move(timedelta(minutes=11))
    await proof(house, ana, void)


def _challenge(tx: Connection, who: Met, now: datetime) -> None:
    """Make the set of the only duel one of a challenge that can be accepted for ten minutes."""
    set_id = tx.scalars(select(question_set.c.id)).one()
    row = {"set_id": set_id, "token": "x", "chat_id": who.chat_id, "player_id": who.player_id}
    times = {"created_at": now, "expires_at": now + timedelta(minutes=10)}
    tx.execute(insert(challenge).values(**row, **times))
