"""The real use cases on a real database, one after the other without an event loop, and what then stands in it."""

from collections.abc import Coroutine
from contextlib import suppress
from datetime import timedelta
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import Connection

from db.models.people import ChatKind
from db.session import Database, DatabaseUnavailable, Job
from services import presses
from services.errors import PotluckError
from services.events import TurnReserved
from services.gifts import AskGift
from services.grants import TakeDaily
from services.leases import claim_turns, give_up
from services.operator_grants import GrantCredits
from services.people import Meet, Met, Place, Sender
from services.pot import open_global_pot
from services.presses import PressButton
from services.pricing import PriceRule
from services.reserve import PromoteNext
from services.reset import AskReset
from services.rules import GameRules, GrantRules, PotRules, TalkRules
from services.settle import Answer, release, settle
from services.stamp import Stamps
from services.sweep import Sweep
from services.turns import AcceptMessage, Message
from tests.app import CountedEntropy, MovableClock
from tests.house import FORGET_KEY
from tests.reliability.books_messages import Press, Said
from tests.reliability.books_model import Figures

T = TypeVar("T")
LEASE = timedelta(seconds=90)
OWNERS = ("one", "two")
MANY = 1_000


class Fate(StrEnum):
    """How the next transaction ends."""

    COMMITTED = "it is committed"
    UNDONE = "it is rolled back at its end, and the database is away"
    REPEATED = "it runs again after its commit, whose answer was lost"


class Direct:
    """A backend without threads and waiting: each transaction is a savepoint of one that is never committed."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.fate = Fate.COMMITTED
        self.was_repeated = False

    async def open(self) -> None:
        """Do nothing: the connection is open."""

    async def close(self) -> None:
        """Do nothing: whoever opened the connection closes it."""

    async def transact(self, job: Job[T]) -> T:
        """Run ``job`` in a transaction that ends as it is fated."""
        fate, self.fate = self.fate, Fate.COMMITTED
        with self._connection.begin_nested():
            result = job(self._connection)
            if fate is Fate.UNDONE:
                raise DatabaseUnavailable("fated")
        if fate is Fate.REPEATED:
            self.was_repeated = True
            with suppress(PotluckError), self._connection.begin_nested():
                job(self._connection)
        return result

    async def read(self, job: Job[T]) -> T:
        """Run ``job``, which only reads."""
        return job(self._connection)


def now_of(coroutine: Coroutine[Any, Any, T]) -> T:
    """Return what a coroutine that never waits comes to."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    raise AssertionError("it waits for something")


def rules_of(figures: Figures) -> GameRules:
    """Return the rules of the product with the model's figures."""
    grants = (
        "welcome",
        "welcome_budget",
        "daily_base",
        "daily_extra",
        "daily_most",
        "daily_below",
        "daily_budget",
    )
    talk = ("free_per_day", "per_minute", "queue_length", "guard", "confirm", "old_message")
    return GameRules(
        price=PriceRule(base=figures.base, step=figures.step, cap=figures.cap),
        grants=GrantRules(**{name: getattr(figures, name) for name in grants}),
        pot=PotRules(ppm_per_credit=figures.ppm_per_credit, prize_cap=figures.prize_cap),
        talk=TalkRules(
            **{name: getattr(figures, name) for name in talk},
            answer_deadline=figures.deadline,
            group_per_minute=MANY,
        ),
    )


class World:
    """The house with two workers; players and chats are known by their Telegram ids."""

    def __init__(self, connection: Connection, figures: Figures) -> None:
        self.backend = Direct(connection)
        self.db = Database(self.backend)
        self.db.on_commit(self._hear)
        self.clock = MovableClock()
        self.rules = rules_of(figures)
        entropy = CountedEntropy()
        self.stamps = {
            owner: Stamps(clock=self.clock, entropy=entropy, owner=owner, lease=LEASE) for owner in OWNERS
        }
        self.met: dict[tuple[int, int], Met] = {}
        self.players: dict[int, int] = {}
        self.begun: list[TurnReserved] = []
        now_of(self.db.transact(open_global_pot, self.stamps["one"].take()))

    def _hear(self, happened: object) -> None:
        if isinstance(happened, TurnReserved):
            self.begun.append(happened)

    def use(self, owner: str) -> dict[str, Any]:
        return {"db": self.db, "stamps": self.stamps[owner], "rules": self.rules}

    def meet(self, player: int, place: int) -> bool:
        """See a player in a chat."""
        kind = ChatKind.GROUP if place < 0 else ChatKind.PRIVATE
        met = now_of(
            Meet(**self.use("one"), key=FORGET_KEY)(
                sender=Sender(telegram_id=player, name=f"P{player}", username=None, language="en"),
                place=Place(telegram_id=place, kind=kind, title="T"),
            )
        )
        self.met[player, place], self.players[player] = met, met.player_id
        return met.is_new

    def grant(self, player: int, credits: int, cause: str) -> int:
        """Give credits in an operator's name."""
        use = GrantCredits(db=self.db, stamps=self.stamps["one"])
        granted = use(telegram_id=player, credits=credits, reason="thanks", operator_id=9, cause=cause)
        return now_of(granted).balance

    def daily(self, player: int, place: int) -> tuple[int, int, int]:
        """Take the day's credits."""
        use = TakeDaily(db=self.db, stamps=self.stamps["one"], rules=self.rules.grants)
        met = self.met[player, place]
        given = now_of(use(player_id=met.player_id, chat_id=met.chat_id))
        return given.credits, given.streak, given.balance

    def accept(self, said: Said, owner: str) -> str:
        """Take a message in."""
        met = self.met[said.player, said.key[0]]
        message = Message(
            player_id=met.player_id,
            chat_id=met.chat_id,
            telegram_chat_id=said.key[0],
            message_id=said.key[1],
            thread_id=None,
            media_group_id=None,
            sent_at=said.sent_at,
            text="hello",
            always_paid=said.always_paid or said.key[0] < 0,
        )
        return now_of(AcceptMessage(**self.use(owner))(message)).value

    def ask_gift(self, player: int, place: int, credits: int, number: int) -> None:
        """Ask about a gift."""
        met = self.met[player, place]
        ask = AskGift(**self.use("one"))
        where: dict[str, Any] = {"chat_id": met.chat_id, "thread_id": None, "message_id": number}
        now_of(ask(player_id=met.player_id, credits=credits, **where))

    def ask_reset(self, player: int, place: int, number: int) -> None:
        """Ask how a pot is to be reset."""
        met = self.met[player, place]
        where: dict[str, Any] = {"thread_id": None, "reply_to": None, "label": str(number)}
        now_of(AskReset(**self.use("one"))(player_id=met.player_id, chat_id=met.chat_id, **where))

    def press(self, token: str, press: Press) -> str:
        """Press a button."""
        met = self.met[press.player, press.place]
        who: dict[str, Any] = {"player_id": met.player_id, "chat_id": met.chat_id, "is_admin": press.is_admin}
        use = PressButton(**self.use(press.owner), key=FORGET_KEY)
        return now_of(use(presses.Press(token=token, **who))).action

    def promote(self, player: int, owner: str) -> None:
        """Begin a player's next turn."""
        now_of(PromoteNext(**self.use(owner))(player_id=self.players[player]))

    def settle(self, turn: TurnReserved, owner: str) -> bool:
        """Store an answer."""
        answer = Answer(text="fine", is_cut=False, parts=[{"text": "fine"}])
        return now_of(self.db.transact(settle, turn, answer, self.rules, self.stamps[owner].take()))

    def release(self, turn: TurnReserved, owner: str) -> bool:
        """Give a turn's price back."""
        return now_of(self.db.transact(release, turn, "timeout", self.rules, self.stamps[owner].take()))

    def sweep(self, owner: str) -> None:
        """Pick up what was left lying."""
        now_of(Sweep(**self.use(owner))(limit=MANY))

    def claim(self, owner: str, *, alone: bool) -> None:
        """Take over turns whose worker is gone."""
        deadline = self.rules.talk.answer_deadline
        how: dict[str, Any] = {"alone": alone, "deadline": deadline, "stamp": self.stamps[owner].take()}
        self.begun += now_of(self.db.transact(claim_turns, MANY, **how))

    def give_up(self, owner: str) -> None:
        """Let go of all that a worker has in hand."""
        now_of(self.db.transact(give_up, self.stamps[owner].take()))
