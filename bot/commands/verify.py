"""The command ``verify``: check the file that /proof gave, without network or database."""

import sys
from pathlib import Path

from services.verify_pot import verify

HOLDS, DOES_NOT_HOLD, UNREADABLE = 0, 1, 2
LARGEST_FILE_BYTES = 256 * 1024 * 1024


def run_verify(file: Path) -> int:
    """Print whether the proof in ``file`` holds, and return the exit code."""
    try:
        if file.stat().st_size > LARGEST_FILE_BYTES:
            raise OSError(0, "it is too large for a proof")
        content = file.read_bytes()
    except OSError as error:
        print(f"{str(file)!a} can't be read: {error.strerror}", file=sys.stderr)
        return UNREADABLE
    problem = verify(content)
    print("OK: seed, tickets, rolls and winner are as the proof says" if problem is None else problem)
    return HOLDS if problem is None else DOES_NOT_HOLD
