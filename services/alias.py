"""How a player wants to be shown to others in lists: by an alias, or not at all."""

from dataclasses import dataclass
from typing import ClassVar, Final

from sqlalchemy import Connection

from db.queries import reports
from db.session import Database, unfinished
from services.errors import UserError

ALIAS_MOST: Final = 32
"""Code points that the books keep of an alias."""


class BadAlias(UserError):
    """Nothing of it would be seen."""

    code: ClassVar[str] = "bad_alias"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAlias:
    """Set how a player is shown."""

    db: Database

    async def __call__(self, *, player_id: int, alias: str | None, hidden: bool) -> None:
        """Set it for all lists to come; None: his own name."""
        with unfinished():
            await self.db.transact(_set_alias, player_id, alias, hidden)


def _set_alias(tx: Connection, player_id: int, alias: str | None, hidden: bool) -> None:
    tx.execute(reports.SET_ALIAS, {"of_player": player_id, "to_alias": alias, "to_hidden": hidden})
