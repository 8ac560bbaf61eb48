"""Databases to measure on: a SQLite file or a private Postgres, as durable as in use, thrown away at the end."""

import asyncio
import itertools
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import psycopg
from psycopg import sql

from bot.addresses import parse_database_url
from bot.chaos.cluster import Cluster, new_directory
from db.schema import migrate

Kind = Literal["sqlite", "postgres"]
KINDS: tuple[Kind, ...] = ("sqlite", "postgres")
_PREFIX = "potluck-bench-"
_DURABLE = {"fsync": "on", "synchronous_commit": "on", "shared_buffers": "256MB", "max_wal_size": "4GB"}


@dataclass(frozen=True, slots=True)
class Place:
    """Makes databases of one kind; ``url`` takes and gives URLs as DATABASE_URL has them."""

    kind: Kind
    directory: Path
    cluster: Cluster | None = None
    _count: "itertools.count[int]" = field(default_factory=itertools.count)

    async def empty(self) -> str:
        """Return the URL of a new database without tables."""
        name = f"bench{next(self._count)}"
        if self.cluster is None:
            return f"sqlite:///{self.directory / name}.db"
        await asyncio.to_thread(_create, self.cluster.url(), name)
        return self.cluster.url(name)

    async def migrated(self) -> str:
        """Return the URL of a new database with the tables of today."""
        url = await self.empty()
        await asyncio.to_thread(migrate, sync_url(url))
        return url


def sync_url(url: str) -> str:
    """Return a database's URL as SQLAlchemy takes it."""
    return parse_database_url(url).sync_url


@asynccontextmanager
async def place_of(kind: Kind) -> AsyncIterator[Place]:
    """Give a place for databases; at the end nothing of it is left.

    Raises:
        NoPostgres: its programs are missing.
    """
    if kind == "sqlite":
        directory = Path(tempfile.mkdtemp(prefix=_PREFIX))
        try:
            yield Place(kind, directory)
        finally:
            shutil.rmtree(directory, ignore_errors=True)
        return
    cluster = Cluster(new_directory(f"{_PREFIX}pg-"))
    try:
        await asyncio.to_thread(cluster.create)
        await asyncio.to_thread(cluster.start, _DURABLE)
        yield Place(kind, cluster.directory, cluster)
    finally:
        await asyncio.to_thread(cluster.remove)


def _create(url: str, name: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
