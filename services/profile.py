"""What a player chooses for himself: language, character, the seed of his tickets. And hints that come rarely."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from sqlalchemy import Connection, Row

from db.queries import people
from db.session import Database, unfinished
from services import draw
from services.characters import Character
from services.errors import UserError
from services.forgotten import check_known
from services.people import player_row
from services.stamp import Stamps

NO_SEED = "0"
HINT_EVERY = timedelta(hours=6)


class BadSeed(UserError):
    """A seed is 1 to 32 of A-Z, a-z, 0-9, _ and -."""

    code: ClassVar[str] = "bad_seed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLanguage:
    """Remember the language a player chose."""

    db: Database

    async def __call__(self, *, player_id: int, language: str) -> None:
        """Set it for all later messages."""
        with unfinished():  # the word that it is done comes behind the commit
            await self.db.transact(_set_language, player_id, language)


def _set_language(tx: Connection, player_id: int, language: str) -> None:
    tx.execute(people.SET_LANGUAGE, {"player_id": player_id, "to_language": language})


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCharacter:
    """Remember how a player wants the model to speak."""

    db: Database

    async def __call__(self, *, player_id: int, character: Character) -> None:
        """Set it for all later messages."""
        with unfinished():
            await self.db.transact(_set_character, player_id, character)


def _set_character(tx: Connection, player_id: int, character: Character) -> None:
    chosen = None if character is Character.DEFAULT else character.value
    tx.execute(people.SET_CHARACTER, {"player_id": player_id, "to_character": chosen})


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSeed:
    """Set the text that a player adds to his tickets; it is fixed for a message when its price is held."""

    db: Database

    async def __call__(self, *, player_id: int, seed: str | None) -> None:
        """Set it, or clear it with None.

        Raises:
            BadSeed: it isn't 1 to 32 of the allowed characters.
        """
        if seed is not None and not draw.valid_player_seed(seed):
            raise BadSeed
        with unfinished():
            await self.db.transact(_set_seed, player_id, seed or NO_SEED)


def _set_seed(tx: Connection, player_id: int, seed: str) -> None:
    tx.execute(people.SET_SEED, {"player_id": player_id, "to_seed": seed})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPlayer:
    """Read a player's row: name, language, seed."""

    db: Database

    async def __call__(self, *, player_id: int) -> Row[Any]:
        """Return the row.

        Raises:
            StalePlayer: he was forgotten since he was met.
        """
        row = await self.db.read(player_row, player_id)
        check_known(row)
        return row


@dataclass(frozen=True, slots=True, kw_only=True)
class MayHint:
    """Say whether a player may be given a hint now; the next one is hours away."""

    db: Database
    stamps: Stamps

    async def __call__(self, *, player_id: int) -> bool:
        """Return True at most once in a while."""
        now = self.stamps.clock.now()
        facts = {"player_id": player_id, "at": now, "before": now - HINT_EVERY}
        return await self.db.transact(_mark_hinted, facts)


def _mark_hinted(tx: Connection, facts: dict[str, object]) -> bool:
    return tx.scalar(people.MARK_HINTED, facts) is not None
