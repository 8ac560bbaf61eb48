"""The books against a model of the rules: random lives of a few players, on both databases, compared step by step.

A long run: ``POTLUCK_MACHINE_EXAMPLES=2000 python -m pytest -k model tests/reliability/test_books_machine.py``.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import Connection, bindparam, insert, select, text

from db.models import metadata
from db.models.books import hold
from db.models.groups import refund_due
from db.models.pots import round_, round_player
from db.queries import books
from db.schema import blocking_engine, migrate
from services.entry_kinds import EntryKind
from services.ledger import REFUND, Move, NewEntry, post, wallet_of
from services.refunds import LockedRound, lock_round
from services.refunds import _pay as pay_refund
from services.stamp import Stamp
from tests.app import sync_url
from tests.reliability.books_machine import BooksMachine
from tests.reliability.books_model import Figures

NewBooks = Callable[[], AbstractContextManager[Connection]]
LONG = os.environ.get("POTLUCK_MACHINE_EXAMPLES")
STEPS = 40

pytestmark = pytest.mark.timeout(0 if LONG else 300)


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.refunds.BATCH", Figures().batch)


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
    _run(sqlite_lives, 30)


def test_books_on_postgres_are_those_of_the_model(postgres_lives: NewBooks) -> None:
    _run(postgres_lives, 12)


def _prize_and_one_more(pot_credits: int, **rules: int) -> int:
    return min(max(pot_credits * 9 // 10, min(pot_credits, 1)), rules["cap"]) + 1


def _capture_nothing(tx: Connection, hold_id: int, *, now: datetime) -> int:
    return int(tx.execute(select(hold.c.amount).where(hold.c.id == hold_id)).scalar_one())


def _release_nothing(tx: Connection, hold_id: int, *, now: datetime) -> int:
    return int(
        tx.execute(books.END_HOLD, {"hold_id": hold_id, "to_state": "released", "at": now}).one().amount
    )


def _pay_twice(tx: Connection, found: Any, due: Any, stamp: Stamp) -> None:
    pay_refund(tx, found, due, stamp)
    again = [Move(REFUND, wallet_of(due.player_id), due.amount)]
    cause = f"again:{found.id}:{due.player_id}"
    post(tx, NewEntry(kind=EntryKind.REFUND, cause=cause, at=stamp.now, moves=again, player_id=due.player_id))


def _all_was_put_in(tx: Connection, pot_id: int) -> LockedRound:
    locked = lock_round(tx, pot_id)
    return replace(locked, put_in=locked.pot_credits) if locked.put_in else locked


_carried = select(round_.c.carried_in).where(round_.c.id == round_player.c.round_id).scalar_subquery()
_ALL_OWED = insert(refund_due).from_select(
    ["round_id", "player_id", "amount"],
    select(round_player.c.round_id, round_player.c.player_id, round_player.c.fed_credits + _carried)
    .where(round_player.c.round_id == bindparam("round_id"), round_player.c.fed_credits > 0)
    .order_by(round_player.c.player_id)
    .limit(1),
)

SABOTAGES: Mapping[str, Mapping[str, Any]] = {
    "a hold isn't captured": {"services.wallet.capture_hold": _capture_nothing},
    "a hold isn't given back": {"services.wallet.release_hold": _release_nothing},
    "a prize is one too high": {"services.money.prize_of": _prize_and_one_more},
    "the price doesn't rise": {"services.reserve.price_of_next": lambda rule, paid_in_window: rule.base},
    "a budget has no end": {"services.grants.spend_budget": lambda *_: True},
    "the day goes back": {"services.days.day_of": lambda now, last_day: now.date()},
    "a refund is paid twice": {"services.refunds._pay": _pay_twice},
    "a refund gives back what was carried in": {
        "services.refunds.lock_round": _all_was_put_in,
        "db.queries.refunds.ADD_DUES": _ALL_OWED,
    },
    "a refund is offered while people pay": {
        "services.reset._may_refund": lambda _, locked, *__: locked.put_in > 0
    },
    "a pot is reset twice a day": {"services.reset._check": lambda *_: None},
    "a supergroup begins with what it hadn't": {"services.migration._join_pots": lambda *_: None},
}


@pytest.mark.parametrize("sabotage", SABOTAGES)
def test_machine_finds(sabotage: str, sqlite_lives: NewBooks, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, wrong in SABOTAGES[sabotage].items():
        monkeypatch.setattr(name, wrong)
    with pytest.raises(AssertionError):
        _run(sqlite_lives, 300)
