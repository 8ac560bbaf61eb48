"""Asks Telegram for updates by long polls; each is stored with its bytes exactly as they came."""

import asyncio
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError
from telegram.request import BaseRequest

from bot.events import Event
from bot.intake import ALLOWED_UPDATES, BATCH, Intake, NoUpdate, raw_update, unread_update
from bot.limiter import seconds_of
from bot.logs import get_logger
from db.session import DatabaseUnavailable
from services.inbox import RawUpdate

POLL_SECONDS = 30
ANSWER_SECONDS = 15
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
CONFLICT_PAUSE_SECONDS = 10.0
MOST_SHOWN = 300

_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\r\n]*")
_END = re.compile(r"\]\s*\}\s*$")

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """What Telegram gave: updates with their texts, and what stands behind them if that can't be read."""

    updates: Sequence[tuple[object, str]]
    rest: str | None = None


def read_answer(text: str) -> Answer:
    """Take an answer apart, as far as Python can read it.

    Raises:
        TelegramError: it is no answer of Telegram's.
    """
    at = _first(text)
    updates: list[tuple[object, str]] = []
    if text.startswith("]", at):
        return Answer(updates)
    while True:
        try:
            value, end = _DECODER.raw_decode(text, at)
            behind = _skip(text, end)
            if text[behind : behind + 1] not in ("]", ","):
                raise ValueError
        except (ValueError, RecursionError):
            return Answer(updates, _rest(text, at))
        updates.append((value, text[at:end]))
        if text[behind] == "]":
            return Answer(updates)
        at = _skip(text, behind + 1)


def _first(text: str) -> int:
    """Return where the first update begins, or the end of the array that has none."""
    try:
        at = _behind(text, 0, "{")
        while True:
            name, at = _DECODER.raw_decode(text, at)
            at = _behind(text, at, ":")
            if name == "result":
                return _behind(text, at, "[")
            _, at = _DECODER.raw_decode(text, at)
            at = _behind(text, at, ",")
    except (ValueError, RecursionError):
        raise TelegramError("Invalid server response") from None


def _behind(text: str, at: int, mark: str) -> int:
    at = _skip(text, at)
    if not text.startswith(mark, at):
        raise ValueError
    return _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _rest(text: str, at: int) -> str:
    end = _END.search(text, at)
    if end is None:
        raise TelegramError("Invalid server response")  # cut off; the whole may be readable
    return text[at : end.start()]


class Poller:
    """Asks Telegram for updates, one long poll after the other; the offset moves only after the commit."""

    def __init__(self, request: BaseRequest, base_url: str, intake: Intake) -> None:
        self._request = request
        self._url = f"{base_url}/getUpdates"
        self._intake = intake
        self._offset: int | None = None
        self._limit = BATCH

    async def run(self) -> None:
        """Poll until cancelled.

        Raises:
            InvalidToken: Telegram doesn't know the bot any more.
        """
        pause_seconds = FIRST_PAUSE_SECONDS
        while True:
            try:
                await self._poll()
                pause_seconds = FIRST_PAUSE_SECONDS
                continue
            except InvalidToken:
                raise
            except Conflict:
                log.warning(Event.POLL_CONFLICT, seconds=CONFLICT_PAUSE_SECONDS)
                await asyncio.sleep(CONFLICT_PAUSE_SECONDS)
                continue
            except RetryAfter as error:
                pause_seconds = seconds_of(error)
                log.warning(Event.RATE_LIMITED, method="getUpdates", seconds=pause_seconds)
            except TelegramError as error:
                log.warning(Event.POLL_FAILED, why=str(error), seconds=pause_seconds)
            except DatabaseUnavailable as error:
                log.error(Event.DATABASE_FAILED, step="intake", why=str(error))
                pause_seconds = FIRST_PAUSE_SECONDS  # it is our own, and nothing is gained by sparing it
            await asyncio.sleep(pause_seconds)
            pause_seconds = min(pause_seconds * 2, LONGEST_PAUSE_SECONDS)

    async def _poll(self) -> None:
        answer = read_answer(await self._ask())
        updates = list(_numbered(answer.updates))
        if answer.rest is not None and not updates:
            alone = len(answer.updates) + 1
            if self._limit > alone:
                self._limit = alone  # asked for like this, it is all that stands there
                return
            updates = [_unread(answer.rest)]
        self._limit = BATCH
        if updates:
            await self._intake.store(updates)
            self._offset = updates[-1].update_id + 1
        elif answer.updates:
            raise TelegramError("no update has a number")

    async def _ask(self) -> str:
        """Return what Telegram answers; each of its bytes can be had again from the text.

        Raises:
            TelegramError: it refuses, can't be reached, or answers what the library can't read.
        """
        wanted: dict[str, Any] = {
            "timeout": POLL_SECONDS,
            "limit": self._limit,
            "allowed_updates": json.dumps(ALLOWED_UPDATES),
        }
        if self._offset is not None:
            wanted["offset"] = self._offset
        # The library's own get_updates would turn updates into objects, and one that it can't read stops it.
        try:
            body = await self._request.retrieve(
                f"{self._url}?{urlencode(wanted)}", read_timeout=POLL_SECONDS + ANSWER_SECONDS
            )
        except TelegramError:
            raise
        except Exception as error:
            raise TelegramError(f"unreadable refusal: {error!r}"[:MOST_SHOWN]) from error
        return body.decode("utf-8", "surrogateescape")


def _numbered(found: Sequence[tuple[object, str]]) -> Iterator[RawUpdate]:
    """Yield updates as they are stored; what has no number can't be, and goes with the next one that has."""
    for update, text in found:
        try:
            yield raw_update(update, text.encode("utf-8", "surrogateescape"))
        except NoUpdate:
            log.error(Event.UPDATE_PARKED, why="no number", body=text[:MOST_SHOWN])


def _unread(text: str) -> RawUpdate:
    try:
        return unread_update(text.encode("utf-8", "surrogateescape"))
    except NoUpdate:
        log.error(Event.UPDATE_PARKED, why="no number", body=text[:MOST_SHOWN])
        raise TelegramError("no update has a number") from None
