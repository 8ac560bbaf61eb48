"""What follows from what was delivered, in the transaction that marks it."""

from collections.abc import Sequence

from sqlalchemy import Connection

from services import dashboard, quiet
from services.duels import begin
from services.outbox import Delivered, end_messages
from services.rules import GameRules
from services.stamp import Stamp


def note_deliveries(tx: Connection, deliveries: Sequence[Delivered], rules: GameRules, stamp: Stamp) -> None:
    """Mark messages as ended; those of a dashboard are remembered, those in quiet groups deleted later,
    and a duel begins with its first question.
    """
    for ended in end_messages(tx, deliveries, stamp):
        dashboard.note_delivery(tx, ended.done, stamp)
        begin.note_delivery(tx, ended.done, rules, stamp)
        if ended.is_quiet:
            quiet.note_delivery(tx, ended.done, rules, stamp)
