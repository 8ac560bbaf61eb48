"""Rounds and their ends on both databases: tickets, wins, the next round, the next chain, proofs."""

import asyncio
import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, insert, update

from db.models.pots import round_
from services import draw, gifts, pot
from services.overview import Overview, OverviewReader
from services.people import Met
from services.pricing import PriceRule
from services.proofs import ReadProof, RoundRunning, RoundUnknown
from services.rules import GameRules, PotRules
from services.verify_pot import verify
from tests.house import NEVER_WON, UNGUARDED, House, ScriptedModel, open_house

CERTAIN = PotRules(ppm_per_credit=draw.ROLLS // 5)
FIVE = PriceRule(base=5, step=0)


def forced(pots: PotRules = CERTAIN, price: PriceRule = FIVE) -> GameRules:
    """Return rules under which every ticket of 5 credits wins."""
    return replace(UNGUARDED, price=price, pot=pots)


async def view(house: House, who: Met) -> Overview:
    read = OverviewReader(db=house.db, clock=house.clock, rules=house.rules)
    return await read(player_id=who.player_id, chat_id=who.chat_id)


async def pot_balance(house: House, who: Met) -> int:
    seen = await view(house, who)
    assert seen.pot is not None
    return seen.pot.balance


async def proof(house: House, who: Met, round_no: int) -> dict[str, Any]:
    file = await ReadProof(db=house.db)(chat_id=who.chat_id, round_no=round_no)
    found: dict[str, Any] = json.loads(file.content)
    return found


async def house_share(house: House) -> int:
    return int(await house.value("SELECT COALESCE(SUM(amount), 0) FROM transfer WHERE credit_id = 1"))


async def test_tickets_are_numbered_and_feed_the_pot_with_what_the_house_leaves(house: House) -> None:
    house.rules = replace(UNGUARDED, pot=NEVER_WON)
    ana, ben = await house.player(), await house.player(2, name="Ben")
    tickets = [(await house.pay(who))["ticket"] for who in (ana, ben, ana, ana)]
    assert tickets == [1, 2, 3, 4]
    assert await pot_balance(house, ana) == 5 + 5 + 9 + 14
    assert await house_share(house) == 0 + 0 + 1 + 1


async def test_a_group_has_a_pot_of_its_own(house: House) -> None:
    house.rules = replace(UNGUARDED, pot=NEVER_WON)
    ana = await house.player()
    group, other = await house.group(1), await house.group(2)
    for who in (ana, group, group, other):
        await house.pay(who)
    assert [await pot_balance(house, who) for who in (ana, group, other)] == [5, 9 + 14, 18]
    assert await house.value("SELECT COUNT(*) FROM pot") == 3


async def test_a_win_pays_closes_and_opens_the_next_round_with_what_is_left(house: House) -> None:
    house.rules = forced()
    ana = await house.player()
    await house.pay(ana)
    await house.gift(ana, 95)
    before = await view(house, ana)
    assert before.pot is not None
    assert (before.pot.balance, before.pot.prize, before.pot.round_no) == (96, 86, 2)
    receipt = await house.pay(ana)
    assert (receipt["won"], receipt["ticket"], receipt["round"], receipt["pot"]) == (True, 1, 2, 11)
    assert receipt["balance"] == 1_000 - 5 + 4 - 95 - 5 + 90
    rows = await house.rows("SELECT k, state, outcome, prize, carried_in FROM round ORDER BY k")
    assert [tuple(row) for row in rows] == [
        (1, "closed", "won", 4, 0),
        (2, "closed", "won", 90, 1),
        (3, "open", None, None, 11),
    ]
    after = await view(house, ana)
    assert after.pot is not None
    assert [(win.round_no, win.prize) for win in after.pot.last_wins] == [(2, 90), (1, 4)]
    assert (after.wins, after.pot.own_tickets, after.pot.balance) == (2, 0, 11)


async def test_a_win_tells_the_prize_and_the_next_commitment(house: House) -> None:
    house.rules = forced()
    ana = await house.player()
    await house.pay(ana)
    told = house.told("win")[-1]
    seen = await view(house, ana)
    assert seen.pot is not None
    assert (told["prize"], told["left"], told["next_round"], told["new_anchor"]) == (4, 1, 2, None)
    assert told["commitment"] == seen.pot.commitment.hex()
    assert len(house.happened("win")) == len(house.happened("round_closed")) == 1


async def test_a_closed_round_is_proved_and_a_running_one_is_not(house: House) -> None:
    house.rules = replace(UNGUARDED, pot=NEVER_WON)
    ana = await house.player()
    for _ in range(3):
        await house.pay(ana)
    house.rules = forced(PotRules(ppm_per_credit=draw.ROLLS // 20), UNGUARDED.price)
    commitment = (await view(house, ana)).pot.commitment  # type: ignore[union-attr]
    await house.pay(ana)
    found = await proof(house, ana, 1)
    assert verify(found) is None
    assert (found["count"], found["prize"], found["commitment"]) == (4, 41, commitment.hex())
    assert hashlib.sha256(bytes.fromhex(found["seed"])).digest() == commitment
    with pytest.raises(RoundRunning):
        await proof(house, ana, 2)
    with pytest.raises(RoundUnknown):
        await proof(house, ana, 3)


async def test_the_seed_of_a_ticket_is_the_one_of_its_reserve(house: House) -> None:
    house.rules = replace(UNGUARDED, pot=NEVER_WON)
    ana = await house.player()
    await house.pay(ana)
    await house.write("UPDATE player SET seed = 'mine'")
    await house.say(ana)
    await house.write("UPDATE player SET seed = 'later'")
    await house.settle()
    assert [row.seed for row in await house.rows("SELECT seed FROM ticket ORDER BY n")] == ["0", "mine"]


async def test_a_player_has_one_pseudonym_per_round(house: House) -> None:
    house.rules = replace(UNGUARDED, pot=NEVER_WON)
    ana, ben = await house.player(), await house.player(2)
    for who in (ana, ben, ana):
        await house.pay(who)
    rows = await house.rows("SELECT player_id, pseudonym FROM ticket ORDER BY n")
    names = [row.pseudonym for row in rows]
    assert names[0] == names[2] != names[1]
    house.rules = forced(PotRules(ppm_per_credit=draw.ROLLS // 15), UNGUARDED.price)
    await house.pay(ana)
    house.rules = replace(UNGUARDED, pot=NEVER_WON)
    await house.pay(ana)
    assert await house.value("SELECT pseudonym FROM round_player ORDER BY round_id DESC") != names[0]


async def test_the_prize_is_at_most_its_cap(house: House) -> None:
    house.rules = replace(forced(), pot=replace(CERTAIN, prize_cap=500))
    ana = await house.player()
    await house.pay(ana)
    await house.gift(ana, 900)
    await house.pay(ana)
    assert (house.told("win")[-1]["prize"], house.told("win")[-1]["left"]) == (500, 406)


@pytest.mark.parametrize(("price", "prize"), [(1, 1), (2, 1)])
async def test_the_smallest_pot_can_be_won(house: House, price: int, prize: int) -> None:
    house.rules = forced(PotRules(ppm_per_credit=draw.ROLLS // price), PriceRule(base=price, step=0))
    ana = await house.player()
    receipt = await house.pay(ana)
    assert (receipt["won"], receipt["pot"]) == (True, price - prize)
    assert await house.wallet(ana) == (1_000 - price + prize, 0)


async def test_t47_two_winning_tickets_at_once_are_ordered_and_the_second_draws_on_the_new_round(
    house: House,
) -> None:
    house.rules = forced()
    players = [await house.player(number, name=f"P{number}") for number in (1, 2, 3)]
    for who in players:
        await house.say(who)
        await house.press(who, house.told("guard")[-1]["buttons"]["pay"])
    turns = [event for event in house.events if type(event).__name__ == "TurnReserved"]
    await asyncio.gather(*(house.answer(ScriptedModel(), turn) for turn in turns))  # type: ignore[arg-type]
    receipts: list[Mapping[str, Any]] = [one["receipt"] for one in house.told("answer")]
    assert sorted((one["round"], one["ticket"], one["won"]) for one in receipts) == [
        (1, 1, True),
        (2, 1, True),
        (3, 1, True),
    ]
    assert sorted(told["prize"] for told in house.told("win")) == [4, 5, 5]
    for round_no in (1, 2, 3):
        assert verify(await proof(house, players[0], round_no)) is None


async def test_t47_a_hundred_tickets_at_once_are_numbered_without_gaps(house: House) -> None:
    house.rules = replace(UNGUARDED, pot=PotRules(ppm_per_credit=draw.ROLLS // 25))
    players = [await house.player(number, name=f"P{number}") for number in range(1, 11)]
    for who in players:
        await house.pay(who)

    async def play(who: Met) -> None:
        for _ in range(4):
            await house.say(who)
            mine = [one for one in house.events if getattr(one, "player_id", None) == who.player_id]
            await house.answer(ScriptedModel(), mine[-1])  # type: ignore[arg-type]

    await asyncio.gather(*map(play, players))
    assert await house.value("SELECT COUNT(*) FROM ticket") == 50
    assert await house.value("SELECT COUNT(*) FROM round WHERE outcome = 'won'") >= len(players)


async def test_where_pots_are_off_messages_cost_half_and_give_no_ticket(house: House) -> None:
    house.rules = replace(UNGUARDED, pot=PotRules(enabled=False))
    ana, group = await house.player(), await house.group()
    receipts = [await house.pay(who) for who in (ana, group, ana)]
    assert [receipt["price"] for receipt in receipts] == [3, 5, 8]
    assert not any("ticket" in receipt or "pot" in receipt for receipt in receipts)
    assert await house_share(house) == 16
    assert await house.value("SELECT COUNT(*) FROM ticket") == 0
    seen = await view(house, ana)
    assert (seen.pot, seen.chance_ppm, seen.next_price) == (None, 0, 10)
    with pytest.raises(gifts.PotsOff):
        await house.gift(ana, 5)


async def test_a_gift_goes_in_whole_without_a_ticket(house: House) -> None:
    ana = await house.player()
    await house.gift(ana, 33)
    seen = await view(house, ana)
    assert seen.pot is not None
    assert (seen.pot.balance, seen.pot.tickets, seen.pot.own_tickets) == (33, 0, 0)
    assert await house_share(house) == 0


async def test_the_global_pot_is_opened_once_however_many_ask(house: House) -> None:
    jobs = (house.db.transact(pot.open_global_pot, house.stamps.take()) for _ in range(8))
    assert len(set(await asyncio.gather(*jobs))) == 1
    assert await house.value("SELECT COUNT(*) FROM round") == 1


async def test_the_last_seed_of_a_chain_is_followed_by_a_new_chain_whose_anchor_is_told(
    books_url: str,
) -> None:
    async with open_house(books_url, forced(), check=False) as house:
        ana = await house.player()
        await house.pay(ana)
        await house.db.transact(_wind_forward, draw.CHAIN_LENGTH - 1)
        anchors = []
        for _ in range(3):
            await house.pay(ana)
            anchors.append(house.told("win")[-1]["new_anchor"])
        assert [one is None for one in anchors] == [True, False, True]
        for round_no in range(draw.CHAIN_LENGTH - 1, draw.CHAIN_LENGTH + 2):
            assert verify(await proof(house, ana, round_no)) is None
        chains = await house.rows("SELECT number, anchor FROM chain ORDER BY number")
        assert [row.number for row in chains] == [1, 2]
        assert bytes(chains[1].anchor).hex() == anchors[1]
        first_of_new = await proof(house, ana, draw.CHAIN_LENGTH + 1)
        assert first_of_new["commitment"] == first_of_new["anchor"] == anchors[1]
        last_of_old = await proof(house, ana, draw.CHAIN_LENGTH)
        top = await house.value("SELECT top FROM chain WHERE number = 1")
        assert last_of_old["seed"] == bytes(top).hex()


def _wind_forward(tx: Connection, k: int) -> None:
    """Make the open round the ``k``-th of its first chain; those between were closed without a ticket."""
    row = tx.execute(round_.select().where(round_.c.state == "open")).one()
    top = tx.exec_driver_sql("SELECT top FROM chain").scalar_one()
    seeds = [bytes(top)]
    while len(seeds) <= draw.CHAIN_LENGTH:
        seeds.append(hashlib.sha256(seeds[-1]).digest())
    seeds.reverse()

    def facts(number: int) -> dict[str, object]:
        return {
            "k": number,
            "secret": seeds[number],
            "commitment": seeds[number - 1],
            "head": draw.start_head("global", number),
        }

    tx.execute(update(round_).where(round_.c.id == row.id).values(**facts(k)))
    ended = {"state": "closed", "outcome": "carried", "opened_at": row.opened_at, "closed_at": row.opened_at}
    kept = {"pot_id": row.pot_id, "chain_id": row.chain_id, "carried_in": row.carried_in, **ended}
    tx.execute(insert(round_), [{**kept, **facts(number)} for number in range(row.k, k)])
