"""A private Postgres for the tests: one for all xdist workers, on a unix socket."""

import contextlib
import fcntl
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql

DIRECTORY_VARIABLE = "POTLUCK_TEST_POSTGRES"
_PREFIX = "potluck-pg-"
_OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "timezone": "UTC",
}


def find_binaries() -> Path | None:
    """Return the directory of initdb and pg_ctl, the newest version's, or None."""
    on_path = shutil.which("initdb")
    found = [Path(on_path).resolve().parent] if on_path else []
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    return next((one for one in found if (one / "initdb").exists() and (one / "pg_ctl").exists()), None)


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running cluster; databases are made and dropped through it."""

    directory: Path

    def url(self, database: str) -> str:
        """Return the URL of one of its databases, as DATABASE_URL takes it."""
        return f"postgresql://postgres@/{database}?host={self.directory}"

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
    _remove_stale()
    os.environ[DIRECTORY_VARIABLE] = tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-")


def start(binaries: Path) -> PostgresServer:
    """Return the cluster of this run, started by whoever asks first."""
    directory = Path(os.environ[DIRECTORY_VARIABLE])
    with _locked(directory):
        if not (directory / "started").exists():
            _start(binaries, directory)
            (directory / "started").touch()
    return PostgresServer(directory)


def stop() -> None:
    """Stop the cluster of this run, if it was ever started, and remove it."""
    if directory := os.environ.pop(DIRECTORY_VARIABLE, None):
        _remove(Path(directory))


def _start(binaries: Path, directory: Path) -> None:
    user = _user()
    if user is not None:
        shutil.chown(directory, user)
    data = directory / "data"
    _call(
        [binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"],
        directory,
    )
    options = " ".join(f"-c {name}='{value}'" for name, value in _OPTIONS.items())
    options += f" -k {directory}"
    log = directory / "log"
    _call([binaries / "pg_ctl", "-D", data, "-w", "-t", "60", "-l", log, "-o", options, "start"], directory)


def _call(command: list[str | Path], directory: Path) -> None:
    """Run a command as a user that Postgres accepts, without the caller's PG* variables."""
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
    with (directory / "setup.log").open("ab") as output:
        done = subprocess.run(
            command,
            cwd=directory,
            env=environment,
            user=_user(),
            extra_groups=[] if _user() else None,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            timeout=120,
            check=False,
        )
    if done.returncode:
        logs = [one.read_text(errors="replace") for one in directory.glob("*log")]
        raise RuntimeError(f"{command[0]} failed:\n" + "\n".join(logs))


def _user() -> str | None:
    """Return whom to run Postgres as: nobody else, unless we are root, whom it refuses."""
    if os.geteuid() != 0:
        return None
    names = {one.pw_name for one in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@contextlib.contextmanager
def _locked(directory: Path) -> Iterator[None]:
    with Path(f"{directory}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _remove(directory: Path) -> None:
    postmaster = directory / "data" / "postmaster.pid"
    if postmaster.exists() and (binaries := find_binaries()) is not None:
        _call([binaries / "pg_ctl", "-D", directory / "data", "-m", "immediate", "-w", "stop"], directory)
    shutil.rmtree(directory, ignore_errors=True)
    Path(f"{directory}.lock").unlink(missing_ok=True)


def _remove_stale() -> None:
    """Remove clusters of our own whose pytest was killed before it could."""
    for directory in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        owner = directory.name.removeprefix(_PREFIX).partition("-")[0]
        if directory.is_dir() and owner.isdigit() and not _is_alive(int(owner)):
            with contextlib.suppress(OSError, RuntimeError):
                _remove(directory)


def _is_alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _version(directory: Path) -> int:
    version = directory.parent.name.partition(".")[0]
    return int(version) if version.isdigit() else 0
