"""A crowd that duels: fast, slow, silent, late, double and foreign, while processes die and sleep."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select, update

from db.models.duels import duel, question_set
from db.models.people import player
from db.session import Database
from services import ledger
from services.duels.answer import AnswerDuel, AnsweredBefore, DuelNotBegun, DuelOver
from services.duels.doubt import refund_doubtful
from services.duels.start import Wanted, start_duel
from services.entry_kinds import EntryKind
from services.errors import PotluckError
from services.ledger import Move, NewEntry
from services.people import Met
from tests.duels import CATEGORY, Arena
from tests.house import House
from tests.reliability.duel_rig import Died, Replica

STEP = timedelta(seconds=0.9)
LULL = 30
"""As many steps nobody begins, so that some find no opponent."""
QUIET = (*[timedelta(seconds=20)] * 20, timedelta(hours=5))
"""Where nobody plays, time goes faster; sometimes the day ends."""
PURSE = 1_000_000
QUESTIONS = 60


@dataclass(kw_only=True)
class Fighter:
    """A player; how often he is right, how fast, and whether he falls silent."""

    who: Met
    right: float
    speed: float
    duel_id: int = 0
    position: int = 5
    pressed_at: datetime | None = None
    """Of a press that isn't handled yet; it comes again with the same time."""
    place: int = 0


@dataclass(kw_only=True)
class Storm:
    """The crowd, its processes and the weather."""

    house: House
    chance: random.Random
    deaths: float
    replicas: list[Replica] = field(default_factory=list)
    fighters: list[Fighter] = field(default_factory=list)
    by_player: dict[int, Fighter] = field(default_factory=dict)
    seen: dict[int, datetime] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)
    died: int = 0

    async def open(self, databases: list[Database], players: int) -> None:
        """Put questions and players in, and let processes begin."""
        await Arena.open(self.house, count=QUESTIONS)
        for number in range(1, players + 1):
            who = await self.house.player(number)
            right, speed = self.chance.choice((0.4, 0.6, 1.0)), self.chance.choice((0.1, 0.5, 0.9, 1.0, 1.0))
            self.fighters.append(Fighter(who=who, right=right, speed=speed))
            self.by_player[who.player_id] = self.fighters[-1]
        await self.house.db.transact(_prepare, [one.who.player_id for one in self.fighters], self.house)
        for name, db in zip("ab", databases, strict=False):
            chance = random.Random(self.chance.random())
            parts: dict[str, Any] = {"house": self.house, "db": db, "name": name, "chance": chance}
            self.replicas.append(Replica(**parts, deaths=self.deaths, seen=self._see))

    def _see(self, duel_id: int, at: datetime) -> None:
        """Note that a first question is on a player's screen."""
        self.seen[duel_id] = at

    async def run(self, duels: int) -> None:
        """Let them duel until so many stakes were taken and all is over."""
        while await self._count() < duels:
            is_lull = self.chance.random() < 0.03
            for _ in range(LULL if is_lull else 1):
                await self._step(is_open=not is_lull)
        while await self.house.value("SELECT COUNT(*) FROM duel WHERE ended_at IS NULL"):
            await self._step(is_open=False)
        while await self.house.value("SELECT COUNT(*) FROM outbox WHERE state = 'waiting'"):
            await self._step(is_open=False)

    async def _count(self) -> int:
        return int(await self.house.value("SELECT COUNT(*) FROM duel"))

    async def _step(self, *, is_open: bool) -> None:
        rows = (await self.house.db.read(lambda tx: tx.execute(_OPEN))).all()
        states = {row.player_id: row for row in rows}
        work = [self._survive(one.tick()) for one in self.replicas if one.is_up]
        for fighter in self.fighters:
            row = states.get(fighter.who.player_id)
            if row is None and is_open and self.chance.random() < 0.3:
                starts = 2 if self.chance.random() < 0.1 else 1
                work += [self._start(fighter) for _ in range(starts)]
            elif row is not None and row.state != "waiting":
                work.append(self._answer(fighter, row))
        if is_open and self.chance.random() < 0.03:
            work.append(self._doubt())
        await asyncio.gather(*work)
        is_quiet = not is_open and all(row.state == "waiting" for row in rows)
        self.house.clock.move(self.chance.choice(QUIET) if is_quiet else STEP)
        if self.chance.random() < self.deaths:
            self.chance.choice(self.replicas).back_at = self.house.clock.now() + 3 * STEP  # asleep, not dead

    async def _survive(self, work: Any) -> None:
        try:
            await work
        except Died:
            self.died += 1
        except PotluckError as error:
            self.refused[error.code] += 1

    async def _start(self, fighter: Fighter) -> None:
        replica = self.chance.choice(self.replicas)
        if not replica.is_up:
            return
        stamp, who = replica.stamps.take(), fighter.who
        wanted = Wanted(f"press:{stamp.token}", category=CATEGORY)
        started = replica.transact(
            start_duel, who.player_id, who.chat_id, None, wanted, self.house.rules, stamp
        )
        await self._survive(started)

    async def _answer(self, fighter: Fighter, row: Any) -> None:
        """Press, or press again what wasn't handled; now and then in somebody else's name."""
        if row.id not in self.seen:
            return
        if fighter.duel_id != row.id:
            fighter.duel_id, fighter.position, fighter.pressed_at = row.id, 0, None
        if fighter.position > 4 or (fighter.pressed_at is None and self.chance.random() > fighter.speed):
            return
        if fighter.pressed_at is None:
            jitter = timedelta(milliseconds=0 if fighter.speed == 1 else 100 * self.chance.randrange(5))
            fighter.pressed_at = self.house.clock.now() + jitter
            order = row.orders[fighter.position]
            is_right = self.chance.random() < fighter.right
            fighter.place = order.index(0 if is_right else self.chance.randrange(1, 4))
        await self._press(fighter)
        if self.chance.random() < 0.02:
            stranger = self.chance.choice(self.fighters)
            if stranger is not fighter:
                await self._survive(self._foreign(stranger, fighter.duel_id))

    async def _foreign(self, stranger: Fighter, duel_id: int) -> None:
        pressed = {"duel_id": duel_id, "position": 0, "place": 0}
        now = self.house.clock.now()
        await self._use()(player_id=stranger.who.player_id, received_at=now, **pressed)
        raise AssertionError("a foreign answer counted")

    def _use(self) -> AnswerDuel:
        replica = self.chance.choice([one for one in self.replicas if one.is_up] or self.replicas)
        return AnswerDuel(db=replica, stamps=replica.stamps, rules=self.house.rules)  # type: ignore[arg-type]

    async def _press(self, fighter: Fighter) -> None:
        assert fighter.pressed_at is not None
        try:
            await self._use()(
                player_id=fighter.who.player_id,
                duel_id=fighter.duel_id,
                position=fighter.position,
                place=fighter.place,
                received_at=fighter.pressed_at,
            )
        except (Died, DuelNotBegun):
            return  # the update is still in the inbox
        except AnsweredBefore:
            self.refused["answered_before"] += 1
        except DuelOver:
            self.refused["duel_over"] += 1
            fighter.position = 5
        fighter.position += 1
        fighter.pressed_at = None

    async def _doubt(self) -> None:
        question_id = self.chance.randrange(1, QUESTIONS + 1)
        stamp = self.house.stamps.take()
        await self.house.db.transact(refund_doubtful, question_id, self.house.rules, stamp)


_OPEN = (
    select(duel.c.id, duel.c.player_id, duel.c.state, question_set.c.orders)
    .join(question_set, question_set.c.id == duel.c.set_id)
    .where(duel.c.ended_at.is_(None))
)


def _prepare(tx: Connection, player_ids: list[int], house: House) -> None:
    """Let all accounts be old and rich."""
    tx.execute(update(player).values(created_at=house.clock.now() - timedelta(days=9)))
    for player_id in player_ids:
        moves = [Move(ledger.PROMO, ledger.wallet_of(player_id), PURSE)]
        new = NewEntry(kind=EntryKind.GRANT, cause=f"purse:{player_id}", at=house.clock.now(), moves=moves)
        ledger.post(tx, new)
