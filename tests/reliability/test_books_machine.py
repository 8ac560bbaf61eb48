"""The books against a model of the rules: random lives of a few players, on both databases, compared step by step.

A long run: ``POTLUCK_MACHINE_EXAMPLES=2000 python -m pytest -k model tests/reliability/test_books_machine.py``.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import Connection, select, text

from db.models import metadata
from db.models.books import hold
from db.queries import books
from db.schema import blocking_engine, migrate
from tests.app import sync_url
from tests.reliability.books_machine import BooksMachine

NewBooks = Callable[[], AbstractContextManager[Connection]]
LONG = os.environ.get("POTLUCK_MACHINE_EXAMPLES")
STEPS = 40

pytestmark = pytest.mark.timeout(0 if LONG else 120)


@pytest.fixture
def sqlite_lives(sqlite_url: str) -> Iterator[NewBooks]:
    """Give a maker of books on SQLite."""
    migrate(sqlite_url)
    yield from _lives(sqlite_url)


@pytest.fixture
def postgres_lives(postgres_url: str) -> Iterator[NewBooks]:
    """Give a maker of books on Postgres."""
    migrate(sync_url(postgres_url))
    yield from _lives(sync_url(postgres_url))


def _lives(url: str) -> Iterator[NewBooks]:
    engine = blocking_engine(url)

    @contextmanager
    def new_books() -> Iterator[Connection]:
        transaction = connection.begin()
        try:
            _restart_numbers(connection)
            yield connection
        finally:
            transaction.rollback()

    with engine.connect() as connection:
        yield new_books
    engine.dispose()


def _restart_numbers(connection: Connection) -> None:
    """Begin again with the numbers of rows, which no rollback gives back on Postgres: draws depend on them."""
    if connection.dialect.name == "postgresql":
        for table in metadata.sorted_tables:
            if "id" in table.columns:
                row = (
                    "SELECT setval(pg_get_serial_sequence(:name, 'id'), (SELECT COUNT(*) FROM {}) + 1, false)"
                )
                connection.execute(text(row.format(f'"{table.name}"')), {"name": f'"{table.name}"'})


def _run(new_books: NewBooks, examples: int) -> None:
    """Run the machine: always the same lives, or new ones every time if it is a long run."""
    machine = type("Machine", (BooksMachine,), {"new_books": staticmethod(new_books)})
    how = settings(
        max_examples=int(LONG or examples),
        stateful_step_count=STEPS,
        derandomize=LONG is None,
        database=None,
        deadline=None,
        phases=[Phase.generate] if LONG is None else [Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    run_state_machine_as_test(machine, settings=how)


def test_books_on_sqlite_are_those_of_the_model(sqlite_lives: NewBooks) -> None:
    _run(sqlite_lives, 50)


def test_books_on_postgres_are_those_of_the_model(postgres_lives: NewBooks) -> None:
    _run(postgres_lives, 20)


def _prize_and_one_more(pot_credits: int, **rules: int) -> int:
    return min(max(pot_credits * 9 // 10, min(pot_credits, 1)), rules["cap"]) + 1


def _capture_nothing(tx: Connection, hold_id: int, *, now: datetime) -> int:
    return int(tx.execute(select(hold.c.amount).where(hold.c.id == hold_id)).scalar_one())


def _release_nothing(tx: Connection, hold_id: int, *, now: datetime) -> int:
    return int(
        tx.execute(books.END_HOLD, {"hold_id": hold_id, "to_state": "released", "at": now}).one().amount
    )


SABOTAGES: Mapping[str, tuple[str, Any]] = {
    "a hold isn't captured": ("services.wallet.capture_hold", _capture_nothing),
    "a hold isn't given back": ("services.wallet.release_hold", _release_nothing),
    "a prize is one too high": ("services.money.prize_of", _prize_and_one_more),
    "the price doesn't rise": ("services.reserve.price_of_next", lambda rule, paid_in_window: rule.base),
    "a budget has no end": ("services.grants._spend", lambda *_: True),
    "the day goes back": ("services.days.day_of", lambda now, last_day: now.date()),
}


@pytest.mark.parametrize("sabotage", SABOTAGES)
def test_machine_finds(sabotage: str, sqlite_lives: NewBooks, monkeypatch: pytest.MonkeyPatch) -> None:
    name, wrong = SABOTAGES[sabotage]
    monkeypatch.setattr(name, wrong)
    with pytest.raises(AssertionError):
        _run(sqlite_lives, 300)
