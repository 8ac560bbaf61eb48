"""The gateway's whole list beside the books, without writing: what each of them has, and what only one has."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row

from db.models.payments import PaymentState
from db.queries import stars
from services.ports import INVOICE, Gateway, StarLine
from services.reconcile import MARGIN, PAGE

_BACK: Final = frozenset({PaymentState.REFUNDED, PaymentState.RECLAIMED})
_NEVER_PAID: Final = frozenset({(PaymentState.RECLAIMED, "forged"), (PaymentState.FROZEN, "left")})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """How many there are of something, and their Stars."""

    count: int
    stars: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The sums of both sides, and the charges on which they differ, by what is wrong with them."""

    paid: tuple[Sum, Sum]
    """In the gateway's list, and in the books."""
    back: tuple[Sum, Sum]
    others: Sum
    """What is no payment of a player; out is below zero."""
    balance: int
    listed: int
    differing: dict[str, tuple[str, ...]]

    @property
    def agrees(self) -> bool:
        """Return whether nothing differs."""
        return self.balance == self.listed and not any(self.differing.values())


async def whole_list(gateway: Gateway) -> Sequence[StarLine]:
    """Return the gateway's list from its beginning to its end.

    Raises:
        GatewayUnavailable: it can't be read now.
    """
    found: list[StarLine] = []
    while lines := await gateway.lines(len(found), PAGE):
        found += lines
    return found


def read_payments(tx: Connection) -> Sequence[Row[Any]]:
    """Return all payments of the books, as ``compare`` wants them."""
    return tx.execute(stars.ALL_PAYMENTS).all()


def compare(
    lines: Sequence[StarLine], payments: Sequence[Row[Any]], balance: int, began_at: datetime
) -> Compared:
    """Return what the list, whose reading began at ``began_at``, and the books say of the same payments."""
    paid = {line.charge_id: line for line in lines if line.partner == INVOICE and line.is_incoming}
    back = {line.charge_id: line for line in lines if line.partner == INVOICE and not line.is_incoming}
    booked = {row.charge_id: row for row in payments}
    gone = {charge: row for charge, row in booked.items() if row.state in _BACK and not _is_settled(row)}
    others = [line for line in lines if line.partner != INVOICE]
    before = began_at - MARGIN
    return Compared(
        paid=(_sum(paid.values()), _sum(row for row in payments if not _is_settled(row))),
        back=(_sum(back.values()), _sum(gone.values())),
        others=Sum(count=len(others), stars=_net(others)),
        balance=balance,
        listed=_net(lines),
        differing={
            "not in the books": _sorted(paid.keys() - booked.keys()),
            "not in Telegram's list": _sorted(
                charge
                for charge, row in booked.items()
                if charge not in paid and row.at < before and not _is_settled(row)
            ),
            "with another amount or payer": _sorted(
                charge
                for charge, line in paid.items()
                if charge in booked and _is_other(line, booked[charge])
            ),
            "given back by Telegram alone": _sorted(back.keys() & booked.keys() - gone.keys()),
            "given back in the books alone": _sorted(
                charge
                for charge in (gone.keys() & paid.keys()) - back.keys()
                if gone[charge].ended_at < before
            ),
        },
    )


def _is_settled(row: Row[Any]) -> bool:
    """Return whether it was decided that a payment was never made."""
    return (row.state, row.reason) in _NEVER_PAID


def _is_other(line: StarLine, row: Row[Any]) -> bool:
    return (line.stars, line.telegram_id) != (row.stars, row.telegram_id) and not _is_settled(row)


def _sum(found: Iterable[Any]) -> Sum:
    all_stars = [one.stars for one in found]
    return Sum(count=len(all_stars), stars=sum(all_stars))


def _net(lines: Iterable[StarLine]) -> int:
    return sum(line.stars if line.is_incoming else -line.stars for line in lines)


def _sorted(charges: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(charges))
