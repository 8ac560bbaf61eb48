"""Statements of the gateway's list: its lines as far as they were read, and what in the books differs from them."""

from sqlalchemy import bindparam, case, func, select
from sqlalchemy.sql.elements import ColumnElement

from db.models.books import entry
from db.models.payments import PaymentState, payment, star_transaction
from db.models.people import player
from db.queries import upsert

ADD_LINE = (
    upsert.insert(star_transaction)
    .values(
        {
            name: bindparam(name)
            for name in (
                "charge_id",
                "is_incoming",
                "stars",
                "partner",
                "telegram_id",
                "payload",
                "period_seconds",
                "at",
            )
        }
    )
    .on_conflict_do_nothing(index_elements=["charge_id", "is_incoming"])
    .returning(star_transaction.c.id)
)
COUNT_LINES = select(func.count()).select_from(star_transaction)
LISTED_STARS = select(
    func.coalesce(
        func.sum(
            case((star_transaction.c.is_incoming, star_transaction.c.stars), else_=-star_transaction.c.stars)
        ),
        0,
    )
)
LINE = select(star_transaction).where(
    star_transaction.c.charge_id == bindparam("of_charge"), star_transaction.c.is_incoming
)


def _listed(is_incoming: bool) -> ColumnElement[bool]:
    line = star_transaction.c
    way = line.is_incoming if is_incoming else ~line.is_incoming
    return select(line.id).where(line.charge_id == payment.c.charge_id, way).exists()


UNLISTED = (
    select(payment.c.charge_id)
    .join(entry, entry.c.id == payment.c.entry_id)
    .where(
        payment.c.state == PaymentState.CREDITED,
        entry.c.at < bindparam("before"),
        ~_listed(True),
    )
    .order_by(payment.c.id)
    .limit(bindparam("most"))
)
"""What was given for payments that the list doesn't have."""
UNLISTED_BACK = (
    select(func.count())
    .select_from(payment)
    .where(
        payment.c.state.in_([PaymentState.REFUNDED, PaymentState.RECLAIMED]),
        payment.c.ended_at < bindparam("before"),
        _listed(True),
        ~_listed(False),
    )
)
"""What the books say went back, and the list doesn't."""

OPEN_CASES = (
    select(payment, player.c.name, _listed(True).label("is_listed"))
    .outerjoin(player, player.c.id == payment.c.player_id)
    .where(
        ((payment.c.state == PaymentState.FROZEN) & (func.coalesce(payment.c.reason, "") != "left"))
        | (payment.c.state == PaymentState.REFUNDING)
    )
    .order_by(payment.c.id.desc())
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)
COUNT_CASES = (
    select(func.count())
    .select_from(payment)
    .where(
        ((payment.c.state == PaymentState.FROZEN) & (func.coalesce(payment.c.reason, "") != "left"))
        | (payment.c.state == PaymentState.REFUNDING)
    )
)
CASE = (
    select(payment, player.c.name, player.c.debt_credits, _listed(True).label("is_listed"))
    .outerjoin(player, player.c.id == payment.c.player_id)
    .where(payment.c.id == bindparam("of_payment"))
)
DEBTS = select(func.count(), func.coalesce(func.sum(player.c.debt_credits), 0)).where(
    player.c.debt_credits > 0
)
RECLAIMED = select(func.count(), func.coalesce(func.sum(payment.c.stars), 0)).where(
    payment.c.state == PaymentState.RECLAIMED
)
ALL_PAYMENTS = select(
    payment.c.charge_id,
    payment.c.state,
    payment.c.reason,
    payment.c.stars,
    payment.c.telegram_id,
    payment.c.ended_at,
    entry.c.at,
).join(entry, entry.c.id == payment.c.entry_id)
