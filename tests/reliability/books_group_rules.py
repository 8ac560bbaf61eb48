"""The rules of groups: their pots reset, paid back, switched off; the bot removed and back; one group of two ids."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.reliability.books_groups import CARRY, REFUND
from tests.reliability.books_steps import Steps

PRIVATE = 0
GROUPS = (-1, -2)
SUPERGROUPS = (-(10**12) - 1, -(10**12) - 2)
"""What the groups become. In the first people write before anybody tells the bot that it is the same group."""
A_WEEK = timedelta(days=7)
SOON = timedelta(seconds=1)
NEXT_MOMENT = timedelta(seconds=1, microseconds=1)
"""So that no two absences begin at the same moment, wherever the clock is set back to."""

players = st.sampled_from((1, 1, 2, 3))
groups = st.sampled_from((*GROUPS, SUPERGROUPS[0]))
picks = st.sampled_from(range(12))
maybe_another = st.sampled_from((None, None, None, 1, 2))
yes_or_no = st.booleans()


class GroupRules(Steps):
    """What may become of a group at any moment."""

    @rule(player=players, place=groups, is_admin=st.sampled_from((True, True, True, False)), again=yes_or_no)
    def pot_is_carried_over(self, player: int, place: int, is_admin: bool, again: bool) -> None:
        """Somebody wants to reset a pot and presses, perhaps twice."""
        self._reset(player, place, CARRY, is_admin=is_admin, again=again)

    @rule(
        player=players,
        place=groups,
        whose=st.lists(players, max_size=2),
        is_carried=yes_or_no,
        idle=st.sampled_from((A_WEEK, A_WEEK + SOON)),
        again=yes_or_no,
    )
    def pot_is_paid_back(
        self, player: int, place: int, whose: list[int], is_carried: bool, idle: timedelta, again: bool
    ) -> None:
        """Players pay, after a reset or not, then nobody for a week, and an admin has the round paid back."""
        if is_carried:
            self._reset(player, place, CARRY, is_admin=True, again=False)
        self.talk([(one, place, True) for one in whose])
        self.world.clock.move(idle)
        self._reset(player, place, REFUND, is_admin=True, again=again)

    def _reset(self, player: int, place: int, way: str, *, is_admin: bool, again: bool) -> None:
        if not self.meet(player, place):
            return
        before = len(self.asked)
        self.ask_reset(player, place)
        for asked in self.asked[before:]:
            for _ in range(1 + again):
                if way in asked.real.tokens:
                    self.use(asked, player, place, way, is_admin=is_admin)

    @rule(after=st.sampled_from((None, None, A_WEEK)), is_killed=yes_or_no)
    def timers_run(self, after: timedelta | None, is_killed: bool) -> None:
        """A process does what is due, perhaps a week later, or is killed when it has begun."""
        self.world.clock.move(after or timedelta())
        self.run_timers(is_killed=is_killed)

    @rule(player=players, place=groups, pot_on=st.sampled_from((False, False, True)))
    def pot_is_switched(self, player: int, place: int, pot_on: bool) -> None:
        """The admins of a group switch its pot off, or on again."""
        if self.meet(player, place):
            self.do(
                lambda: self.world.switch(player, place, pot_on=pot_on),
                lambda: self.books.switch(place, pot_on=pot_on),
            )

    @rule(
        place=groups, after=st.sampled_from((None, A_WEEK - SOON, A_WEEK)), is_late=yes_or_no, again=yes_or_no
    )
    def bot_is_removed(self, place: int, after: timedelta | None, is_late: bool, again: bool) -> None:
        """The bot is removed from a group, and may be back; the timers may be late."""
        self.world.clock.move(NEXT_MOMENT)
        for _ in range(1 + again):
            self.leave(place)
        if after is not None:
            self.world.clock.move(after)
            if not is_late:
                self.run_timers()
            self.bot_is_back(place, again)

    @rule(place=groups, again=yes_or_no)
    def bot_is_back(self, place: int, again: bool) -> None:
        """The bot is added to a group."""
        for _ in range(1 + again):
            self.join(place)

    @rule(
        number=st.sampled_from((0, 0, 1)),
        whose=st.lists(st.tuples(players, st.sampled_from(("old", "new"))), max_size=3),
        left=st.sampled_from(("", "", "old", "new")),
        again=yes_or_no,
    )
    def group_becomes_supergroup(
        self, number: int, whose: list[tuple[int, str]], left: str, again: bool
    ) -> None:
        """A group gets a new Telegram id, of which the bot is told once or twice, perhaps late."""
        places = {"old": GROUPS[number], "new": SUPERGROUPS[number]}
        self.talk([(player, places[where], True) for player, where in whose])
        if left:
            self.bot_is_removed(places[left], after=None, is_late=False, again=False)
        for _ in range(1 + again):
            self.merge(places["old"], places["new"])
