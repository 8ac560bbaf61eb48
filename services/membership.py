"""The bot in groups: added with a welcome and a pot, removed, blocked."""

from dataclasses import dataclass

from sqlalchemy import Connection

from db.models.people import Reach
from db.queries import pots
from db.session import Database
from services.outbox import Address, enqueue
from services.people import Place, set_reach, visit
from services.pot import chance_of, pot_key
from services.reserve import next_price
from services.rules import GameRules
from services.stamp import Stamp, Stamps


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinGroup:
    """Open a group's pot when the bot is added, and say what there is to know."""

    db: Database
    stamps: Stamps
    rules: GameRules

    async def __call__(self, *, place: Place, language: str, bot_name: str, cause: str) -> None:
        """Welcome the group once per ``cause``."""
        stamp = self.stamps.take()
        await self.db.transact(_join, place, language, bot_name, cause, self.rules, stamp)


def _join(
    tx: Connection, place: Place, language: str, bot_name: str, cause: str, rules: GameRules, stamp: Stamp
) -> None:
    chat_id = visit(tx, place, stamp)
    view = tx.execute(pots.POT_VIEW, {"key": pot_key(chat_id), "player_id": 0}).first()
    price = next_price(rules, 0)
    facts = {
        "bot": bot_name,
        "price": price,
        "ppm": chance_of(rules.pot, price),
        "anchor": view.anchor.hex() if view is not None else None,
    }
    address = Address(chat_id=chat_id, language=language)
    enqueue(tx, address, "welcome_group", facts, key=f"joined:{cause}", stamp=stamp)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteReach:
    """Remember whether messages arrive in a chat."""

    db: Database
    stamps: Stamps

    async def __call__(self, *, place: Place, reach: Reach) -> None:
        """Mark the chat."""
        await self.db.transact(_note_reach, place, reach, self.stamps.take())


def _note_reach(tx: Connection, place: Place, reach: Reach, stamp: Stamp) -> None:
    set_reach(tx, visit(tx, place, stamp), reach)
