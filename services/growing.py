"""The message of a group in which an answer grows: whoever goes on with the answer goes on with it as well."""

from dataclasses import dataclass

from sqlalchemy import Connection

from db.queries import turns
from db.session import Database
from services import stopping
from services.buttons import add_buttons, token_of
from services.events import TurnReserved
from services.rules import GameRules
from services.settle import LeaseLost
from services.stamp import Stamp, Stamps


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteShown:
    """Store in which message an answer grows, and the button under it that stops it."""

    db: Database
    stamps: Stamps
    rules: GameRules

    async def __call__(self, turn: TurnReserved, message_id: int, stamp: Stamp) -> None:
        """Store it; the button's token is ``stop_token`` of the same stamp.

        Raises:
            LeaseLost: the turn is not this worker's any more.
        """
        await self.db.transact(note_shown, turn, message_id, self.rules, stamp)


def stop_token(turn: TurnReserved, stamp: Stamp) -> str:
    """Return the token of the button that stops the answer to a turn."""
    return token_of(stopping.ACTION, _label(turn, stamp), stamp)


def note_shown(tx: Connection, turn: TurnReserved, message_id: int, rules: GameRules, stamp: Stamp) -> None:
    """Store in which message an answer grows; see ``NoteShown``."""
    facts = {"turn_id": turn.turn_id, "token": turn.token, "to_shown_id": message_id}
    if tx.scalar(turns.NOTE_SHOWN, facts) is None:
        raise LeaseLost
    add_buttons(
        tx,
        {stopping.ACTION: {"turn": turn.turn_id}},
        player_id=turn.player_id,
        chat_id=turn.chat_id,
        ttl=rules.talk.answer_deadline * 2,
        stamp=stamp,
        label=_label(turn, stamp),
    )


def _label(turn: TurnReserved, stamp: Stamp) -> str:
    return f"stop:{turn.turn_id}:{stamp.token}"
