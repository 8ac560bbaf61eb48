"""Addresses in settings: databases, HTTP servers, where to listen. None is opened here."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

_POSTGRES = re.compile(r"postgres(?:ql)?(?:\+psycopg)?://(?P<rest>.+)", re.DOTALL)
_SQLITE = re.compile(r"sqlite(?:\+aiosqlite)?:///(?P<path>[^?#\x00]+)")
_LISTEN = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):(?P<port>[0-9]{1,5})")
_HIGHEST_PORT = 65_535
_DATABASE_HINT = "expected sqlite:///path/to/file.db or postgresql://user:password@host/name"


class Listen(NamedTuple):
    """Where a server listens; port 0 lets the system choose."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class DatabaseUrl:
    """The address of the database, in the forms that SQLAlchemy's engines need."""

    kind: Literal["sqlite", "postgres"]
    rest: str = field(repr=False)

    @property
    def sync_url(self) -> str:
        """Return the URL for an engine without asyncio: the writer thread and migrations."""
        return f"sqlite:///{self.rest}" if self.kind == "sqlite" else f"postgresql+psycopg://{self.rest}"

    @property
    def path(self) -> Path | None:
        """Return the file of a SQLite database, None for Postgres."""
        return Path(self.rest) if self.kind == "sqlite" else None

    @property
    def password(self) -> str:
        """Return the password as it stands in the URL, empty if there is none."""
        return "" if self.kind == "sqlite" else urlsplit(self.sync_url).password or ""

    @property
    def masked(self) -> str:
        """Return the address for people: without user, password and options."""
        if self.kind == "sqlite":
            return f"sqlite:///{self.rest}"
        host, _, name = self.rest.partition("?")[0].rpartition("@")[2].partition("/")
        return f"postgresql://{host}/{name}"

    def __str__(self) -> str:
        return self.masked

    def secrets(self) -> tuple[str, ...]:
        """Return the literal values that must never be logged."""
        options = dict(parse_qsl(urlsplit(self.sync_url).query)) if self.kind == "postgres" else {}
        return tuple({self.password, unquote(self.password), options.get("password", "")} - {""})


def parse_database_url(text: str) -> DatabaseUrl:
    """Understand the URL of a database.

    Raises:
        ValueError: it is of no known kind; the URL itself is not in the message.
    """
    if match := _SQLITE.fullmatch(text):
        if match["path"] == ":memory:":
            raise ValueError("names a database in memory, which ends with the process; expected a file")
        return DatabaseUrl("sqlite", match["path"])
    if (match := _POSTGRES.fullmatch(text)) is None:
        raise ValueError(f"is no database we know; {_DATABASE_HINT}")
    try:
        parts = urlsplit(f"postgresql://{match['rest']}")
        named = parts.port != 0 and len(parts.path) > 1 and "@" not in parts.path + parts.query
    except ValueError:
        named = False
    if not named:
        raise ValueError(f"has a wrong port or names no database; {_DATABASE_HINT}")
    return DatabaseUrl("postgres", match["rest"])


def parse_listen(text: str) -> Listen:
    """Understand ``host:port`` and ``[v6]:port``.

    Raises:
        ValueError: it is neither.
    """
    match = _LISTEN.fullmatch(text)
    if match is None or int(match["port"]) > _HIGHEST_PORT:
        raise ValueError("is no place to listen; expected host:port, as in 127.0.0.1:8080")
    return Listen(match["host"].strip("[]"), int(match["port"]))


def parse_http_url(text: str) -> str:
    """Return an http or https URL without a slash at its end.

    Raises:
        ValueError: it is none, or has a user, a query or a fragment.
    """
    hint = "expected http:// or https://, a host, and nothing after the path"
    try:
        parts = urlsplit(text)
        known = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        known = False
    if not known or not text.isascii() or re.search(r"[\s@?#]", text):
        raise ValueError(f"is no such address; {hint}")
    return text.rstrip("/")
