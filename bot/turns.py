"""Workers that answer reserved turns, until they are answered, stopped, or taken over."""

import asyncio
import time
from collections.abc import Iterable
from functools import partial

from bot.bugs import report
from bot.events import Event
from bot.logs import get_logger
from bot.metrics import ANSWER_SECONDS
from bot.stage import Stages
from db.session import Database, DatabaseUnavailable
from services.answer import AnswerTurn, Stop
from services.events import StopAsked, TurnReserved
from services.settle import LeaseLost

RETRY_SECONDS = 1.0
SLOW_SECONDS = 20.0

log = get_logger(__name__)


class TurnWorkers:
    """Answers the turns that this process owns, a limited number at once."""

    def __init__(self, db: Database, stages: Stages, answer: AnswerTurn, *, workers: int) -> None:
        self._stages = stages
        self._answer = answer
        self._room = asyncio.Semaphore(workers)
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._stops: dict[int, Stop] = {}
        db.on_commit(self._on_commit)

    @property
    def held(self) -> list[int]:
        """Return the ids of the turns in hand."""
        return list(self._tasks)

    def put(self, turns: Iterable[TurnReserved]) -> None:
        """Answer turns that this process owns."""
        for turn in turns:
            stop: Stop = asyncio.get_running_loop().create_future()
            task = asyncio.create_task(self._run(turn, stop), name=f"turn {turn.turn_id}")
            self._tasks[turn.turn_id], self._stops[turn.turn_id] = task, stop
            task.add_done_callback(partial(self._forget, turn.turn_id))
            if turn.is_stopped:
                self.cut([turn.turn_id])

    def cut(self, turn_ids: Iterable[int]) -> None:
        """End the answers to turns whose players stopped them; what isn't in hand is left alone."""
        for turn_id in turn_ids:
            stop = self._stops.get(turn_id)
            if stop is not None and not stop.done():
                stop.set_result(None)

    def _forget(self, key: int, done: "asyncio.Task[None]") -> None:
        if self._tasks.get(key) is done:
            del self._tasks[key], self._stops[key]

    async def idle(self) -> None:
        """Wait until nothing is in hand."""
        while self._tasks:
            await asyncio.wait(self._tasks.values())

    async def stop(self) -> None:
        """Leave what is in hand; it stays reserved until somebody takes it over."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _on_commit(self, event: object) -> None:
        if isinstance(event, TurnReserved):
            self.put([event])
        elif isinstance(event, StopAsked):
            self.cut([event.turn_id])

    async def _run(self, turn: TurnReserved, stop: Stop) -> None:
        began = time.perf_counter()
        async with self._room:
            while not await self._try(turn, stop):  # noqa: ASYNC110
                await asyncio.sleep(RETRY_SECONDS)
        seconds = time.perf_counter() - began
        ANSWER_SECONDS.observe(seconds)
        if seconds > SLOW_SECONDS:
            log.warning(Event.SLOW_STEP, step="answer", turn=turn.turn_id, ms=round(seconds * 1000))

    async def _try(self, turn: TurnReserved, stop: Stop) -> bool:
        """Answer once; return False if the database was away and it is to be tried again."""
        try:
            async with self._stages(turn) as stage:
                await self._answer(turn, stage=stage, stop=stop)
        except LeaseLost:
            log.warning(Event.LEASE_LOST, turn=turn.turn_id)
        except DatabaseUnavailable as error:
            log.warning(Event.DATABASE_FAILED, step="answer", turn=turn.turn_id, why=str(error))
            return False
        except Exception as error:
            report(log, error, turn=turn.turn_id)
        return True
