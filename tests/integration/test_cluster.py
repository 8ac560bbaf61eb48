"""The private Postgres: what was committed outlives a crash of the server."""

from collections.abc import Iterator

import psycopg
import pytest

from bot.chaos.cluster import Cluster, find_binaries, new_directory


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """Give a cluster of the test's own, started."""
    if find_binaries() is None:
        pytest.skip("no Postgres here: initdb and pg_ctl are missing")
    one = Cluster(new_directory("potluck-test-pg-"))
    try:
        one.create()
        one.start()
        yield one
    finally:
        one.remove()
    assert not one.directory.exists()


def test_a_commit_outlives_an_immediate_restart_and_open_sessions_do_not(cluster: Cluster) -> None:
    with psycopg.connect(cluster.url(), autocommit=True) as before:
        before.execute("CREATE TABLE kept (n integer)")
        before.execute("INSERT INTO kept VALUES (7)")
        cluster.restart()
        with pytest.raises(psycopg.OperationalError):
            before.execute("SELECT 1")
    with psycopg.connect(cluster.url()) as after:
        assert after.execute("SELECT n FROM kept").fetchall() == [(7,)]


def test_what_postgres_refuses_is_told_with_its_log(cluster: Cluster) -> None:
    cluster.stop()
    with pytest.raises(RuntimeError, match="no_such_option"):
        cluster.start({"no_such_option": "on"})
