"""A private Postgres for the tests: one for all xdist workers, on a unix socket."""

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql

from bot.chaos.cluster import Cluster, find_binaries, new_directory

__all__ = ["DIRECTORY_VARIABLE", "PostgresServer", "find_binaries", "prepare", "start", "stop"]

DIRECTORY_VARIABLE = "POTLUCK_TEST_POSTGRES"
_PREFIX = "potluck-pg-"
_QUICK = {"synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running cluster; databases are made and dropped through it."""

    directory: Path

    def url(self, database: str) -> str:
        """Return the URL of one of its databases, as DATABASE_URL takes it."""
        return Cluster(self.directory).url(database)

    def create(self, *, template: str = "template1") -> str:
        """Make a database out of a template and return its name."""
        name = f"t_{uuid4().hex}"
        self._run("CREATE DATABASE {} TEMPLATE {}", name, template)
        return name

    def drop(self, name: str) -> None:
        """Drop a database and whoever is still connected to it."""
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def template(self, name: str, build: Callable[[str], None]) -> str:
        """Return a template made once for all workers; ``build`` fills the database at its URL."""
        with _locked(self.directory):
            marker = self.directory / f"{name}.built"
            if not marker.exists():
                self.drop(name)
                self._run("CREATE DATABASE {}", name)
                build(self.url(name))
                marker.touch()
        return name

    def _run(self, statement: str, *names: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def prepare() -> None:
    """Choose the cluster's directory for this run; called before there are workers, who inherit it."""
    os.environ[DIRECTORY_VARIABLE] = str(new_directory(_PREFIX))


def start(_binaries: Path) -> PostgresServer:
    """Return the cluster of this run, started by whoever asks first."""
    directory = Path(os.environ[DIRECTORY_VARIABLE])
    with _locked(directory):
        if not (directory / "started").exists():
            cluster = Cluster(directory)
            cluster.create()
            cluster.start(_QUICK)
            (directory / "started").touch()
    return PostgresServer(directory)


def stop() -> None:
    """Stop the cluster of this run, if it was ever started, and remove it."""
    if directory := os.environ.pop(DIRECTORY_VARIABLE, None):
        Cluster(Path(directory)).remove()
        Path(f"{directory}.lock").unlink(missing_ok=True)


@contextlib.contextmanager
def _locked(directory: Path) -> Iterator[None]:
    with Path(f"{directory}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
