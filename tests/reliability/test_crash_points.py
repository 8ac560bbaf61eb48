"""A crash at every commit and every call: the next life makes good what the last one has left.

Every scenario is played once in calm; then once for each point, at which the bot dies and is built again on the
same database. On Postgres every seventh point is tried, with ``CRASH_POINTS=all`` every one.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

from db.schema import migrate
from tests.app import sync_url
from tests.postgres import PostgresServer
from tests.reliability.crash_life import Door
from tests.reliability.crash_outcome import Outcome, assert_same
from tests.reliability.crash_rig import Scenario, Stage
from tests.reliability.crash_scenarios import SCENARIOS

IS_THOROUGH = os.environ.get("CRASH_POINTS") == "all"
STRIDE = 1 if IS_THOROUGH else 7
"""Of how many points one is tried on Postgres."""
STRIDE_TWICE = 1 if IS_THOROUGH else 2
"""Of how many points one is tried with a second crash."""
ENDS_OF_HEIRS = 37
"""At how many different points of its life, its start included, a second life ends."""

FreshBooks = Callable[[], AbstractContextManager[str]]
Note = Callable[[str, object], None]

every_scenario = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
slow = pytest.mark.timeout(900)


@pytest.fixture(autouse=True)
def _no_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.process.HttpServer", Door)


@pytest.fixture(autouse=True)
def _shown_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.stage.FIRST_LOOK_SECONDS", 0.01)
    monkeypatch.setattr("bot.stage.NEXT_LOOK_SECONDS", 0.01)
    monkeypatch.setattr("bot.stage.TYPING_SECONDS", float("inf"))
    monkeypatch.setattr("bot.stage.MessageStage.age_seconds", 0.0)


@pytest.fixture
def sqlite_fresh(tmp_path: Path) -> FreshBooks:
    """Give as many migrated SQLite files as are asked for."""
    template, numbers = tmp_path / "template.db", count()
    migrate(f"sqlite:///{template}")

    @contextmanager
    def fresh() -> Iterator[str]:
        path = tmp_path / f"{next(numbers)}.db"
        shutil.copyfile(template, path)
        yield f"sqlite:///{path}"
        for left in tmp_path.glob(f"{path.name}*"):
            left.unlink()

    return fresh


@pytest.fixture
def postgres_fresh(postgres_server: PostgresServer) -> FreshBooks:
    """Give as many migrated Postgres databases as are asked for."""
    template = postgres_server.template("books", _migrate)

    @contextmanager
    def fresh() -> Iterator[str]:
        name = postgres_server.create(template=template)
        try:
            yield postgres_server.url(name)
        finally:
            postgres_server.drop(name)

    return fresh


def _migrate(url: str) -> None:
    migrate(sync_url(url))


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A scenario, played in calm and with crashes, each time on a fresh database."""

    scenario: Scenario
    fresh: FreshBooks
    _in_calm: dict[frozenset[str], Outcome] = field(default_factory=dict)

    async def in_calm(self, lost: frozenset[str] = frozenset()) -> Outcome:
        """Return what a run without a crash leaves behind, in which the ``lost`` questions get no answer in time."""
        if lost not in self._in_calm:
            with self.fresh() as url:
                stage = Stage(self.scenario, url, lost=lost)
                self._in_calm[lost] = await stage.run()
            assert stage.problems() == []
        return self._in_calm[lost]

    async def with_ends(self, *ends: int) -> int:
        """Play with lives that end at these points and compare; return how many did.

        Where there may be other processes, an answer under way dies with its process: its time is over before
        another one may take it over, and it is given back. So it has to be compared with a run that has as few.
        """
        with self.fresh() as url:
            stage = Stage(self.scenario, url, ends=ends)
            try:
                found = await stage.run()
                lost = found.books.lost - self.scenario.failing
                assert len(lost) <= (0 if url.startswith("sqlite") else len(stage.lives.ended_at))
                assert_same(found, await self.in_calm(lost), in_danger=stage.lives.said_at_ends)
            except BaseException as error:
                error.add_note(f"lives ended {stage.lives.ended_at}, as told by {ends}")
                raise
        return len(stage.lives.ended_at)


@slow
@every_scenario
async def test_t43_t59_a_crash_at_any_commit_or_call_changes_nothing(
    scenario: Scenario, sqlite_fresh: FreshBooks, record_property: Note
) -> None:
    trial, point = Trial(scenario=scenario, fresh=sqlite_fresh), 1
    while await trial.with_ends(point):
        point += 1
    _report(record_property, scenario, tried=point - 1)


@slow
@every_scenario
async def test_t43_t59_a_crash_costs_at_most_an_answer_where_there_may_be_other_processes(
    scenario: Scenario, postgres_fresh: FreshBooks, record_property: Note
) -> None:
    trial, first = Trial(scenario=scenario, fresh=postgres_fresh), 1 + SCENARIOS.index(scenario) % STRIDE
    tried = 0
    while await trial.with_ends(first + tried * STRIDE):
        tried += 1
    _report(record_property, scenario, tried=tried)


@slow
@pytest.mark.parametrize("name", ["won_rounds", "three_at_once", "gift_to_the_pot"])
async def test_t43_t59_a_second_crash_while_the_first_is_made_good_changes_nothing(
    name: str, sqlite_fresh: FreshBooks, record_property: Note
) -> None:
    scenario = next(one for one in SCENARIOS if one.name == name)
    trial, tried, twice = Trial(scenario=scenario, fresh=sqlite_fresh), 0, 0
    while ends := await trial.with_ends(1 + tried * STRIDE_TWICE, 1 + tried * 5 % ENDS_OF_HEIRS):
        tried += 1
        twice += ends == 2
    assert twice > tried // 2
    _report(record_property, scenario, tried=tried)


def _report(record_property: Note, scenario: Scenario, *, tried: int) -> None:
    assert tried > 0
    record_property("crash points", tried)
    print(f"{scenario.name}: {tried} points")
