"""The breaker: five failures in a row within a minute open it, half a minute later one probe decides."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta

import pytest

from services.breaker import Admission, Breaker, GuardedModel
from services.ports import ModelUnavailable, Question, Usage
from services.rules import BreakerRules
from tests.app import MovableClock
from tests.house import ScriptedModel

REST = BreakerRules().rest
USUAL, PROBE, REFUSED = Admission
QUESTION = Question(
    text="hello", language="en", player_id=1, player_name="Ana", chat_id=1, in_group=False, history=()
)


class Watched:
    """A breaker with its clock, and what it said of itself."""

    def __init__(self) -> None:
        self.clock = MovableClock()
        self.said: list[str | None] = []
        self.breaker = Breaker(clock=self.clock, rules=BreakerRules(), note=self.said.append)

    def fail(self, times: int) -> None:
        """Let the model fail."""
        for _ in range(times):
            self.breaker.fail("http_5xx")


@pytest.fixture
def watched() -> Watched:
    """Give a closed breaker."""
    return Watched()


def test_it_opens_at_the_fifth_failure_in_a_row_and_says_so_once(watched: Watched) -> None:
    watched.fail(4)
    assert watched.breaker.admit() is USUAL
    watched.fail(3)
    assert watched.breaker.admit() is REFUSED
    assert watched.said == ["http_5xx"]


def test_a_success_between_begins_the_row_anew(watched: Watched) -> None:
    watched.fail(4)
    watched.breaker.succeed()
    watched.fail(4)
    assert watched.breaker.admit() is USUAL
    assert watched.said == []


def test_failures_that_are_more_than_a_minute_apart_are_no_row(watched: Watched) -> None:
    watched.fail(4)
    watched.clock.move(timedelta(seconds=61))
    watched.fail(4)
    assert watched.breaker.admit() is USUAL


def test_after_its_rest_one_probe_goes_through_and_its_success_closes_it(watched: Watched) -> None:
    watched.fail(5)
    watched.clock.move(REST - timedelta(seconds=1))
    assert watched.breaker.admit() is REFUSED
    watched.clock.move(timedelta(seconds=1))
    assert [watched.breaker.admit() for _ in range(3)] == [PROBE, REFUSED, REFUSED]
    watched.breaker.succeed()
    assert watched.breaker.admit() is USUAL
    assert watched.said == ["http_5xx", None]


def test_a_probe_that_fails_lets_it_rest_again(watched: Watched) -> None:
    watched.fail(5)
    watched.clock.move(REST)
    assert watched.breaker.admit() is PROBE
    watched.fail(1)  # one that was asked before it opened
    watched.breaker.fail("http_5xx", PROBE)
    assert watched.breaker.admit() is REFUSED
    watched.clock.move(REST)
    assert watched.breaker.admit() is PROBE
    assert watched.said == ["http_5xx"]


def test_a_probe_that_nobody_waited_for_is_followed_by_another(watched: Watched) -> None:
    watched.fail(5)
    watched.clock.move(REST)
    assert watched.breaker.admit() is PROBE
    watched.breaker.withdraw(USUAL)
    assert watched.breaker.admit() is REFUSED
    watched.breaker.withdraw(PROBE)
    assert watched.breaker.admit() is PROBE


def test_an_answer_from_before_it_opened_closes_it_and_a_late_failure_changes_nothing(
    watched: Watched,
) -> None:
    watched.fail(6)
    assert watched.breaker.admit() is REFUSED
    watched.breaker.succeed()
    assert watched.breaker.admit() is USUAL


def test_t66_a_clock_set_back_does_not_keep_it_open(watched: Watched) -> None:
    watched.fail(5)
    watched.clock.move(timedelta(hours=-1))
    assert watched.breaker.admit() is PROBE


class FailingModel:
    """Fails for one reason and counts how often it was asked."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        self.asked = 0

    async def reply(self, question: Question) -> AsyncIterator[str]:
        """Fail."""
        self.asked += 1
        if self.reason == "bug":
            raise ValueError("a bug")
        for reason in [self.reason]:
            raise ModelUnavailable(reason=reason)
        yield ""


async def pieces_of(model: GuardedModel) -> str:
    """Return what a model answers, or why it doesn't."""
    try:
        return "".join([str(piece) async for piece in model.reply(QUESTION)])
    except ModelUnavailable as error:
        return error.reason


async def test_while_it_is_open_the_model_is_not_asked(watched: Watched) -> None:
    inner = FailingModel("timeout")
    model = GuardedModel(model=inner, breaker=watched.breaker)
    reasons = [await pieces_of(model) for _ in range(8)]
    assert reasons == ["timeout"] * 5 + ["down"] * 3
    assert inner.asked == 5


@pytest.mark.parametrize("reason", ["refused", "empty"])
async def test_what_a_question_brought_about_is_no_failure_of_the_model(
    watched: Watched, reason: str
) -> None:
    """Else one player could switch the model off for all."""
    model = GuardedModel(model=FailingModel(reason), breaker=watched.breaker)
    assert [await pieces_of(model) for _ in range(8)] == [reason] * 8


async def test_an_error_that_nobody_foresaw_counts_and_goes_on_up(watched: Watched) -> None:
    model = GuardedModel(model=FailingModel("bug"), breaker=watched.breaker)
    for _ in range(5):
        with pytest.raises(ValueError, match="a bug"):
            await pieces_of(model)
    assert watched.said == ["ValueError"]


async def test_what_the_model_says_goes_through_unchanged(watched: Watched) -> None:
    model = GuardedModel(model=ScriptedModel(["one ", "two"]), breaker=watched.breaker)
    assert await pieces_of(model) == "one two"


class SilentModel:
    """Says nothing, for ever; notes when it is left."""

    def __init__(self) -> None:
        self.is_left = False

    async def reply(self, question: Question) -> AsyncIterator[str | Usage]:
        """Wait."""
        try:
            await asyncio.Event().wait()
            yield ""
        finally:
            self.is_left = True


@pytest.mark.parametrize(("seconds", "said"), [(19, []), (20, ["timeout"])])
async def test_an_answer_that_was_waited_for_in_vain_is_a_failure_and_is_ended(
    watched: Watched, seconds: int, said: list[str]
) -> None:
    for _ in range(5):
        inner = SilentModel()
        asked = asyncio.create_task(pieces_of(GuardedModel(model=inner, breaker=watched.breaker)))
        await asyncio.sleep(0)
        watched.clock.move(timedelta(seconds=seconds))
        asked.cancel()
        with suppress(asyncio.CancelledError):
            await asked
        assert inner.is_left
        watched.clock.move(timedelta(seconds=-seconds))
    assert watched.said == said


async def test_who_reads_no_further_ends_the_stream_at_once(watched: Watched) -> None:
    left: list[str] = []

    class Endless:
        async def reply(self, question: Question) -> AsyncIterator[str]:
            try:
                while True:
                    yield "and "
            finally:
                left.append("ended")

    stream = GuardedModel(model=Endless(), breaker=watched.breaker).reply(QUESTION)
    assert await anext(stream) == "and "
    await stream.aclose()  # type: ignore[attr-defined]
    assert left == ["ended"]
