"""Databases with the newest schema, copied from one that was migrated once."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from db.schema import migrate
from tests import postgres
from tests.app import sync_url
from tests.house import House, open_house


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a migrated SQLite file; it is only copied."""
    path = tmp_path_factory.mktemp("template") / "books.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_books(sqlite_template: Path, tmp_path: Path) -> str:
    """Give a migrated SQLite database of the test's own."""
    path = tmp_path / "books.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_books(postgres_server: postgres.PostgresServer) -> Iterator[str]:
    """Give a migrated Postgres database of the test's own."""
    template = postgres_server.template("books", _migrate)
    name = postgres_server.create(template=template)
    yield sync_url(postgres_server.url(name))
    postgres_server.drop(name)


def _migrate(url: str) -> None:
    migrate(sync_url(url))


@pytest.fixture(params=["sqlite", "postgres"])
def books_url(request: pytest.FixtureRequest) -> str:
    """Give a migrated database, once of each kind, as a SQLAlchemy URL."""
    url: str = request.getfixturevalue(f"{request.param}_books")
    return url


@pytest_asyncio.fixture
async def house(books_url: str) -> AsyncIterator[House]:
    """Give a house with the default rules; its books are audited at the end."""
    async with open_house(books_url) as opened:
        yield opened
