"""Entries, transfers and the balances cached beside them: always equal, never below zero, once per cause."""

import asyncio
from datetime import datetime
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from services import gifts, ledger, wallet
from services.entry_kinds import EntryKind
from services.ledger import (
    HOUSE,
    PROMO,
    AccountRef,
    AlreadyPosted,
    BooksBroken,
    InsufficientFunds,
    Move,
    NewEntry,
    Posted,
    account_of_pot,
    available,
    post,
    wallet_of,
)
from services.money import MAX_CREDITS
from services.people import Met
from tests.house import House

SPENDERS = 50
NUMBERS = count()


async def book(house: House, cause: str, *moves: Move, player_id: int | None = None) -> Posted:
    new = NewEntry(
        kind=EntryKind.GRANT, cause=cause, at=house.clock.now(), moves=moves, player_id=player_id, facts={}
    )
    return await house.db.transact(post, new)


async def test_a_posted_entry_moves_its_amounts_and_tells_the_balances(house: House) -> None:
    ana, ben = await house.player(), await house.player(2)
    mine, his = wallet_of(ana.player_id), wallet_of(ben.player_id)
    posted = await book(house, "a", Move(mine, his, 30), Move(mine, HOUSE, 5), Move(PROMO, his, 1))
    assert posted.balances == {mine: 965, his: 1_031}
    moved = await house.rows(
        "SELECT debit_id, credit_id, amount FROM transfer WHERE entry_id = :id ORDER BY id",
        id=posted.entry_id,
    )
    assert [row.amount for row in moved] == [30, 5, 1]
    assert (moved[1].credit_id, moved[2].debit_id) == (1, 2)


async def test_an_entry_keeps_what_it_changed_for_its_player(house: House) -> None:
    ana = await house.player()
    mine = wallet_of(ana.player_id)
    posted = await book(house, "a", Move(mine, HOUSE, 30), Move(PROMO, mine, 10), player_id=ana.player_id)
    assert posted.balances == {mine: 980}
    facts = await house.value("SELECT facts FROM entry WHERE id = :id", id=posted.entry_id)
    assert str(facts).replace("'", '"') == '{"delta": -20, "balance": 980}'


async def test_a_wallet_that_holds_too_little_changes_nothing(house: House) -> None:
    ana, ben = await house.player(), await house.player(2)
    mine, his = wallet_of(ana.player_id), wallet_of(ben.player_id)
    with pytest.raises(InsufficientFunds) as raised:
        await book(house, "a", Move(PROMO, his, 7), Move(mine, HOUSE, 1_001))
    assert raised.value.facts() == {"price": 1_001, "available": 1_000}
    assert (await house.wallet(ana), await house.wallet(ben)) == ((1_000, 0), (1_000, 0))
    assert await house.value("SELECT COUNT(*) FROM entry WHERE cause = 'a'") == 0


async def test_a_cause_is_booked_once(house: House) -> None:
    ana = await house.player()
    mine = wallet_of(ana.player_id)
    await book(house, "a", Move(mine, HOUSE, 1))
    with pytest.raises(AlreadyPosted):
        await book(house, "a", Move(mine, HOUSE, 2))
    assert await house.wallet(ana) == (999, 0)


async def test_a_cause_that_comes_many_times_at_once_is_booked_once(house: House) -> None:
    ana = await house.player()
    jobs = [book(house, "a", Move(wallet_of(ana.player_id), HOUSE, 1)) for _ in range(12)]
    found = await asyncio.gather(*jobs, return_exceptions=True)
    assert sum(isinstance(one, AlreadyPosted) for one in found) == 11
    assert await house.wallet(ana) == (999, 0)


async def test_a_pot_that_would_go_below_zero_is_a_bug_and_rolled_back(house: House) -> None:
    ana = await house.player()
    group = await house.group()
    pot = account_of_pot(await house.value("SELECT id FROM pot WHERE chat_id = :id", id=group.chat_id))
    with pytest.raises(BooksBroken):
        await book(house, "a", Move(pot, wallet_of(ana.player_id), 1))
    assert await house.wallet(ana) == (1_000, 0)


@pytest.mark.parametrize("ref", [wallet_of(99), account_of_pot(99)])
async def test_an_account_that_is_not_there_is_a_bug(house: House, ref: AccountRef) -> None:
    for move in (Move(ref, HOUSE, 1), Move(PROMO, ref, 1)):
        with pytest.raises(BooksBroken):
            await book(house, f"{move}"[:200], move)
    with pytest.raises(BooksBroken):
        await house.db.read(available, ref)


async def test_t15_a_balance_never_passes_64_bits(house: House) -> None:
    ana = await house.player()
    mine = wallet_of(ana.player_id)
    await book(house, "a", Move(PROMO, mine, MAX_CREDITS - 1_000))
    for amount in (1, MAX_CREDITS):
        with pytest.raises(DBAPIError):
            await book(house, f"too much {amount}", Move(PROMO, mine, amount))
    assert await house.wallet(ana) == (MAX_CREDITS, 0)
    await book(house, "back", Move(mine, PROMO, MAX_CREDITS))


async def test_payments_in_both_directions_at_once_wait_for_each_other_in_no_ring(house: House) -> None:
    players = [await house.player(number) for number in (1, 2, 3)]
    jobs = [
        book(house, f"{turn}:{one}", Move(_wallet(players[one]), _wallet(players[(one + step) % 3]), turn))
        for turn in range(1, 8)
        for one in range(3)
        for step in (1, 2)
        if (turn + step) % 2
    ]
    await asyncio.gather(*jobs)
    assert [await house.wallet(one) for one in players] == [(1_000, 0)] * 3


async def test_t46_fifty_payments_at_once_spend_a_balance_exactly(house: House) -> None:
    ana = await house.player()
    jobs = [book(house, f"{n}", Move(_wallet(ana), HOUSE, 30)) for n in range(SPENDERS)]
    found = await asyncio.gather(*jobs, return_exceptions=True)
    paid = [one for one in found if isinstance(one, Posted)]
    refused = [one for one in found if isinstance(one, InsufficientFunds)]
    assert (len(paid), len(refused)) == (33, 17)
    assert await house.wallet(ana) == (10, 0)
    assert sorted(one.balances[_wallet(ana)] for one in paid) == list(range(10, 1_000, 30))


PLAYERS = st.integers(0, 2)
AMOUNTS = st.integers(1, 700)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("pay"), PLAYERS, AMOUNTS),
        st.tuples(st.just("grant"), PLAYERS, AMOUNTS),
        st.tuples(st.just("swap"), PLAYERS, AMOUNTS),
        st.tuples(st.just("gift"), PLAYERS, AMOUNTS),
        st.tuples(st.just("hold"), PLAYERS, AMOUNTS),
        st.tuples(st.just("capture"), PLAYERS, AMOUNTS),
        st.tuples(st.just("release"), PLAYERS, AMOUNTS),
    ),
    max_size=25,
)


class Books:
    """The same steps as the product's, on plain numbers."""

    def __init__(self, balances: list[int]) -> None:
        self.balances = balances
        self.holds: list[list[tuple[int, int]]] = [[], [], []]

    def free(self, who: int) -> int:
        return self.balances[who] - sum(amount for _, amount in self.holds[who])


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
async def test_any_sequence_of_steps_leaves_the_balances_that_it_must(
    house: House, steps: list[tuple[str, int, int]]
) -> None:
    players = [await house.player(number) for number in (1, 2, 3)]
    books = Books([(await house.wallet(one))[0] for one in players])
    for step, who, amount in steps:
        is_due = step in ("grant", "capture", "release") or books.free(who) >= amount
        try:
            await house.db.transact(_do, step, players, who, amount, f"step {next(NUMBERS)}", books, house)
        except InsufficientFunds:
            assert not is_due
        else:
            assert is_due
    for who, one in enumerate(players):
        assert await house.wallet(one) == (books.balances[who], books.balances[who] - books.free(who))
        for hold_id, _ in books.holds[who]:
            await house.db.transact(_release, hold_id, house.clock.now())


def _do(
    tx: Connection,
    step: str,
    players: list[Met],
    who: int,
    amount: int,
    cause: str,
    books: Books,
    house: House,
) -> None:
    """Do one step in the books and, if it went well, on the plain numbers; runs once on both databases."""
    mine, his, now = players[who].player_id, players[(who + 1) % 3].player_id, house.clock.now()
    if step == "hold":
        hold_id = wallet.place_hold(tx, mine, amount, cause=cause, now=now)
        books.holds[who].append((hold_id, amount))
    elif step in ("capture", "release"):
        if not books.holds[who]:
            return
        hold_id, amount = books.holds[who].pop()
        if step == "release":
            assert wallet.release_hold(tx, hold_id, now=now) == amount
            return
        assert wallet.capture_hold(tx, hold_id, now=now) == amount
        books.balances[who] -= amount
        _post(tx, cause, Move(wallet_of(mine), HOUSE, amount, from_hold=True), now)
    elif step == "gift":
        gifts.give(tx, mine, players[who].chat_id, amount, cause, house.rules, house.stamps.take())
        books.balances[who] -= amount
    else:
        move = {
            "pay": Move(wallet_of(mine), HOUSE, amount),
            "grant": Move(PROMO, wallet_of(mine), amount),
            "swap": Move(wallet_of(mine), wallet_of(his), amount),
        }[step]
        _post(tx, cause, move, now)
        books.balances[who] += amount if step == "grant" else -amount
        books.balances[(who + 1) % 3] += amount if step == "swap" else 0


def _post(tx: Connection, cause: str, move: Move, now: datetime) -> None:
    ledger.post(tx, NewEntry(kind=EntryKind.GRANT, cause=cause, at=now, moves=[move]))


def _release(tx: Connection, hold_id: int, now: datetime) -> None:
    wallet.release_hold(tx, hold_id, now=now)


def _wallet(who: Met) -> AccountRef:
    return wallet_of(who.player_id)
