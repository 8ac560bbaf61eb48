"""What the proxy in front of Postgres does to which statements."""

import random
from collections.abc import Callable
from enum import Enum


class Cut(Enum):
    """What becomes of a statement."""

    NO = "no"
    """It goes its way."""
    BEFORE = "before"
    """The connection breaks before the server has heard of it."""
    AFTER = "after"
    """The server has answered; the connection breaks and nobody learns of it."""
    LATE = "late"
    """The connection breaks at once; the server hears of the statement after it was asked for its fate."""


Plan = Callable[[str], Cut]
"""Says of a statement, as it is sent, what becomes of it; asked in the proxy's own thread, one at a time."""


def only(statement: str, *cuts: Cut) -> Plan:
    """Return the plan that does these things to the first statements of a kind, and nothing to all others."""
    left = list(cuts)
    return lambda sent: left.pop(0) if left and sent.startswith(statement) else Cut.NO


def nth_commit(number: int, cut: Cut) -> Plan:
    """Return the plan that hits the n-th COMMIT from now on, counted from 1."""
    left = [Cut.NO] * (number - 1) + [cut]
    return lambda sent: left.pop(0) if left and sent == "COMMIT" else Cut.NO


def by_chance(seed: int, ppm: int, *cuts: Cut) -> Plan:
    """Return the plan that hits COMMITs by chance, the same ones for the same seed."""
    chance = random.Random(seed)

    def plan(sent: str) -> Cut:
        is_hit = sent == "COMMIT" and chance.randrange(1_000_000) < ppm
        return chance.choice(cuts) if is_hit else Cut.NO

    return plan
