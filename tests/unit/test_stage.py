"""What is seen of an answer before it is there: how soon, how often, and what must not wait for it. Virtual time."""

import asyncio
from bisect import bisect_left
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

import httpx
import pytest
from telegram.error import BadRequest, NetworkError, RetryAfter, TelegramError, TimedOut
from telegram.ext import ExtBot

from bot import stage
from bot.limiter import NotNow
from bot.stage import Stage, Stages
from db.session import DatabaseUnavailable
from handlers.words import load_catalogs
from services.events import TurnReserved
from services.growing import NoteShown
from services.settle import LeaseLost
from services.stamp import Stamp, Stamps
from tests.app import START, CountedEntropy, MovableClock
from tests.virtual_time import now, run

WORDS = load_catalogs()
DEADLINE_SECONDS = 60


@dataclass
class Bot:
    """Takes the calls of a stage and writes down when they came; the next ones may fail."""

    began: float = field(default_factory=now)
    calls: list[tuple[float, str, str]] = field(default_factory=list)
    failures: list[Exception | None] = field(default_factory=list)
    call_seconds: float = 0.0

    def times(self, name: str) -> list[float]:
        """Return when the calls of one kind came."""
        return [at for at, call, _ in self.calls if call == name]

    async def _take(self, name: str, text: str = "") -> None:
        self.calls.append((round(now() - self.began, 3), name, text))
        await asyncio.sleep(self.call_seconds)
        if self.failures and (failure := self.failures.pop(0)) is not None:
            raise failure

    async def send_chat_action(self, *_: Any, **__: Any) -> None:
        """Show typing."""
        self.calls.append((round(now() - self.began, 3), "typing", ""))

    async def send_message_draft(self, *, text: str, **_: Any) -> None:
        """Show a draft."""
        await self._take("draft", text)

    async def send_message(self, chat_id: int, text: str, **_: Any) -> Any:
        """Send a message."""
        await self._take("send", text)
        return type("Message", (), {"message_id": 7})

    async def edit_message_text(self, text: str, chat_id: int, message_id: int, **_: Any) -> None:
        """Edit one."""
        await self._take("edit", f"{message_id}: {text}")

    async def delete_message(self, chat_id: int, message_id: int) -> None:
        """Delete one."""
        await self._take("delete", str(message_id))


@dataclass
class House:
    """Notes which messages answers grow in; the next notes may fail."""

    failures: list[Exception] = field(default_factory=list)
    noted: list[int] = field(default_factory=list)
    stamps: Stamps = field(
        default_factory=lambda: Stamps(
            clock=MovableClock(), entropy=CountedEntropy(), owner="me", lease=timedelta(seconds=90)
        )
    )

    async def __call__(self, turn: TurnReserved, message_id: int, stamp: Stamp) -> None:
        """Note one."""
        if self.failures:
            raise self.failures.pop(0)
        self.noted.append(message_id)


def turn_of(*, in_group: bool = True, shown_id: int | None = None) -> TurnReserved:
    """Return a turn that is being answered."""
    return TurnReserved(
        turn_id=5,
        token=1,
        chat_id=1,
        telegram_chat_id=-9 if in_group else 9,
        message_id=100,
        thread_id=None,
        player_id=1,
        player_name="Ana",
        language="en",
        text="hello",
        in_group=in_group,
        reserved_at=START,
        shown_id=shown_id,
    )


Scene = tuple[Stage, Bot, House]


def on_stage(play: Callable[[Stage, Bot, House], Awaitable[None]], turn: TurnReserved | None = None) -> Scene:
    """Play on a stage in virtual time, from its beginning to its end; return it with who watched."""

    async def scenario() -> Scene:
        bot, house = Bot(), House()
        async with stages_of(bot, house)(turn or turn_of()) as shown:
            await play(shown, bot, house)
        return shown, bot, house

    return run(scenario())


def stages_of(bot: Bot, house: House) -> Stages:
    """Return what gives stages to turns, which these watch."""
    return Stages(bot=cast("ExtBot[None]", bot), note_shown=cast("NoteShown", house), words=WORDS)


async def grow(shown: Stage, seconds: float, *, every: float = 0.05) -> None:
    """Let an answer grow, word by word."""
    text = ""
    for number in range(round(seconds / every)):
        text += f"word{number} "
        shown.show(text)
        await asyncio.sleep(every)


def test_a_group_sees_a_message_after_a_second_and_an_edit_every_three() -> None:
    async def play(shown: Stage, bot: Bot, house: House) -> None:
        await asyncio.sleep(5)
        await grow(shown, DEADLINE_SECONDS - 5)

    shown, bot, house = on_stage(play)
    (sent,) = bot.times("send")
    assert 6 <= sent <= 5 + stage.QUICK_SECONDS + stage.NEXT_LOOK_SECONDS
    edits = bot.times("edit")
    assert 15 <= len(edits) <= (DEADLINE_SECONDS - sent) / stage.NEXT_EDIT_SECONDS
    gaps = [round(b - a, 3) for a, b in zip([sent, *edits], edits, strict=False)]
    assert min(gaps) >= stage.NEXT_EDIT_SECONDS
    assert (house.noted, shown.message_id, shown.is_shown) == ([7], 7, True)
    assert bot.times("typing") == [0.3, 4.8 + 0.3]


def test_a_quick_answer_shows_nothing_but_typing() -> None:
    async def play(shown: Stage, bot: Bot, house: House) -> None:
        await grow(shown, 0.9)

    shown, bot, house = on_stage(play)
    assert {name for _, name, _ in bot.calls} <= {"typing"}
    assert (shown.message_id, shown.is_shown, house.noted) == (None, False, [])


def test_a_private_chat_sees_a_draft_that_grows_faster() -> None:
    async def play(shown: Stage, bot: Bot, house: House) -> None:
        await grow(shown, 8)

    shown, bot, _ = on_stage(play, turn_of(in_group=False))
    assert bot.times("draft") == [round(0.3 + 0.8 * number, 3) for number in range(10)]
    assert {name for _, name, _ in bot.calls} == {"draft"}
    assert (shown.message_id, shown.is_shown) == (None, True)


def test_text_that_does_not_grow_is_not_shown_again() -> None:
    async def play(shown: Stage, bot: Bot, house: House) -> None:
        shown.show("all of it")
        await asyncio.sleep(30)

    _, bot, _ = on_stage(play)
    assert [name for _, name, _ in bot.calls if name != "typing"] == ["send"]


def test_a_successor_edits_the_message_that_is_there_and_notes_its_own_button() -> None:
    async def play(shown: Stage, bot: Bot, house: House) -> None:
        await grow(shown, 2)

    shown, bot, house = on_stage(play, turn_of(shown_id=33))
    assert bot.times("send") == []
    assert [text.partition(":")[0] for _, name, text in bot.calls if name == "edit"] == ["33"]
    assert (house.noted, shown.message_id) == ([33], 33)


def test_an_edit_that_is_not_waited_for_any_more_may_still_arrive() -> None:
    async def play(shown: Stage, bot: Bot, house: House) -> None:
        await grow(shown, 2)
        assert shown.is_shown
        bot.call_seconds = 2 * stage.LAST_CALL_SECONDS
        await grow(shown, stage.NEXT_EDIT_SECONDS)
        assert not shown.is_late

    shown, bot, _ = on_stage(play)
    assert len(bot.times("edit")) == 1
    assert shown.is_late


@pytest.mark.parametrize(
    ("cause", "is_late"), [(httpx.ReadTimeout("no answer"), True), (httpx.ConnectError("nobody"), False)]
)
def test_an_edit_whose_answer_is_lost_may_still_arrive(cause: Exception, is_late: bool) -> None:
    async def play(shown: Stage, bot: Bot, house: House) -> None:
        await grow(shown, 2)
        bot.failures = [failed(cause)]
        await grow(shown, stage.NEXT_EDIT_SECONDS)

    shown, bot, _ = on_stage(play)
    assert bot.failures == []
    assert shown.is_late is is_late


def failed(cause: Exception) -> TelegramError:
    """Return a failure as the library tells of it."""
    error = NetworkError(str(cause))
    error.__cause__ = cause
    return error


def test_where_the_limits_leave_no_room_it_is_tried_again_later() -> None:
    async def play(shown: Stage, bot: Bot, house: House) -> None:
        bot.failures = [NotNow(), NotNow()]
        await grow(shown, 12)
        assert shown.is_shown

    _, bot, _ = on_stage(play)
    first, second, third = bot.times("send")
    assert {round(second - first, 3), round(third - second, 3)} == {stage.NEXT_EDIT_SECONDS}
    assert bot.times("typing")


def test_telegram_is_left_alone_for_as_long_as_it_asks() -> None:
    async def play(shown: Stage, bot: Bot, house: House) -> None:
        bot.failures = [RetryAfter(20)]
        await grow(shown, 30)

    _, bot, _ = on_stage(play)
    first, second = bot.times("send")
    assert second - first >= 20


@pytest.mark.parametrize(
    "failure", [TimedOut(), BadRequest("Message is not modified"), BadRequest("message to edit not found")]
)
def test_a_call_that_fails_ends_nothing(failure: Exception) -> None:
    async def play(shown: Stage, bot: Bot, house: House) -> None:
        bot.failures = [None, failure]
        await grow(shown, 9)

    shown, bot, _ = on_stage(play)
    assert len(bot.times("edit")) >= 2
    assert shown.is_shown


def test_a_database_that_is_away_is_told_of_the_message_later() -> None:
    async def play(shown: Stage, bot: Bot, house: House) -> None:
        house.failures = [DatabaseUnavailable("away"), DatabaseUnavailable("away")]
        shown.show("all of it")
        await asyncio.sleep(12)

    shown, bot, house = on_stage(play)
    assert (len(bot.times("send")), house.noted, shown.is_shown) == (1, [7], True)


def test_t60_a_message_that_nobody_will_know_of_is_taken_back() -> None:
    async def play(shown: Stage, bot: Bot, house: House) -> None:
        house.failures = [LeaseLost()]
        await grow(shown, 20)

    _, bot, house = on_stage(play)
    assert [name for _, name, _ in bot.calls if name != "typing"] == ["send", "delete"]
    assert house.noted == []


def test_all_stages_together_make_twenty_calls_a_second_at_most() -> None:
    async def play(shown: Stage, bot: Bot, house: House) -> None:
        stages = stages_of(bot, house)
        async with AsyncExitStack() as stack:
            turns = [turn_of(in_group=number % 2 == 0) for number in range(200)]
            all_of_them = [await stack.enter_async_context(stages(turn)) for turn in turns]
            await asyncio.gather(*(grow(one, 20) for one in all_of_them))
            assert sum(one.is_shown for one in all_of_them) > 150

    _, bot, _ = on_stage(play)
    times = [at for at, _, _ in bot.calls]
    assert max(bisect_left(times, at + 1) - number for number, at in enumerate(times)) <= 21
    assert len(times) >= 17 * 20


def test_a_bug_on_the_stage_ends_nothing_but_what_is_shown() -> None:
    async def play(shown: Stage, bot: Bot, house: House) -> None:
        bot.failures = [ValueError("a bug")]
        await grow(shown, 20)

    shown, bot, _ = on_stage(play)
    assert [name for _, name, _ in bot.calls if name != "typing"] == ["send"]
    assert not shown.is_shown


def test_the_end_waits_for_what_is_on_its_way_but_not_for_long() -> None:
    async def play(shown: Stage, bot: Bot, house: House) -> None:
        for bot.call_seconds, is_known in ((1.0, True), (100.0, False)):
            again = stages_of(bot, house)(turn_of())
            async with again:
                again.show("slowly")
                await asyncio.sleep(2)
                began = now()
                await again.end()
                assert now() - began <= stage.LAST_CALL_SECONDS
                assert (again.is_shown, again.message_id) == ((True, 7) if is_known else (False, None))
                await again.end()

    on_stage(play)
