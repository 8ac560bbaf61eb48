"""A file of questions that an operator sends to the bot."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from sqlalchemy import Connection

from db.queries import questions
from db.session import Database, announce, unfinished
from services.errors import UserError
from services.events import Happened
from services.ports import Files, FileUnavailable
from services.questions.packs import FILE_MOST_BYTES, BadPack, Problem, Wrong
from services.questions.reading import read_pack
from services.questions.store import Imported, import_pack
from services.stamp import Stamps

FETCH_SECONDS: Final = 20.0


class FileLost(UserError):
    """Telegram doesn't give the file out."""

    code: ClassVar[str] = "file_lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportQuestions:
    """Import a file of Telegram's as a pack of questions, whole or not at all."""

    db: Database
    stamps: Stamps
    files: Files

    async def __call__(self, *, file_id: str, operator_id: int) -> Imported:
        """Return what changed.

        Args:
            operator_id: Telegram's id of who sent it, for the log.

        Raises:
            FileLost: it can't be had.
            BadPack: something is wrong with it; nothing was imported.
        """
        with unfinished():  # the operator hears of it behind the commit
            try:
                pack = await asyncio.to_thread(read_pack, await self._fetch(file_id))
                stamp = self.stamps.take()
                return await self.db.transact(import_pack, pack, stamp, operator_id=operator_id)
            except BadPack as error:
                await self.db.transact(_note_refused, error, operator_id)
                raise

    async def _fetch(self, file_id: str) -> bytes:
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                return await self.files.fetch(file_id, FILE_MOST_BYTES)
        except FileUnavailable as error:
            if error.is_too_big:
                raise BadPack([Problem(1, Wrong.TOO_BIG, {"most": FILE_MOST_BYTES // 1_024})]) from None
            raise FileLost from None
        except TimeoutError:
            raise FileLost from None


def _note_refused(tx: Connection, error: BadPack, operator_id: int) -> None:
    first = error.problems[0]
    facts = {"operator": operator_id, "problems": error.n, "line": first.line, "why": first.wrong}
    announce(tx, Happened("questions_refused", {**facts}))


@dataclass(frozen=True, slots=True, kw_only=True)
class CountQuestions:
    """Count the questions that are asked."""

    db: Database

    async def __call__(self) -> Mapping[str, Mapping[str, int]]:
        """Return how many there are, by category and language."""
        return await self.db.read(count_questions)


def count_questions(tx: Connection) -> Mapping[str, Mapping[str, int]]:
    """Return how many questions are asked, by category and language."""
    found: dict[str, dict[str, int]] = {}
    for row in tx.execute(questions.SIZES):
        found.setdefault(row.category, {})[row.language] = len(row.question_ids)
    return found
