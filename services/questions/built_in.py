"""The packs that come with the program: taken in at start when they are new."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from db.queries import questions
from db.session import Database
from services.questions.packs import LANGUAGES, Category, Pack
from services.questions.pools import lock_category
from services.questions.reading import read_pack
from services.questions.store import import_own
from services.stamp import Stamp, Stamps

FOLDER: Final = Path(__file__).resolve().parent.parent / "packs"


@dataclass(frozen=True, slots=True)
class _File:
    category: str
    language: str
    content: bytes

    @property
    def digest(self) -> bytes:
        """Return the hash of the file."""
        return hashlib.sha256(self.content).digest()


async def take_in_packs(db: Database, stamps: Stamps, folder: Path = FOLDER) -> None:
    """Import the packs of the categories of which a file isn't as it was when it was last imported."""
    files = await asyncio.to_thread(_files, folder)
    digests = await db.read(_digests)
    changed = {one.category for one in files if digests.get((one.category, one.language)) != one.digest}
    if changed:
        packs = await asyncio.to_thread(_packs, [one for one in files if one.category in changed])
        await db.transact(_take_in, packs, stamps.take())


def _files(folder: Path) -> Sequence[_File]:
    """Return the files of all categories, in each the originals first."""
    return [
        _File(category, language, path.read_bytes())
        for category in sorted(Category)
        for language in LANGUAGES
        if (path := folder / language / f"{category}.yaml").exists()
    ]


def _packs(files: Sequence[_File]) -> Sequence[tuple[_File, Pack]]:
    return [(file, read_pack(file.content)) for file in files]


def _digests(tx: Connection) -> Mapping[tuple[str, str], bytes]:
    return {(row.category, row.language): row.digest for row in tx.execute(questions.PACKS)}


def _take_in(tx: Connection, packs: Sequence[tuple[_File, Pack]], stamp: Stamp) -> None:
    """Import packs; what another process has imported meanwhile changes nothing."""
    for category in sorted({file.category for file, _ in packs}):
        lock_category(tx, category, stamp)
    had = {(row.category, row.language): row.question_keys for row in tx.execute(questions.PACKS)}
    for file, pack in packs:
        name = {"category": file.category, "language": file.language}
        tx.execute(questions.BEGIN_PACK, name | {"at": stamp.now})
        import_own(tx, pack, had.get((file.category, file.language), ()), stamp)
        noted = {
            "of_category": file.category,
            "of_language": file.language,
            "to_digest": file.digest,
            "to_keys": [one.key for one in pack.questions],
        }
        tx.execute(questions.NOTE_PACK, noted | {"at": stamp.now})
