"""What a player answers when he is asked whether to pay a price."""

from sqlalchemy import Connection

from db.queries import turns
from services.errors import UserError
from services.reserve import promote_next
from services.rules import GameRules
from services.stamp import Stamp


class ConfirmExpired(UserError):
    """The question whether to pay is not open any more."""

    code = "guard_expired"


def confirm_turn(tx: Connection, turn_id: int, rules: GameRules, stamp: Stamp) -> None:
    """Let a turn go on whose player agreed to its price.

    Raises:
        ConfirmExpired: it doesn't wait for that any more.
    """
    facts = {"turn_id": turn_id, "now": stamp.now, "until": stamp.now + rules.talk.confirm}
    row = tx.execute(turns.CONFIRM, facts).first()
    if row is None:
        raise ConfirmExpired
    promote_next(tx, row.player_id, rules, stamp)


def cancel_turn(tx: Connection, turn_id: int, stamp: Stamp) -> None:
    """Give a turn up whose player did not agree to its price.

    Raises:
        ConfirmExpired: it doesn't wait for that any more.
    """
    facts = {"turn_id": turn_id, "to_reason": "cancelled", "at": stamp.now}
    if tx.scalar(turns.DECLINE, facts) is None:
        raise ConfirmExpired
