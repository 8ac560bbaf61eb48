"""Statements of purchases: orders, payments, debts and Premium."""

from sqlalchemy import BigInteger, bindparam, func, insert, select, true, update

from db.models.books import AccountKind, account, transfer
from db.models.payments import PaymentState, Product, payment, purchase
from db.models.people import player
from db.queries import upsert

ADD_PURCHASE = insert(purchase).values(
    {
        name: bindparam(name)
        for name in ("payload", "player_id", "product", "stars", "credits", "created_at", "expires_at")
    }
)
PURCHASE = select(purchase).where(purchase.c.payload == bindparam("of_payload"))
LOCK_PURCHASE = PURCHASE.with_for_update()
SET_PAID = (
    update(purchase)
    .where(purchase.c.id == bindparam("of_purchase"), purchase.c.paid_at.is_(None))
    .values(paid_at=bindparam("at"))
)
ADD_PAYMENT = (
    upsert.insert(payment)
    .values(
        {
            name: bindparam(name)
            for name in (
                "charge_id",
                "purchase_id",
                "player_id",
                "telegram_id",
                "product",
                "stars",
                "credits",
                "state",
                "reason",
                "is_renewal",
                "is_reconciled",
                "until",
                "paid_at",
            )
        }
    )
    .on_conflict_do_nothing(index_elements=["charge_id"])
    .returning(payment.c.id)
)
PAYMENT = select(payment).where(payment.c.charge_id == bindparam("of_charge"))
LOCK_PAYMENT = PAYMENT.with_for_update()
PAYMENT_OF_ID = select(payment).where(payment.c.id == bindparam("of_payment"))
SET_ENTRY = (
    update(payment).where(payment.c.id == bindparam("of_payment")).values(entry_id=bindparam("to_entry_id"))
)
MOVE_PAYMENT = (
    update(payment)
    .where(
        payment.c.id == bindparam("of_payment"),
        payment.c.state.in_(bindparam("allowed_from", expanding=True)),
    )
    .values(
        state=bindparam("to_state"),
        reason=bindparam("to_reason"),
        hold_id=bindparam("to_hold_id"),
        back_entry_id=bindparam("to_back_entry_id"),
        ended_at=bindparam("to_ended_at"),
    )
    .returning(payment.c.id)
)
SET_BOUGHT = (
    update(payment)
    .where(payment.c.id == bindparam("of_payment"))
    .values(
        player_id=bindparam("to_player_id"), product=bindparam("to_product"), credits=bindparam("to_credits")
    )
)
"""What a payment bought after all."""
BOOKED = select(func.coalesce(func.sum(transfer.c.amount), 0)).where(
    transfer.c.entry_id == bindparam("of_entry")
)
"""How many credits an entry moved."""
PAYMENTS_OF_PLAYER = (
    select(payment)
    .where(payment.c.player_id == bindparam("player_id"))
    .order_by(payment.c.id.desc())
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)
COUNT_OF_PLAYER = (
    select(func.count()).select_from(payment).where(payment.c.player_id == bindparam("player_id"))
)
ANY_PAYMENT = select(payment.c.id).limit(1)
PAID_BEFORE = (
    select(payment.c.id)
    .join(purchase, purchase.c.id == payment.c.purchase_id)
    .where(purchase.c.payload == bindparam("of_payload"))
    .limit(1)
)
OTHER_PREMIUM = select(payment.c.until, payment.c.paid_at).where(
    payment.c.player_id == bindparam("player_id"),
    payment.c.product == Product.PREMIUM,
    payment.c.state == PaymentState.CREDITED,
    payment.c.id != bindparam("but_payment"),
)

END_PREMIUM = (
    update(player)
    .where(player.c.id == bindparam("player_id"), player.c.premium_until > bindparam("to_until"))
    .values(premium_until=bindparam("to_until"), premium_canceled=true())
    .returning(player.c.id)
)
CHANGE_DEBT = (
    update(player)
    .where(player.c.id == bindparam("player_id"))
    .values(debt_credits=player.c.debt_credits + bindparam("by", type_=BigInteger))
)
SET_PREMIUM = (
    update(player)
    .where(player.c.id == bindparam("player_id"))
    .values(
        premium_until=bindparam("to_until"),
        premium_charge_id=bindparam("to_charge_id"),
        premium_canceled=bindparam("to_canceled"),
    )
)
BALANCE = select(account.c.balance).where(
    account.c.kind == AccountKind.PLAYER, account.c.owner_id == bindparam("player_id")
)
