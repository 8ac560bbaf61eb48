"""The migrated schema: the same as the models say, down to CHECKs, conditions of indexes and triggers."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, Inspector, insert, inspect, text
from sqlalchemy.exc import DBAPIError, StatementError

from db.models import APPEND_ONLY, metadata
from db.models.books import account
from db.models.search import WORDS
from db.schema import HEAD, MIGRATIONS, SchemaTooNew, blocking_engine, downgrade, migrate, upgrade, version_of
from tests.app import sync_url
from tests.house import House
from tests.integration.catalogs import catalog, triggers, without_triggers

ROOT = Path(__file__).parents[2]
TRIGGERS = {
    ("entry", "tr_entry_no_update"),
    ("entry", "tr_entry_no_delete"),
    ("transfer", "tr_transfer_no_update"),
    ("transfer", "tr_transfer_no_delete"),
    ("ticket", "tr_ticket_no_update"),
    ("ticket", "tr_ticket_no_delete"),
    ("account", "tr_account_no_delete"),
    ("hold", "tr_hold_no_delete"),
    ("hold", "tr_hold_ends_once"),
}
SQLITE_TRIGGERS = TRIGGERS | {("turn", "tr_turn_words")}
POSTGRES_TRIGGERS = TRIGGERS | {
    (table, f"tr_{table}_no_truncate") for table in ("entry", "transfer", "ticket", "account", "hold")
}


@dataclass(frozen=True, slots=True)
class Shape:
    """What statements of older code meet in a table: columns with type and NULL, the new ones' defaults, rules."""

    columns: Mapping[str, tuple[str, bool]]
    omissible: frozenset[str]
    rules: frozenset[str]

    def bears(self, older: "Shape") -> bool:
        """Tell whether code that was written for the older shape works on this one."""
        added = self.columns.keys() - older.columns.keys()
        return (
            older.columns.items() <= self.columns.items()
            and added <= self.omissible
            and self.rules <= older.rules
        )


def shapes(engine: Engine) -> dict[str, Shape]:
    """Return the shapes of all tables."""
    found = inspect(engine)
    return {name: shape_of(found, name) for name in found.get_table_names()}


def shape_of(found: Inspector, table: str) -> Shape:
    """Return the shape of a table."""
    columns = found.get_columns(table)
    rules = [f"unique {one['column_names']}" for one in found.get_unique_constraints(table)]
    rules += [f"check {one['sqltext']}" for one in found.get_check_constraints(table)]
    return Shape(
        columns={one["name"]: (str(one["type"]), one["nullable"]) for one in columns},
        omissible=frozenset(one["name"] for one in columns if one["nullable"] or one["default"] is not None),
        rules=frozenset(rules),
    )


@pytest.fixture
def migrated(books_url: str) -> Iterator[Engine]:
    """Give an engine of a migrated database."""
    engine = blocking_engine(books_url)
    yield engine
    engine.dispose()


@pytest.fixture
def empty(database_url: str) -> Iterator[Engine]:
    """Give an engine of an empty database."""
    engine = blocking_engine(sync_url(database_url))
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def both(request: pytest.FixtureRequest) -> Iterator[tuple[Engine, Engine]]:
    """Give two databases of one kind: one migrated, one built from the models."""
    engines = [
        blocking_engine(request.getfixturevalue(f"{request.param}_books")),
        blocking_engine(sync_url(request.getfixturevalue(f"{request.param}_url"))),
    ]
    with engines[1].begin() as tx:
        metadata.create_all(tx)
    yield engines[0], engines[1]
    for engine in engines:
        engine.dispose()


def test_the_head_in_the_code_is_the_last_migration() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_heads() == [HEAD]


def test_migrations_go_up_down_and_up_again(empty: Engine) -> None:
    with empty.connect() as tx:
        assert catalog(tx) == {}
    upgrade(empty)
    with empty.connect() as tx:
        first = catalog(tx)
    downgrade(empty)
    with empty.connect() as tx:
        assert catalog(tx) == {}
        assert tx.scalar(text("SELECT COUNT(*) FROM alembic_version")) == 0
    upgrade(empty)
    with empty.connect() as tx:
        assert catalog(tx) == first
    assert version_of(empty) == HEAD


def test_a_second_migration_changes_nothing(migrated: Engine, books_url: str) -> None:
    with migrated.connect() as tx:
        before = catalog(tx), tx.execute(text("SELECT * FROM account ORDER BY id")).all()
    assert migrate(books_url) == (HEAD, HEAD)
    with migrated.connect() as tx:
        assert (catalog(tx), tx.execute(text("SELECT * FROM account ORDER BY id")).all()) == before


def test_the_migrated_schema_is_that_of_the_models(both: tuple[Engine, Engine]) -> None:
    with both[0].connect() as migrated, both[1].connect() as built:
        assert without_triggers(catalog(migrated)) == catalog(built)
        expected = SQLITE_TRIGGERS if migrated.dialect.name == "sqlite" else POSTGRES_TRIGGERS
        assert triggers(migrated) == expected


def test_alembic_finds_no_difference(migrated: Engine) -> None:
    with migrated.connect() as tx:
        is_postgres = tx.dialect.name == "postgresql"  # on SQLite Alembic takes '' and '' for different
        opts = {
            "compare_type": True,
            "compare_server_default": is_postgres,
            "include_name": lambda name, *_: WORDS not in (name or ""),
        }
        context = MigrationContext.configure(tx, opts=opts)
        assert compare_metadata(context, metadata) == []


def test_every_table_of_sqlite_is_strict(sqlite_books: str) -> None:
    engine = blocking_engine(sqlite_books)
    with engine.connect() as tx:
        found = tx.execute(text("SELECT name, strict FROM pragma_table_list WHERE schema = 'main'"))
        loose = {name for name, strict in found if not strict and not name.startswith(WORDS)}
    engine.dispose()
    assert loose == {"alembic_version", "sqlite_schema"}


SQLITE_MUTATIONS = {
    "a CHECK": ("CONSTRAINT ck_hold_amount_positive CHECK (amount > 0),", ""),
    "a CHECK's condition": ("CHECK (balance IS NULL OR balance >= 0)", "CHECK (1)"),
    "a UNIQUE": ("CONSTRAINT uq_entry_cause UNIQUE (cause)", "CONSTRAINT uq_entry_cause UNIQUE (at)"),
    "a foreign key": ("FOREIGN KEY(entry_id) REFERENCES entry (id)", "CHECK (1)"),
    "STRICT": ("STRICT", ""),
    "NOT NULL": ("amount INTEGER NOT NULL", "amount INTEGER"),
    "the condition of an index": ("WHERE state = 'reserved'", "WHERE state <> 'reserved'"),
    "a unique index": ("CREATE UNIQUE INDEX uq_round_open", "CREATE INDEX uq_round_open"),
    "a trigger's body": ("a hold ends once", "a hold may end"),
}
POSTGRES_MUTATIONS = {
    "a CHECK": "ALTER TABLE hold DROP CONSTRAINT ck_hold_amount_positive",
    "a UNIQUE": "ALTER TABLE entry DROP CONSTRAINT uq_entry_cause",
    "a foreign key": "ALTER TABLE transfer DROP CONSTRAINT fk_transfer_entry_id",
    "NOT NULL": "ALTER TABLE transfer ALTER amount DROP NOT NULL",
    "an index": "DROP INDEX uq_turn_album",
    "the condition of an index": "DROP INDEX uq_round_open_pot_id; "
    "CREATE UNIQUE INDEX uq_round_open_pot_id ON round (pot_id)",
    "a trigger": "DROP TRIGGER tr_entry_no_update ON entry",
    "a trigger that sleeps": "ALTER TABLE hold DISABLE TRIGGER tr_hold_ends_once",
    "a type": "ALTER TABLE ticket ALTER ppm TYPE bigint",
    "a default": "ALTER TABLE account ALTER held SET DEFAULT 1",
}


@pytest.mark.parametrize("what", SQLITE_MUTATIONS)
def test_the_comparison_sees_what_is_missing_on_sqlite(sqlite_books: str, what: str) -> None:
    old, new = SQLITE_MUTATIONS[what]
    engine = blocking_engine(sqlite_books)
    with engine.connect() as tx:
        before = catalog(tx)
        tx.exec_driver_sql("PRAGMA writable_schema=ON")
        tx.execute(text("UPDATE sqlite_master SET sql = replace(sql, :old, :new)"), {"old": old, "new": new})
        tx.commit()
        tx.exec_driver_sql("PRAGMA writable_schema=RESET")
        assert catalog(tx) != before
    engine.dispose()


@pytest.mark.parametrize("what", ["trigger tr_entry_no_update", "index uq_turn_album", "table button"])
def test_the_comparison_sees_what_was_dropped_on_sqlite(sqlite_books: str, what: str) -> None:
    engine = blocking_engine(sqlite_books)
    with engine.begin() as tx:
        before = catalog(tx)
        tx.execute(text(f"DROP {what}"))
        assert catalog(tx) != before
    engine.dispose()


def test_the_comparison_sees_what_is_missing_on_postgres(postgres_books: str) -> None:
    engine = blocking_engine(postgres_books)
    with engine.connect() as tx:
        before = catalog(tx)
        for what, statements in POSTGRES_MUTATIONS.items():
            for statement in statements.split("; "):
                tx.execute(text(statement))
            assert catalog(tx) != before, what
            tx.rollback()
        assert catalog(tx) == before
    engine.dispose()


def test_t67_a_database_of_newer_code_is_refused_and_left_alone(migrated: Engine, books_url: str) -> None:
    with migrated.begin() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        before = catalog(tx)
    with pytest.raises(SchemaTooNew, match="9999"):
        migrate(books_url)
    with migrated.connect() as tx:
        assert catalog(tx) == before


def test_t67_each_migration_leaves_what_older_code_needs(empty: Engine) -> None:
    """Expand first: no column goes or changes, a new one may be left out, and nothing new is forbidden."""
    revisions = [one.revision for one in ScriptDirectory(str(MIGRATIONS)).walk_revisions()][::-1]
    older: dict[str, Shape] = {}
    for revision in revisions:
        upgrade(empty, revision)
        newer = shapes(empty)
        assert older.keys() <= newer.keys()
        for name, shape in older.items():
            assert newer[name].bears(shape), (revision, name)
        older = newer


def test_alembic_is_not_imported_where_there_is_nothing_to_do(books_url: str) -> None:
    script = (
        f"import sys; from db.schema import migrate; migrate({books_url!r}); print('alembic' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "False"


def test_two_processes_migrate_one_database_at_once(postgres_url: str) -> None:
    script = f"from db.schema import migrate; print(*migrate({sync_url(postgres_url)!r}))"
    both = [
        subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=60)[0].split()[-1] for process in both]
    assert said == [HEAD, HEAD]
    assert [process.returncode for process in both] == [0, 0]


def test_a_migration_that_breaks_off_leaves_nothing(empty: Engine) -> None:
    with empty.begin() as tx:
        tx.execute(text("CREATE TABLE turn (id integer)"))
        before = catalog(tx)
    with pytest.raises(DBAPIError):
        upgrade(empty)
    with empty.connect() as tx:
        assert catalog(tx) == before


async def _paid_once(house: House) -> None:
    await house.pay(await house.player())


@pytest.mark.parametrize("table", APPEND_ONLY)
async def test_what_is_booked_is_never_changed_nor_deleted(house: House, table: str) -> None:
    await _paid_once(house)
    column = "round_id" if table == "ticket" else "id"
    statements = [f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"]
    if house.url.startswith("sqlite"):
        statements.append(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
        statements.append(f"UPDATE OR REPLACE {table} SET {column} = {column} + 1")
    else:
        statements.append(f"TRUNCATE {table} CASCADE")
    for statement in statements:
        with pytest.raises(DBAPIError, match="append-only"):
            await house.write(statement)


@pytest.mark.parametrize("table", ["account", "hold"])
async def test_accounts_and_holds_are_never_deleted(house: House, table: str) -> None:
    await _paid_once(house)
    statements = [f"DELETE FROM {table}"]
    if house.url.startswith("sqlite"):
        statements.append(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
    else:
        statements.append(f"TRUNCATE {table} CASCADE")
    for statement in statements:
        with pytest.raises(DBAPIError, match=r"rows stay|append-only"):
            await house.write(statement)


async def test_a_hold_ends_once_and_keeps_its_amount(house: House) -> None:
    ana = await house.player()
    await house.pay(ana)
    await house.say(ana)
    for change in ("state = 'released'", "ended_at = placed_at", "cause = cause"):
        with pytest.raises(DBAPIError, match="ends once"):
            await house.write(f"UPDATE hold SET {change} WHERE state = 'captured'")
    for change in ("amount = amount - 1", "account_id = account_id + 1", "cause = 'other'"):
        with pytest.raises(DBAPIError, match="ends once"):
            await house.write(f"UPDATE hold SET {change} WHERE state = 'placed'")
    await house.settle()


def test_credits_that_are_no_whole_numbers_never_reach_the_database(migrated: Engine) -> None:
    with migrated.connect() as tx:
        for amount in (1.0, 1.5, True, "5", float("nan")):
            with pytest.raises(StatementError, match="credits are whole numbers"):
                tx.execute(insert(account), {"kind": "player", "owner_id": 1, "balance": amount})


async def test_the_database_itself_refuses_what_is_no_whole_64_bit_number(house: House) -> None:
    ana = await house.player()
    for amount in ("'five'", "9223372036854775808", "1e30", "x'05'"):
        with pytest.raises(DBAPIError):
            await house.write(f"UPDATE account SET balance = {amount} WHERE owner_id = {ana.player_id}")


def test_strict_tables_refuse_a_float(sqlite_books: str) -> None:
    engine = blocking_engine(sqlite_books)
    with engine.connect() as tx, pytest.raises(DBAPIError, match="cannot store REAL value in INTEGER"):
        tx.execute(text("INSERT INTO account (kind, owner_id, balance) VALUES ('player', 1, 1.5)"))
    engine.dispose()


async def test_numbers_above_64_bits_are_refused_when_bound(house: House) -> None:
    await house.player()
    for amount in (2**63, -(2**63) - 1, 10**30):
        with pytest.raises((DBAPIError, OverflowError)):
            await house.write("UPDATE account SET balance = :amount WHERE kind = 'player'", amount=amount)


IMPOSSIBLE = [
    "UPDATE account SET balance = -1 WHERE kind = 'player'",
    "UPDATE account SET held = balance + 1 WHERE kind = 'player'",
    "UPDATE account SET held = -1 WHERE kind = 'player'",
    "UPDATE account SET balance = 5 WHERE kind = 'house'",
    "UPDATE account SET balance = NULL WHERE kind = 'player'",
    "INSERT INTO account (kind) VALUES ('house')",
    "INSERT INTO account (kind, owner_id, balance) VALUES ('player', 1, 0)",
    "INSERT INTO account (kind, owner_id, balance) VALUES ('bank', 1, 0)",
    "INSERT INTO transfer (entry_id, debit_id, credit_id, amount) VALUES (1, 1, 2, 0)",
    "INSERT INTO transfer (entry_id, debit_id, credit_id, amount) VALUES (1, 1, 2, -5)",
    "INSERT INTO transfer (entry_id, debit_id, credit_id, amount) VALUES (1, 2, 2, 5)",
    "INSERT INTO transfer (entry_id, debit_id, credit_id, amount) VALUES (99, 1, 2, 5)",
    "INSERT INTO transfer (entry_id, debit_id, credit_id, amount) VALUES (1, 1, 99, 5)",
    "UPDATE budget SET spent = -1",
    "UPDATE turn SET state = 'reserved'",
    "UPDATE turn SET answer = NULL",
    "UPDATE round SET state = 'closed'",
    (
        "INSERT INTO round (pot_id, chain_id, k, secret, commitment, head, carried_in, state, opened_at) "
        "SELECT pot_id, chain_id, 2, secret, commitment, head, carried_in, state, opened_at FROM round"
    ),
]


async def test_unbalanced_books_can_not_be_written_down(house: House) -> None:
    await _paid_once(house)
    await house.player(2)
    for change in IMPOSSIBLE:
        with pytest.raises(DBAPIError):
            await house.write(change)


async def test_the_system_has_each_of_its_accounts_once(house: House) -> None:
    rows = await house.rows("SELECT kind, balance FROM account WHERE owner_id IS NULL ORDER BY id")
    kinds = ["house", "promo", "refund", "debt", "stars", "suspense"]
    assert [tuple(row) for row in rows] == [(kind, None) for kind in kinds]
