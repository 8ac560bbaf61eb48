"""Brings a database's schema up to date at start; Alembic is imported only when there is something to do."""

from pathlib import Path

from sqlalchemy import Engine, create_engine, event, inspect, text
from sqlalchemy.pool import NullPool

from db.postgres import connect_options
from db.sqlite import sync_engine

HEAD = "0006"
MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
_LOCK = text("SELECT pg_advisory_xact_lock(1861)")


class SchemaTooNew(Exception):
    """The database was written by newer code than this."""

    def __init__(self, version: str) -> None:
        super().__init__(f"the database has schema {version}, this code knows only up to {HEAD}")
        self.version = version


def blocking_engine(url: str) -> Engine:
    """Return a plain engine for work outside the event loop: migrations and the audit."""
    if url.startswith("sqlite"):
        return sync_engine(url)
    return create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args=connect_options())


def reading_engine(url: str) -> Engine:
    """Return a plain engine that can only read, each connection on one snapshot: for the audit and its kin."""
    if url.startswith("sqlite"):
        engine = create_engine(url, poolclass=NullPool)
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA query_only=ON"))
        event.listen(engine, "begin", lambda tx: tx.exec_driver_sql("BEGIN"))
        return engine
    options = connect_options()
    options["options"] += " -c default_transaction_read_only=on -c statement_timeout=0"
    return create_engine(url, poolclass=NullPool, connect_args=options, isolation_level="REPEATABLE READ")


def version_of(engine: Engine) -> str | None:
    """Return the revision that the database is at, or None for an empty one."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        version: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return version


def migrate(url: str) -> tuple[str | None, str]:
    """Bring the database to the newest revision; return the one before and the one after.

    Raises:
        SchemaTooNew: it is at a revision that this code doesn't know.
    """
    engine = blocking_engine(url)
    try:
        before = version_of(engine)
        if before != HEAD:
            _check_known(before)
            upgrade(engine)
        return before, HEAD
    finally:
        engine.dispose()


def _check_known(version: str | None) -> None:
    if version is not None and version > HEAD:
        raise SchemaTooNew(version)


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Run the migrations up to ``revision``, one process at a time."""
    _run(engine, "upgrade", revision)


def downgrade(engine: Engine, revision: str = "base") -> None:
    """Run the migrations down to ``revision``."""
    _run(engine, "downgrade", revision)


def _run(engine: Engine, direction: str, revision: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(_LOCK)
        config.attributes["connection"] = connection
        (command.upgrade if direction == "upgrade" else command.downgrade)(config, revision)
