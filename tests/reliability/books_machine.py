"""A machine that does to the books whatever may happen, in any order, and holds them against the model."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from tests.reliability.books_group_rules import (
    GROUPS,
    PRIVATE,
    SUPERGROUPS,
    GroupRules,
    maybe_another,
    picks,
    players,
    yes_or_no,
)
from tests.reliability.books_steps import picked
from tests.reliability.books_world import OWNERS, Fate


def _seconds(*choices: int) -> st.SearchStrategy[timedelta]:
    return st.sampled_from([timedelta(seconds=number) for number in choices])


places = st.sampled_from((PRIVATE, PRIVATE, *GROUPS, *GROUPS, SUPERGROUPS[0]))
owners = st.sampled_from(OWNERS)
messages = st.tuples(players, places, yes_or_no)


class BooksMachine(GroupRules):
    """The rules: who may do what at any moment, and what must be true after each."""

    def __init__(self) -> None:
        super().__init__()
        self.grants = 0

    @initialize(whose=st.lists(messages, min_size=4, max_size=8))
    def open(self, whose: list[tuple[int, int, bool]]) -> None:
        """Begin with one player who has something to spend, and the first messages of all."""
        self.meet(1, PRIVATE)
        self.grant(1, 400, "op:0")
        self.talk(whose)

    @rule(player=players, credits=st.sampled_from((1, 40, 150, 400)), is_new=yes_or_no)
    def operator_grants(self, player: int, credits: int, is_new: bool) -> None:
        """An operator grants credits; the same message of his may come again."""
        self.grants += is_new
        self.grant(player, credits, f"op:{self.grants}")

    @rule(player=players, place=places)
    def takes_daily(self, player: int, place: int) -> None:
        """A player takes the day's credits."""
        if place := self.meet(player, place):
            self.do(lambda: self.world.daily(player, place), lambda: self.books.daily(player, self.now))

    @rule(player=players, place=places, always_paid=yes_or_no, age=_seconds(0, 0, 300, 601), owner=owners)
    def says(self, player: int, place: int, always_paid: bool, age: timedelta, owner: str) -> None:
        """A player writes."""
        self.write(player, place, always_paid=always_paid, age=age, owner=owner)

    @rule(whose=st.lists(messages, min_size=2, max_size=6), last_fails=yes_or_no)
    def talks(self, whose: list[tuple[int, int, bool]], last_fails: bool) -> None:
        """Players write, agree to the price if they are asked, and are answered one by one, or not the last."""
        self.talk(whose, last_fails=last_fails)

    @precondition(lambda self: self.said)
    @rule(pick=picks, player=players, place=places, is_flood=yes_or_no, owner=owners)
    def says_too_much(self, pick: int, player: int, place: int, is_flood: bool, owner: str) -> None:
        """Telegram sends a message again, under a new update id; or a player writes more than anybody reads."""
        self.accept(picked(self.said, pick), owner)
        for _ in range(self.figures.per_minute + 2 if is_flood else 0):
            self.write(player, place, always_paid=True, owner=owner)

    @precondition(lambda self: self.asked)
    @rule(pick=picks, player=maybe_another, place=maybe_another, way=picks, is_admin=yes_or_no, owner=owners)
    def presses(
        self, pick: int, player: int | None, place: int | None, way: int, is_admin: bool, owner: str
    ) -> None:
        """Somebody presses a button, which may be another's, of another chat, old, or pressed before."""
        asked = picked(self.asked, pick)
        player = player or asked.real.player
        if place := self.meet(player, asked.real.place if place is None else -place):
            ways = sorted(asked.real.tokens)
            self.use(asked, player, place, picked(ways, way), is_admin=is_admin, owner=owner)

    @rule(player=players, place=places, credits=st.sampled_from((1, 30, 150)), at_once=yes_or_no)
    def contributes(self, player: int, place: int, credits: int, at_once: bool) -> None:
        """A player is asked about a gift, and perhaps makes it at once."""
        if place := self.meet(player, place):
            before = len(self.asked)
            self.ask_gift(player, place, credits)
            for asked in self.asked[before:] if at_once else ():
                self.use(asked, player, place, "gift")

    @precondition(lambda self: self.work)
    @rule(pick=picks, is_late=st.sampled_from((False, False, True)), is_answer=yes_or_no, owner=owners)
    def is_answered(self, pick: int, is_late: bool, is_answer: bool, owner: str) -> None:
        """The model has answered or failed, perhaps too late: the turn has ended, or is another worker's."""
        under_way = [] if is_late else self.at_work()
        (self.settle if is_answer else self.release)(picked(under_way or self.work, pick), owner)

    @precondition(lambda self: self.at_work())
    @rule(pick=picks, is_answer=yes_or_no, is_killed=yes_or_no)
    def is_taken_over(self, pick: int, is_answer: bool, is_killed: bool) -> None:
        """A worker hangs until another one has his turn, or is killed and comes back; then the other one ends it."""
        lost = picked(self.at_work(), pick)
        self.world.clock.move(self.figures.deadline + self.figures.beyond + timedelta(seconds=1))
        self.upkeep("restarts" if is_killed else "takes over", "two")
        (self.settle if is_answer else self.release)(lost, "one")
        self.is_answered(0, is_late=False, is_answer=not is_answer, owner="two")

    @rule(player=players, owner=owners)
    def goes_on(self, player: int, owner: str) -> None:
        """A worker begins a player's next turn."""
        if player in self.world.players:
            self.promote(player, owner)

    @rule(what=st.sampled_from(("takes over", "restarts", "stops", "sweeps")), owner=owners)
    def upkeep(self, what: str, owner: str) -> None:
        """A worker takes over what nobody works on, or all that others had; stops; picks up what lies about."""
        if what == "stops":
            self.do(lambda: self.world.give_up(owner), lambda: self.books.give_up(owner, self.now))
        elif what == "sweeps":
            self.do(lambda: self.world.sweep(owner), lambda: self.books.sweep(owner, self.now))
        else:
            alone = what == "restarts"
            self.do(
                lambda: self.world.claim(owner, alone=alone),
                lambda: self.books.claim(owner, alone=alone, now=self.now),
            )

    @rule(step=_seconds(1, 20, 61, 91, 540, 660, 47_000, 86_400, 259_200, -1, -120, -3_600, -86_400))
    def clock_moves(self, step: timedelta) -> None:
        """Time passes, or the clock is set back; no player's day goes back with it."""
        self.world.clock.move(step)

    @rule(whose=st.lists(messages, min_size=1, max_size=3), step=_seconds(46_800, 86_400))
    def midnight_comes_twice(self, whose: list[tuple[int, int, bool]], step: timedelta) -> None:
        """Players write on the next day, then the clock is set back to this one, and they write again."""
        for move in (step, -step):
            self.world.clock.move(move)
            self.talk(whose)

    @rule(fate=st.sampled_from((Fate.UNDONE, Fate.REPEATED)))
    def database_fails(self, fate: Fate) -> None:
        """The next transaction is rolled back at its end, or runs again after its commit."""
        self.fate = fate

    @invariant()
    def books_are_those_of_the_model(self) -> None:
        """Money, counters and messages stand there as the rules say, and what is kept twice is the same."""
        if not self.is_right:
            return
        self.is_right = False
        stand = self.reader.stand()
        assert stand.money == self.books.money()
        assert stand.counters == self.books.counters()
        assert stand.messages == self.books.messages()
        self.is_right = True

    @invariant()
    def player_is_shown_what_is_true(self) -> None:
        """The next price, what is left for free, balance and pot are shown as the rules say."""
        player, place = self.last
        if not self.is_right or self.last not in self.world.met:
            return
        self.is_right = False
        shown, one = self.reader.overview(player, place), self.books.players[player]
        pot = self.books.pot_of(place)
        assert shown.next_price == self.books.next_price(player, place, self.now)
        assert shown.free_left == self.books.free_left(player, self.now)
        assert (shown.balance, shown.held, shown.wins) == (one.balance, one.held, one.wins)
        assert (shown.pot is not None) == self.books.is_pot_on(place)
        if shown.pot is not None:
            assert (shown.pot.balance, shown.pot.prize) == (pot.balance, pot.prize(self.figures))
            assert (shown.pot.round_no, shown.pot.tickets) == (pot.k, len(pot.tickets))
            assert shown.pot.own_tickets == pot.tickets.count(player)
        self.is_right = True

    def teardown(self) -> None:
        """Audit the books at the end, unless something is wrong already."""
        with self.stack:
            if self.is_right:
                assert self.reader.audit() == []
