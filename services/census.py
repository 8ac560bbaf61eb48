"""The census: everything the books say about what came in and what became of it, to be held against the outside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, TextClause

from db.queries import census

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateRow:
    """An update of the inbox."""

    update_id: int
    state: str
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionRow:
    """A turn, with its hold, its entry and its ticket as far as it has them; chats and players by Telegram's ids."""

    id: int
    chat: int
    message: int
    player: int
    text: str
    state: str
    reason: str | None
    is_free: bool
    price: int | None
    hold: str | None
    held: int | None
    entry: int | None
    cause: str | None
    taken: int | None
    ticket: int | None
    round: int | None
    ticket_price: int | None
    roll: int | None

    @property
    def is_paid(self) -> bool:
        """Return whether its answer was charged."""
        return self.state == "settled" and not self.is_free


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """An entry of a player and what it changed in his wallet."""

    id: int
    kind: str
    cause: str
    player: int
    change: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRow:
    """An outgoing message and what became of it; ``message`` is Telegram's id."""

    id: int
    key: str
    notice: str
    is_money: bool
    state: str
    error: str | None
    chat: int
    message: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletRow:
    """What a player has."""

    player: int
    balance: int
    held: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ButtonRow:
    """A button that acts, and which of it and its siblings was pressed."""

    token: str
    action: str
    pressed: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketRow:
    """The number of a ticket in its round."""

    round: int
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRow:
    """A chat, and the one that it is now; both by Telegram's ids."""

    chat: int
    home: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Census:
    """The books on one snapshot."""

    updates: Sequence[UpdateRow]
    questions: Sequence[QuestionRow]
    entries: Sequence[EntryRow]
    notices: Sequence[NoticeRow]
    wallets: Sequence[WalletRow]
    buttons: Sequence[ButtonRow]
    tickets: Sequence[TicketRow]
    chats: Sequence[ChatRow]


def take_census(tx: Connection) -> Census:
    """Return what the books say."""
    return Census(
        updates=_rows(tx, census.UPDATES, UpdateRow),
        questions=_rows(tx, census.QUESTIONS, QuestionRow),
        entries=_rows(tx, census.ENTRIES, EntryRow),
        notices=_rows(tx, census.NOTICES, NoticeRow),
        wallets=_rows(tx, census.WALLETS, WalletRow),
        buttons=_rows(tx, census.BUTTONS, ButtonRow),
        tickets=_rows(tx, census.TICKETS, TicketRow),
        chats=_rows(tx, census.CHATS, ChatRow),
    )


def _rows(tx: Connection, statement: TextClause, kind: type[Row]) -> list[Row]:
    return [kind(**row) for row in tx.execute(statement).mappings()]


def open_work(tx: Connection) -> list[Mapping[str, Any]]:
    """Return what still has to be done: waiting updates, turns under way, unpaid refunds, unsent messages."""
    return [dict(row) for row in tx.execute(census.OPEN).mappings()]


def is_open(tx: Connection, chat: int, below: int) -> bool:
    """Return whether anything of a chat is still to be done, or of any update below a number."""
    return tx.execute(census.OPEN_IN_CHAT, {"chat": chat, "below": below}).first() is not None
