"""Statements of what is only shown: balances, history, receipts."""

from sqlalchemy import bindparam, func, select

from db.models.books import entry
from db.models.pots import pot, round_, ticket

_receipt = (
    select(
        entry.c.id,
        entry.c.kind,
        entry.c.at,
        entry.c.facts,
        ticket.c.n,
        ticket.c.price,
        ticket.c.ppm,
        ticket.c.roll,
        ticket.c.head,
        ticket.c.won,
        ticket.c.pseudonym,
        round_.c.k,
        pot.c.key,
    )
    .outerjoin(ticket, ticket.c.entry_id == entry.c.id)
    .outerjoin(round_, round_.c.id == func.coalesce(ticket.c.round_id, entry.c.round_id))
    .outerjoin(pot, pot.c.id == round_.c.pot_id)
)
_own = entry.c.player_id == bindparam("player_id")
_kinds = entry.c.kind.in_(bindparam("kinds", expanding=True))

HISTORY_PAGE = (
    _receipt.where(_own, _kinds)
    .order_by(entry.c.id.desc())
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)
HISTORY_COUNT = select(func.count()).select_from(entry).where(_own, _kinds)
RECEIPT = _receipt.where(_own, entry.c.id == bindparam("entry_id"))
