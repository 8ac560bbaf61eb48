"""Life after life of the bot on one database: when one has ended at a point, the next one takes over."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Collection, Coroutine, Mapping, Sequence
from datetime import timedelta
from typing import Any

import httpx

from bot.playground.telegram import Telegram
from bot.settings import Settings
from services.ports import ModelUnavailable, Question
from tests.app import OPEN_RATES, START, CountedEntropy, MovableClock
from tests.canary import CANARY_TOKEN
from tests.reliability.crash_life import Life
from tests.reliability.crash_outcome import LOST, Text, grown, said

STEP = timedelta(minutes=5)
"""From one step of a script to the next, so that each has its time, whatever happened in those before."""
LONG_SECONDS = 600.0
STALLED = timedelta(seconds=4)
"""When the sweep helps turns that nothing begins any more."""
BEYOND_LEASES = timedelta(seconds=95)
"""When the work of a dead process is free for others: its leases last 90 s with the default settings."""


class Echo:
    """A model that answers at once by the question's own words, or when it was seen to begin, or not at all."""

    def __init__(self, *, failing: Collection[str], lost: Collection[str]) -> None:
        self._unanswered = frozenset(failing) | frozenset(lost)
        self.telegram: Telegram

    async def reply(self, question: Question) -> AsyncIterator[str]:
        """Yield the answer.

        Raises:
            ModelUnavailable: there is none.
        """
        if question.text in self._unanswered:
            raise ModelUnavailable(reason=LOST)
        if question.text.endswith("silently"):
            await asyncio.Event().wait()
        if question.text.endswith("slowly"):
            calls = self.telegram.journal.last_n
            yield "Well"
            await self.telegram.wait_for(lambda: grown(self.telegram, after=calls), LONG_SECONDS)
            yield ". "
        yield f"You said: {question.text}."


class WayIn(httpx.AsyncBaseTransport):
    """Carries Telegram's posts to the life that is up; the connection breaks when that ends."""

    def __init__(self) -> None:
        self._life: Life | None = None
        self._is_open = asyncio.Event()

    def lead_to(self, life: Life) -> None:
        """Lead to a life."""
        self._life = life
        self._is_open.set()

    def close(self) -> None:
        """Hold back what comes, since nobody is there."""
        self._is_open.clear()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Post an update.

        Raises:
            RemoteProtocolError: the life ended before it answered.
        """
        await self._is_open.wait()
        assert self._life is not None
        post = asyncio.ensure_future(httpx.ASGITransport(app=self._life.app).handle_async_request(request))
        over = asyncio.ensure_future(self._life.fate.over.wait())
        await asyncio.wait({post, over}, return_when=asyncio.FIRST_COMPLETED)
        if over.done() or post.cancelled():
            post.cancel()
            raise httpx.RemoteProtocolError("the bot is gone", request=request)
        over.cancel()
        return post.result()


class Lives:
    """The bot, born again whenever it dies; ``ends`` says at which point each life does, the first one first."""

    def __init__(
        self, url: str, settings: Mapping[str, Any], model: Echo, *, ends: Sequence[int], from_birth: bool
    ) -> None:
        self.settings = Settings(**{"database_url": url, "bot_token": CANARY_TOKEN, **OPEN_RATES, **settings})
        self._clock = MovableClock()
        self._entropy = CountedEntropy()
        self._model = model
        self._way_in = WayIn()
        self.telegram = Telegram(
            now=lambda: self._clock.now().timestamp(),
            webhook_transport=self._way_in,
            backoff=lambda _: 0.0,
        )
        self._ends = list(ends)
        self._patience = STALLED if self.settings.database_url.kind == "sqlite" else BEYOND_LEASES
        self._is_in_danger = self._with_menus = from_birth
        self._life: Life | None = None
        self._is_up = False
        self._steps = 0
        self._calls_before_step = 0
        self.ended_at: list[str] = []
        """The points at which lives ended."""
        self.said_at_ends: Counter[Text] = Counter()
        """What was said in the steps in which they did, once for each end."""

    def begin_step(self) -> None:
        """Set the clock to the time of the next step."""
        self._steps += 1
        self._clock.move(START + self._steps * STEP - self._clock.now())
        self._calls_before_step = self.telegram.journal.last_n

    def let_pass(self, while_: timedelta) -> None:
        """Let time pass until the next step."""
        self._steps += while_ // STEP

    def begin_danger(self) -> None:
        """Count points from here on."""
        self._is_in_danger = True
        if self._life is not None:
            self._life.fate.is_counting = True

    async def until_quiet(self) -> None:
        """Go on, in as many lives as it takes, until all that people did is done with."""
        while True:
            life = self._life = self._life or self._bear()
            if await _survives(life, self._go_on(life)):
                return
            self.ended_at.append(life.fate.passed[-1])
            await self.drop()
            self.said_at_ends.update(said(self.telegram, after=self._calls_before_step).keys())

    def _bear(self) -> Life:
        life = Life(
            self.settings,
            telegram=self.telegram,
            clock=self._clock,
            entropy=self._entropy,
            model=self._model,
            ends_at=self._ends.pop(0) if self._ends else None,
            with_menus=self._with_menus,
        )
        life.fate.is_counting = self._is_in_danger
        return life

    async def _go_on(self, life: Life) -> None:
        """Let the life do all there is to do; one that follows another waits until it may take its work over."""
        is_heir = bool(self.ended_at) and not self._is_up
        if not self._is_up:
            await life.start()
            self._way_in.lead_to(life)
            self._is_up = True
        await life.quiet()
        await life.do_what_is_due()
        if is_heir:
            self._clock.move(self._patience)
            await life.tick()
            await life.quiet()
            await life.do_what_is_due()

    async def drop(self) -> None:
        """End the life that is, as it stands."""
        self._way_in.close()
        life, self._life, self._is_up = self._life, None, False
        if life is not None:
            await life.drop()


async def _survives(life: Life, work: Coroutine[Any, Any, None]) -> bool:
    """Do some work of a life; return whether the life is still there at its end."""
    done, over = asyncio.ensure_future(work), asyncio.ensure_future(life.fate.over.wait())
    await asyncio.wait({done, over}, return_when=asyncio.FIRST_COMPLETED)
    if life.fate.over.is_set():
        return False
    over.cancel()
    done.result()
    return True
