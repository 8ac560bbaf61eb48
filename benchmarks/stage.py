"""The use cases of a paid message on a real database, with players who can pay for ever and never win."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

from sqlalchemy import Connection, text

from benchmarks.places import sync_url
from db.models.people import ChatKind
from db.session import Database, open_database
from services import ledger
from services.entry_kinds import EntryKind
from services.events import TurnReserved
from services.forgotten import ForgetKey
from services.ledger import Move, NewEntry
from services.people import Meet, Met, Place, Sender
from services.pricing import PriceRule
from services.rules import GameRules, PotRules, TalkRules
from services.settle import Answer, settle
from services.stamp import Stamps, SystemClock, SystemEntropy
from services.turns import AcceptMessage, Message

WEALTH = 10**12
FIRST_MESSAGE_ID = 900_000_000_000
RULES = GameRules(
    price=PriceRule(base=10, step=0),
    pot=PotRules(ppm_per_credit=0),
    talk=TalkRules(free_per_day=0, guard=10**9, per_minute=10**9, group_per_minute=10**9, queue_length=10**6),
)
ANSWER = Answer(text="fine", is_cut=False, parts=[{"text": "fine"}])


@dataclass(kw_only=True)
class Stage:
    """An open database with what a paid message needs."""

    url: str
    db: Database
    stamps: Stamps
    rules: GameRules = RULES
    reserved: dict[int, TurnReserved] = field(default_factory=dict)
    message_ids: "count[int]"

    async def player(self, number: int, group: int | None = None) -> Met:
        """Return a rich player in his private chat, or in a group; he has paid before."""
        where = Place(telegram_id=number, kind=ChatKind.PRIVATE, title="Ana")
        if group is not None:
            where = Place(telegram_id=-group, kind=ChatKind.GROUP, title="Friends")
        sender = Sender(telegram_id=number, name="Ana", username=None, language="en")
        met = await Meet(db=self.db, stamps=self.stamps, rules=self.rules, key=ForgetKey(bytes(32)))(
            sender=sender, place=where
        )
        gift = NewEntry(
            kind=EntryKind.GRANT,
            cause=f"bench:{number}:{group}",
            at=self.stamps.clock.now(),
            moves=[Move(ledger.PROMO, ledger.wallet_of(met.player_id), WEALTH)],
            player_id=met.player_id,
        )
        await self.db.transact(ledger.post, gift)
        await self.db.transact(_has_paid, met.player_id)
        return met

    async def say(self, who: Met, message_id: int | None = None) -> None:
        """Take a paid message in; its price is held."""
        message = Message(
            player_id=who.player_id,
            chat_id=who.chat_id,
            telegram_chat_id=who.chat_id,
            message_id=message_id or next(self.message_ids),
            thread_id=None,
            media_group_id=None,
            sent_at=self.stamps.clock.now(),
            text="hello",
            always_paid=True,
        )
        await AcceptMessage(db=self.db, stamps=self.stamps, rules=self.rules)(message)

    async def pay(self, who: Met, message_id: int | None = None) -> None:
        """Have a paid message reserved and settled."""
        await self.say(who, message_id)
        turn = self.reserved.pop(who.player_id)
        await self.db.transact(settle, turn, ANSWER, self.rules, self.stamps.take())

    def note(self, event: object) -> None:
        """Remember the turn that a player has under way."""
        if isinstance(event, TurnReserved):
            self.reserved[event.player_id] = event


def _has_paid(tx: Connection, player_id: int) -> None:
    """Make a player one who isn't asked as at his first message."""
    tx.execute(text("UPDATE player SET paid_total = 1 WHERE id = :player_id"), {"player_id": player_id})


@asynccontextmanager
async def open_stage(url: str, first_id: int = FIRST_MESSAGE_ID) -> AsyncIterator[Stage]:
    """Open a migrated database; messages are numbered from ``first_id``."""
    lease = timedelta(seconds=90)
    stamps = Stamps(clock=SystemClock(), entropy=SystemEntropy(), owner="bench", lease=lease)
    db = open_database(sync_url(url))
    await db.open()
    stage = Stage(url=url, db=db, stamps=stamps, message_ids=count(first_id))
    db.on_commit(stage.note)
    try:
        yield stage
    finally:
        await db.close()
