"""Trying again: a message that was left without an answer is asked again, as a new one at the present price."""

from dataclasses import dataclass, replace
from typing import ClassVar

from sqlalchemy import Connection

from db.models.chats import TurnState
from db.queries import turns
from db.session import Database
from services.errors import UserError
from services.people import chat_row, player_row
from services.reserve import file_of
from services.rules import GameRules
from services.stamp import Stamp, Stamps
from services.turns import Accepted, Message, accept


class NothingToRetry(UserError):
    """The player's last message here was not left without an answer, was erased, or there is none."""

    code: ClassVar[str] = "nothing_to_retry"


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryTurn:
    """Ask a player's last message of a chat and topic again, if it was released."""

    db: Database
    stamps: Stamps
    rules: GameRules

    async def __call__(self, message: Message) -> Accepted:
        """Return what became of it; ``message`` is the one that asks for it, without words of its own.

        Raises:
            NothingToRetry: it was not released, or there is none.
        """
        return await self.db.transact(retry, message, self.rules, self.stamps.take())


def retry(
    tx: Connection, message: Message, rules: GameRules, stamp: Stamp, turn_id: int | None = None
) -> Accepted:
    """Ask again; see ``RetryTurn``.

    Args:
        turn_id: the turn that is meant; None for whichever is the last one.
    """
    player_row(tx, message.player_id, lock=True)
    asked = {"telegram_chat_id": message.telegram_chat_id, "message_id": message.message_id}
    if tx.scalar(turns.IS_TAKEN, asked) is not None:
        return Accepted.DUPLICATE
    place = {"chat_id": chat_row(tx, message.chat_id).id, "thread": message.thread_id or 0}
    last = tx.execute(turns.LAST_TURN, {**place, "player_id": message.player_id}).first()
    if last is None or last.state != TurnState.RELEASED or turn_id not in (None, last.id):
        raise NothingToRetry
    if not last.text and last.file_id is None:  # it was erased
        raise NothingToRetry
    again = replace(message, text=last.text, always_paid=last.always_paid, file=file_of(last))
    return accept(tx, again, rules, stamp)


def retry_turn(
    tx: Connection,
    turn_id: int,
    player_id: int,
    chat_id: int,
    message_id: int,
    rules: GameRules,
    stamp: Stamp,
) -> Accepted:
    """Ask a turn again by a button, under the number of the message that carries it.

    Raises:
        NothingToRetry: it is not the player's last message here any more.
    """
    chat, turn = chat_row(tx, chat_id), tx.execute(turns.TURN, {"turn_id": turn_id}).one()
    message = Message(
        player_id=player_id,
        chat_id=chat.id,
        telegram_chat_id=chat.telegram_id,
        message_id=message_id,
        thread_id=turn.thread_id if turn.telegram_chat_id == chat.telegram_id else None,
        media_group_id=None,
        sent_at=stamp.now,
        text="",
        always_paid=False,
    )
    return retry(tx, message, rules, stamp, turn_id)
