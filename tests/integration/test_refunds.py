"""Refunds on both databases: exactly what was put in, to each player once, whatever happens in between."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from services.people import Met
from services.refunds import lock_round, refund_round
from services.rounds import RoundMissing
from services.timers import RunResult
from tests.house import NEVER_WON, UNGUARDED, House

OWED = "SELECT COALESCE(SUM(amount), 0) FROM refund_due WHERE entry_id IS NULL"
ROUNDS = (
    "SELECT outcome, carried_in FROM round r JOIN pot p ON p.id = r.pot_id WHERE p.chat_id = :id ORDER BY k"
)


async def owe(house: House, who: Met) -> int:
    """Refund the round of a group, as when the bot has been away from it for too long."""
    pot_id = await house.value("SELECT id FROM pot WHERE chat_id = :id", id=who.chat_id)
    locked = await house.db.transact(lock_round, pot_id)
    return (await house.db.transact(refund_round, pot_id, locked.row.id, house.stamps.take())).credits


async def friends(house: House) -> tuple[Met, Met]:
    """Return Ana and Ben in a group, after each of them has paid there; Ben never wrote in private."""
    house.rules = replace(UNGUARDED, pot=NEVER_WON)
    await house.player()
    ana, ben = await house.group(), await house.group(player=2)
    for who in (ana, ben, ana):
        await house.pay(who)
    return ana, ben


async def test_everybody_gets_back_what_he_put_in_gifts_included_and_the_house_keeps_its_part(
    house: House,
) -> None:
    ana, ben = await friends(house)
    await house.gift(ben, 100)
    before = [await house.wallet(who) for who in (ana, ben)]
    assert before == [(985, 0), (895, 0)]
    assert await owe(house, ana) == 5 + 5 + 9 + 100
    assert [await house.wallet(who) for who in (ana, ben)] == before
    assert await house.value(OWED) == 119
    assert [run.result for run in await house.tick()] == [RunResult.DONE]
    assert [await house.wallet(who) for who in (ana, ben)] == [(985 + 14, 0), (895 + 105, 0)]
    assert await house.value(OWED) == 0


async def test_what_was_carried_in_stays_as_the_seed_of_the_next_round(house: House) -> None:
    ana, ben = await friends(house)
    await house.reset(ana, "reset_carry")
    await house.gift(ben, 50)
    assert await owe(house, ana) == 50
    rounds = await house.rows(ROUNDS, id=ana.chat_id)
    assert [tuple(row) for row in rounds] == [("carried", 0), ("refunded", 19), (None, 19)]
    await house.tick()
    assert await house.wallet(ben) == (995, 0)


async def test_players_who_can_be_reached_are_told_in_private_with_a_receipt_and_the_group_at_the_end(
    house: House,
) -> None:
    ana, ben = await friends(house)
    await owe(house, ana)
    assert (house.told("refund_paid"), house.told("refund_all_paid")) == ([], [])
    await house.tick()
    (told,) = house.told("refund_paid")  # Ben has no private chat
    receipt = await house.value("SELECT id FROM entry WHERE kind = 'refund' AND player_id = 1")
    expected = {"credits": 14, "balance": 999, "receipt": receipt, "round": 1, "title": "Friends"}
    assert told == expected
    assert house.told("refund_all_paid") == [{"credits": 19, "n": 2, "round": 1}]
    key = f"g:{ana.chat_id}"
    assert house.happened("refund") == [{"pot": key, "round": 1, "amount": 19, "players": 2}]
    assert await house.wallet(ben) == (1_000, 0)


async def test_who_has_blocked_the_bot_is_paid_and_not_written_to(house: House) -> None:
    ana, _ = await friends(house)
    await house.write("UPDATE chat SET reach = 'blocked' WHERE telegram_id = 1")
    await house.write("UPDATE chat SET reach = 'kicked' WHERE id = :id", id=ana.chat_id)
    await owe(house, ana)
    await house.tick()
    assert (house.told("refund_paid"), house.told("refund_all_paid")) == ([], [])
    assert await house.wallet(ana) == (999, 0)


async def test_a_round_that_nobody_fed_closes_and_owes_nothing(house: House) -> None:
    ana = await house.group()
    assert await owe(house, ana) == 0
    assert await house.tick() == []
    assert await house.value("SELECT COUNT(*) FROM round WHERE outcome = 'refunded'") == 1


async def test_a_round_is_refunded_once(house: House) -> None:
    ana, _ = await friends(house)
    pot_id = await house.value("SELECT id FROM pot WHERE chat_id = :id", id=ana.chat_id)
    locked = await house.db.transact(lock_round, pot_id)
    jobs = [house.db.transact(refund_round, pot_id, locked.row.id, house.stamps.take()) for _ in range(4)]
    done = await asyncio.gather(*jobs, return_exceptions=True)
    assert [type(one) for one in done].count(RoundMissing) == 3
    await house.tick()
    assert await house.value("SELECT COUNT(*) FROM entry WHERE kind = 'refund'") == 2


async def test_t61_two_replicas_pay_a_refund_once(house: House) -> None:
    ana, ben = await friends(house)
    await owe(house, ana)
    await asyncio.gather(*(house.tick(house.other_worker(owner)) for owner in ("one", "two", "three")))
    await house.tick()
    assert [await house.wallet(who) for who in (ana, ben)] == [(999, 0), (1_000, 0)]
    assert await house.value("SELECT COUNT(*) FROM entry WHERE kind = 'refund'") == 2
    assert len(house.happened("refund")) == 1
    assert await house.value("SELECT COUNT(*) FROM outbox WHERE notice = 'refund_all_paid'") == 1


async def test_a_refund_is_paid_batch_by_batch_each_player_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.refunds.BATCH", 1)
    ana, ben = await friends(house)
    await owe(house, ana)
    assert [run.result for run in await house.tick()] == [RunResult.MORE, RunResult.MORE, RunResult.DONE]
    assert [await house.wallet(who) for who in (ana, ben)] == [(999, 0), (1_000, 0)]
    assert house.told("refund_all_paid") == [{"credits": 19, "n": 2, "round": 1}]


async def test_a_refund_that_is_being_paid_is_in_order_for_the_audit(house: House) -> None:
    ana, _ = await friends(house)
    await owe(house, ana)
    assert await house.value(OWED) == 19  # the fixture audits the books as they stand


@pytest.mark.parametrize("way", ["message", "gift"])
async def test_what_is_paid_while_a_round_is_refunded_goes_into_one_of_the_two(
    house: House, way: str
) -> None:
    ana, ben = await friends(house)
    if way == "message":
        await house.say(ben)
    pay = house.settle() if way == "message" else house.gift(ben, 20)
    await asyncio.gather(pay, owe(house, ana), return_exceptions=False)
    await house.tick()
    fed = "SELECT COALESCE(SUM(fed_credits), 0) FROM round_player p JOIN round r ON r.id = p.round_id "
    refunded = await house.value(fed + "WHERE r.outcome = 'refunded'")
    paid = "SELECT SUM(t.amount) FROM transfer t JOIN entry e ON e.id = t.entry_id WHERE e.kind = 'refund'"
    assert refunded == await house.value(paid)
    pot = "SELECT a.balance FROM account a JOIN pot p ON p.id = a.owner_id WHERE a.kind = 'pot' AND p.chat_id = :id"
    assert refunded + await house.value(pot, id=ana.chat_id) == 19 + (20 if way == "gift" else 9)


async def test_t66_a_refund_whose_timer_comes_late_is_paid_once(house: House) -> None:
    ana, _ = await friends(house)
    await owe(house, ana)
    house.clock.move(timedelta(days=-2))
    assert await house.tick() == []
    house.clock.move(timedelta(days=9))
    for _ in range(2):
        await house.tick()
    assert await house.wallet(ana) == (999, 0)
