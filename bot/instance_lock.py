"""One process per SQLite file: the second one refuses to start."""

import fcntl
import os
from pathlib import Path
from typing import Self


class AlreadyRunning(Exception):
    """Another process works on this database file."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"another process uses {path}; a SQLite file is for one process, Postgres is for several"
        )
        self.path = path


class InstanceLock:
    """Holds a lock file beside the database for as long as the process lives; the system frees it after a kill."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._path = database.with_name(database.name + ".lock")
        self._file: int | None = None

    def __enter__(self) -> Self:
        """Take the lock.

        Raises:
            AlreadyRunning: another process has it.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._file)
            self._file = None
            raise AlreadyRunning(self._database) from None
        os.ftruncate(self._file, 0)
        os.write(self._file, f"{os.getpid()}\n".encode())
        return self

    def __exit__(self, *_: object) -> None:
        """Free the lock."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
