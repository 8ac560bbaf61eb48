"""The rules of pace: never more than allowed in any window, and whoever asks gets his turn."""

from bisect import bisect_left
from heapq import heappop, heappush
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.pacing import (
    BOT,
    CHAT_BURST,
    FAR_US,
    LONGEST_PAUSE_US,
    MINUTE_US,
    NEW,
    SECOND_US,
    Ask,
    Limits,
    Pace,
    closed,
    decide,
    earliest,
    free_now,
    is_spent,
    keys_of,
    spend,
)

START_US = 1_800_000_000 * SECOND_US
CHATS = (Ask("7", is_group=False), Ask("8", is_group=False), Ask("-9", is_group=True))
LIMITS = Limits(per_second=6, chat_per_second=1, group_per_minute=4)
gaps = st.lists(st.tuples(st.sampled_from(CHATS), st.integers(0, 3 * SECOND_US)), min_size=1, max_size=80)


class Book:
    """The budgets and all sends of one clock."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.paces: dict[str, Pace] = {}
        self.sends: list[tuple[int, Ask]] = []

    def run(self, *asks: tuple[int, Ask]) -> list[int]:
        """Let all ask at their times, and again when they are told to; return when each may send."""
        waiting = [(at_us, number) for number, (at_us, _) in enumerate(asks)]
        sent = [0] * len(asks)
        for _ in range(200 * len(asks)):
            if not waiting:
                self.sends += zip(sent, [ask for _, ask in asks], strict=True)
                return sent
            now_us, number = heappop(waiting)
            (reply,), changed = decide([asks[number][1]], self.limits, self.paces, now_us)
            self.paces |= changed
            if reply.is_granted:
                sent[number] = now_us + reply.wait_us
            else:
                assert (reply.wait_us > 0, changed) == (True, {})
                heappush(waiting, (now_us + reply.wait_us, number))
        raise AssertionError("starved")

    def ask(self, ask: Ask, now_us: int) -> int:
        """Let one ask and return when it may send."""
        return self.run((now_us, ask))[0]

    def times(self, ask: Ask | None = None) -> list[int]:
        """Return when all sends went, or those of a chat."""
        return sorted(at_us for at_us, whose in self.sends if ask in (None, whose))


def most_in(times: list[int], window_us: int) -> int:
    """Return how many of the times at most lie in any window, its end not counted in."""
    return max(
        (bisect_left(times, at_us + window_us) - index for index, at_us in enumerate(times)), default=0
    )


@given(gaps)
def test_no_window_ever_holds_more_than_is_allowed(asked: list[tuple[Ask, int]]) -> None:
    book, times_us = Book(LIMITS), accumulate((gap_us for _, gap_us in asked), initial=START_US)
    book.run(*[(at_us, ask) for at_us, (ask, _) in zip(times_us, asked, strict=False)])
    assert most_in(book.times(), SECOND_US) <= LIMITS.per_second
    for chat in CHATS:
        assert most_in(book.times(chat), SECOND_US) <= CHAT_BURST
        assert most_in(book.times(chat), 10 * SECOND_US) <= CHAT_BURST + 9
    assert most_in(book.times(CHATS[2]), MINUTE_US) <= LIMITS.group_per_minute


@given(st.integers(1, 120), st.integers(1, 5))
def test_the_budget_of_the_bot_holds_at_any_rate_and_most_of_it_is_used(
    per_second: int, seconds: int
) -> None:
    book = Book(Limits(per_second=per_second))
    book.run(*[(START_US, Ask(str(number), is_group=False)) for number in range(seconds * per_second)])
    assert most_in(book.times(), SECOND_US) <= per_second
    assert book.times()[-1] - START_US <= 1.3 * seconds * SECOND_US or per_second < 5


def test_a_chat_gets_its_burst_and_then_one_a_second() -> None:
    book = Book(Limits(per_second=1_000))
    book.run(*[(START_US, CHATS[0])] * 6)
    assert [at_us - START_US for at_us in book.times()] == [
        seconds * SECOND_US for seconds in (0, 0, 0, 1, 2, 3)
    ]


def test_turns_are_promised_for_a_second_at_most() -> None:
    limits = Limits(per_second=10)
    asks = [Ask(str(number), is_group=False) for number in range(50)]
    replies, _ = decide(asks, limits, {}, START_US)
    granted = [reply.wait_us for reply in replies if reply.is_granted]
    assert granted == sorted(granted)
    assert 9 <= len(granted) <= 11
    assert granted[-1] <= SECOND_US
    assert not any(reply.is_granted for reply in replies[len(granted) :])


def test_a_chat_that_must_wait_takes_nothing_from_the_others() -> None:
    book = Book(Limits())
    for _ in range(3):
        book.ask(CHATS[0], START_US)
    before = dict(book.paces)
    (reply,), changed = decide([CHATS[0]], book.limits, book.paces, START_US + SECOND_US // 2)
    assert (reply.is_granted, changed) == (False, {})
    assert book.paces == before


def test_times_from_under_another_clock_are_ignored() -> None:
    """The clock was set back by an hour: nobody waits until it has caught up."""
    book, hour_us = Book(Limits(group_per_minute=2)), 60 * MINUTE_US
    for _ in range(2):
        book.ask(CHATS[2], START_US)
    assert book.ask(CHATS[2], START_US - hour_us) == START_US - hour_us
    assert most_in(book.times(), SECOND_US) <= 30


def test_a_small_step_back_only_makes_wait_a_little() -> None:
    book = Book(Limits())
    book.ask(CHATS[0], START_US)
    assert book.ask(CHATS[1], START_US - 4 * SECOND_US) <= START_US


@given(st.integers(0, FAR_US))
def test_a_pause_lasts_but_not_too_long(pause_us: int) -> None:
    limit = Limits().of(CHATS[0])
    assert limit is not None
    paused = closed(limit, NEW, pause_us, START_US)
    until_us = earliest(limit, paused, START_US)
    assert until_us - START_US == min(pause_us, LONGEST_PAUSE_US)
    assert earliest(limit, spend(limit, paused, until_us, until_us), until_us) == until_us + SECOND_US


def test_a_shorter_pause_does_not_end_a_longer_one() -> None:
    limit = Limits().of(CHATS[0])
    assert limit is not None
    paused = closed(limit, closed(limit, NEW, 50 * SECOND_US, START_US), SECOND_US, START_US)
    assert earliest(limit, paused, START_US) == START_US + 50 * SECOND_US


def test_a_chat_has_no_budget_of_its_own_where_the_bots_is_narrower() -> None:
    open_wide = Limits(per_second=10_000, chat_per_second=10_000)
    assert keys_of(CHATS, open_wide) == [BOT, "chat:-9"]
    assert keys_of(CHATS, Limits()) == [BOT, "chat:-9", "chat:7", "chat:8"]


@pytest.mark.parametrize(("per_second", "spare"), [(1, 0), (30, 0), (1_000, 25), (10_000, 250)])
def test_nothing_is_taken_for_later_at_the_rates_of_telegram(per_second: int, spare: int) -> None:
    assert Limits(per_second=per_second).spare == spare


def test_what_is_free_now_can_be_spent_at_once_and_no_more() -> None:
    limit = Limits(per_second=1_000).bot
    assert free_now(limit, NEW, START_US, most=1_000) == limit.burst
    spent = spend(limit, NEW, START_US, START_US, count=limit.burst)
    assert free_now(limit, spent, START_US, most=1_000) == 0
    assert earliest(limit, spent, START_US) == START_US + limit.every_us


def test_a_budget_is_spent_a_minute_after_its_last_send() -> None:
    pace = Pace(START_US, (START_US + SECOND_US,))
    assert [is_spent(pace, START_US + SECOND_US + step) for step in (MINUTE_US - 1, MINUTE_US)] == [
        False,
        True,
    ]
