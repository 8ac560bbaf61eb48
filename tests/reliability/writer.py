"""One who writes rows through a database and counts what he is told of them."""

from collections import Counter

from sqlalchemy import Connection

from db.session import Database, announce
from tests.integration.kept import add


class Writer:
    """Adds rows, and counts how often each was tried, given back and told."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.tried: Counter[int] = Counter()
        self.told: Counter[int] = Counter()
        db.on_commit(self._listen)

    def _listen(self, event: object) -> None:
        assert isinstance(event, int)
        self.told[event] += 1

    async def add(self, number: int) -> None:
        """Add one row in one transaction, which must give its number back."""
        assert await self.db.transact(self._add, number) == number

    def _add(self, tx: Connection, number: int) -> int:
        self.tried[number] += 1
        announce(tx, number)
        return add(tx, number)
