"""Child processes that end with their parent, also when that is killed; Linux alone can do it."""

import ctypes
import signal
import sys
from collections.abc import Callable
from functools import partial

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def end_with_parent(number: signal.Signals) -> Callable[[], None]:
    """Return what a new child calls so that the system sends it ``number`` when its parent is gone."""
    return partial(_ask_for, number)


def _ask_for(number: signal.Signals) -> None:
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, number)
