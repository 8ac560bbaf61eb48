"""The databases that the fixtures give: fresh, apart from each other, reachable by our own settings."""

from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from bot.addresses import parse_database_url
from bot.chaos import cluster
from tests import postgres


@pytest.mark.parametrize("attempt", [1, 2])
def test_every_test_gets_an_empty_database(database_url: str, attempt: int) -> None:
    engine = sa.create_engine(parse_database_url(database_url).sync_url)
    with engine.begin() as tx:
        tx.execute(sa.text("CREATE TABLE only_here (n integer)"))
    engine.dispose()
    assert attempt in (1, 2)


def test_a_template_is_built_once_and_copied(postgres_server: postgres.PostgresServer) -> None:
    built: list[str] = []

    def build(url: str) -> None:
        built.append(url)
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE from_template (n integer)")

    for _ in range(2):
        name = postgres_server.create(template=postgres_server.template("template_of_test", build))
        with psycopg.connect(postgres_server.url(name)) as connection:
            assert connection.execute("SELECT count(*) FROM from_template").fetchone() == (0,)
        postgres_server.drop(name)
    assert len(built) == 1


def test_binaries_of_the_newest_version_are_taken(tmp_path: Path) -> None:
    versions = [tmp_path / version / "bin" for version in ("9.6", "15", "17", "other")]
    assert max(versions, key=cluster._version).parent.name == "17"
