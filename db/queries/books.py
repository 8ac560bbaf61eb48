"""Statements of the books: balances, entries, transfers, holds, budgets."""

from sqlalchemy import BigInteger, bindparam, insert, select, update

from db.models.books import AccountKind, HoldState, account, budget, entry, hold, transfer
from db.queries import upsert

_whose = (account.c.kind == bindparam("of_kind")) & (account.c.owner_id == bindparam("of_owner"))
_amount = bindparam("amount", type_=BigInteger)

ADD_ACCOUNT = insert(account).values(held=0)
FIND_ACCOUNT = select(account.c.id, account.c.balance, account.c.held).where(_whose)
LOCK_ACCOUNT = FIND_ACCOUNT.with_for_update(key_share=True)

TAKE_AVAILABLE = (
    update(account)
    .where(_whose, account.c.balance - account.c.held >= _amount)
    .values(balance=account.c.balance - _amount)
    .returning(account.c.id, account.c.balance)
)
TAKE_HELD = (
    update(account)
    .where(_whose, account.c.held >= _amount)
    .values(balance=account.c.balance - _amount, held=account.c.held - _amount)
    .returning(account.c.id, account.c.balance)
)
GIVE = (
    update(account)
    .where(_whose)
    .values(balance=account.c.balance + _amount)
    .returning(account.c.id, account.c.balance)
)

ADD_ENTRY = (
    upsert.insert(entry)
    .values(
        kind=bindparam("kind"),
        cause=bindparam("cause"),
        at=bindparam("at"),
        player_id=bindparam("player_id"),
        round_id=bindparam("round_id"),
        facts=bindparam("facts"),
    )
    .on_conflict_do_nothing(index_elements=["cause"])
    .returning(entry.c.id)
)
ADD_TRANSFERS = insert(transfer)

SET_ASIDE = (
    update(account)
    .where(
        account.c.kind == AccountKind.PLAYER,
        account.c.owner_id == bindparam("of_owner"),
        account.c.balance - account.c.held >= _amount,
    )
    .values(held=account.c.held + _amount)
    .returning(account.c.id)
)
ADD_HOLD = (
    upsert.insert(hold)
    .values(
        account_id=bindparam("account_id"),
        amount=bindparam("amount"),
        state=HoldState.PLACED.value,
        cause=bindparam("cause"),
        placed_at=bindparam("at"),
    )
    .on_conflict_do_nothing(index_elements=["cause"])
    .returning(hold.c.id)
)
END_HOLD = (
    update(hold)
    .where(hold.c.id == bindparam("hold_id"), hold.c.state == HoldState.PLACED)
    .values(state=bindparam("to_state"), ended_at=bindparam("at"))
    .returning(hold.c.account_id, hold.c.amount)
)
GIVE_BACK_HELD = (
    update(account)
    .where(account.c.id == bindparam("account_id"), account.c.held >= _amount)
    .values(held=account.c.held - _amount)
    .returning(account.c.id)
)

_spend = upsert.insert(budget).values(kind=bindparam("kind"), day=bindparam("day"), spent=bindparam("amount"))
SPEND_BUDGET = _spend.on_conflict_do_update(
    index_elements=["kind", "day"],
    set_={"spent": budget.c.spent + _spend.excluded.spent},
    where=budget.c.spent + _spend.excluded.spent <= bindparam("most"),
).returning(budget.c.spent)
