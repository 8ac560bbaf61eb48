"""What a player answers when he is asked whether to pay a price."""

from sqlalchemy import Connection

from db.queries import turns
from services.breaks import check_break
from services.debts import check_debt
from services.errors import UserError
from services.freezing import check_frozen
from services.people import player_row
from services.reserve import promote
from services.rules import GameRules
from services.stamp import Stamp


class ConfirmExpired(UserError):
    """The question whether to pay is not open any more."""

    code = "guard_expired"


def confirm_turn(tx: Connection, turn_id: int, rules: GameRules, stamp: Stamp) -> None:
    """Let a turn go on whose player agreed to its price.

    Raises:
        ConfirmExpired: it doesn't wait for that any more.
        OnBreak: he takes a break meanwhile.
        InDebt: he owes credits meanwhile.
        PlayerFrozen: he was frozen meanwhile.
    """
    facts = {"turn_id": turn_id, "now": stamp.now, "until": stamp.now + rules.talk.confirm}
    row = tx.execute(turns.CONFIRM, facts).first()
    if row is None:
        raise ConfirmExpired
    player = player_row(tx, row.player_id, lock=True)
    check_debt(player)
    check_break(player, stamp.now)
    check_frozen(player)
    promote(tx, player, rules, stamp)


def cancel_turn(tx: Connection, turn_id: int, stamp: Stamp) -> None:
    """Give a turn up whose player did not agree to its price.

    Raises:
        ConfirmExpired: it doesn't wait for that any more.
    """
    facts = {"turn_id": turn_id, "to_reason": "cancelled", "at": stamp.now}
    if tx.scalar(turns.DECLINE, facts) is None:
        raise ConfirmExpired
