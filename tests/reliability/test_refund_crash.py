"""A round of 10,000 players is refunded exactly while the process dies three times in the middle of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select, text, update

from bot.playground.models import User
from db.models.books import AccountKind, account, entry, transfer
from db.models.groups import refund_due
from db.models.people import ChatKind, player
from db.models.pots import pot, round_, round_player
from db.schema import migrate
from services.people import Place
from services.refunds import lock_round, refund_round
from services.stamp import Stamp
from tests.app import sync_url
from tests.house import House, open_house
from tests.postgres import PostgresServer
from tests.reliability.crash_life import Door
from tests.reliability.crash_lives import Echo, Lives
from tests.reliability.crash_outcome import read_books

CONTRIBUTORS = 10_000
REACHABLE = 20
BALANCE = 1_000
NEVER = 10**9
ENDS = (41, 73, 57)
"""At which point each life ends; a batch of 100 is two points, so that all three end before the last batch."""


@pytest.fixture(autouse=True)
def _no_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.process.HttpServer", Door)


@pytest.fixture(params=["sqlite", "postgres"])
def fresh_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give a migrated database, once of each kind."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'books.db'}"
        migrate(url)
        yield url
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = server.create()
    migrate(sync_url(server.url(name)))
    yield server.url(name)
    server.drop(name)


def amount_of(number: int) -> int:
    """Return what a player has put in; all are different enough to be told apart."""
    return 1 + number % 997


def fill(tx: Connection, chat_id: int, stamp: Stamp) -> int:
    """Write players, their credits and their gifts to the pot of a group by the thousand; return the pot."""
    pot_id = tx.scalars(select(pot.c.id).where(pot.c.chat_id == chat_id)).one()
    round_id = tx.scalars(select(round_.c.id).where(round_.c.pot_id == pot_id)).one()
    first = tx.scalars(select(player.c.id).order_by(player.c.id.desc()).limit(1)).one()
    new = {"name": "P", "created_at": stamp.now, "day": stamp.now.date(), "welcomed": True}
    tx.execute(insert(player), [{**new, "telegram_id": 10**6 + n} for n in range(CONTRIBUTORS - REACHABLE)])
    new_ids = tx.scalars(select(player.c.id).where(player.c.id > first).order_by(player.c.id)).all()
    wallets = [{"kind": "player", "owner_id": one, "balance": BALANCE, "held": 0} for one in new_ids]
    tx.execute(insert(account), wallets)
    _transfer(tx, "grant", {"promo": None}, dict.fromkeys(new_ids, BALANCE), stamp)
    ids = tx.scalars(select(player.c.id).order_by(player.c.id)).all()
    amounts = {one: amount_of(number) for number, one in enumerate(ids)}
    _transfer(tx, "gift", {"pot": pot_id}, amounts, stamp)
    tx.execute(
        text("UPDATE account SET balance = balance - :amount WHERE kind = 'player' AND owner_id = :owner"),
        [{"owner": one, "amount": amount} for one, amount in amounts.items()],
    )
    in_pot = update(account).where(account.c.kind == AccountKind.POT, account.c.owner_id == pot_id)
    tx.execute(in_pot.values(balance=sum(amounts.values())))
    row = {"round_id": round_id, "tickets": 0}
    tx.execute(
        insert(round_player),
        [
            {**row, "player_id": one, "pseudonym": f"u{one}", "fed_credits": amount}
            for one, amount in amounts.items()
        ],
    )
    return int(pot_id)


def _transfer(
    tx: Connection,
    kind: str,
    other: dict[str, int | None],
    amounts: dict[int, int],
    stamp: Stamp,
) -> None:
    """Move credits between all wallets and one other account, in one entry."""
    ((name, owner),) = other.items()
    rows = tx.execute(select(account.c.id, account.c.kind, account.c.owner_id)).all()
    theirs = next(row.id for row in rows if row.kind == name and row.owner_id == owner)
    wallets = {row.owner_id: row.id for row in rows if row.kind == "player"}
    added = insert(entry).values(kind=kind, cause=f"test:{kind}", at=stamp.now, facts={})
    entry_id = tx.execute(added.returning(entry.c.id)).scalar_one()
    sides = ("credit_id", "debit_id") if name == "promo" else ("debit_id", "credit_id")
    tx.execute(
        insert(transfer),
        [
            {"entry_id": entry_id, sides[0]: wallets[one], sides[1]: theirs, "amount": amount}
            for one, amount in amounts.items()
        ],
    )


async def prepare(house: House, users: list[User], group_id: int) -> int:
    """Fill a group's pot and close its round as refunded; return what is owed."""
    for user in users:
        private = Place(telegram_id=user.id, kind=ChatKind.PRIVATE, title=user.first_name)
        await house.meet(user.id, private)
    place = Place(telegram_id=group_id, kind=ChatKind.GROUP, title="Friends")
    chat_id = (await house.meet(users[0].id, place)).chat_id
    pot_id = await house.db.transact(fill, chat_id, house.stamps.take())
    locked = await house.db.transact(lock_round, pot_id)
    return (await house.db.transact(refund_round, pot_id, locked.row.id, house.stamps.take())).credits


@pytest.mark.timeout(600)
async def test_t59_a_round_of_10_000_is_refunded_exactly_though_the_process_dies_three_times(
    fresh_url: str,
) -> None:
    lives = Lives(fresh_url, {}, Echo(failing=(), lost=()), ends=(NEVER, *ENDS), from_birth=False)
    telegram = lives.telegram
    users = [telegram.add_user(f"P{number}", language_code="en") for number in range(REACHABLE)]
    for user in users:
        telegram.say(user, user, "/start")
    group = telegram.add_group("Friends", users[:2])
    await lives.until_quiet()
    await lives.drop()
    async with open_house(sync_url(fresh_url)) as house:
        owed = await prepare(house, users, group.id)
    assert owed == sum(amount_of(number) for number in range(CONTRIBUTORS))
    lives.begin_step()
    lives.begin_danger()
    try:
        await lives.until_quiet()
    finally:
        await lives.drop()
        await telegram.aclose()
    assert len(lives.ended_at) == len(ENDS)
    read_books(lives.settings.database_url.sync_url)
    async with open_house(sync_url(fresh_url)) as house:
        await assert_paid_once(house)
    told = [{text for text in telegram.texts(user) if text.startswith("↩️")} for user in users]
    assert [len(texts) for texts in told] == [1] * REACHABLE
    assert len([text for text in telegram.texts(group) if "10,000 players" in text]) == 1


async def assert_paid_once(house: House) -> None:
    """Look into every wallet and at every due."""
    off = f"SELECT COUNT(*) FROM account WHERE kind = 'player' AND balance <> {BALANCE}"
    assert await house.value(off) == 0
    assert await house.value("SELECT COUNT(*) FROM entry WHERE kind = 'refund'") == CONTRIBUTORS
    unpaid = select(refund_due.c.player_id).where(refund_due.c.entry_id.is_(None))
    assert await house.db.read(lambda tx: tx.execute(unpaid).all()) == []
    assert await house.value("SELECT COUNT(*) FROM outbox WHERE notice = 'refund_all_paid'") == 1
