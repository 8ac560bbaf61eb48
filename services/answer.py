"""Answering a reserved turn: the model is asked with no transaction open, then all is settled or released."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from sqlalchemy import Connection

from db.queries import turns
from db.session import Database, DatabaseUnavailable
from services import attachments
from services.events import TurnReserved
from services.ports import FINAL, Exchange, Files, Model, ModelUnavailable, Question, Usage
from services.reserve import PromoteNext
from services.rules import GameRules
from services.settle import STOPPED, Answer, release, settle
from services.stamp import Stamps

RETRY_SECONDS = 1.0

Stop = asyncio.Future[None]
"""Done when the player wants the answer to end."""
Split = Callable[[str, str, "Cut | None"], Sequence[Mapping[str, object]]]


class Cut(StrEnum):
    """Why an answer ends before its end."""

    LENGTH = "length"
    """It was longer than is sent."""
    DEADLINE = "deadline"
    """Its time was up, or the model broke off, when some of it had been shown."""
    STOPPED = "stopped"
    """Its player stopped it when some of it had been shown."""


class Stage(Protocol):
    """Where a growing answer is shown to its player."""

    is_shown: bool
    """Whether he has seen some of it."""
    message_id: int | None
    """The message in which it grows, if that is one that stays."""
    is_late: bool
    """Whether a call that puts an older text there may still arrive."""

    def show(self, text: str) -> None:
        """Show the answer as far as it has come."""

    async def end(self) -> None:
        """Show nothing more; from now on it is known what was shown."""


@dataclass(slots=True)
class _Draft:
    """An answer as far as it has come."""

    text: str = ""
    cut: Cut | None = None
    usage: Usage | None = None

    def add(self, piece: str | Usage, most: int) -> None:
        """Take the next piece, as far as the whole is at most ``most`` characters."""
        if isinstance(piece, Usage):
            self.usage = piece
            return
        self.text += piece
        if len(self.text) > most:
            self.text, self.cut = self.text[:most], Cut.LENGTH


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerTurn:
    """Ask the model for a reserved turn, then charge for the answer or give the price back.

    ``split`` makes messages of an answer: (text, language, cut) -> parts as JSON.
    """

    db: Database
    stamps: Stamps
    rules: GameRules
    model: Model
    split: Split
    files: Files
    promote_next: PromoteNext

    async def __call__(self, turn: TurnReserved, *, stage: Stage, stop: Stop) -> None:
        """Answer ``turn``; ``stage`` is given the growing text, ``stop`` ends it where it is.

        Raises:
            LeaseLost: another worker has taken the turn over; nothing was changed.
        """
        outcome: Answer | ModelUnavailable
        draft = _Draft()
        try:
            outcome = await self._ask(turn, draft, stage, stop)
        except ModelUnavailable as error:
            outcome = error
        await stage.end()
        turn = replace(turn, shown_id=stage.message_id, is_shown_late=stage.is_late)
        if await self._end(turn, outcome, draft.usage):
            with suppress(DatabaseUnavailable):  # this turn has ended; the sweep begins the next one
                await self.promote_next(player_id=turn.player_id)

    async def _end(self, turn: TurnReserved, outcome: Answer | ModelUnavailable, usage: Usage | None) -> bool:
        """End the turn, when the database is there again if need be: the model isn't asked twice for that."""
        while True:
            stamp = self.stamps.take()
            try:
                if isinstance(outcome, Answer):
                    return await self.db.transact(settle, turn, outcome, self.rules, stamp, usage)
                return await self.db.transact(release, turn, outcome.reason, self.rules, stamp, usage)
            except DatabaseUnavailable:
                await asyncio.sleep(RETRY_SECONDS)

    async def _ask(self, turn: TurnReserved, draft: _Draft, stage: Stage, stop: Stop) -> Answer:
        if stop.done():
            raise ModelUnavailable(reason=STOPPED)
        deadline = self.rules.talk.answer_deadline
        if deadline <= self.stamps.clock.now() - turn.reserved_at:
            raise ModelUnavailable(reason="timeout")
        question = await self._question(turn)
        left = min(deadline, deadline - (self.stamps.clock.now() - turn.reserved_at))
        try:
            async with asyncio.timeout(left.total_seconds()) as limit:
                with _ended_by(stop, limit):
                    await self._listen(question, draft, stage)
        except TimeoutError:
            await stage.end()
            draft.cut = Cut.STOPPED if stop.done() else Cut.DEADLINE
            if not stage.is_shown:
                raise ModelUnavailable(reason=STOPPED if stop.done() else "timeout") from None
        return self._finished(turn, draft)

    async def _listen(self, question: Question, draft: _Draft, stage: Stage) -> None:
        most = self.rules.talk.answer_chars
        try:
            async for piece in _with_one_retry(self.model, question):
                draft.add(piece, most)
                if draft.text.strip():
                    stage.show(draft.text)
                if draft.cut is not None:
                    return
        except ModelUnavailable:
            await stage.end()
            if not stage.is_shown:
                raise
            draft.cut = Cut.DEADLINE

    def _finished(self, turn: TurnReserved, draft: _Draft) -> Answer:
        text = draft.text.replace("\x00", "").encode("utf-8", "replace").decode()
        parts = self.split(text, turn.language, draft.cut)
        if not parts:
            raise ModelUnavailable(reason="empty")
        return Answer(text=text, is_cut=draft.cut is not None, parts=parts)

    async def _question(self, turn: TurnReserved) -> Question:
        talk = (self.rules.with_premium() if turn.has_premium else self.rules).talk
        history = await self.db.read(_history, turn, talk.history_turns, talk.history_chars)
        file = await attachments.fetch(self.files, turn.file, self.rules.model) if turn.file else None
        return Question(
            text=turn.text[: talk.question_chars],
            language=turn.language,
            player_id=turn.player_id,
            player_name=turn.player_name,
            chat_id=turn.chat_id,
            in_group=turn.in_group,
            history=history,
            character=turn.character,
            attachment=file,
            has_premium=turn.has_premium,
        )


@contextmanager
def _ended_by(stop: Stop, limit: asyncio.Timeout) -> Iterator[None]:
    """Let the time be over as soon as the player stops the answer."""

    def end(_: Stop) -> None:
        if not limit.expired():
            limit.reschedule(asyncio.get_running_loop().time())

    stop.add_done_callback(end)
    try:
        yield
    finally:
        stop.remove_done_callback(end)


async def _with_one_retry(model: Model, question: Question) -> AsyncIterator[str | Usage]:
    """Yield the model's pieces; a failure before the first one is tried once more, where that may help."""
    for is_last in (False, True):
        has_begun = False
        try:
            async for piece in model.reply(question):
                has_begun = has_begun or isinstance(piece, str)
                yield piece
        except ModelUnavailable as error:
            if has_begun or is_last or error.reason in FINAL:
                raise
        except Exception as error:
            if has_begun or is_last:
                raise ModelUnavailable(reason=type(error).__name__) from error
        else:
            return


def _history(tx: Connection, turn: TurnReserved, most: int, most_chars: int) -> tuple[Exchange, ...]:
    """Return the player's latest turns of the conversation that fit, the oldest first.

    A group's conversation is everybody's, but a model is shown only what the player himself has said in it.
    """
    rows = tx.execute(
        turns.HISTORY,
        {
            "conversation_id": turn.conversation_id,
            "player_id": turn.player_id,
            "before_id": turn.edit_of or turn.turn_id,
            "most": most,
        },
    )
    kept: list[Exchange] = []
    for row in rows:
        most_chars -= len(row.text) + len(row.answer)
        if most_chars < 0:
            break
        kept.append(Exchange(text=row.text or row.file_name or "", answer=row.answer))
    return tuple(reversed(kept))
