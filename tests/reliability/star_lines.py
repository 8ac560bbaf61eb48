"""Stars line by line, as Telegram's list, the list that was read and the books have them, and how these differ."""

from collections import Counter
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, text

from bot.playground.telegram import Telegram

CREDITS_PER_STAR = 10


class Line(NamedTuple):
    """Stars that came from a player or went back to him, whose wallet has changed by as much."""

    charge_id: str
    is_incoming: bool
    stars: int
    telegram_id: int


READ: Final = text("SELECT charge_id, is_incoming, stars, telegram_id FROM star_transaction")
PAID: Final = text(
    "SELECT charge_id, state <> 'frozen', stars, telegram_id FROM payment"
    " UNION ALL SELECT charge_id, state <> 'refunded', stars, telegram_id FROM payment WHERE ended_at IS NOT NULL"
)
MOVED: Final = text(
    """
    SELECT payment.charge_id, debit.kind = 'stars', transfer.amount, player.telegram_id
    FROM transfer
    JOIN account debit ON debit.id = transfer.debit_id
    JOIN account credit ON credit.id = transfer.credit_id
    LEFT JOIN player ON player.id IN (debit.owner_id, credit.owner_id)
    LEFT JOIN payment ON transfer.entry_id =
        CASE WHEN debit.kind = 'stars' THEN payment.entry_id ELSE payment.back_entry_id END
    WHERE 'stars' IN (debit.kind, credit.kind)
    """
)
WALLETS: Final = text(
    "SELECT player.telegram_id, account.balance FROM account JOIN player ON player.id = account.owner_id"
    " WHERE account.kind = 'player'"
)


def lines_of(telegram: Telegram) -> Counter[Line]:
    """Return what Telegram's own list has."""
    return Counter(
        Line(one.id, one.stars > 0, abs(one.stars), one.user_id) for one in telegram.bank.transactions
    )


def _lines(tx: Connection, statement: Any, worth: int = 1) -> Counter[Line]:
    found = tx.execute(statement).all()
    return Counter(Line(row[0], bool(row[1]), row[2] // worth, row[3]) for row in found)


def differences(tx: Connection, telegram: Telegram) -> list[str]:
    """Return each line that only one side has, or one has more often, and each wallet that isn't what was paid."""
    truth, found = lines_of(telegram), []
    sides = {
        "read": _lines(tx, READ),
        "payments": _lines(tx, PAID),
        "ledger": _lines(tx, MOVED, CREDITS_PER_STAR),
    }
    for name, side in sides.items():
        found += [f"{name} lacks {line} x {times}" for line, times in (truth - side).items()]
        found += [f"{name} alone has {line} x {times}" for line, times in (side - truth).items()]
    paid = Counter[int]()
    for line in truth.elements():
        paid[line.telegram_id] += line.stars if line.is_incoming else -line.stars
    found += [
        f"the wallet of {row.telegram_id} holds {row.balance}, though ⭐ {paid[row.telegram_id]} were paid"
        for row in tx.execute(WALLETS)
        if row.balance != paid[row.telegram_id] * CREDITS_PER_STAR
    ]
    return found


def doubled(tx: Connection) -> int:
    """Return how many lines the books have more often than once."""
    return sum(times > 1 for side in (READ, PAID, MOVED) for times in _lines(tx, side).values())
