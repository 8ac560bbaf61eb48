"""Delivery: the outbox goes out in order per chat, and again when it isn't known whether it arrived."""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, cast

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.ext import ExtBot

from bot.batcher import Batcher
from bot.bugs import report
from bot.events import Event
from bot.limiter import Terms
from bot.logs import get_logger
from bot.metrics import SENDS
from bot.poster import NOT_SENT, Calm, DrawChart, Poster, may_have_arrived
from bot.queues import Queues
from db.models.transport import OutboxState
from db.session import Database, DatabaseUnavailable
from handlers.notices import render
from handlers.words import Words, language_of
from services import membership, migration, outbox, people
from services.deliveries import note_deliveries
from services.events import ChatMoved, Outgoing
from services.outbox import Delivered
from services.rules import GameRules
from services.stamp import Stamps

ORDINARY_TRIES = 4
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 60.0
SLOW_SECONDS = 5.0
MOST_CHATS = 10_000

log = get_logger(__name__)


class TakenOver(Exception):
    """Another process sends the message now."""


@dataclass(slots=True)
class _Held:
    """A message in hand, and when it was last certain that it is ours."""

    message: Outgoing
    sure_at: datetime
    telegram_id: int = 0
    """The chat that it goes to, or that it is about."""
    doubts: int = 0
    """How often it may have arrived without our knowing."""
    is_begun: bool = False
    """Of what is sent once: whether it is written down that it is being sent now, and by us."""


class Delivery:
    """Sends what waits in the outbox and is owned by this process."""

    def __init__(
        self,
        db: Database,
        stamps: Stamps,
        bot: ExtBot[None],
        words: Mapping[str, Words],
        rules: GameRules,
        draw: DrawChart | None = None,
        calm: Calm | None = None,
    ) -> None:
        self._db = db
        self._stamps = stamps
        self._post = Poster(bot, draw, calm)
        self._words = words
        self._rules = rules
        self._queues: Queues[_Held] = Queues(self._deliver, name="chat")
        self._telegram_ids: dict[int, int] = {}
        self._former: dict[int, int] = {}
        self._marks: Batcher[Delivered, None] = Batcher(self._mark)
        db.on_commit(self._on_commit)

    @property
    def held(self) -> list[int]:
        """Return the outbox ids in hand."""
        return self._queues.held

    def put(self, messages: Iterable[Outgoing]) -> None:
        """Queue messages that this process owns."""
        for message in messages:
            held = _Held(message, self._stamps.clock.now())
            self._queues.put(message.chat_id, message.outbox_id, held)

    async def idle(self) -> None:
        """Wait until nothing is in hand."""
        await self._queues.idle()

    async def stop(self) -> None:
        """Leave what is in hand; it stays in the outbox."""
        await self._queues.stop()

    def _on_commit(self, event: object) -> None:
        if isinstance(event, Outgoing):
            self.put([event])
        elif isinstance(event, ChatMoved):
            self._note_move(event)

    async def _deliver(self, held: _Held) -> None:
        began, message = time.perf_counter(), held.message
        tries, pause_seconds = message.tries, FIRST_PAUSE_SECONDS
        done: Delivered | None = None
        while True:
            try:
                if done is None:
                    done = await self._attempt(held, tries + 1)
                    tries += 1
                if done is not None:  # what has arrived is only marked again, never sent again
                    await self._marks.put(done)
                    break
            except TakenOver:
                log.warning(Event.LEASE_LOST, outbox=message.outbox_id)
                break
            except DatabaseUnavailable as error:
                log.warning(Event.DATABASE_FAILED, step="delivery", why=repr(error))
            await asyncio.sleep(pause_seconds)
            pause_seconds = min(pause_seconds * 2, LONGEST_PAUSE_SECONDS)
        if (seconds := time.perf_counter() - began) > SLOW_SECONDS:
            log.info(Event.SLOW_STEP, step="delivery", notice=message.notice, ms=round(seconds * 1000))

    async def _make_sure(self, held: _Held) -> None:
        """Look, before a call that comes late, whether the message is still ours, and keep it.

        Raises:
            TakenOver: it isn't; this process stood still for longer than its lease.
        """
        stamp = self._stamps.take()
        if timedelta(0) <= stamp.now - held.sure_at < self._stamps.lease / 3:
            return
        if not await self._db.transact(outbox.hold_on, held.message.outbox_id, held.message.token, stamp):
            raise TakenOver
        held.sure_at = stamp.now

    async def _attempt(self, held: _Held, tries: int) -> Delivered | None:
        """Send once; return what became of the message, or None if it is to be tried again.

        Raises:
            TakenOver: another process sends it now.
            DatabaseUnavailable: it can't be known whether it is still ours.
        """
        message = held.message
        if (past_help := await self._past_help(held, tries)) is not None:
            return past_help
        try:
            message_id = await self._send(held)
            at = self._stamps.clock.now()
        except Forbidden as error:
            if not await self._mark_unreachable(held, error) and not _is_bound(message):
                return None  # it was sent to a former id
            return _ended(held, OutboxState.FAILED, tries, error=error.message)
        except ChatMigrated as error:
            await self._move(held, error.new_chat_id)
            return _ended(held, OutboxState.FAILED, tries, error="moved") if _is_bound(message) else None
        except BadRequest as error:
            log.error(Event.SEND_FAILED, notice=message.notice, chat=message.chat_id, why=error.message)
            return _ended(held, OutboxState.FAILED, tries, error=error.message)
        except (NetworkError, RetryAfter, InvalidToken) as error:
            log.warning(
                Event.SEND_FAILED, notice=message.notice, chat=message.chat_id, tries=tries, why=str(error)
            )
            held.doubts += may_have_arrived(error)
            if self._may_try_again(held, error):
                return None
            return _ended(held, OutboxState.FAILED, tries, error=str(error))
        except (DatabaseUnavailable, TakenOver):
            raise
        except Exception as error:
            report(log, error, notice=message.notice, outbox=message.outbox_id)
            return _ended(held, OutboxState.FAILED, tries, error=repr(error))
        return _ended(held, OutboxState.SENT, tries, message_id=message_id, at=at)

    async def _past_help(self, held: _Held, tries: int) -> Delivered | None:
        """Return what became of a message that must not be sent (any more); what is sent once is noted before."""
        message = held.message
        if self._stamps.clock.now() >= message.expires_at:
            return _ended(held, OutboxState.EXPIRED, tries, error="expired")
        if message.notice in outbox.ONCE and not held.is_begun:
            ours = (message.outbox_id, message.token)
            held.is_begun = await self._db.transact(outbox.begin_once, *ours)
            if not held.is_begun:  # somebody may have sent it
                return _ended(held, OutboxState.FAILED, tries, error="in doubt")
        return None

    def _may_try_again(self, held: _Held, error: TelegramError) -> bool:
        if held.message.notice in outbox.ONCE:
            return _has_not_arrived(error)
        return held.message.is_money or held.doubts < ORDINARY_TRIES

    async def _send(self, held: _Held) -> int | None:
        message = held.message
        terms = Terms(partial(self._make_sure, held), is_bulk=message.notice in outbox.BULK)
        words = self._words[language_of(message.language)]
        where = await self._where(held)
        message_id = None
        for payload in render(message.notice, message.facts, words, self._rules):
            message_id = await self._post(where | payload, terms)
        return message_id

    async def _where(self, held: _Held) -> dict[str, Any]:
        message = held.message
        if _is_bound(message):
            held.telegram_id = cast("int", message.facts["telegram_id"])
            return {"chat_id": held.telegram_id}
        telegram_id = held.telegram_id = await self._telegram_id(message.chat_id)
        where: dict[str, Any] = {"chat_id": telegram_id}
        if message.outbox_id <= self._former.get(message.chat_id, 0):
            return where
        if message.thread_id is not None:
            where["message_thread_id"] = message.thread_id
        if message.reply_to is not None and telegram_id < 0:
            where["reply_parameters"] = {"message_id": message.reply_to, "allow_sending_without_reply": True}
        return where

    async def _telegram_id(self, chat_id: int) -> int:
        telegram_id = self._telegram_ids.get(chat_id)
        if telegram_id is None:
            row = await self._db.read(people.chat_row, chat_id)
            telegram_id = self._telegram_ids[chat_id] = row.telegram_id
            if len(self._telegram_ids) > MOST_CHATS:
                del self._telegram_ids[next(iter(self._telegram_ids))]
        return telegram_id

    async def _move(self, held: _Held, new: int) -> None:
        """Learn from a refusal that a group became a supergroup."""
        chat_id = held.message.chat_id
        await self._db.transact(migration.merge_chats, held.telegram_id, new, self._stamps.take())
        self._note_move(ChatMoved(chat_id, chat_id, new))

    def _note_move(self, moved: ChatMoved) -> None:
        """Send to the new id from now on; what messages in hand answer is not there."""
        for chat_id in (moved.chat_id, moved.former_id):
            self._telegram_ids[chat_id] = moved.telegram_id
            self._former[chat_id] = max(self._queues.held, default=0)
        while len(self._former) > MOST_CHATS:
            del self._former[next(iter(self._former))]

    async def _mark_unreachable(self, held: _Held, error: TelegramError) -> bool:
        """Note a chat that takes no messages; return False if it only has another id by now."""
        chat_id = held.message.chat_id
        log.warning(Event.CHAT_UNREACHABLE, chat=chat_id, why=error.message)
        facts = (chat_id, held.telegram_id, self._rules, self._stamps.take())
        if await self._db.transact(membership.note_unreachable, *facts):
            return True
        self._telegram_ids.pop(chat_id, None)
        return False

    async def _mark(self, done: Sequence[Delivered]) -> None:
        await self._db.transact(note_deliveries, done, self._rules, self._stamps.take())


def _ended(
    held: _Held,
    state: OutboxState,
    tries: int,
    *,
    message_id: int | None = None,
    error: str | None = None,
    at: datetime | None = None,
) -> Delivered:
    SENDS.labels(state.value).inc()
    return Delivered(
        message=held.message,
        state=state,
        tries=tries,
        telegram_id=held.telegram_id,
        message_id=message_id,
        error=error,
        at=at,
    )


def _is_bound(message: Outgoing) -> bool:
    """Return whether it is about messages of one Telegram id: after a move there are others under their numbers."""
    return "telegram_id" in message.facts


def _has_not_arrived(error: TelegramError) -> bool:
    """Return whether it is certain: a gateway's error may come behind a success."""
    return isinstance(error, RetryAfter | InvalidToken) or isinstance(error.__cause__, NOT_SENT)
