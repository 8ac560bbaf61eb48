"""A clock that can be moved forward: for the playground alone, where a week is to pass within a second."""

import mmap
import os
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Self

_SECONDS: Final = struct.Struct("<d")


class Lead:
    """By how much a clock is ahead of the machine's; processes that open the same file share it at once."""

    def __init__(self, memory: bytearray | mmap.mmap | None = None) -> None:
        self._memory = bytearray(_SECONDS.size) if memory is None else memory

    @classmethod
    def open(cls, path: Path, *, create: bool = False) -> Self:
        """Return the lead that a file keeps.

        Args:
            create: begin without a lead where there is no file yet.

        Raises:
            OSError: it can't be opened, or is something else.
        """
        file = os.open(path, os.O_RDWR | os.O_CLOEXEC | (os.O_CREAT if create else 0), 0o600)
        try:
            if create and os.fstat(file).st_size == 0:
                os.ftruncate(file, _SECONDS.size)
            if os.fstat(file).st_size != _SECONDS.size:
                raise OSError(f"{path} is no clock file")
            return cls(mmap.mmap(file, _SECONDS.size))
        finally:
            os.close(file)

    @property
    def seconds(self) -> float:
        """Return the lead."""
        (seconds,) = _SECONDS.unpack_from(self._memory)
        return float(seconds)

    def forward(self, seconds: float) -> None:
        """Make it larger."""
        _SECONDS.pack_into(self._memory, 0, self.seconds + seconds)


class MovedClock:
    """The machine's clock with a lead that may grow at any moment."""

    def __init__(self, lead: Lead) -> None:
        self._lead = lead

    def now(self) -> datetime:
        """Return the present time in UTC."""
        return datetime.now(UTC) + timedelta(seconds=self._lead.seconds)
