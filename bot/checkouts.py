"""Checkouts: a player who is about to pay is answered at once, in a task of his own; nothing is stored or queued."""

import asyncio
import time
from collections import OrderedDict

from telegram.error import BadRequest, NetworkError

from bot.bugs import report
from bot.events import Event
from bot.handling import Unreadable, handle, parse
from bot.logs import get_logger
from bot.metrics import UPDATES
from handlers.context import App
from handlers.errors import Handling, tell_number
from services.inbox import RawUpdate

LANE = "p"
"""Begins the lanes of players who are about to pay, by which the intake knows them."""
TELEGRAM_SECONDS = 10.0
"""How long Telegram waits for each answer."""
FIRST_PAUSE_SECONDS = 0.1
MOST_KNOWN = 10_000

log = get_logger(__name__)


class Checkouts:
    """Answers updates of players who are about to pay, whatever else goes on.

    One that is lost with the process takes nobody's money: Telegram tells the player to try again.
    """

    def __init__(self, application: App) -> None:
        self._application = application
        self._tasks: set[asyncio.Task[None]] = set()
        self._known: OrderedDict[int, None] = OrderedDict()

    def put(self, update: RawUpdate) -> None:
        """Begin to answer an update, unless that has begun before."""
        if update.update_id in self._known:
            log.info(Event.UPDATE_DUPLICATE, count=1)
            return
        self._known[update.update_id] = None
        if len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)
        task = asyncio.create_task(self._answer(update))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def idle(self) -> None:
        """Wait until everybody is answered."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def stop(self) -> None:
        """Leave whoever waits; Telegram asks the next process, or tells him to try again."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _answer(self, update: RawUpdate) -> None:
        began = time.perf_counter()
        handling = Handling()
        try:
            async with asyncio.timeout(TELEGRAM_SECONDS):
                handling = await self._until_it_arrives(update)
        except TimeoutError as error:
            handling.error = error
        if handling.error is not None:
            await self._fail(update, handling.error)
            return
        ms = round((time.perf_counter() - began) * 1000, 1)
        UPDATES.labels("handled").inc()
        log.info(Event.UPDATE_HANDLED, update_id=update.update_id, lane=update.lane, ms=ms)
        if handling.refused:
            log.info(Event.CHECKOUT_REFUSED, update_id=update.update_id, why=handling.refused, ms=ms)

    async def _until_it_arrives(self, update: RawUpdate) -> Handling:
        pause_seconds = FIRST_PAUSE_SECONDS
        while True:
            handling = await handle(self._application, update.body)
            if not _may_pass(handling.error):
                return handling
            log.warning(Event.UPDATE_RETRIED, update_id=update.update_id, why=repr(handling.error))
            await asyncio.sleep(pause_seconds)
            pause_seconds *= 2

    async def _fail(self, update: RawUpdate, error: BaseException) -> None:
        """Tell the player of a bug its number; what Telegram did not take in time is only logged."""
        UPDATES.labels("parked").inc()
        log.error(Event.CHECKOUT_FAILED, update_id=update.update_id, why=repr(error)[:300])
        if isinstance(error, TimeoutError | Unreadable):
            return
        number = report(log, error, update_id=update.update_id)
        await tell_number(self._application, parse(self._application, update.body), number)


def _may_pass(error: BaseException | None) -> bool:
    """Return whether Telegram may take the answer when it is given again."""
    return isinstance(error, NetworkError) and not isinstance(error, BadRequest)
