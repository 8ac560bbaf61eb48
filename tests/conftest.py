"""Fixtures of all tests: databases, profiles and the search for canary secrets."""

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from tests import canary, postgres

hypothesis_settings.register_profile("fixed", derandomize=True, deadline=None)
hypothesis_settings.load_profile("fixed")


def pytest_configure() -> None:
    """Choose the place of this run's Postgres, once for all workers."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        postgres.prepare()


def pytest_unconfigure() -> None:
    """Stop this run's Postgres."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        postgres.stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Search what a test wrote for canary secrets."""
    report = yield
    canary.fail_if_seen(report)
    return report


@pytest.fixture(scope="session")
def postgres_server() -> postgres.PostgresServer:
    """Start the private Postgres; skip where its binaries are missing."""
    binaries = postgres.find_binaries()
    if binaries is None:
        pytest.skip("no Postgres here: initdb and pg_ctl are missing")
    return postgres.start(binaries)


@pytest.fixture
def postgres_url(postgres_server: postgres.PostgresServer) -> Iterator[str]:
    """Give a fresh, empty Postgres database."""
    name = postgres_server.create()
    yield postgres_server.url(name)
    postgres_server.drop(name)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """Give the address of a SQLite file that doesn't exist yet."""
    return f"sqlite:///{tmp_path / 'potluck.db'}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Give a fresh, empty database, once of each kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url
