"""Forgetting a player: his name and words go, his books stay under a number. Once, in one transaction."""

from datetime import datetime
from typing import Any, ClassVar, Final

from sqlalchemy import Connection, Row

from db.queries import duels, forget, people, turns
from db.session import announce
from services.erase import begin_erasing
from services.errors import UserError
from services.events import Forgot, Happened
from services.forgotten import ForgetKey, number_of
from services.people import player_row
from services.premium import renews
from services.stamp import Stamp

ACTIONS: Final = ("forget", "forget_keep")


class StillAnswering(UserError):
    """A message of the player is being answered, or waits for it."""

    code: ClassVar[str] = "still_answering"


class StillDuelling(UserError):
    """A duel of the player hasn't ended."""

    code: ClassVar[str] = "still_duelling"


class StillSubscribed(UserError):
    """The player's Premium renews: forgotten, he would go on paying for what nobody knows of."""

    code: ClassVar[str] = "still_subscribed"

    def __init__(self, *, until: datetime) -> None:
        super().__init__()
        self.until = until


def forget_player(tx: Connection, player_id: int, key: ForgetKey, stamp: Stamp) -> None:
    """Erase who a player is and what he said; what is too much for one transaction follows by timers.

    Grants, balance, quotas, limits, a break, Premium and a debt stay, so that coming back gains nothing.

    Raises:
        StillAnswering: something of his is under way.
        StillDuelling: a duel of his is.
        StillSubscribed: his Premium renews.
    """
    player: Row[Any] = player_row(tx, player_id, lock=True)
    if player.forgotten_hash is not None:
        return
    if tx.scalar(turns.UNDER_WAY, {"player_id": player_id}) or tx.scalar(
        turns.COUNT_WAITING, {"player_id": player_id}
    ):
        raise StillAnswering
    if tx.execute(duels.OPEN_DUEL, {"of_player": player_id}).first() is not None:
        raise StillDuelling
    if renews(player, stamp.now):
        raise StillSubscribed(until=player.premium_until)
    chat = tx.execute(people.CHAT_OF_TELEGRAM, {"telegram_id": player.telegram_id}).first()
    number, hashed = number_of(player_id), key.hash_of(player.telegram_id)
    tx.execute(forget.FORGET_PLAYER, {"player_id": player_id, "to_telegram_id": number, "of_hash": hashed})
    tx.execute(forget.DROP_ASKS, {"of_player": player_id, "at": stamp.now})
    if chat is not None:
        moved = {"of_telegram_id": player.telegram_id, "to_telegram_id": number}
        tx.execute(forget.RENUMBER_CHAT, moved)
        tx.execute(forget.DROP_OUTGOING, {"of_chat": chat.id, "at": stamp.now})
        tx.execute(forget.CLOSE_CONVERSATIONS, {"of_chat": chat.id, "at": stamp.now})
    tx.execute(forget.CLOSE_CHALLENGES, {"of_player": player_id, "at": stamp.now})
    begin_erasing(tx, player_id, hashed, stamp)
    announce(tx, Happened("player_forgotten", {"player": player_id}))
    announce(tx, Forgot(player_id))
