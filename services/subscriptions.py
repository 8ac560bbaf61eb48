"""Subscriptions: whether Premium will be renewed. When it ends, its date alone decides."""

from dataclasses import dataclass

from sqlalchemy import Connection

from db.queries import payments, people
from db.session import Database, announce
from services.events import Happened
from services.people import player_row
from services.stamp import Stamp, Stamps


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """What Telegram says of a subscription: whether it goes on beyond what is paid."""

    telegram_id: int
    payload: str
    goes_on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRenewal:
    """Remember whether a player's Premium will be renewed."""

    db: Database
    stamps: Stamps

    async def __call__(self, renewal: Renewal) -> bool:
        """Return whether something changed; of a subscription that isn't the player's last one, nothing does."""
        return await self.db.transact(note_renewal, renewal, self.stamps.take())


def note_renewal(tx: Connection, renewal: Renewal, stamp: Stamp) -> bool:
    """Note in this transaction what becomes of a subscription; see ``NoteRenewal``."""
    found = tx.execute(people.PLAYER_OF_TELEGRAM, {"telegram_id": renewal.telegram_id}).first()
    if found is None:
        return False
    player = player_row(tx, found.id, lock=True)
    is_canceled = not renewal.goes_on
    if player.premium_canceled == is_canceled or not _is_last(tx, player.premium_charge_id, renewal.payload):
        return False
    facts = {"to_until": player.premium_until, "to_charge_id": player.premium_charge_id}
    tx.execute(payments.SET_PREMIUM, {"player_id": player.id, "to_canceled": is_canceled, **facts})
    told = {"player": player.id, "goes_on": renewal.goes_on, "until": player.premium_until}
    announce(tx, Happened("subscription_changed", told))
    return True


def _is_last(tx: Connection, charge_id: str | None, payload: str) -> bool:
    """Return whether a payment belongs to the order that ``payload`` names."""
    if charge_id is None:
        return False
    order = tx.execute(payments.PURCHASE, {"of_payload": payload[:64]}).first()
    paid = tx.execute(payments.PAYMENT, {"of_charge": charge_id}).first()
    return order is not None and paid is not None and paid.purchase_id == order.id
