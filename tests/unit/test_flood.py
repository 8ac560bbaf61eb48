"""Holding back a player who writes too fast."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.flood import Minute, Verdict, admit

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def verdicts(offsets_seconds: list[float], *, limit: int = 20) -> list[Verdict]:
    """Return what becomes of messages that come at these seconds."""
    minute: Minute | None = None
    given_out = []
    for offset in offsets_seconds:
        minute, verdict = admit(minute, now=NOON + timedelta(seconds=offset), limit=limit)
        given_out.append(verdict)
    return given_out


def test_t38_of_a_thousand_messages_in_a_minute_twenty_pass_and_the_player_is_told_once() -> None:
    """The rest is dropped without a word."""
    got = verdicts([n * 0.05 for n in range(1_000)])
    assert got[:20] == [Verdict.OK] * 20
    assert got[20] is Verdict.DROPPED_AND_TELL
    assert got[21:] == [Verdict.DROPPED] * 979


def test_t38_the_next_minute_is_a_new_one() -> None:
    """It begins sixty seconds after the first message."""
    assert verdicts([0.0] * 21 + [59.999, 60.0])[-2:] == [Verdict.DROPPED, Verdict.OK]


def test_t38_twenty_a_minute_pass_for_ever() -> None:
    """Nobody who keeps to the limit is held back."""
    assert set(verdicts([n * 3.0 for n in range(200)])) == {Verdict.OK}


def test_t66_a_clock_that_goes_back_locks_nobody_out() -> None:
    """It begins a new window."""
    assert verdicts([0.0] * 25 + [-3_600.0])[-1] is Verdict.OK


@given(st.lists(st.floats(-200, 200), max_size=200), st.integers(1, 20))
def test_t38_no_window_lets_more_than_the_limit_pass_nor_tells_twice(
    offsets: list[float], limit: int
) -> None:
    """Also when messages come out of order; the count that is kept stays small."""
    minute: Minute | None = None
    passed = told = 0
    for offset in offsets:
        before = minute
        minute, verdict = admit(minute, now=NOON + timedelta(seconds=offset), limit=limit)
        if before is None or minute.started_at != before.started_at:
            passed = told = 0
        passed += verdict is Verdict.OK
        told += verdict is Verdict.DROPPED_AND_TELL
        assert passed <= limit
        assert told <= 1
        assert minute.count <= limit + 1
