"""What players see of an answer before it is there: a draft in a private chat, one growing message in a group."""

import asyncio
import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from telegram.constants import ChatAction
from telegram.error import BadRequest, RetryAfter, TelegramError
from telegram.ext import ExtBot

from bot.bugs import report
from bot.events import Event
from bot.limiter import NotNow, Terms, seconds_of
from bot.logs import get_logger
from bot.poster import is_unchanged, may_have_arrived
from db.session import DatabaseUnavailable
from handlers.answer_text import Part, split_answer
from handlers.keyboards import act, rows
from handlers.words import Words, language_of
from services.events import TurnReserved
from services.growing import NoteShown, stop_token
from services.settle import LeaseLost

FIRST_LOOK_SECONDS = 0.3
NEXT_LOOK_SECONDS = 0.8
TYPING_SECONDS = 4.5
QUICK_SECONDS = 1.0
"""An answer that is whole so soon after its first text needs no growing message."""
NEXT_EDIT_SECONDS = 3.0
LAST_CALL_SECONDS = 2.0
CALLS_PER_SECOND = 20
OPTIONAL = Terms(is_optional=True)
"""Nothing here holds up what must be said."""

log = get_logger(__name__)


class Room:
    """The line in which all stages of this process wait for their next call, so that what must be said has time."""

    def __init__(self) -> None:
        self._last_at = 0.0

    def seconds_until_turn(self) -> float:
        """Take the next place in the line; return how long it is until then."""
        now = _now()
        self._last_at = max(now, self._last_at + 1 / CALLS_PER_SECOND)
        return self._last_at - now


class Stage:
    """Shows typing; where the text is shown, too, ``_put`` is how, as often as suits the place."""

    age_seconds = math.inf
    """How old the first text must be to be shown."""
    pause_seconds = NEXT_LOOK_SECONDS
    """Between two looks when something has been shown."""

    def __init__(self, bot: ExtBot[None], turn: TurnReserved, room: Room) -> None:
        self._bot = bot
        self._room = room
        self._turn = turn
        self._text = self._seen = ""
        self._since = self._typed_at = 0.0
        self._over = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.is_shown = False
        self.message_id = turn.shown_id
        self.is_late = turn.is_shown_late

    async def __aenter__(self) -> "Stage":
        """Begin to show that something is going on."""
        self._task = asyncio.create_task(self._play(), name=f"stage {self._turn.turn_id}")
        return self

    async def __aexit__(self, *_: object) -> None:
        """Show nothing more."""
        await self.end()

    def show(self, text: str) -> None:
        """Take the answer as far as it has come."""
        self._since = self._since or _now()
        self._text = text

    async def end(self) -> None:
        """Show nothing more; what is on its way is waited for, but not for long."""
        self._over.set()
        if self._task is not None:
            _, left = await asyncio.wait({self._task}, timeout=LAST_CALL_SECONDS)
            self.is_late = self.is_late or bool(left)
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _play(self) -> None:
        await self._rest(FIRST_LOOK_SECONDS)
        while not self._over.is_set():
            seconds = NEXT_LOOK_SECONDS
            try:
                seconds = await self._look()
            except RetryAfter as error:
                seconds = max(seconds, seconds_of(error))
            except (TelegramError, DatabaseUnavailable) as error:
                self.is_late = self.is_late or may_have_arrived(error)
                log.debug(Event.SEND_FAILED, notice="draft", chat=self._turn.chat_id, why=str(error))
            except LeaseLost:
                return
            except Exception as error:  # what is shown in between is worth no answer
                report(log, error, turn=self._turn.turn_id)
                return
            await self._rest(seconds)

    async def _look(self) -> float:
        """Show what is new; return the seconds until the next look."""
        seconds = NEXT_LOOK_SECONDS
        if self._text != self._seen and _now() - self._since >= self.age_seconds and await self._is_next():
            seconds, text = self.pause_seconds, self._text
            with suppress(NotNow):
                await self._show(text)
                self._seen = text
        if not self.is_shown and _now() - self._typed_at > TYPING_SECONDS and await self._is_next():
            self._typed_at = _now()
            await self._type()
        return seconds

    async def _is_next(self) -> bool:
        """Wait in line for a call; return False if the end comes first."""
        await self._rest(self._room.seconds_until_turn())
        return not self._over.is_set()

    async def _rest(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._over.wait()

    async def _show(self, text: str) -> None:
        for part in split_answer(text, cut_mark="")[-1:]:
            await self._put(part)

    async def _put(self, part: Part) -> None:
        """Show the newest part of the answer."""
        raise NotImplementedError

    async def _type(self) -> None:
        await self._bot.send_chat_action(
            self._turn.telegram_chat_id,
            ChatAction.TYPING,
            message_thread_id=self._turn.thread_id,
        )


class DraftStage(Stage):
    """A private chat: the answer grows in a draft, which vanishes by itself."""

    age_seconds = 0.0

    async def _put(self, part: Part) -> None:
        await self._bot.send_message_draft(
            chat_id=self._turn.telegram_chat_id,
            draft_id=self._turn.turn_id,
            text=part.text,
            message_thread_id=self._turn.thread_id,
            api_kwargs={"entities": part.entities},
        )
        self.is_shown = True


class MessageStage(Stage):
    """A group: a slow answer grows in a message, whose button stops it and whose place the answer takes."""

    age_seconds = QUICK_SECONDS
    pause_seconds = NEXT_EDIT_SECONDS

    def __init__(
        self, bot: ExtBot[None], turn: TurnReserved, room: Room, note_shown: NoteShown, words: Words
    ) -> None:
        super().__init__(bot, turn, room)
        self._note_shown = note_shown
        self._stamp = note_shown.stamps.take()
        self._is_noted = False
        button = act(words.plain("button.stop"), stop_token(turn, self._stamp))
        no_preview = {"is_disabled": True}
        self._more = {"reply_markup": rows([button]).to_dict(), "link_preview_options": no_preview}

    async def _put(self, part: Part) -> None:
        more = {**self._more, "entities": part.entities}
        if self.message_id is None:
            self.message_id = await self._send(part.text, more)
        else:
            await self._edit(part.text, more)
        self.is_shown = True
        if not self._is_noted:
            await self._note(self.message_id)

    async def _send(self, text: str, more: Mapping[str, Any]) -> int:
        reply = {"message_id": abs(self._turn.message_id), "allow_sending_without_reply": True}
        message = await self._bot.send_message(
            self._turn.telegram_chat_id,
            text,
            message_thread_id=self._turn.thread_id,
            api_kwargs={**more, "reply_parameters": reply},
            rate_limit_args=OPTIONAL,  # type: ignore[arg-type]
        )
        return message.message_id

    async def _edit(self, text: str, more: Mapping[str, Any]) -> None:
        try:
            await self._bot.edit_message_text(
                text,
                self._turn.telegram_chat_id,
                self.message_id,
                api_kwargs=dict(more),
                rate_limit_args=OPTIONAL,  # type: ignore[arg-type]
            )
        except BadRequest as error:
            if not is_unchanged(error):
                raise

    async def _note(self, message_id: int) -> None:
        """Tell the house, so that a successor goes on with this message.

        Raises:
            LeaseLost: there is one already, who doesn't know of it.
        """
        try:
            await self._note_shown(self._turn, message_id, self._stamp)
        except LeaseLost:
            if message_id != self._turn.shown_id:
                with suppress(TelegramError):
                    await self._bot.delete_message(self._turn.telegram_chat_id, message_id)
            raise
        self._is_noted = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """Gives each turn the stage of its place."""

    bot: ExtBot[None]
    note_shown: NoteShown
    words: Mapping[str, Words]
    _room: Room = field(default_factory=Room)

    def __call__(self, turn: TurnReserved) -> Stage:
        """Return the stage of a turn."""
        if (
            turn.edit_of is not None
        ):  # the answer takes the place of the first one, and nothing follows a draft
            return Stage(self.bot, turn, self._room)
        if not turn.in_group:
            return DraftStage(self.bot, turn, self._room)
        words = self.words[language_of(turn.language)]
        return MessageStage(self.bot, turn, self._room, self.note_shown, words)


def _now() -> float:
    return asyncio.get_running_loop().time()
