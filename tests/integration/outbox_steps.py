"""Steps of tests about the outbox: a process writes a message, and marks it as sent."""

from db.models.transport import OutboxState
from db.session import Database
from services.events import Outgoing
from services.outbox import Address, Delivered, end_messages, enqueue
from services.stamp import Stamps


async def say(db: Database, stamps: Stamps, chat_id: int, key: str) -> None:
    """Write a message of a process."""
    address = Address(chat_id=chat_id, language="en")
    facts = {"why": "timeout"}
    await db.transact(enqueue, address, "released", facts, key=key, stamp=stamps.take())


async def end(db: Database, stamps: Stamps, *messages: Outgoing) -> None:
    """Mark messages as sent."""
    done = [Delivered(message=one, state=OutboxState.SENT, tries=1) for one in messages]
    await db.transact(end_messages, done, stamps.take())
