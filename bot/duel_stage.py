"""What players see of duels while they play them: one message each, with the question and the time that is left."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from functools import partial

from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden, TelegramError
from telegram.ext import ExtBot

from bot.bugs import report
from bot.events import Event
from bot.limiter import NotNow, Terms
from bot.logs import get_logger
from bot.poster import is_unchanged
from bot.stage import OPTIONAL, Room
from db.session import Database, DatabaseUnavailable
from handlers.duel_question import CELLS, cells_of, question_keyboard, question_text
from handlers.words import Words, language_of
from services.duels.board import Board, find_board
from services.events import DuelAnswered, DuelBegan, DuelEnded
from services.ports import Clock
from services.rules import DuelRules

TICK_SECONDS = 3.0
"""The time that is left is shown anew as often, or less often where there is more of it."""
AGAIN_SECONDS = 0.3
TAKEN_OVER_SECONDS = 1.0
"""Who goes on with what another process showed looks again so soon: its last edit may have come in between."""
PATIENCE_SECONDS = 1.0
"""What only shows the time may take as long; the next question doesn't wait for it."""
BEYOND = timedelta(seconds=5)
"""Nobody looks at a duel so long after its time, whatever became of it."""

log = get_logger(__name__)


class DuelStage:
    """Shows one duel: a new question at once, the time now and then, one edit after the other."""

    def __init__(self, stages: "DuelStages", duel_id: int, *, is_ours: bool) -> None:
        self._stages = stages
        self._duel_id = duel_id
        self._expected = 0
        """The position of the question to be answered, as far as this process knows."""
        self._shown = 0 if is_ours else -1
        self._cells = CELLS
        self._is_sure = is_ours
        self._news = asyncio.Event()
        self._is_over = False
        self.place: tuple[int, int] | None = None
        """Telegram's ids of the chat and the message."""

    def expect(self, position: int) -> None:
        """Take up the next question, which is to be shown now."""
        self._expected = max(self._expected, position)
        self._news.set()

    def end(self) -> None:
        """Show nothing more."""
        self._is_over = True
        self._news.set()

    async def play(self) -> None:
        """Show the duel until it has ended, or another process goes on with it."""
        if self._is_sure:
            await self._rest(self._stages.pause_seconds)
        while not self._is_over and (seconds := await self._step()) is not None:
            await self._rest(seconds)

    async def _rest(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._news.wait()
        self._news.clear()

    async def _step(self) -> float | None:
        """Show what is new; return the seconds until the next look, None if there is none."""
        try:
            return await self._look()
        except (BadRequest, Forbidden) as error:  # the message is gone; the duel goes on all the same
            log.debug(Event.SEND_FAILED, notice="duel", why=str(error))
        except (TelegramError, DatabaseUnavailable, TimeoutError) as error:
            log.debug(Event.SEND_FAILED, notice="duel", why=str(error))
            return AGAIN_SECONDS
        except Exception as error:
            report(log, error, duel=self._duel_id)
        return None

    async def _look(self) -> float | None:
        board = await self._stages.board(self._duel_id)
        if board is None or self._is_over:
            return None
        self.place = board.chat_id, board.message_id
        position, left = board.question.position, self._stages.left(board)
        if position != self._shown:
            return await self._show_question(board, left)
        cells = cells_of(left, self._stages.rules.time)
        if cells != self._cells and await self._stages.is_next(self._news):
            await self._show_time(board, left)
            self._cells = cells
        return self._stages.pause_seconds if left > -BEYOND else None

    async def _show_question(self, board: Board, left: timedelta) -> float | None:
        await self._stages.edit(board, left, Terms())
        self._shown, self._cells = board.question.position, cells_of(left, self._stages.rules.time)
        if self._shown > self._expected:
            return None  # it was answered through another process, which goes on with it
        if not self._is_sure:
            self._is_sure, self._shown = True, -1
            return TAKEN_OVER_SECONDS
        return self._stages.pause_seconds

    async def _show_time(self, board: Board, left: timedelta) -> None:
        with suppress(NotNow):
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._stages.edit(board, left, OPTIONAL)


class DuelStages:
    """Shows the duels whose first question this process sent, and those of whose answers it hears."""

    def __init__(
        self, db: Database, clock: Clock, bot: ExtBot[None], words: Mapping[str, Words], rules: DuelRules
    ) -> None:
        self._db = db
        self._clock = clock
        self._bot = bot
        self._words = words
        self.rules = rules
        self.pause_seconds = max(TICK_SECONDS, rules.time.total_seconds() / CELLS)
        self._room = Room()
        self._stages: dict[int, tuple[DuelStage, asyncio.Task[None]]] = {}
        db.on_commit(self._on_commit)

    @property
    def held(self) -> list[int]:
        """Return the duels that are shown."""
        return list(self._stages)

    async def calm(self, chat_id: int, message_id: int) -> None:
        """Wait until nothing more is shown in a message of a duel that has ended, but not for long."""
        ending = [task for stage, task in self._stages.values() if stage.place == (chat_id, message_id)]
        if ending:
            await asyncio.wait(ending, timeout=PATIENCE_SECONDS)

    async def stop(self) -> None:
        """Show nothing more; answers still count."""
        tasks = [task for _, task in self._stages.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _on_commit(self, event: object) -> None:
        if isinstance(event, DuelBegan):
            self._begin(event.duel_id, is_ours=True).place = event.telegram_chat_id, event.message_id
        elif isinstance(event, DuelAnswered):
            self._begin(event.duel_id, is_ours=False).expect(event.position + 1)
        elif isinstance(event, DuelEnded) and event.duel_id in self._stages:
            self._stages[event.duel_id][0].end()

    def _begin(self, duel_id: int, *, is_ours: bool) -> DuelStage:
        """Return the stage of a duel, which begins now if there is none."""
        if duel_id not in self._stages:
            stage = DuelStage(self, duel_id, is_ours=is_ours)
            task = asyncio.create_task(stage.play(), name=f"duel {duel_id}")
            self._stages[duel_id] = stage, task
            task.add_done_callback(partial(self._forget, duel_id))
        return self._stages[duel_id][0]

    def _forget(self, duel_id: int, done: "asyncio.Task[None]") -> None:
        if duel_id in self._stages and self._stages[duel_id][1] is done:
            del self._stages[duel_id]

    async def board(self, duel_id: int) -> Board | None:
        """Return what is to be shown of a duel."""
        return await self._db.read(find_board, duel_id, self.rules)

    def left(self, board: Board) -> timedelta:
        """Return what is left of a duel's time."""
        return board.ends_at - self._clock.now()

    async def is_next(self, news: asyncio.Event) -> bool:
        """Wait in line for a call that only shows the time; return False if there is news before."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._room.seconds_until_turn()):
                await news.wait()
        return not news.is_set()

    async def edit(self, board: Board, left: timedelta, terms: Terms) -> None:
        """Put the question, with the time that is left, in its message."""
        words = self._words[language_of(board.language)]
        try:
            await self._bot.edit_message_text(
                question_text(board.question, words, left=max(left, timedelta(0)), time=self.rules.time),
                board.chat_id,
                board.message_id,
                parse_mode=ParseMode.HTML,
                reply_markup=question_keyboard(board.question),
                rate_limit_args=terms,  # type: ignore[arg-type]
            )
        except BadRequest as error:
            if not is_unchanged(error):
                raise
