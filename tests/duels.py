"""Duels in tests: questions to ask, players old enough, and short ways to start, to answer and to let time pass."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from db.models.duels import duel, question_set
from db.models.people import player
from db.models.questions import question, question_pool, question_text
from db.models.transport import OutboxState
from services.deliveries import note_deliveries
from services.duels.answer import AnswerDuel, Answered
from services.duels.draw import pool_digest
from services.duels.refund import BUDGET
from services.duels.start import Wanted, start_duel
from services.events import Outgoing
from services.heartbeat import beat
from services.outbox import Delivered
from services.people import Met
from services.questions.pools import wording_digest
from services.stamp import Stamp, Stamps
from tests.house import House

CATEGORY = "science"
OPTIONS = ("right", "wrong", "worse", "worst")
OLD = timedelta(days=30)
__all__ = ["BUDGET", "Arena", "add_questions", "make_old"]


def add_questions(
    tx: Connection,
    stamp: Stamp,
    *,
    category: str = CATEGORY,
    count: int = 12,
    languages: tuple[str, ...] = ("en", "es"),
) -> None:
    """Put questions into a category, of which the first option is right, with a pool for each language."""
    names = [f"{category}-{number:03}" for number in range(count)]
    keys = [(name, wording_digest("en", f"{name}?", OPTIONS, 0)) for name in names]
    common = {"category": category, "difficulty": "easy", "licence": "CC0-1.0", "right_option": 0}
    ids = []
    for key, digest in keys:
        row = {**common, "key": key, "digest": digest, "created_at": stamp.now}
        ids.append(tx.execute(insert(question).values(row).returning(question.c.id)).scalar_one())
        words = {"question_id": ids[-1], "text": f"{key}?", "options": list(OPTIONS), "source": "https://x.y"}
        tx.execute(insert(question_text), [{**words, "language": language} for language in languages])
    pool = {"category": category, "digest": pool_digest(keys), "question_ids": ids, "is_current": True}
    rows = [{**pool, "language": language, "created_at": stamp.now} for language in languages]
    tx.execute(insert(question_pool), rows)


def make_old(tx: Connection, player_id: int, at: datetime) -> None:
    """Let an account be as old as if it had come at ``at``."""
    tx.execute(update(player).where(player.c.id == player_id).values(created_at=at))


@dataclass(kw_only=True)
class Arena:
    """Where players of a house meet in duels."""

    house: House
    _messages: int = field(default=5_000)

    @classmethod
    async def open(cls, house: House, **questions: Any) -> "Arena":
        """Return an arena with questions."""
        await house.db.transact(add_questions, house.stamps.take(), **questions)
        return cls(house=house)

    def rule(self, **figures: Any) -> None:
        """Change figures of the duels."""
        rules = self.house.rules
        self.house.rules = replace(rules, duels=replace(rules.duels, **figures))

    async def player(self, number: int) -> Met:
        """Return a player with his private chat, a welcome grant and an account old enough."""
        who = await self.house.player(number, name=f"P{number}")
        await self.house.db.transact(make_old, who.player_id, self.house.clock.now() - OLD)
        return who

    async def start(self, who: Met, category: str = CATEGORY, **wanted: Any) -> int:
        """Have a player stake; return his duel's id."""
        stamp = self.house.stamps.take()
        what = Wanted(str(stamp.token), category=None if "challenge" in wanted else category, **wanted)
        where = (who.player_id, who.chat_id, None)
        return await self.house.db.transact(start_duel, *where, what, self.house.rules, stamp)

    def question(self, duel_id: int) -> Outgoing:
        """Return the first question of a duel as it goes out."""
        sent = [one for one in self.house.events if isinstance(one, Outgoing)]
        return next(one for one in sent if one.facts.get("duel_id") == duel_id)

    async def arrive(
        self,
        duel_id: int,
        state: OutboxState = OutboxState.SENT,
        *,
        at: datetime | None = None,
        stamps: Stamps | None = None,
    ) -> None:
        """Let the first question of a duel be delivered, or fail."""
        self._messages += 1
        done = Delivered(
            message=self.question(duel_id),
            state=state,
            tries=1,
            telegram_id=7_000,
            message_id=self._messages,
            at=at or self.house.clock.now(),
        )
        await self.house.db.transact(
            note_deliveries, [done], self.house.rules, (stamps or self.house.stamps).take()
        )

    async def begin(self, who: Met, category: str = CATEGORY, **wanted: Any) -> int:
        """Have a player stake and see his first question; return his duel's id."""
        duel_id = await self.start(who, category, **wanted)
        await self.arrive(duel_id)
        return duel_id

    async def place_of(self, duel_id: int, position: int, option: int = 0) -> int:
        """Return where an option stands as shown; the option 0 is right."""
        orders = select(question_set.c.orders).join(duel, duel.c.set_id == question_set.c.id)
        found = await self.house.db.read(lambda tx: tx.scalar(orders.where(duel.c.id == duel_id)))
        assert found is not None
        return int(found[position].index(option))

    async def answer(
        self, who: Met, duel_id: int, position: int, *, option: int = 0, late: timedelta = timedelta(0)
    ) -> Answered:
        """Answer a question, rightly unless another option is said; the press comes ``late`` by the clock."""
        place = await self.place_of(duel_id, position, option)
        return await self.press(who, duel_id, position, place, late=late)

    async def press(
        self, who: Met, duel_id: int, position: int, place: int, *, late: timedelta = timedelta(0)
    ) -> Answered:
        """Press a button of a question."""
        use = AnswerDuel(db=self.house.db, stamps=self.house.stamps, rules=self.house.rules)
        asked = {"duel_id": duel_id, "position": position, "place": place}
        return await use(player_id=who.player_id, received_at=self.house.clock.now() + late, **asked)

    async def answer_all(self, who: Met, duel_id: int, *, right: int = 5, seconds: float = 5.0) -> None:
        """Answer all questions, the first ``right`` ones rightly, the last after ``seconds``."""
        for position in range(5):
            await self.pass_time(seconds / 5)
            await self.answer(who, duel_id, position, option=0 if position < right else 1)

    async def play(self, who: Met, *, right: int = 5, seconds: float = 5.0, **wanted: Any) -> int:
        """Have a player stake and answer all questions; return his duel's id."""
        duel_id = await self.begin(who, **wanted)
        await self.answer_all(who, duel_id, right=right, seconds=seconds)
        return duel_id

    async def pass_time(self, seconds: float, *, stamps: Stamps | None = None) -> None:
        """Let time pass in which a process is alive: it beats twice a second."""
        steps = max(1, round(seconds * 2))
        for _ in range(steps):
            self.house.clock.move(timedelta(seconds=seconds) / steps)
            await self.house.db.transact(beat, self.house.rules.duels, (stamps or self.house.stamps).take())

    async def wait(self, time: timedelta) -> None:
        """Let much time pass, and have done what became due."""
        self.house.clock.move(time)
        await self.house.db.transact(beat, self.house.rules.duels, self.house.stamps.take())
        await self.house.tick()

    async def row(self, duel_id: int) -> Row[Any]:
        """Return a duel's row."""
        return await self.house.db.read(lambda tx: tx.execute(select(duel).where(duel.c.id == duel_id)).one())

    async def state(self, duel_id: int) -> str:
        """Return where a duel stands, or how it was settled."""
        row = await self.row(duel_id)
        return str(row.outcome or row.state)

    async def credits(self, who: Met) -> int:
        """Return a player's balance; nothing of it may be held."""
        balance, held = await self.house.wallet(who)
        assert held == 0
        return balance

    async def sum_of(self, kind: str) -> int:
        """Return what a system's account holds, in credits."""
        sql = (
            "SELECT COALESCE(SUM(CASE WHEN c.kind = :kind THEN t.amount ELSE -t.amount END), 0) "
            "FROM transfer t JOIN account c ON c.id = t.credit_id JOIN account d ON d.id = t.debit_id "
            "WHERE (c.kind = :kind) <> (d.kind = :kind)"
        )
        return int(await self.house.value(sql, kind=kind))


async def both(*work: Any) -> list[Any]:
    """Do things at once; return results and errors."""
    return await asyncio.gather(*work, return_exceptions=True)
