"""Stopping: a player ends the answer under way, or cancels his messages that wait. Who answers, ends it."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import ClassVar, Final

from sqlalchemy import Connection

from db.queries import turns
from db.session import Database, announce
from services.errors import UserError
from services.events import Happened, StopAsked
from services.outbox import Address, enqueue, language_for
from services.people import chat_row, player_row
from services.stamp import Stamp, Stamps

ACTION: Final = "stop"
"""The button under a growing answer."""


class NothingToStop(UserError):
    """Nothing of the player's is being answered, and nothing waits."""

    code: ClassVar[str] = "nothing_to_stop"


@dataclass(frozen=True, slots=True, kw_only=True)
class StopTurns:
    """End a player's answer under way; or if there is none, cancel what of his waits."""

    db: Database
    stamps: Stamps

    async def __call__(self, *, player_id: int, chat_id: int, thread_id: int | None, message_id: int) -> None:
        """Do it; an answer that is stopped tells of itself, how many messages were cancelled the outbox does.

        Args:
            message_id: Telegram's, of the message by which the player asks for it.

        Raises:
            NothingToStop: there is neither.
        """
        where = (chat_id, thread_id, message_id)
        await self.db.transact(stop_turns, player_id, where, self.stamps.take())


def stop_turns(tx: Connection, player_id: int, where: tuple[int, int | None, int], stamp: Stamp) -> None:
    """Stop what is under way, or cancel what waits; see ``StopTurns``."""
    player = player_row(tx, player_id, lock=True)  # so a settle comes before this as a whole, or behind it
    turn_id = tx.scalar(turns.UNDER_WAY, {"player_id": player_id})
    if turn_id is not None:
        stop_turn(tx, turn_id, stamp)
        return
    count = len(tx.scalars(turns.CANCEL_WAITING, {"of_player": player_id, "at": stamp.now}).all())
    if not count:
        raise NothingToStop
    announce(tx, Happened("waiting_cancelled", {"player": player_id, "turns": count}))
    chat_id, thread_id, message_id = where
    language = language_for(player, chat_row(tx, chat_id))
    address = Address(chat_id=chat_id, language=language, thread_id=thread_id, reply_to=message_id)
    key = f"waiting_cancelled:{chat_id}:{message_id}"
    enqueue(tx, address, "waiting_cancelled", {"n": count}, key=key, stamp=stamp)


def stop_turn(tx: Connection, turn_id: int, stamp: Stamp) -> None:
    """Have an answer ended by whoever works on it.

    Raises:
        NothingToStop: it has ended.
    """
    if tx.scalar(turns.STOP, {"turn_id": turn_id, "at": stamp.now}) is None:
        raise NothingToStop
    announce(tx, StopAsked(turn_id))
    announce(tx, Happened("stop_asked", {"turn": turn_id}))


def stopped_of(tx: Connection, turn_ids: Collection[int]) -> list[int]:
    """Return those of the turns that were stopped."""
    return list(tx.scalars(turns.STOPPED, {"ids": list(turn_ids)}))
