"""The house without Telegram: its use cases on a real database, one step at a time, audited at the end."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select, text

from db.models.chats import turn
from db.models.people import ChatKind
from db.session import Database, open_database
from services.answer import AnswerTurn, Cut, Stop
from services.buttons import OfferButtons
from services.conversations import erase_conversation
from services.duels.doubt import refund_next
from services.duels.finish import EndJob
from services.duels.inviting import expire_challenge
from services.duels.refund import PairJob
from services.erase import Erase
from services.events import Happened, Outgoing, TurnReserved
from services.forgotten import ForgetKey
from services.gifts import give
from services.membership import end_sleep
from services.payback_asks import ask_again
from services.people import Meet, Met, Place, Sender
from services.ports import Files, FileUnavailable, Model, ModelUnavailable, Question
from services.premium import tell_of_end
from services.presses import Done, Press, PressButton
from services.pricing import PriceRule
from services.refunds import pay_refunds
from services.reserve import PromoteNext
from services.reset import AskReset
from services.rules import GameRules, PotRules, TalkRules
from services.settle import Answer, release, settle
from services.stamp import Stamps
from services.timers import Job, RunTimers, TimerKind, TimerRun
from services.turns import Accepted, AcceptMessage, Message
from tests.app import CountedEntropy, MovableClock, assert_books_are_right

RULES = GameRules(price=PriceRule())
UNGUARDED = GameRules(price=PriceRule(), talk=TalkRules(guard=1_000, free_per_day=0))
FORGET_KEY = ForgetKey(bytes(32))
JOBS: dict[TimerKind, Job] = {
    TimerKind.REFUND: pay_refunds,
    TimerKind.SLEEP: end_sleep,
    TimerKind.FORGET: Erase(FORGET_KEY),
    TimerKind.ERASE: erase_conversation,
    TimerKind.PREMIUM: tell_of_end,
    TimerKind.PAYBACK: ask_again,
}


def jobs_of_duels(rules: GameRules) -> dict[TimerKind, Job]:
    """Return what the timers of duels do."""
    return {
        TimerKind.DUEL_END: EndJob(rules),
        TimerKind.DUEL_PAIR: PairJob(rules),
        TimerKind.DUEL_DOUBT: refund_next,
        TimerKind.CHALLENGE: expire_challenge,
    }


NEVER_WON = PotRules(ppm_per_credit=0)
LEASE = timedelta(seconds=90)


class NoStage:
    """A stage that nobody looks at."""

    def __init__(self, *, is_shown: bool = False) -> None:
        self.is_shown = is_shown
        self.message_id: int | None = None
        self.is_late = False

    def show(self, text: str) -> None:
        """Show nothing."""

    async def end(self) -> None:
        """End nothing."""


class ScriptedModel:
    """Gives what it is told to, one item per question: pieces of an answer, or None for a failure."""

    def __init__(self, *script: Sequence[str] | None, reason: str = "scripted") -> None:
        self._script = list(script)
        self._reason = reason
        self.questions: list[Question] = []

    async def reply(self, question: Question) -> AsyncIterator[str]:
        """Yield the next item of the script; "fine" when it is used up."""
        self.questions.append(question)
        pieces = self._script.pop(0) if self._script else ["fine"]
        if pieces is None:
            raise ModelUnavailable(reason=self._reason)
        for piece in pieces:
            yield piece


class KnownFiles:
    """Has the files it was given."""

    def __init__(self, **contents: bytes) -> None:
        self._contents = contents

    async def fetch(self, file_id: str, most: int) -> bytes:
        """Return what is in a file.

        Raises:
            FileUnavailable: there is no such file, or it is too big.
        """
        if file_id not in self._contents:
            raise FileUnavailable
        if len(self._contents[file_id]) > most:
            raise FileUnavailable(is_too_big=True)
        return self._contents[file_id]


@dataclass(kw_only=True)
class House:
    """An open database with a movable clock; keeps what was announced."""

    url: str
    db: Database
    clock: MovableClock
    stamps: Stamps
    rules: GameRules
    files: Files = field(default_factory=KnownFiles)
    events: list[object] = field(default_factory=list)
    _messages: int = 100

    def __post_init__(self) -> None:
        self.db.on_commit(self.events.append)

    def other_worker(self, owner: str = "two") -> Stamps:
        """Return the stamps of another process."""
        return replace(self.stamps, owner=owner, entropy=CountedEntropy(seed=77))

    async def player(self, number: int = 1, *, name: str = "Ana") -> Met:
        """Return a player with his private chat."""
        return await self.meet(
            number, Place(telegram_id=number, kind=ChatKind.PRIVATE, title=name), name=name
        )

    async def group(self, number: int = 1, *, player: int = 1) -> Met:
        """Return a player in a group."""
        return await self.meet(player, Place(telegram_id=-number, kind=ChatKind.GROUP, title="Friends"))

    async def meet(self, number: int, place: Place, *, name: str = "Ana") -> Met:
        """Return the keys of a player and a chat."""
        sender = Sender(telegram_id=number, name=name, username=None, language="en")
        meet = Meet(db=self.db, stamps=self.stamps, rules=self.rules, key=FORGET_KEY)
        return await meet(sender=sender, place=place)

    async def say(self, who: Met, words: str = "hello", **more: Any) -> Accepted:
        """Take in a message of a player in the chat of ``who``, paid unless ``always_paid`` is False."""
        self._messages += 1
        message: dict[str, Any] = {
            "player_id": who.player_id,
            "chat_id": who.chat_id,
            "telegram_chat_id": 1_000 + who.chat_id,
            "message_id": self._messages,
            "thread_id": None,
            "media_group_id": None,
            "sent_at": self.clock.now(),
            "text": words,
            "always_paid": True,
        }
        accept = AcceptMessage(db=self.db, stamps=self.stamps, rules=self.rules)
        return await accept(Message(**{**message, **more}))

    async def press(self, who: Met, token: str, *, is_admin: bool = False) -> Done:
        """Press a button as a player, who may be an admin of the chat."""
        use = PressButton(db=self.db, stamps=self.stamps, rules=self.rules, key=FORGET_KEY)
        self._messages += 1
        where: dict[str, int] = {"chat_id": who.chat_id, "message_id": self._messages}
        return await use(Press(token=token, player_id=who.player_id, is_admin=is_admin, **where))

    async def offer(self, who: Met, actions: Mapping[str, Mapping[str, object]]) -> dict[str, str]:
        """Return the tokens of a screen's buttons for a player."""
        use = OfferButtons(db=self.db, stamps=self.stamps, rules=self.rules)
        return await use(player_id=who.player_id, chat_id=who.chat_id, actions=actions)

    async def ask_reset(self, who: Met) -> Mapping[str, Any]:
        """Ask an admin which way the pot of the group is to be reset; return the facts of the question."""
        self._messages += 1
        ask = AskReset(db=self.db, stamps=self.stamps, rules=self.rules)
        where: dict[str, Any] = {"thread_id": None, "reply_to": None, "label": str(self._messages)}
        await ask(player_id=who.player_id, chat_id=who.chat_id, **where)
        return self.told("reset_ask")[-1]

    async def reset(self, who: Met, how: str) -> None:
        """Have an admin reset the pot of his group."""
        asked = await self.ask_reset(who)
        await self.press(who, asked["buttons"][how], is_admin=True)

    async def tick(self, stamps: Stamps | None = None) -> list[TimerRun]:
        """Run the timers that are due, as a process does, and return the runs."""
        runs: list[TimerRun] = []
        run = RunTimers(db=self.db, stamps=stamps or self.stamps, jobs=JOBS | jobs_of_duels(self.rules))
        await run(limit=100, note=runs.append)
        return runs

    def last_turn(self) -> TurnReserved:
        """Return the turn that was reserved last."""
        return [event for event in self.events if isinstance(event, TurnReserved)][-1]

    def happened(self, name: str) -> list[Mapping[str, object]]:
        """Return the facts of all announced events of a name."""
        return [event.facts for event in self.events if isinstance(event, Happened) and event.name == name]

    def told(self, notice: str) -> list[Mapping[str, Any]]:
        """Return the facts of all outgoing messages of a kind."""
        return [one.facts for one in self.events if isinstance(one, Outgoing) and one.notice == notice]

    async def settle(self, turn: TurnReserved | None = None, words: str = "fine") -> Mapping[str, Any]:
        """Settle a turn (the last one) and return its receipt's facts."""
        answer = Answer(text=words, is_cut=False, parts=[{"text": words}])
        await self.db.transact(settle, turn or self.last_turn(), answer, self.rules, self.stamps.take())
        receipt: Mapping[str, Any] = self.told("answer")[-1]["receipt"]
        return receipt

    async def release(self, turn: TurnReserved | None = None, reason: str = "timeout") -> None:
        """Release a turn (the last one)."""
        await self.db.transact(release, turn or self.last_turn(), reason, self.rules, self.stamps.take())

    async def answer(
        self,
        model: Model,
        turn: TurnReserved | None = None,
        *,
        is_shown: bool = False,
        stop: Stop | None = None,
    ) -> None:
        """Let a model answer a turn (the last one), unless it is stopped, and begin the player's next."""
        use = AnswerTurn(
            db=self.db,
            stamps=self.stamps,
            rules=self.rules,
            model=model,
            split=split,
            files=self.files,
            promote_next=self.promote_next,
        )
        stop = stop or asyncio.get_running_loop().create_future()
        await use(turn or self.last_turn(), stage=NoStage(is_shown=is_shown), stop=stop)

    @property
    def promote_next(self) -> PromoteNext:
        """Return the use case that begins a player's next turn."""
        return PromoteNext(db=self.db, stamps=self.stamps, rules=self.rules)

    async def pay(self, who: Met, words: str = "hello", **more: Any) -> Mapping[str, Any]:
        """Have a paid message of ``who`` answered, agreeing to its price if asked; return its receipt."""
        await self.say(who, words, **more)
        if isinstance(self.events[-1], Happened) and self.events[-1].name == "price_asked":
            await self.press(who, self.told("guard")[-1]["buttons"]["pay"])
        return await self.settle()

    async def gift(self, who: Met, credits: int) -> None:
        """Put credits of a player into the pot of the chat of ``who``."""
        cause, stamp = f"gift:{len(self.events)}", self.stamps.take()
        await self.db.transact(give, who.player_id, who.chat_id, credits, cause, self.rules, stamp)

    async def leave(self, who: Met, credits: int) -> None:
        """Have a player give away all but ``credits``."""
        balance, _ = await self.wallet(who)
        await self.gift(who, balance - credits)

    async def rows(self, statement: str, **facts: object) -> Sequence[Row[Any]]:
        """Return what a statement reads."""
        return await self.db.read(lambda tx: tx.execute(text(statement), facts).all())

    async def value(self, statement: str, **facts: object) -> Any:
        """Return the one value that a statement reads."""
        return (await self.rows(statement, **facts))[0][0]

    async def write(self, statement: str, **facts: object) -> None:
        """Run a statement of a test's own."""
        await self.db.transact(_execute, statement, facts)

    async def wallet(self, who: Met) -> tuple[int, int]:
        """Return a player's balance and what of it is held."""
        sql = "SELECT balance, held FROM account WHERE kind = 'player' AND owner_id = :id"
        return tuple((await self.rows(sql, id=who.player_id))[0])

    async def turn_lease(self) -> datetime:
        """Return until when the last turn is its worker's."""
        newest = select(turn.c.lease_until).order_by(turn.c.id.desc()).limit(1)
        return await self.db.read(lambda tx: tx.scalars(newest).one())

    async def turns(self) -> list[tuple[str, int | None]]:
        """Return state and price of all turns, the oldest first."""
        return [tuple(row) for row in await self.rows("SELECT state, price FROM turn ORDER BY id")]


async def paying(house: House, rules: GameRules = UNGUARDED) -> Met:
    """Return a player who has paid once, under rules by which nobody wins; nothing is asked as his first."""
    house.rules = replace(rules, pot=NEVER_WON)
    who = await house.player()
    await house.pay(who)
    return who


def _execute(tx: Connection, statement: str, facts: Mapping[str, object]) -> None:
    tx.execute(text(statement), facts)


def split(words: str, _language: str, cut: Cut | None) -> Sequence[Mapping[str, object]]:
    """Make one message of an answer, none of spaces."""
    return [{"text": words, "cut": cut}] if words.strip() else []


@asynccontextmanager
async def open_house(
    url: str,
    rules: GameRules = RULES,
    *,
    check: bool = True,
    on_open: Callable[[House], None] = lambda _: None,
) -> AsyncIterator[House]:
    """Open the house on a migrated database; at the end close it and audit its books."""
    clock = MovableClock()
    stamps = Stamps(clock=clock, entropy=CountedEntropy(), owner="one", lease=LEASE)
    db = open_database(url)
    await db.open()
    house = House(url=url, db=db, clock=clock, stamps=stamps, rules=rules)
    on_open(house)
    try:
        yield house
    finally:
        await db.close()
    if check:
        assert_books_are_right(url)
