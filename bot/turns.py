"""Workers that answer reserved turns; a private chat sees the answer grow as a draft, a group sees typing."""

import asyncio
import time
from collections.abc import Iterable
from contextlib import suppress
from functools import partial

from telegram.constants import ChatAction
from telegram.error import RetryAfter, TelegramError
from telegram.ext import ExtBot

from bot.bugs import report
from bot.events import Event
from bot.limiter import seconds_of
from bot.logs import get_logger
from bot.metrics import ANSWER_SECONDS
from db.session import Database, DatabaseUnavailable
from handlers.answer_text import split_answer
from services.answer import AnswerTurn
from services.events import TurnReserved
from services.settle import LeaseLost

FIRST_DRAFT_SECONDS = 0.3
NEXT_DRAFT_SECONDS = 0.8
TYPING_SECONDS = 4.5
RETRY_SECONDS = 1.0
SLOW_SECONDS = 20.0

log = get_logger(__name__)


class Stage:
    """What a player sees of an answer before it is there."""

    def __init__(self, bot: ExtBot[None], turn: TurnReserved) -> None:
        self._bot = bot
        self._turn = turn
        self._text = ""
        self._task: asyncio.Task[None] | None = None
        self._has_draft = (
            not turn.in_group and turn.edit_of is None
        )  # no message would follow that of an edit
        self.is_shown = False

    async def __aenter__(self) -> "Stage":
        """Begin to show that something is going on."""
        self._task = asyncio.create_task(self._play(), name=f"stage {self._turn.turn_id}")
        return self

    async def __aexit__(self, *_: object) -> None:
        """Show nothing more."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def show(self, text: str) -> None:
        """Take the answer as far as it has come."""
        self._text = text

    async def _play(self) -> None:
        await asyncio.sleep(FIRST_DRAFT_SECONDS)
        shown, typed_at = "", 0.0
        while True:
            pause_seconds = NEXT_DRAFT_SECONDS
            try:
                if self._has_draft and self._text != shown:
                    shown = self._text
                    await self._draft(shown)
                    self.is_shown = True
                elif not shown and time.monotonic() - typed_at > TYPING_SECONDS:
                    typed_at = time.monotonic()
                    await self._type()
            except RetryAfter as error:
                pause_seconds = seconds_of(error)
            except TelegramError as error:
                log.debug(Event.SEND_FAILED, notice="draft", chat=self._turn.chat_id, why=str(error))
            await asyncio.sleep(pause_seconds)

    async def _draft(self, text: str) -> None:
        parts = split_answer(text, cut_mark="")
        if parts:
            await self._bot.send_message_draft(
                chat_id=self._turn.telegram_chat_id,
                draft_id=self._turn.turn_id,
                text=parts[-1].text,
                message_thread_id=self._turn.thread_id,
                api_kwargs={"entities": parts[-1].entities},
            )

    async def _type(self) -> None:
        await self._bot.send_chat_action(
            self._turn.telegram_chat_id, ChatAction.TYPING, message_thread_id=self._turn.thread_id
        )


class TurnWorkers:
    """Answers the turns that this process owns, a limited number at once."""

    def __init__(self, db: Database, bot: ExtBot[None], answer: AnswerTurn, *, workers: int) -> None:
        self._bot = bot
        self._answer = answer
        self._room = asyncio.Semaphore(workers)
        self._tasks: dict[int, asyncio.Task[None]] = {}
        db.on_commit(self._on_commit)

    @property
    def held(self) -> list[int]:
        """Return the ids of the turns in hand."""
        return list(self._tasks)

    def put(self, turns: Iterable[TurnReserved]) -> None:
        """Answer turns that this process owns."""
        for turn in turns:
            task = asyncio.create_task(self._run(turn), name=f"turn {turn.turn_id}")
            self._tasks[turn.turn_id] = task
            task.add_done_callback(partial(self._forget, turn.turn_id))

    def _forget(self, key: int, done: "asyncio.Task[None]") -> None:
        if self._tasks.get(key) is done:
            del self._tasks[key]

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

    async def _run(self, turn: TurnReserved) -> None:
        began = time.perf_counter()
        async with self._room:
            while not await self._try(turn):  # noqa: ASYNC110
                await asyncio.sleep(RETRY_SECONDS)
        seconds = time.perf_counter() - began
        ANSWER_SECONDS.observe(seconds)
        if seconds > SLOW_SECONDS:
            log.warning(Event.SLOW_STEP, step="answer", turn=turn.turn_id, ms=round(seconds * 1000))

    async def _try(self, turn: TurnReserved) -> bool:
        """Answer once; return False if the database was away and it is to be tried again."""
        try:
            async with Stage(self._bot, turn) as stage:
                await self._answer(turn, stage=stage)
        except LeaseLost:
            log.warning(Event.LEASE_LOST, turn=turn.turn_id)
        except DatabaseUnavailable as error:
            log.warning(Event.DATABASE_FAILED, step="answer", turn=turn.turn_id, why=str(error))
            return False
        except Exception as error:
            report(log, error, turn=turn.turn_id)
        return True
