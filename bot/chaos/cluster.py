"""A private Postgres on a unix socket in a directory of its own: started, stopped, restarted, removed."""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

COMMAND_SECONDS = 120
_OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",  # the machine itself doesn't fail here, only its processes
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "timezone": "UTC",
}


class NoPostgres(Exception):
    """The programs of a Postgres server are not here."""

    def __init__(self) -> None:
        super().__init__(
            "no Postgres here: initdb and pg_ctl are missing; on Debian: apt-get install postgresql"
        )


def find_binaries() -> Path | None:
    """Return the directory of initdb and pg_ctl, the newest version's, or None."""
    on_path = shutil.which("initdb")
    found = [Path(on_path).resolve().parent] if on_path else []
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    return next((one for one in found if (one / "initdb").exists() and (one / "pg_ctl").exists()), None)


def new_directory(prefix: str) -> Path:
    """Make the directory of a cluster that this process owns; those of dead processes are removed."""
    remove_stale(prefix)
    return Path(tempfile.mkdtemp(prefix=f"{prefix}{os.getpid()}-"))


@dataclass(frozen=True, slots=True)
class Cluster:
    """The server of one directory; every method waits until it is done.

    The methods that start something raise RuntimeError, with the logs, where Postgres fails.
    """

    directory: Path

    def url(self, database: str = "postgres") -> str:
        """Return the URL of one of its databases, as DATABASE_URL takes it."""
        return f"postgresql://postgres@/{database}?host={self.directory}"

    @property
    def is_there(self) -> bool:
        """Return whether a server was started and not stopped, whatever became of it."""
        return (self.directory / "data" / "postmaster.pid").exists()

    def create(self) -> None:
        """Make the files of an empty cluster."""
        if (user := _user()) is not None:
            shutil.chown(self.directory, user)
        data = self.directory / "data"
        self._call("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")

    def start(self, options: Mapping[str, str] | None = None) -> None:
        """Start the server, with ``options`` over the usual ones."""
        given = " ".join(f"-c {name}='{value}'" for name, value in {**_OPTIONS, **(options or {})}.items())
        self._control(
            "-w", "-t", "60", "-l", self.directory / "log", "-o", f"{given} -k {self.directory}", "start"
        )

    def stop(self) -> None:
        """End the server at once, as a crash would: sessions break off, the next start recovers."""
        self._control("-m", "immediate", "-w", "stop")

    def restart(self) -> None:
        """End the server at once and start it again."""
        self.stop()
        self.start()

    def remove(self) -> None:
        """End the server if it runs, and remove its files."""
        if self.is_there and find_binaries() is not None:
            with contextlib.suppress(RuntimeError):
                self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _control(self, *arguments: str | Path) -> None:
        self._call("pg_ctl", "-D", self.directory / "data", *arguments)

    def _call(self, program: str, *arguments: str | Path) -> None:
        """Run a program as a user that Postgres accepts, without the caller's PG* variables."""
        binaries = find_binaries()
        if binaries is None:
            raise NoPostgres
        user = _user()
        with (self.directory / "setup.log").open("ab") as output:
            done = subprocess.run(  # noqa: S603, our own words only
                [binaries / program, *arguments],
                cwd=self.directory,
                env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
                user=user,
                extra_groups=[] if user else None,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=COMMAND_SECONDS,
                start_new_session=True,  # Ctrl+C is for us: we end it
                check=False,
            )
        if done.returncode:
            logs = [one.read_text(errors="replace") for one in self.directory.glob("*log")]
            raise RuntimeError(f"{program} failed:\n" + "\n".join(logs))


def remove_stale(prefix: str) -> None:
    """Remove clusters of our own whose process was killed before it could."""
    for directory in Path(tempfile.gettempdir()).glob(f"{prefix}*-*"):
        owner = directory.name.removeprefix(prefix).partition("-")[0]
        if directory.is_dir() and owner.isdigit() and not _is_alive(int(owner)):
            with contextlib.suppress(OSError):
                Cluster(directory).remove()
                Path(f"{directory}.lock").unlink(missing_ok=True)


def _user() -> str | None:
    """Return whom to run Postgres as: nobody else, unless we are root, whom it refuses."""
    if os.geteuid() != 0:
        return None
    names = {one.pw_name for one in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


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
