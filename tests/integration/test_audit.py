"""The audit finds every kind of broken books, names the row, and writes nothing."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.commands.audit import run_audit
from bot.settings import Settings
from db.models.duels import DuelState
from db.queries.audit import CHECKS
from db.schema import blocking_engine, migrate, reading_engine
from services import draw, gifts
from services.audit import run_audit as look
from services.duels.checks import CHECKS as DUEL_CHECKS
from services.paybacks import begin_payback, end_payback
from services.reclaims import reclaim
from services.rules import PotRules, PurchaseRules
from tests import postgres
from tests.app import sync_url
from tests.buying import checkout, order, pay, payment_id
from tests.house import UNGUARDED, House, open_house
from tests.past_duels import Side, duellist, ended, given_back, settled, stock

ROOT = Path(__file__).parents[2]
TOTALS = "all accounts together are zero"
DRAWS = "every draw can be computed again"
ENTRIES = "every transfer belongs to an entry and two accounts"
TABLES = (
    "account",
    "entry",
    "transfer",
    "hold",
    "turn",
    "pot",
    "chain",
    "round",
    "round_player",
    "ticket",
    "player",
    "refund_due",
    "question",
    "question_text",
    "question_pool",
    "question_set",
    "duel",
    "duel_answer",
    "payment",
)
WELCOME = "(SELECT MIN(id) FROM entry WHERE kind = 'welcome')"
BEN = "(SELECT id FROM account WHERE kind = 'player' AND owner_id = 2)"
GLOBAL = "(SELECT id FROM pot WHERE key = 'global')"
OPEN = f"state = 'open' AND pot_id = {GLOBAL}"
REFUNDED = "(SELECT MIN(id) FROM round WHERE outcome = 'refunded')"
FIRST = f"(SELECT id FROM round WHERE k = 1 AND pot_id = {GLOBAL})"

VOID = "(SELECT id FROM duel WHERE state = 'void')"
VOID_SET = "(SELECT set_id FROM duel WHERE state = 'void')"
WON = "(SELECT MIN(id) FROM duel WHERE outcome = 'won')"

CORRUPTIONS = {
    "every cached balance equals its transfers": [
        f"UPDATE account SET balance = balance + 1 WHERE id = {BEN}"
    ],
    "no player and no pot is below zero": [
        (
            "INSERT INTO transfer (id, entry_id, debit_id, credit_id, amount) "
            f"SELECT 9999, {WELCOME}, id, 1, balance + 1 FROM account WHERE id = {BEN}"
        ),
        f"UPDATE account SET balance = -1 WHERE id = {BEN}",
    ],
    "every held amount equals its placed holds": [f"UPDATE account SET held = held + 1 WHERE id = {BEN}"],
    "every entry moves something": [
        (
            "INSERT INTO entry (id, kind, cause, at, facts) SELECT 9999, kind, 'new', at, facts FROM entry "
            f"WHERE id = {WELCOME}"
        )
    ],
    ENTRIES: [
        "INSERT INTO transfer (id, entry_id, debit_id, credit_id, amount) VALUES (9999, 9999, 1, 2, 5)"
    ],
    "every placed hold belongs to a turn, a refund or a duel under way": [
        (
            "INSERT INTO hold (id, account_id, amount, state, cause, placed_at) "
            f"SELECT 9999, {BEN}, 1, 'placed', 'new', MIN(placed_at) FROM hold"
        ),
        f"UPDATE account SET held = held + 1 WHERE id = {BEN}",
    ],
    "every payment is booked as it stands": ["UPDATE payment SET entry_id = NULL WHERE product = 'premium'"],
    "what is kept apart is what the payments say that are": [
        "UPDATE payment SET state = 'credited' WHERE state = 'frozen'"
    ],
    "every line of the list of Stars is in the books": [
        (
            "INSERT INTO star_transaction (id, charge_id, is_incoming, stars, partner, at) "
            "SELECT 9999, 'nowhere', TRUE, 100, 'invoice_payment', MIN(placed_at) FROM hold"
        )
    ],
    "every payment moved what it bought, and back": [
        "UPDATE payment SET credits = credits + 1 WHERE state = 'reclaimed'"
    ],
    "every debt is what the books say": [
        "UPDATE player SET debt_credits = debt_credits - 1 WHERE debt_credits > 0"
    ],
    "every paid answer is captured and booked, every other is not": [
        "UPDATE turn SET entry_id = NULL WHERE id = (SELECT MIN(id) FROM turn WHERE entry_id IS NOT NULL)"
    ],
    "every captured hold equals what its entry took": [
        "UPDATE hold SET amount = amount + 1 WHERE id = (SELECT MIN(id) FROM hold WHERE state = 'captured')"
    ],
    "no player has two turns under way": [
        (
            "UPDATE turn SET state = 'reserved', player_id = (SELECT player_id FROM turn WHERE state = 'reserved') "
            "WHERE id = (SELECT MIN(id) FROM turn WHERE is_free AND state = 'settled')"
        )
    ],
    "every pot has one open round": [
        "INSERT INTO pot (id, key, created_at) SELECT 9999, 'g:9999', MIN(created_at) FROM pot"
    ],
    "the rounds of a pot are numbered without gaps": [f"DELETE FROM round WHERE id = {FIRST}"],
    "the tickets of a round are numbered without gaps": [
        f"UPDATE round SET tickets = tickets + 1 WHERE {OPEN}"
    ],
    "every ticket has its paid message": [
        "UPDATE entry SET kind = 'grant' WHERE id = (SELECT MIN(id) FROM entry WHERE kind = 'message')"
    ],
    "every player's tickets are counted": [
        f"UPDATE round_player SET tickets = tickets + 1 WHERE round_id = {FIRST} AND player_id = 1"
    ],
    "every won round paid its prize once": ["UPDATE entry SET kind = 'grant' WHERE kind = 'win'"],
    "every pot holds what came in since its rounds began": [
        f"UPDATE round SET carried_in = carried_in + 1 WHERE {OPEN}"
    ],
    "every refunded round owes each player what he put in, and no other round owes anything": [
        f"UPDATE round_player SET fed_credits = fed_credits + 1 WHERE round_id = {REFUNDED}"
    ],
    "every refunded round set aside what it owes, once": [
        f"UPDATE entry SET round_id = {FIRST} WHERE kind = 'refund_owed' AND round_id = {REFUNDED}",
    ],
    "every paid refund has its entry": [
        f"UPDATE entry SET player_id = 1 WHERE kind = 'refund' AND round_id = {REFUNDED}"
    ],
    "every entry of a refund was owed, once": [
        (
            "INSERT INTO entry (id, kind, cause, at, facts) SELECT 9999, 'refund', 'new', at, facts FROM entry "
            f"WHERE id = {WELCOME}"
        ),
        "INSERT INTO transfer (id, entry_id, debit_id, credit_id, amount) VALUES (9999, 9999, 1, 2, 5)",
    ],
    "the refund account holds what is still owed": [
        "UPDATE transfer SET debit_id = 2 WHERE entry_id = (SELECT id FROM entry WHERE kind = 'refund')"
    ],
    "the pot of a group's former chat is empty": ["UPDATE chat SET merged_into = 1 WHERE kind = 'group'"],
    "every answered message is one of its chat": [
        (
            "UPDATE turn SET message_id = (SELECT MIN(message_id) FROM turn), telegram_chat_id = 1001 "
            "WHERE id = (SELECT MAX(id) FROM turn)"
        )
    ],
    "every duel's hold stands as the duel does": [
        "UPDATE hold SET state = 'expired' WHERE id = (SELECT hold_id FROM duel WHERE state = 'void')"
    ],
    "every duel has one ending, and only then": ["UPDATE duel SET why = 'down' WHERE state = 'refunded'"],
    "every settled duel has another player's of the same set, with the other outcome": [
        (f"UPDATE duel SET set_id = {VOID_SET} WHERE id = (SELECT MIN(id) FROM duel WHERE outcome = 'tie')")
    ],
    "every duel was won by the better result": [
        f"UPDATE duel_answer SET at_ms = 20000 WHERE position = 4 AND duel_id = {WON}",
        f"UPDATE duel SET time_ms = 20000 WHERE id = {WON}",
    ],
    "every duel's result is that of its answers": ["UPDATE duel SET answered = 4 WHERE state = 'void'"],
    "every duel's entries are those of its ending": [
        "UPDATE entry SET kind = 'grant' WHERE kind = 'duel_bonus'"
    ],
    "every duel took and returned what the books say": [
        "UPDATE duel SET returned = returned + 1 WHERE state = 'void'"
    ],
    "every entry of a duel belongs to one": [
        (
            "INSERT INTO entry (id, kind, cause, at, facts) SELECT 9999, 'duel_back', 'new', at, facts FROM entry "
            f"WHERE id = {WELCOME}"
        ),
        "INSERT INTO transfer (id, entry_id, debit_id, credit_id, amount) VALUES (9999, 9999, 1, 2, 5)",
    ],
    "no player has two duels under way": ["UPDATE duel SET player_id = 1 WHERE state = 'waiting'"],
    "no set is played by three, or by nobody with room for another": [
        f"UPDATE question_set SET is_open = NOT is_open WHERE id = {VOID_SET}"
    ],
    "every set of questions can be drawn again": [
        f"UPDATE question_set SET seed = commitment WHERE id = {VOID_SET}"
    ],
    "every answer was judged by what is right": [
        f"UPDATE duel_answer SET option = 3 - option WHERE position = 0 AND duel_id = {VOID}"
    ],
    "every question has the words of its hash": [
        "UPDATE question_text SET text = 'another' WHERE question_id = (SELECT MIN(id) FROM question)"
    ],
    TOTALS: [
        (
            "INSERT INTO transfer (id, entry_id, debit_id, credit_id, amount) "
            f"VALUES (9999, {WELCOME}, 9999, 1, 5)"
        )
    ],
    DRAWS: [f"UPDATE ticket SET roll = roll - 1 WHERE round_id = {FIRST} AND n = 1"],
}
ALSO = {TOTALS: {ENTRIES}}
"""What can't be broken alone: credits appear from nowhere only by a transfer with a missing account."""

OTHER_DRAWS = {
    "the roll of a running round": "UPDATE ticket SET roll = roll - 1 WHERE n = 1 AND round_id = "
    f"(SELECT id FROM round WHERE {OPEN})",
    "who won": f"UPDATE ticket SET won = NOT won WHERE round_id = {FIRST}",
    "a player's seed": f"UPDATE ticket SET seed = 'other' WHERE round_id = {FIRST} AND n = 1",
    "a pseudonym": "UPDATE ticket SET pseudonym = 'uother' WHERE n = 1",
    "a chance": f"UPDATE ticket SET ppm = ppm + 1 WHERE round_id = {FIRST} AND n = 1",
    "the head of a closed round": f"UPDATE round SET head = commitment WHERE id = {FIRST}",
    "the head of a running round": f"UPDATE round SET head = commitment WHERE {OPEN}",
    "a commitment": f"UPDATE round SET commitment = head WHERE id = {FIRST}",
    "a secret": f"UPDATE round SET secret = commitment WHERE id = {FIRST}",
    "the secret of a running round": f"UPDATE round SET secret = commitment WHERE {OPEN}",
    "an anchor": f"UPDATE chain SET anchor = top WHERE pot_id = {GLOBAL}",
    "a chain": f"UPDATE chain SET top = anchor WHERE pot_id = {GLOBAL}",
    "a prize that no ticket won": "UPDATE ticket SET won = NOT won WHERE won",
}


async def _buy(house: House) -> None:
    """Have a player buy: given back, being given back, taken back with a debt left, frozen, and Premium."""
    house.rules = replace(house.rules, purchases=PurchaseRules(enabled=True))
    who = await house.player(3, name="Cleo")
    await pay(house, checkout(await order(house, who, None), telegram_id=3), "premium")
    await pay(house, checkout(await order(house, who), telegram_id=4), "forged")
    for charge in ("back", "asked", "taken"):
        await pay(house, checkout(await order(house, who), telegram_id=3), charge)
        if charge != "taken":
            number, stamp = await payment_id(house, charge), house.stamps.take()
            await house.db.transact(begin_payback, number, who.player_id, house.rules, stamp)
    await house.db.transact(end_payback, "back", house.stamps.take())
    await house.gift(who, 1_500)
    await house.db.transact(reclaim, "taken", house.rules, house.stamps.take())


async def _play(url: str) -> None:
    """Play all that the audit looks at: wins, gifts, groups, refusals, a turn under way, one that failed, purchases."""
    async with open_house(url, replace(UNGUARDED, pot=PotRules(ppm_per_credit=0))) as house:
        ana, ben = await house.player(1), await house.player(2, name="Ben")
        group = await house.group(1)
        for who in (ana, ben, group, ana):
            await house.pay(who)
        house.rules = replace(house.rules, pot=PotRules(ppm_per_credit=draw.ROLLS // 20))
        await house.pay(ana)
        house.rules = replace(house.rules, pot=PotRules(ppm_per_credit=0))
        stamp = house.stamps.take()
        await house.db.transact(gifts.give, ben.player_id, ben.chat_id, 9, "gift", house.rules, stamp)
        for who in (ben, ana):
            await house.pay(who)
        await house.say(ben)
        await house.release()
        house.rules = replace(house.rules, talk=replace(house.rules.talk, free_per_day=1))
        await house.say(ben, always_paid=False)
        await house.settle()
        await house.say(ana)
        for number, is_paid in ((2, True), (3, False)):
            other = await house.group(number, player=2)
            await house.gift(other, 30)
            house.clock.move(timedelta(days=8))
            await house.reset(other, "reset_refund")
            if is_paid:
                await house.tick()
        await _duel(house)
        await _buy(house)


async def _duel(house: House) -> None:
    """Play duels to each ending; two wait."""
    ana, ben = await duellist(house), await duellist(house, 2, name="Ben")
    await stock(house, "science", "es")
    slower = (2_000, 4_000, 6_000, 8_000, 12_000)
    _, lost = await settled(house, Side(who=ana), Side(who=ben, at_ms=slower))
    await settled(house, Side(who=ben), Side(who=ana, right=2))
    await settled(house, Side(who=ana, right=0, at_ms=()), Side(who=ben, right=0, at_ms=()))
    await given_back(house, lost)
    for state in (DuelState.REFUNDED, DuelState.VOID, DuelState.WAITING):
        await ended(house, Side(who=ana), state)
    await ended(house, Side(who=ben), DuelState.WAITING)


@pytest.fixture(scope="session")
def sqlite_played_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a SQLite file in which was played; it is only copied."""
    path = tmp_path_factory.mktemp("played") / "books.db"
    migrate(f"sqlite:///{path}")
    asyncio.run(_play(f"sqlite:///{path}"))
    return path


@pytest.fixture
def sqlite_played(sqlite_played_file: Path, tmp_path: Path) -> str:
    """Give a played SQLite database of the test's own."""
    path = tmp_path / "books.db"
    shutil.copyfile(sqlite_played_file, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_played(postgres_server: postgres.PostgresServer) -> Iterator[str]:
    """Give a played Postgres database of the test's own."""

    def build(url: str) -> None:
        migrate(sync_url(url))
        asyncio.run(_play(sync_url(url)))

    name = postgres_server.create(template=postgres_server.template("played", build))
    yield sync_url(postgres_server.url(name))
    postgres_server.drop(name)


@pytest.fixture(params=["sqlite", "postgres"])
def played(request: pytest.FixtureRequest) -> str:
    """Give a database in which was played, once of each kind."""
    url: str = request.getfixturevalue(f"{request.param}_played")
    return url


def corrupt(url: str, *statements: str) -> None:
    """Run statements on tables that lost their constraints, indexes and triggers."""
    engine = blocking_engine(url)
    with engine.connect() as tx:
        if url.startswith("sqlite"):
            tx.exec_driver_sql("ROLLBACK")
            tx.exec_driver_sql("PRAGMA foreign_keys=OFF")
            tx.exec_driver_sql("BEGIN IMMEDIATE")
        cascade = "" if url.startswith("sqlite") else " CASCADE"
        for table in TABLES:
            tx.execute(text(f"CREATE TABLE bare AS SELECT * FROM {table}"))
            tx.execute(text(f"DROP TABLE {table}{cascade}"))
            tx.execute(text(f"ALTER TABLE bare RENAME TO {table}"))
        for statement in statements:
            assert tx.execute(text(statement)).rowcount > 0
        tx.commit()
    engine.dispose()


def audited(url: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    """Return the exit code of the audit and its findings by name."""
    code = run_audit(Settings(database_url=url), as_json=True)  # type: ignore[arg-type]
    report = json.loads(capsys.readouterr().out)
    assert report["clean"] is (code == 0)
    return code, {one["check"]: one["row"] for one in report["findings"]}


def bot(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "bot.py", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_every_check_has_its_corruption() -> None:
    assert set(CORRUPTIONS) == {*CHECKS, *DUEL_CHECKS, TOTALS, DRAWS}


def test_healthy_books_are_clean(played: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, findings = audited(played, capsys)
    assert (code, set(findings.values())) == (0, {None})
    assert set(findings) == set(CORRUPTIONS)


def test_tables_without_constraints_are_still_clean(played: str, capsys: pytest.CaptureFixture[str]) -> None:
    corrupt(played)
    assert audited(played, capsys)[0] == 0


@pytest.mark.parametrize("check", CORRUPTIONS)
def test_broken_books_are_found_by_exactly_their_check(
    played: str, check: str, capsys: pytest.CaptureFixture[str]
) -> None:
    corrupt(played, *CORRUPTIONS[check])
    code, findings = audited(played, capsys)
    assert code == 1
    assert {name for name, row in findings.items() if row} == {check} | ALSO.get(check, set())
    assert run_audit(Settings(database_url=played), as_json=False) == 1  # type: ignore[arg-type]
    said = capsys.readouterr().out
    assert f"BAD  {check}" in said
    first = next(name for name, row in findings.items() if row)
    assert f"{first}: not so for {{" in said
    assert all(f"'{column}'" in said for column in findings[first])
    assert said.splitlines()[-1] == "THE BOOKS ARE WRONG"


def test_every_draw_that_was_tampered_with_is_found(played: str) -> None:
    corrupt(played)
    engine = blocking_engine(played)
    with engine.connect() as tx:
        for what, statement in OTHER_DRAWS.items():
            assert tx.execute(text(statement)).rowcount > 0, what
            assert {one.check for one in look(tx).findings if not one.holds} == {DRAWS}, what
            tx.rollback()
        assert look(tx).is_clean
        tx.rollback()
    engine.dispose()


def test_the_command_ends_with_one_and_names_the_row(played: str) -> None:
    corrupt(played, *CORRUPTIONS["every cached balance equals its transfers"])
    done = bot("audit", DATABASE_URL=played)
    assert (done.returncode, done.stderr) == (1, "")
    assert "every cached balance equals its transfers: not so for {'account': " in done.stdout
    as_json = bot("audit", "--json", DATABASE_URL=played)
    assert as_json.returncode == 1
    assert json.loads(as_json.stdout)["clean"] is False


def test_the_command_ends_with_zero_where_all_is_right(played: str) -> None:
    done = bot("audit", DATABASE_URL=played)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "the books are right"


def test_a_database_that_is_not_there_is_told_and_not_made(tmp_path: Path) -> None:
    missing = tmp_path / "none.db"
    done = bot("audit", DATABASE_URL=f"sqlite:///{missing}")
    assert (done.returncode, done.stdout) == (2, "")
    assert str(missing) in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"no database at all" * 100])
def test_a_file_that_is_no_database_of_ours_can_not_be_read(
    tmp_path: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "books.db"
    path.write_bytes(content)
    assert run_audit(Settings(database_url=f"sqlite:///{path}"), as_json=False) == 2  # type: ignore[arg-type]
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert path.read_bytes() == content


def test_the_audit_writes_nothing(sqlite_played: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = Path(sqlite_played.removeprefix("sqlite:///"))
    before = path.read_bytes()
    assert audited(sqlite_played, capsys)[0] == 0
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_the_audit_can_not_write(played: str) -> None:
    engine = reading_engine(played)
    with engine.connect() as tx, pytest.raises(DBAPIError, match=r"readonly|read-only"):
        tx.execute(text("UPDATE account SET balance = 0 WHERE kind = 'player'"))
    engine.dispose()


async def test_the_audit_reads_beside_a_running_bot(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    ana = await house.player()
    await house.pay(ana)
    await house.say(ana)
    code, _ = await asyncio.to_thread(audited, house.url, capsys)
    assert code == 0
    assert (await house.settle())["price"] == 10
