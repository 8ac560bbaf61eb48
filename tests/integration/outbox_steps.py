"""Steps of tests about the outbox: a process writes a message, and marks it as sent."""

from db.models.transport import OutboxState
from db.session import Database
from services.events import Outgoing
from services.outbox import Address, Delivered, enqueue, note_deliveries
from services.stamp import Stamps


async def say(db: Database, stamps: Stamps, chat_id: int, key: str) -> None:
    """Write a message of a process."""
    address = Address(chat_id=chat_id, language="en")
    facts = {"timed_out": True}
    await db.transact(enqueue, address, "released", facts, key=key, stamp=stamps.take())


async def end(db: Database, stamps: Stamps, *messages: Outgoing) -> None:
    """Mark messages as sent."""
    done = [
        Delivered(outbox_id=one.outbox_id, token=one.token, state=OutboxState.SENT, tries=1)
        for one in messages
    ]
    await db.transact(note_deliveries, done, stamps.take())
