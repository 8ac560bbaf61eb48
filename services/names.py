"""How a player is shown to others: by his name, by an alias he chose, or not at all."""

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A name for others to see; None if its player is hidden. An alias is marked, so that it passes for no name."""

    name: str | None
    is_alias: bool = False

    def facts(self) -> dict[str, object]:
        """Return it as a notice's facts keep it."""
        return asdict(self)


def shown(row: Row[Any]) -> Shown:
    """Return how the player of a row (name, alias, hidden) is shown."""
    if row.hidden:
        return Shown(name=None)
    return Shown(name=row.alias or row.name, is_alias=row.alias is not None)
