"""The books of a run, read from outside: what is open, what they say at the end, what the processes logged."""

import json
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from bot.events import Event
from db.schema import reading_engine
from services.audit import run_audit
from services.census import Census, is_open, take_census
from services.census import open_work as what_is_open

BUGS = frozenset({Event.ERROR, Event.UNCAUGHT, Event.UPDATE_PARKED})
LONGEST_LINE = 600


@contextmanager
def _reading(database_url: str) -> Iterator[Connection]:
    engine = reading_engine(database_url)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def open_work(database_url: str) -> list[Mapping[str, Any]]:
    """Return what the bot has still to do."""
    with _reading(database_url) as connection:
        return what_is_open(connection)


def is_done(database_url: str, chat: int, below: int) -> bool:
    """Return whether nothing of a chat is still to be done, nor of any update below a number; False if unknown."""
    try:
        with _reading(database_url) as connection:
            return not is_open(connection, chat, below)
    except DBAPIError:  # the server starts again
        return False


def read(database_url: str) -> tuple[Census, list[str]]:
    """Return the census, and what the audit finds wrong."""
    with _reading(database_url) as connection:
        report = run_audit(connection)
        wrong = [f"{one.check}: not so for {dict(one.row or {})}" for one in report.findings if not one.holds]
        return take_census(connection), wrong


def bugs(directory: Path) -> list[str]:
    """Return the lines of all logs that tell of a bug, or of an update that was set aside."""
    return [line for log in sorted(directory.glob("*.log")) for line in _bugs(log)]


def _bugs(log: Path) -> Iterator[str]:
    with closing(log.open(errors="replace")) as lines:
        for line in lines:
            with suppress(ValueError):
                if json.loads(line).get("event") in BUGS:
                    yield f"{log.name}: {line.strip()[:LONGEST_LINE]}"
            if line.startswith("Traceback"):
                yield f"{log.name}: {line.strip()}"
