"""The command ``verify``: check a proof of a round or of a duel, without network or database."""

import sys
from pathlib import Path

from services import verify_duel, verify_pot

HOLDS, DOES_NOT_HOLD, UNREADABLE = 0, 1, 2
LARGEST_FILE_BYTES = 256 * 1024 * 1024
_BEGINNING = 64
_POT = verify_pot.verify, "OK: seed, tickets, rolls and winner are as the proof says"
_DUEL = verify_duel.verify, "OK: commitment, questions and options are as the proof says"


def run_verify(file: Path) -> int:
    """Print whether the proof in ``file`` holds, and return the exit code."""
    try:
        if file.stat().st_size > LARGEST_FILE_BYTES:
            raise OSError(0, "it is too large for a proof")
        content = file.read_bytes()
    except OSError as error:
        print(f"{str(file)!a} can't be read: {error.strerror}", file=sys.stderr)
        return UNREADABLE
    verify, truth = _DUEL if b'"duel/v1"' in content[:_BEGINNING] else _POT
    problem = verify(content)
    print(truth if problem is None else problem)
    return HOLDS if problem is None else DOES_NOT_HOLD
