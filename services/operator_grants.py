"""/grant: credits from an operator, with a reason. A deposit like a purchase, by another gateway."""

from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import Connection

from db.queries import people
from db.session import Database, announce, unfinished
from services import ledger
from services.deposits import deposit
from services.entry_kinds import EntryKind
from services.errors import UserError
from services.events import Happened
from services.outbox import address_of_player, enqueue
from services.stamp import Stamp, Stamps


class NoSuchPlayer(UserError):
    """No player has this Telegram id."""

    code: ClassVar[str] = "no_such_player"

    def __init__(self, *, telegram_id: str) -> None:
        super().__init__()
        self.telegram_id = telegram_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """What an operator's grant did; ``repaid`` of it covered a debt, of which ``debt`` is left."""

    credits: int
    player_name: str
    repaid: int
    debt: int
    balance: int
    receipt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantCredits:
    """Give a player credits in an operator's name, with a reason; the player is told.

    It is a deposit as a purchase is: it covers a debt first.
    """

    db: Database
    stamps: Stamps

    async def __call__(
        self, *, telegram_id: int, credits: int, reason: str, operator_id: int, cause: str
    ) -> Granted:
        """Return what was given; ``cause`` names the operator's message.

        Raises:
            NoSuchPlayer: nobody with this Telegram id has played.
            AlreadyPosted: this very message was booked before.
        """
        stamp = self.stamps.take()
        with unfinished():  # the operator hears of it behind the commit
            return await self.db.transact(_grant, telegram_id, credits, reason, operator_id, cause, stamp)


def _grant(
    tx: Connection, telegram_id: int, credits: int, reason: str, operator_id: int, cause: str, stamp: Stamp
) -> Granted:
    player = tx.execute(people.PLAYER_OF_TELEGRAM, {"telegram_id": telegram_id}).first()
    if player is None:
        raise NoSuchPlayer(telegram_id=str(telegram_id))
    facts = {"reason": reason, "operator": operator_id}
    where: dict[str, Any] = {"source": ledger.PROMO, "kind": EntryKind.GRANT, "cause": f"grant:{cause}"}
    posted = deposit(tx, player.id, credits, **where, stamp=stamp, facts=facts)
    given = {"kind": EntryKind.GRANT, "player": player.id, "credits": credits}
    announce(tx, Happened("grant", given | facts))
    after = {"repaid": posted.repaid, "debt": posted.debt, "balance": posted.balance}
    told = {"credits": credits, "reason": reason, "receipt": posted.entry_id} | after
    address = address_of_player(tx, player)
    if address is not None:
        enqueue(tx, address, "grant_received", told, key=f"grant:{cause}", stamp=stamp, is_money=True)
    return Granted(credits=credits, player_name=player.name, receipt=posted.entry_id, **after)
