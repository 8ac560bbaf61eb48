"""The begin of a duel: Telegram has taken the first question, or it isn't known whether, and the duel is void."""

from typing import Any

from sqlalchemy import Connection, Row

from db.models.duels import DuelState
from db.models.transport import OutboxState
from db.queries import duels
from db.session import announce
from services.duels.finish import set_end
from services.duels.refund import set_pairing_end
from services.duels.sets import Table, table_of
from services.duels.silence import note_silence
from services.duels.telling import tell
from services.duels.void import NOT_SENT, void_one
from services.events import DuelBegan, Happened
from services.outbox import Delivered
from services.rules import GameRules
from services.stamp import Stamp

NOTICE = "duel_question"


def note_delivery(tx: Connection, done: Delivered, rules: GameRules, stamp: Stamp) -> None:
    """Let a duel's time run from Telegram's success on its first question, or give the stake back."""
    if done.message.notice != NOTICE:
        return
    table = table_of(tx, int(str(done.message.facts["duel_id"])))
    if table is None:
        return
    duel = table.duel(int(str(done.message.facts["duel_id"])))
    if duel.state != DuelState.SENDING:
        return
    if done.state is not OutboxState.SENT or done.at is None:
        void_one(tx, table, duel, NOT_SENT, stamp)
        return
    _begin(tx, table, duel, done, rules, stamp)


def _begin(
    tx: Connection, table: Table, duel: Row[Any], done: Delivered, rules: GameRules, stamp: Stamp
) -> None:
    begun = {"of_duel": duel.id, "to_shown_by": stamp.owner, "to_message_id": done.message_id, "at": done.at}
    duel = tx.execute(duels.BEGIN_DUEL, begun).one()
    note_silence(tx, duel.started_at, rules.duels, stamp)  # what was not known so long took no answers
    set_end(tx, duel.id, duel.started_at + rules.duels.window, stamp)
    set_pairing_end(tx, duel, rules, stamp)
    announce(
        tx,
        DuelBegan(
            duel_id=duel.id,
            player_id=duel.player_id,
            chat_id=duel.chat_id,
            telegram_chat_id=done.telegram_id or 0,
            message_id=duel.message_id,
            language=done.message.language,
            started_at=duel.started_at,
            ends_at=duel.started_at + rules.duels.time,
        ),
    )
    announce(tx, Happened("duel_began", {"duel": duel.id, "player": duel.player_id}))
    other = table.other_than(duel.id)
    if other is not None and other.state == DuelState.WAITING:
        tell(tx, other, table.set.category, "duel_paired", {}, stamp, is_money=False)
