"""Who wins a duel: right answers count first, then the shorter time to the last answer. Pure."""

from dataclasses import dataclass
from typing import Final

from db.models.duels import Outcome

OTHER_SIDE: Final = {Outcome.WON: Outcome.LOST, Outcome.LOST: Outcome.WON, Outcome.TIE: Outcome.TIE}
"""How a duel ended for the opponent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one player reached: right answers, and milliseconds from the first question to his last answer."""

    right: int
    time_ms: int


def outcome_of(mine: Result, other: Result) -> Outcome:
    """Return how a duel ended for the first of two players; with nothing right on both sides it is a tie."""
    ours, theirs = _rank(mine), _rank(other)
    if ours == theirs or mine.right == other.right == 0:
        return Outcome.TIE
    return Outcome.WON if ours > theirs else Outcome.LOST


def _rank(result: Result) -> tuple[int, int]:
    return result.right, -result.time_ms
