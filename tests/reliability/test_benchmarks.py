"""The benchmarks still run: what they replay is what the use cases do, and the naive service's books are looked at."""

import pytest

from benchmarks import naive, step
from benchmarks.__main__ import PARTS, Wish
from benchmarks.places import KINDS, Kind, place_of
from benchmarks.stage import open_stage
from bot.chaos.cluster import find_binaries

needs_postgres = pytest.mark.skipif(find_binaries() is None, reason="no Postgres binaries found")
BRIEF = Wish(seconds=0.2, rounds=1, messages=0)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=needs_postgres)])
def kind(request: pytest.FixtureRequest) -> Kind:
    """Give each kind of database."""
    kinds = {kind: kind for kind in KINDS}
    return kinds[request.param]


async def test_the_driver_alone_and_the_use_cases_can_be_compared(kind: Kind) -> None:
    async with place_of(kind) as place:
        rows = [row async for row in PARTS["step"](place, BRIEF)]
    assert [name.split(",")[0] for name, _ in rows] == ["driver alone", "use cases", "use cases to driver"]
    assert 0 < float(rows[-1][1]) < 2


async def test_a_replay_says_every_statement_of_a_paid_message() -> None:
    async with place_of("sqlite") as place:
        _, statements = await step.sqlite_replay(place, messages=1, per_commit=1)
        async with open_stage(await place.migrated()) as stage:
            await step.use_cases(stage, await step.warm_players(stage), seconds=0.05)
    assert 10 < statements < 60


async def test_the_repaired_naive_services_books_add_up() -> None:
    async with place_of("sqlite") as place:
        done = await naive.measure(place, clients=4, seconds=0.5, is_repaired=True)
    assert done.missing_credits == done.failed == 0
    assert done.per_second > 0
