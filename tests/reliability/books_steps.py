"""Single steps that are taken in the world and in the model alike; what both say of each must be the same."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, TypeVar

from hypothesis.stateful import RuleBasedStateMachine
from sqlalchemy import Connection

from db.session import DatabaseUnavailable
from services.errors import PotluckError
from services.events import TurnReserved
from tests.reliability.books_estate import GroupWorld
from tests.reliability.books_messages import Ask, Key, Press, Said
from tests.reliability.books_model import Figures, Refused
from tests.reliability.books_reading import Question, Reader
from tests.reliability.books_turns import Books
from tests.reliability.books_world import Fate

T = TypeVar("T")
AWAY = "the database is away"


@dataclass(frozen=True)
class Work:
    """A turn as a worker was given it; ``worker`` is his number in the model."""

    turn: TurnReserved
    key: Key
    worker: int


@dataclass(frozen=True)
class Asked:
    """A question in the database and in the model."""

    real: Question
    ask: Ask


class Steps(RuleBasedStateMachine):
    """A world, its model, and the steps that rules are made of."""

    figures = Figures()
    new_books: ClassVar[Callable[[], AbstractContextManager[Connection]]]
    """Gives a transaction on empty books that comes to nothing in the end."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.world = GroupWorld(self.stack.enter_context(type(self).new_books()), self.figures)
        self.books = Books(self.figures)
        self.reader = Reader(self.world)
        self.said: list[Said] = []
        self.work: list[Work] = []
        self.asked: list[Asked] = []
        self.fate = Fate.COMMITTED
        self.is_right = True
        self.last = (1, 1)
        """Who was seen last, and where."""

    @property
    def now(self) -> datetime:
        """Return the moment."""
        return self.world.clock.now()

    def do(self, real: Callable[[], object], model: Callable[[], object]) -> None:
        """Take one step in the world, then in the model."""
        backend = self.world.backend
        backend.fate, backend.was_repeated, self.fate = self.fate, False, Fate.COMMITTED
        self.is_right = False
        found = _outcome(real)
        if found != AWAY:
            expected = _outcome(model)
            assert found == expected, f"{found} instead of {expected}"
        if backend.was_repeated:
            _outcome(model)
        self._note_begun()
        self._note_asked()
        self.is_right = True

    def _note_begun(self) -> None:
        begun, self.world.begun = self.world.begun, []
        keys, self.books.begun = self.books.begun, []
        found = [(turn.telegram_chat_id, turn.message_id) for turn in begun]
        assert sorted(found) == sorted(keys), "not those turns have begun that should have"
        self.work += [
            Work(turn, key, self.books.turns[key].worker) for turn, key in zip(begun, found, strict=True)
        ]

    def _note_asked(self) -> None:
        asked, self.books.asked = self.books.asked, []
        found = self.reader.new_questions()
        assert sorted(map(_facts, found)) == sorted(map(_facts, asked)), "not that was asked which should be"
        pairs = zip(sorted(found, key=_facts), sorted(asked, key=_facts), strict=True)
        self.asked += [Asked(real, ask) for real, ask in pairs]

    def meet(self, player: int, place: int) -> int:
        """See a player in a chat (0: his private one); return it, or 0 if the two are still unknown."""
        place = place or player
        self.do(lambda: self.world.meet(player, place), lambda: self._meet(player, place))
        if (player, place) not in self.world.met:
            return 0
        self.last = (player, place)
        return place

    def _meet(self, player: int, place: int) -> bool:
        self.books.visit(place, self.now)
        return self.books.meet(player, self.now)

    def grant(self, player: int, credits: int, cause: str) -> None:
        """Give a player credits in an operator's name."""
        self.do(
            lambda: self.world.grant(player, credits, cause),
            lambda: self.books.grant(player, credits, f"grant:{cause}"),
        )

    def write(
        self,
        player: int,
        place: int,
        *,
        always_paid: bool,
        age: timedelta = timedelta(0),
        owner: str = "one",
    ) -> None:
        """Let a player write."""
        if place := self.meet(player, place):
            key = (place, len(self.said) + 1)
            said = Said(key=key, player=player, always_paid=always_paid, sent_at=self.now - age)
            self.said.append(said)
            self.accept(said, owner)

    def talk(self, whose: Sequence[tuple[int, int, bool]], *, last_fails: bool = False) -> None:
        """Let players write and agree to the price if they are asked, and answer them one by one, or not the last."""
        for number, (player, place, always_paid) in enumerate(whose, 1):
            before = len(self.asked)
            self.write(player, place, always_paid=always_paid)
            for asked in self.asked[before:]:
                if self.meet(player, asked.real.place):
                    self.use(asked, player, asked.real.place, "pay")
            end = self.release if last_fails and number == len(whose) else self.settle
            for work in self.at_work():
                end(work, "one")

    def accept(self, said: Said, owner: str) -> None:
        """Take a message in."""
        self.do(lambda: self.world.accept(said, owner), lambda: self.books.accept(said, owner, self.now))

    def use(
        self, asked: Asked, player: int, place: int, way: str, *, is_admin: bool = False, owner: str = "one"
    ) -> None:
        """Press a button as a player in a chat."""
        press = Press(way=way, player=player, place=place, is_admin=is_admin, owner=owner, at=self.now)
        ask, cause = asked.ask, f"gift:{asked.real.tokens[way]}"
        self.do(
            lambda: self.world.press(asked.real.tokens[way], press),
            lambda: self.books.press(ask, press, cause),
        )

    def ask_gift(self, player: int, place: int, credits: int) -> None:
        """Ask a player whether he wants to make a gift."""
        number = 1_000_000 + len(self.asked)
        self.do(
            lambda: self.world.ask_gift(player, place, credits, number),
            lambda: self.books.ask_gift(player, place, credits, self.now),
        )

    def ask_reset(self, player: int, place: int) -> None:
        """Ask an admin how he wants to reset the pot of a group."""
        number = 1_000_000 + len(self.asked)
        self.do(
            lambda: self.world.ask_reset(player, place, number),
            lambda: self.books.ask_reset(player, place, self.now),
        )

    def run_timers(self, *, is_killed: bool = False) -> None:
        """Let a process do what is due; it may be killed when it has begun."""
        is_killed = is_killed and self.fate is Fate.COMMITTED
        self.do(
            lambda: self.world.run_timers(is_killed=is_killed),
            lambda: self.books.run_timers(self.now, is_killed=is_killed),
        )

    def leave(self, place: int) -> None:
        """Let the bot be removed from a group."""
        self.do(lambda: self.world.leave(place), lambda: self.books.leave(place, self.now))

    def join(self, place: int) -> None:
        """Let the bot be added to a group."""
        self.do(lambda: self.world.join(place), lambda: self.books.join(place, self.now))

    def merge(self, old: int, new: int) -> None:
        """Learn that a group became a supergroup."""
        self.do(lambda: self.world.merge(old, new), lambda: self.books.merge(old, new, self.now))

    def promote(self, player: int, owner: str) -> None:
        """Begin a player's next turn."""
        self.do(
            lambda: self.world.promote(player, owner), lambda: self.books.promote(player, owner, self.now)
        )

    def settle(self, work: Work, owner: str) -> None:
        """Store the answer of a worker, who may have lost the turn."""
        self.do(
            lambda: self.world.settle(work.turn, owner),
            lambda: self.books.settle(work.key, work.worker, lambda: self.reader.roll(work.key), self.now),
        )

    def release(self, work: Work, owner: str) -> None:
        """Give the price of a worker's turn back, which he may have lost."""
        self.do(
            lambda: self.world.release(work.turn, owner), lambda: self.books.release(work.key, work.worker)
        )

    def at_work(self) -> list[Work]:
        """Return the turns that are under way, each as its present worker has it."""
        turns = self.books.turns
        return [
            one
            for one in self.work
            if (turns[one.key].state, turns[one.key].worker) == ("reserved", one.worker)
        ]


def picked(found: Sequence[T], pick: int) -> T:
    """Return one of some, the newest for 0."""
    return found[-1 - pick % len(found)]


def _outcome(step: Callable[[], object]) -> object:
    try:
        return step()
    except PotluckError as error:
        return error.code
    except Refused as refusal:
        return str(refusal)
    except DatabaseUnavailable:
        return AWAY


def _facts(question: Question | Ask) -> tuple[object, ...]:
    key = question.key or (0, 0)
    ways = sorted(question.tokens if isinstance(question, Question) else question.ways)
    return (question.player, question.place, key, question.credits, question.until, ways)
