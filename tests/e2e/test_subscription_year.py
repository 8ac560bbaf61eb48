"""A subscription through a year: on every day Premium is there if Telegram was paid for that day, and else not."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest_asyncio

from bot.playground.bank import Subscription
from handlers.words import Words
from tests.scene import Scene
from tests.shop import rows, shop, subscribe

EN = Words("en")
DAY = timedelta(days=1)
DAY_SECONDS = 86_400
ASKED_TO_PAY = "your first paid message"


@pytest_asyncio.fixture
async def here(sqlite_url: str) -> AsyncIterator[Scene]:
    """Give a bot that sells, and where only Premium has free messages."""
    async with shop(sqlite_url, free_messages_per_day=0) as opened:
        yield opened


class Year:
    """Ben's year: what he and Telegram do, by days, and what he hears of it."""

    def __init__(self, here: Scene) -> None:
        self.here = here
        self.telegram = here.app.telegram
        self.heard: list[tuple[int, str]] = []
        self.without: list[int] = []

    @property
    def subscription(self) -> Subscription:
        """Return the newest subscription."""
        return next(self.telegram.bank.subscriptions_of(self.here.ben.id))

    async def pass_day(self, day: int) -> None:
        """Let a day pass, with all that is due in it, and note what was told of the end of Premium."""
        before = len(self.here.app.texts(self.here.ben))
        self.here.app.clock.move(DAY)
        self.telegram.catch_up()
        await self.here.app.settled()
        await self.here.app.parts.upkeep.run_timers()
        await self.here.app.settled()
        for text in self.here.app.texts(self.here.ben)[before:]:
            self.heard += [(day, word) for word in ("ends", "ended") if f"Your Premium {word} on" in text]

    def paid_until(self) -> datetime | None:
        """Return to when Telegram has been paid, None if that isn't beyond now."""
        now = self.here.app.clock.now().timestamp()
        charges = self.telegram.bank.charges_of(self.here.ben.id)
        ends = [one.until for one in charges if one.until is not None and one.at <= now < one.until]
        return datetime.fromtimestamp(max(ends), UTC) if ends else None

    async def judge(self, day: int) -> None:
        """See what Ben is shown and whether he is asked to pay."""
        until = self.paid_until()
        shown, said = (
            await self.here.ask(self.here.ben, "/me"),
            await self.here.ask(self.here.ben, f"day {day}"),
        )
        if until is None:
            self.without.append(day)
            assert "Premium" not in shown, day
            assert ASKED_TO_PAY in said, day
        else:
            assert EN.plain("me.premium", until=until) in shown, day
            assert ASKED_TO_PAY not in said, day

    # ---- what happens

    async def begin(self) -> None:
        """Subscribe, with Stars enough for a year."""
        self.telegram.bank.purses[self.here.ben.id] = 9_000
        await subscribe(self.here, self.here.ben)

    async def lose_renewal(self) -> None:
        """Let nobody tell of the next renewal: reconciliation finds it."""
        self.telegram.faults.add("update_lost", method="successful_payment")

    async def tell_late(self) -> None:
        """Let the next renewal be told two days late, when reconciliation has long found it."""
        self.telegram.faults.add("update_late", method="successful_payment", seconds=2 * DAY_SECONDS)

    async def tell_twice(self) -> None:
        """Let the next renewal be told twice."""
        self.telegram.faults.add("update_doubled", method="successful_payment")

    async def renew_late(self) -> None:
        """Let Telegram take the next renewal two days late."""
        self.telegram.faults.add("renewal_late", seconds=2 * DAY_SECONDS)

    async def spend_all(self) -> None:
        """Have no Stars for the next renewal."""
        self.telegram.bank.purses[self.here.ben.id] = 0

    async def cancel(self) -> None:
        """Cancel."""
        self.telegram.cancel(self.subscription)
        await self.here.app.settled()

    async def cancel_unheard(self) -> None:
        """Cancel, and the bot isn't told."""
        self.telegram.faults.add("update_lost", method="subscription")
        await self.cancel()

    async def take_back(self) -> None:
        """Take the cancelling back."""
        self.telegram.resume(self.subscription)
        await self.here.app.settled()


EVENTS: dict[int, Callable[[Year], Awaitable[None]]] = {
    0: Year.begin,
    45: Year.lose_renewal,
    75: Year.tell_late,
    100: Year.cancel,
    110: Year.take_back,
    140: Year.renew_late,
    170: Year.spend_all,
    200: Year.begin,
    215: Year.cancel,
    250: Year.begin,
    270: Year.tell_twice,
    320: Year.cancel_unheard,
}
WITHOUT = [150, 151, *range(182, 200), *range(230, 250), *range(340, 366)]
HEARD = [(151, "ended"), (183, "ended"), (227, "ends"), (231, "ended"), (341, "ended")]


async def test_t58_premium_is_right_on_every_day_of_a_year(here: Scene) -> None:
    year = Year(here)
    for day in range(366):
        if day:
            await year.pass_day(day)
        if day in EVENTS:
            await EVENTS[day](year)
        await year.judge(day)
    assert year.without == WITHOUT
    assert year.heard == HEARD
    booked = await rows(
        here.app, "SELECT state, is_reconciled, COUNT(*) FROM payment GROUP BY 1, 2 ORDER BY 2"
    )
    assert [tuple(row) for row in booked] == [("credited", 0, 8), ("credited", 1, 2)]
    assert len(year.telegram.bank.charges) == 10
    assert not year.telegram.faults.active
