"""The limiter: Telegram's limits kept exactly, in virtual time."""

import asyncio
from contextlib import nullcontext
from datetime import timedelta
from itertools import cycle

import pytest
from telegram.error import RetryAfter

from bot import limiter, pace
from bot.limiter import Limiter, NotNow, Terms
from bot.pace import OwnPace
from services.pacing import BOT, Limits, key_of
from tests.virtual_time import now, run

GROUP = -1001
MINUTE_SECONDS = 60
BULK, OPTIONAL = Terms(is_bulk=True), Terms(is_optional=True)


class Api:
    """Takes calls and writes down when they came; a chat may ask for a pause first."""

    def __init__(self, **limits: int) -> None:
        self.pace = OwnPace(Limits(**limits))
        self.limiter = Limiter(self.pace)
        self.began = now()
        self.calls: list[tuple[float, object]] = []
        self.pauses: dict[object, list[float]] = {}

    async def call(self, chat: object, method: str = "sendMessage", *, terms: Terms | None = None) -> bool:
        """Make a call through the limiter."""
        data = {} if chat is None else {"chat_id": chat}
        done = await self.limiter.process_request(self._take, (chat,), {}, method, data, terms)
        assert isinstance(done, bool)
        return done

    async def _take(self, chat: object) -> bool:
        self.calls.append((round(now() - self.began, 6), chat))
        if self.pauses.get(chat):
            raise RetryAfter(timedelta(seconds=self.pauses[chat].pop(0)))
        return True

    async def all(self, *chats: object, method: str = "sendMessage") -> list[float]:
        """Make calls at once and return when each went out."""
        await asyncio.gather(*(self.call(chat, method) for chat in chats))
        return [at for at, _ in self.calls]

    def times(self, chat: object) -> list[float]:
        """Return when the calls of one chat went out."""
        return [at for at, whose in self.calls if whose == chat]


def test_a_chat_gets_a_short_burst_and_then_one_message_a_second() -> None:
    async def scenario() -> None:
        assert await Api().all(*[7] * 6) == [0, 0, 0, 1, 2, 3]

    run(scenario())


def test_a_chat_that_was_quiet_gets_its_burst_again_but_no_more() -> None:
    async def scenario() -> None:
        api = Api()
        await api.all(*[7] * 3)
        await asyncio.sleep(100)
        assert await api.all(*[7] * 5) == [0, 0, 0, 100, 100, 100, 101, 102]

    run(scenario())


def test_all_chats_together_get_thirty_a_second() -> None:
    async def scenario() -> None:
        times = await Api().all(*range(1, 91))
        assert max(sum(0 <= other - at < 1 for other in times) for at in times) <= 30
        assert len(times) == 90
        assert times[-1] < 3.5

    run(scenario())


def test_a_chat_that_must_wait_holds_up_no_other() -> None:
    async def scenario() -> None:
        api = Api()
        await asyncio.gather(api.all(*[7] * 10), api.all(*range(100, 120)))
        assert max(at for at, chat in api.calls if chat != 7) < 1.5
        assert api.times(7)[-1] >= 7

    run(scenario())


def test_who_came_first_goes_first() -> None:
    async def scenario() -> None:
        api, order = Api(), []

        async def call(number: int) -> None:
            await api.call(7)
            order.append(number)

        await asyncio.gather(*map(call, range(20)))
        assert order == list(range(20))

    run(scenario())


def test_a_group_gets_twenty_in_any_minute() -> None:
    async def scenario() -> None:
        api = Api(per_second=10_000, chat_per_second=100)
        times = await api.all(*[GROUP] * 45)
        assert times[:20] == [0] * 20
        for first, later in zip(times, times[20:], strict=False):
            assert later - first >= MINUTE_SECONDS

    run(scenario())


def test_a_private_chat_has_no_limit_by_the_minute() -> None:
    async def scenario() -> None:
        assert max(await Api(per_second=10_000, chat_per_second=100).all(*[7] * 30)) == 0

    run(scenario())


@pytest.mark.parametrize("method", ["sendChatAction", "sendMessageDraft", "editMessageText", "getChatMember"])
def test_only_messages_count(method: str) -> None:
    async def scenario() -> None:
        api = Api()
        assert max(await api.all(*[GROUP] * 50, method=method)) == 0
        assert await api.call(GROUP)
        assert api.calls[-1][0] == 0

    run(scenario())


def test_calls_without_a_chat_never_wait() -> None:
    """Answers to callbacks and to pre-checkout queries."""

    async def scenario() -> None:
        api = Api(per_second=1)
        await api.call(7)
        assert max(await api.all(*[None] * 100, method="answerCallbackQuery")) == 0

    run(scenario())


def test_a_429_pauses_its_chat_alone_and_the_call_is_made_again() -> None:
    async def scenario() -> None:
        api = Api()
        api.pauses[7] = [30]
        await api.all(7, 8, None)
        assert (api.times(7), api.times(8), api.times(None)) == ([0, 30], [0], [0])

    run(scenario())


def test_others_of_the_same_chat_wait_for_the_end_of_the_pause() -> None:
    async def scenario() -> None:
        api = Api()
        api.pauses[7] = [30]
        await api.call(7)
        api.pauses[7] = [20]
        first = asyncio.create_task(api.call(7))
        await asyncio.sleep(1)
        await asyncio.gather(first, api.call(7, "editMessageText"))
        assert api.times(7) == [0, 30, 30, 50, 50]

    run(scenario())


def test_a_pause_of_more_than_five_minutes_is_left_to_the_caller() -> None:
    async def scenario() -> None:
        api = Api()
        api.pauses[7] = [301]
        with pytest.raises(RetryAfter):
            await api.call(7)
        assert api.times(7) == [0]

    run(scenario())


def test_a_chat_that_asks_for_pauses_again_and_again_is_given_up() -> None:
    async def scenario() -> None:
        api = Api()
        api.pauses[7] = [1.0] * 10
        with pytest.raises(RetryAfter):
            await api.call(7)
        assert api.times(7) == [0, 1, 2, 3, 4]

    run(scenario())


def test_a_late_call_is_asked_again_whether_it_is_to_be_made() -> None:
    class NoMore(Exception):
        pass

    async def scenario() -> None:
        api, asked = Api(), []

        async def check() -> None:
            asked.append(now() - api.began)
            if asked[-1] > 20:
                raise NoMore

        api.pauses[7] = [30]
        data, terms = {"chat_id": 7}, Terms(check)
        with pytest.raises(NoMore):
            await api.limiter.process_request(api._take, (7,), {}, "sendMessage", data, terms)
        assert (asked, api.times(7)) == ([0, 30], [0])

    run(scenario())


@pytest.mark.parametrize("replicas", [1, 3])
def test_thousands_in_bulk_hold_up_nobody_and_lose_no_time(replicas: int) -> None:
    async def scenario() -> None:
        api = Api()
        others = [Limiter(api.pace) for _ in range(replicas - 1)]
        limiters = cycle([api.limiter, *others])
        bulk = []
        for chat in range(1, 2_001):
            api.limiter = next(limiters)
            bulk.append(asyncio.create_task(api.call(chat, terms=BULK)))
            await asyncio.sleep(0)
        for second in range(10):
            await asyncio.sleep(1)
            asked_at = now()
            await asyncio.gather(*(api.call(5_000 + 3 * second + chat) for chat in range(3)))
            assert now() - asked_at < 0.3
        await asyncio.gather(*bulk)
        times = [at for at, _ in api.calls]
        assert (
            max(sum(0 <= other - at < 1 for other in times[n : n + 40]) for n, at in enumerate(times)) <= 30
        )
        assert now() - api.began < 2_030 / 27 + 2

    run(scenario())


def test_what_is_only_nice_to_have_leaves_room_and_is_never_waited_for() -> None:
    async def scenario() -> None:
        api = Api(per_second=10_000, chat_per_second=100)
        for number in range(12):
            await asyncio.sleep(0.1)
            with nullcontext() if number < 10 else pytest.raises(NotNow):
                await api.call(GROUP, terms=OPTIONAL)
        assert (await api.all(*[GROUP] * 10))[10:] == [pytest.approx(1.2)] * 10
        late = asyncio.create_task(api.call(GROUP))
        await asyncio.sleep(MINUTE_SECONDS - 1)
        with pytest.raises(NotNow):
            await api.call(GROUP, terms=OPTIONAL)
        await api.call(GROUP, "editMessageText", terms=OPTIONAL)
        await late
        assert api.times(GROUP)[20:] == [pytest.approx(at + MINUTE_SECONDS) for at in (0.1, 0.2)]

    run(scenario())


def test_what_is_only_nice_to_have_is_not_tried_again_and_holds_off_while_its_chat_is_closed() -> None:
    async def scenario() -> None:
        api = Api()
        api.pauses[7] = [30]
        with pytest.raises(RetryAfter):
            await api.call(7, "editMessageText", terms=OPTIONAL)
        for method in ("editMessageText", "sendMessage"):
            with pytest.raises(NotNow):
                await api.call(7, method, terms=OPTIONAL)
        assert api.times(7) == [0]

    run(scenario())


def test_another_error_goes_through_at_once() -> None:
    async def scenario() -> None:
        async def fail() -> bool:
            raise ValueError("broken")

        with pytest.raises(ValueError, match="broken"):
            await Limiter(OwnPace(Limits())).process_request(
                fail, (), {}, "sendMessage", {"chat_id": 7}, None
            )

    run(scenario())


def test_quiet_chats_are_forgotten_and_paused_ones_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """A chat in its pause would else be written to too early, with a new burst."""
    monkeypatch.setattr(pace, "IDLE_BUDGETS", 10)
    monkeypatch.setattr(limiter, "MOST_PAUSES", 1)

    async def scenario() -> None:
        api = Api(per_second=1_000)
        api.pauses[7] = [200.0]
        paused = asyncio.create_task(api.call(7))
        await api.all(*range(100, 120))
        await asyncio.sleep(MINUTE_SECONDS + 5)
        await api.call(8)
        assert api.pace.known == {BOT, key_of("8")}
        api.pauses[9] = [1.0]
        await api.call(9)
        await asyncio.gather(paused, api.call(7))
        assert api.times(7) == [0, 200, 200]

    run(scenario())
