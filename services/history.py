"""A player's own entries: pages of history and single receipts. Read only."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import Connection, Row

from db.queries import screens
from db.session import Database
from services.entry_kinds import EntryKind
from services.errors import UserError

PAGE_SIZE = 8


class ReceiptNotFound(UserError):
    """The player has no receipt of this number."""

    code: ClassVar[str] = "receipt_not_found"

    def __init__(self, *, number: str) -> None:
        super().__init__()
        self.number = number


class Filter(StrEnum):
    """Which entries are shown."""

    ALL = "all"
    """Everything."""
    MESSAGES = "messages"
    """Paid messages."""
    WINS = "wins"
    """Prizes."""
    GRANTS = "grants"
    """Welcome, daily and operators' credits."""
    GIFTS = "gifts"
    """Gifts to pots."""
    PURCHASES = "purchases"
    """What was bought, and what of it was taken back."""
    DUELS = "duels"
    """Stakes, bounties and what came back."""


_KINDS = {
    Filter.ALL: list(EntryKind),
    Filter.MESSAGES: [EntryKind.MESSAGE],
    Filter.WINS: [EntryKind.WIN],
    Filter.GRANTS: [EntryKind.WELCOME, EntryKind.DAILY, EntryKind.GRANT],
    Filter.GIFTS: [EntryKind.GIFT],
    Filter.PURCHASES: [
        EntryKind.PURCHASE,
        EntryKind.PREMIUM,
        EntryKind.PURCHASE_BACK,
        EntryKind.CHARGE_BACK,
    ],
    Filter.DUELS: [
        EntryKind.DUEL_WON,
        EntryKind.DUEL_LOST,
        EntryKind.DUEL_BONUS,
        EntryKind.DUEL_BACK,
    ],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketPart:
    """The ticket of a paid message; ``ppm`` in millionths, ``head`` its first 8 hex digits."""

    n: int
    round_no: int
    pot_key: str
    ppm: int
    roll: int
    head: str
    won: bool
    pseudonym: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One entry as its player sees it: what it changed and the balance after it, in credits."""

    number: int
    kind: EntryKind
    at: datetime
    delta: int
    balance: int
    in_group: bool
    reason: str | None
    ticket: TicketPart | None
    stars: int | None = None
    """What was paid, or given back, for a purchase."""
    repaid: int = 0
    """What of the credits covered a debt."""
    owed: int = 0
    """What could not be taken back and became a debt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of history; pages count from 1 to ``pages`` (at least 1)."""

    receipts: tuple[Receipt, ...]
    page: int
    pages: int
    which: Filter


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadHistory:
    """Show a page of a player's entries, the newest first."""

    db: Database

    async def __call__(self, *, player_id: int, page: int = 1, which: Filter = Filter.ALL) -> Page:
        """Return the page nearest to ``page``."""
        return await self.db.read(_page, player_id, page, which)


def _page(tx: Connection, player_id: int, page: int, which: Filter) -> Page:
    facts = {"player_id": player_id, "kinds": [kind.value for kind in _KINDS[which]]}
    count = tx.scalar(screens.HISTORY_COUNT, facts) or 0
    pages = max(1, -(-count // PAGE_SIZE))
    page = min(max(page, 1), pages)
    rows = tx.execute(screens.HISTORY_PAGE, {**facts, "most": PAGE_SIZE, "skip": (page - 1) * PAGE_SIZE})
    return Page(receipts=tuple(_receipt(row) for row in rows), page=page, pages=pages, which=which)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadReceipt:
    """Show one of a player's entries by its number."""

    db: Database

    async def __call__(self, *, player_id: int, number: int) -> Receipt:
        """Return the receipt.

        Raises:
            ReceiptNotFound: the player has none of this number.
        """
        row = await self.db.read(_find, player_id, number)
        if row is None:
            raise ReceiptNotFound(number=str(number))
        return _receipt(row)


def _find(tx: Connection, player_id: int, number: int) -> Row[Any] | None:
    return tx.execute(screens.RECEIPT, {"player_id": player_id, "entry_id": number}).first()


def _receipt(row: Row[Any]) -> Receipt:
    ticket = None
    if row.n is not None:
        ticket = TicketPart(
            n=row.n,
            round_no=row.k,
            pot_key=row.key,
            ppm=row.ppm,
            roll=row.roll,
            head=row.head[:4].hex(),
            won=row.won,
            pseudonym=row.pseudonym,
        )
    facts = row.facts
    return Receipt(
        number=row.id,
        kind=EntryKind(row.kind),
        at=row.at,
        delta=facts.get("delta", 0),
        balance=facts.get("balance", 0),
        in_group=bool(facts.get("in_group", False)),
        reason=facts.get("reason"),
        ticket=ticket,
        stars=facts.get("stars"),
        repaid=facts.get("repaid", 0),
        owed=facts.get("owed", 0),
    )
