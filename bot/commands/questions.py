"""The commands ``questions check`` and ``questions import``: packs of questions as files."""

import asyncio
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from bot.commands import FAILED_EXIT, WRONG_EXIT
from bot.instance_lock import AlreadyRunning, InstanceLock
from bot.settings import Settings
from db.schema import SchemaTooNew, migrate
from db.session import DatabaseUnavailable, open_database
from handlers.questions import facts_of
from handlers.words import Words
from services.questions.packs import FILE_MOST_BYTES, LANGUAGES, SHOWN_MOST, BadPack, Pack
from services.questions.reading import read_pack
from services.questions.store import import_pack
from services.stamp import Stamps, SystemClock, SystemEntropy

WORDS = Words("en")

Read = tuple[Path, Pack]


def run_check(files: Sequence[Path]) -> int:
    """Print what is wrong with files of questions; return 0 if nothing is, 1 if anything, 2 for an unreadable file."""
    try:
        packs = _read_all(files)
    except OSError as error:
        return _unreadable(error)
    for file, pack in packs:
        print(f"{file}: {len(pack.questions)} questions, {pack.category}, {pack.language}")
    return 0 if len(packs) == len(files) else FAILED_EXIT


def run_import(settings: Settings, files: Sequence[Path]) -> int:
    """Import files of questions, none if one of them isn't in order, and return the exit code."""
    try:
        packs = _read_all(files)
    except OSError as error:
        return _unreadable(error)
    if len(packs) < len(files):
        print("nothing was imported", file=sys.stderr)
        return FAILED_EXIT
    path = settings.database_url.path
    try:
        with nullcontext() if path is None else InstanceLock(path):
            migrate(settings.database_url.sync_url)
            packs.sort(key=lambda one: LANGUAGES.index(one[1].language))
            return asyncio.run(_import_all(settings.database_url.sync_url, packs))
    except (AlreadyRunning, SchemaTooNew, DatabaseUnavailable) as error:
        print(error, file=sys.stderr)
    except SQLAlchemyError as error:
        print(f"the database can't be used: {getattr(error, 'orig', error)}".splitlines()[0], file=sys.stderr)
    return WRONG_EXIT


def _unreadable(error: OSError) -> int:
    print(f"{str(error.filename)!a} can't be read: {error.strerror}", file=sys.stderr)
    return WRONG_EXIT


def _read_all(files: Sequence[Path]) -> list[Read]:
    """Return the packs that are in order, and print what is wrong with the others."""
    packs = []
    for file in files:
        with file.open("rb") as content:
            try:
                packs.append((file, read_pack(content.read(FILE_MOST_BYTES + 1))))
            except BadPack as error:
                _tell(file, error)
    return packs


def _tell(file: Path, error: BadPack) -> None:
    for problem in error.problems[:SHOWN_MOST]:
        said = WORDS.plain(f"questions.wrong.{problem.wrong}", **problem.facts)
        print(f"{file}: {WORDS.plain('questions.line', line=problem.line, problem=said)}")
    if error.n > SHOWN_MOST:
        print(f"{file}: {WORDS.plain('questions.more', n=error.n - SHOWN_MOST)}")


async def _import_all(url: str, packs: Sequence[Read]) -> int:
    stamps = Stamps(clock=SystemClock(), entropy=SystemEntropy(), owner="import", lease=timedelta(seconds=90))
    db = open_database(url)
    await db.open()
    try:
        for file, pack in packs:
            try:
                done = await db.transact(import_pack, pack, stamps.take())
            except BadPack as error:
                _tell(file, error)
                return FAILED_EXIT
            print(WORDS.plain("questions.done", **facts_of(done)))
    finally:
        await db.close()
    return 0
