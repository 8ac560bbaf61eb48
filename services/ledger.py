"""The ledger: posts entries with their transfers and keeps the cached balances equal to them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Connection, Row

from db.models.books import AccountKind
from db.queries import books
from services.entry_kinds import EntryKind
from services.errors import InvariantError, UserError

CACHED = frozenset({AccountKind.PLAYER, AccountKind.POT})
# Players before pots, each by number: two transactions never wait for each other in a ring.
_LOCK_ORDER = {AccountKind.PLAYER: 0, AccountKind.POT: 1}
_system_ids: dict[AccountKind, int] = {
    AccountKind.HOUSE: 1,
    AccountKind.PROMO: 2,
    AccountKind.REFUND: 3,
    AccountKind.DEBT: 4,
    AccountKind.STARS: 5,
    AccountKind.SUSPENSE: 6,
}


class InsufficientFunds(UserError):
    """The wallet holds less than is needed."""

    code: ClassVar[str] = "insufficient_funds"

    def __init__(self, *, price: int, available: int) -> None:
        super().__init__()
        self.price = price
        self.available = available


class AlreadyPosted(UserError):
    """This cause was booked before; nothing was booked now."""

    code: ClassVar[str] = "already_posted"

    def __init__(self, *, cause: str) -> None:
        super().__init__()
        self.cause = cause


class BooksBroken(InvariantError):
    """An account is missing or holds less than it must."""

    code: ClassVar[str] = "internal"

    def __init__(self, *, account: str) -> None:
        super().__init__()
        self.account = account


@dataclass(frozen=True, slots=True)
class AccountRef:
    """An account by whose it is; ``owner_id`` is None for the system's own."""

    kind: AccountKind
    owner_id: int | None = None


HOUSE = AccountRef(AccountKind.HOUSE)
PROMO = AccountRef(AccountKind.PROMO)
REFUND = AccountRef(AccountKind.REFUND)
DEBT = AccountRef(AccountKind.DEBT)
STARS = AccountRef(AccountKind.STARS)
SUSPENSE = AccountRef(AccountKind.SUSPENSE)


def wallet_of(player_id: int) -> AccountRef:
    """Return a player's account."""
    return AccountRef(AccountKind.PLAYER, player_id)


def account_of_pot(pot_id: int) -> AccountRef:
    """Return a pot's account."""
    return AccountRef(AccountKind.POT, pot_id)


@dataclass(frozen=True, slots=True)
class Move:
    """``amount`` credits (above 0) from ``debit`` to ``credit``; with ``from_hold`` out of what is held."""

    debit: AccountRef
    credit: AccountRef
    amount: int
    from_hold: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """One business event to be posted; ``cause`` is unique for ever."""

    kind: EntryKind
    cause: str
    at: datetime
    moves: Sequence[Move]
    player_id: int | None = None
    round_id: int | None = None
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """What was booked: the entry's number and the balances (credits) after it, of the cached accounts."""

    entry_id: int
    balances: Mapping[AccountRef, int]


def open_account(tx: Connection, ref: AccountRef) -> None:
    """Open an empty player's or pot's account."""
    tx.execute(books.ADD_ACCOUNT, {"kind": ref.kind, "owner_id": ref.owner_id, "balance": 0})


def post(tx: Connection, new: NewEntry) -> Posted:
    """Book ``new`` with its transfers and change the cached balances with it.

    The entry's facts gain ``delta`` and ``balance`` of its player, for his history.

    Raises:
        InsufficientFunds: a player's account that is debited holds too little that is not held.
        AlreadyPosted: the cause has been booked before.
        BooksBroken: an account does not exist, or a pot or hold holds too little.
    """
    ids: dict[AccountRef, int] = {}
    balances: dict[AccountRef, int] = {}
    ordered = sorted(_cached(new.moves), key=lambda ref: (_LOCK_ORDER[ref.kind], ref.owner_id or 0))
    pots = [ref for ref in ordered if ref.kind is AccountKind.POT]
    for ref in ordered[: len(ordered) - len(pots)]:
        ids[ref], balances[ref] = _apply(tx, ref, new.moves)
    entry_id = tx.scalar(
        books.ADD_ENTRY,
        {
            "kind": new.kind,
            "cause": new.cause,
            "at": new.at,
            "player_id": new.player_id,
            "round_id": new.round_id,
            "facts": {**new.facts, **_for_player(tx, new, balances)},
        },
    )
    if entry_id is None:
        raise AlreadyPosted(cause=new.cause)
    for ref in pots:  # late, since others wait for a pot's row until this transaction ends
        ids[ref], balances[ref] = _apply(tx, ref, new.moves)
    tx.execute(books.ADD_TRANSFERS, [_row(entry_id, move, ids) for move in new.moves])
    return Posted(entry_id=entry_id, balances=balances)


def _cached(moves: Sequence[Move]) -> set[AccountRef]:
    return {ref for move in moves for ref in (move.debit, move.credit) if ref.kind in CACHED}


def _apply(tx: Connection, ref: AccountRef, moves: Sequence[Move]) -> tuple[int, int]:
    """Change one cached account by all moves that touch it; return its id and new balance."""
    parts: dict[str, int] = defaultdict(int)
    for move in moves:
        if move.debit == ref:
            parts["held" if move.from_hold else "available"] += move.amount
        if move.credit == ref:
            parts["given"] += move.amount
    owner = {"of_kind": ref.kind, "of_owner": ref.owner_id}
    row = None
    for part, statement in (
        ("given", books.GIVE),
        ("held", books.TAKE_HELD),
        ("available", books.TAKE_AVAILABLE),
    ):
        if parts[part]:
            row = tx.execute(statement, {**owner, "amount": parts[part]}).first()
            if row is None:
                _refuse(tx, ref, parts[part], is_available=part == "available")
    if row is None:
        raise BooksBroken(account=str(ref))
    return row.id, row.balance


def _refuse(tx: Connection, ref: AccountRef, amount: int, *, is_available: bool) -> None:
    if ref.kind is AccountKind.PLAYER and is_available:
        raise InsufficientFunds(price=amount, available=available(tx, ref))
    raise BooksBroken(account=str(ref))


def available(tx: Connection, ref: AccountRef) -> int:
    """Return what a cached account holds beyond its holds, in credits.

    Raises:
        BooksBroken: there is no such account.
    """
    row = _row_of(tx, ref)
    return int(row.balance - row.held)


def balance(tx: Connection, ref: AccountRef) -> int:
    """Return what a cached account holds, in credits.

    Raises:
        BooksBroken: there is no such account.
    """
    return int(_row_of(tx, ref).balance)


def check_available(tx: Connection, ref: AccountRef, amount: int) -> None:
    """Refuse what an account can't give now; nothing is set aside.

    Raises:
        InsufficientFunds: it holds less than ``amount`` credits beyond its holds.
        BooksBroken: there is no such account.
    """
    found = available(tx, ref)
    if found < amount:
        raise InsufficientFunds(price=amount, available=found)


def held(tx: Connection, ref: AccountRef) -> int:
    """Return what of a cached account is held, in credits.

    Raises:
        BooksBroken: there is no such account.
    """
    return int(_row_of(tx, ref).held)


def _row_of(tx: Connection, ref: AccountRef) -> Row[Any]:
    row = tx.execute(books.FIND_ACCOUNT, {"of_kind": ref.kind, "of_owner": ref.owner_id}).first()
    if row is None:
        raise BooksBroken(account=str(ref))
    return row


def _for_player(tx: Connection, new: NewEntry, balances: Mapping[AccountRef, int]) -> dict[str, int]:
    if new.player_id is None:
        return {}
    wallet = wallet_of(new.player_id)
    delta = sum(move.amount * ((move.credit == wallet) - (move.debit == wallet)) for move in new.moves)
    balance = balances[wallet] if wallet in balances else int(_row_of(tx, wallet).balance)
    return {"delta": delta, "balance": balance}


def _row(entry_id: int, move: Move, ids: Mapping[AccountRef, int]) -> dict[str, int]:
    def id_of(ref: AccountRef) -> int:
        return ids[ref] if ref.kind in CACHED else _system_ids[ref.kind]

    return {
        "entry_id": entry_id,
        "debit_id": id_of(move.debit),
        "credit_id": id_of(move.credit),
        "amount": move.amount,
    }
