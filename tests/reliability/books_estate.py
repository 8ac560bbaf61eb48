"""What a world knows of groups: the real use cases of their settings, absences, migrations and timers."""

from contextlib import suppress

from db.models.people import ChatKind
from services.group_settings import ChangeGroup
from services.membership import Joined, JoinGroup, LeaveGroup
from services.migration import MergeChats
from services.people import Place
from services.timers import RunTimers, TimerRun
from tests.house import JOBS
from tests.reliability.books_world import MANY, World, now_of


class Killed(Exception):
    """The process that ran timers is no more."""


class GroupWorld(World):
    """The house and its groups."""

    def switch(self, player: int, place: int, *, pot_on: bool) -> None:
        """Switch the pot of a group off or on."""
        met = self.met[player, place]
        use = ChangeGroup(db=self.db, stamps=self.stamps["one"])
        now_of(use(chat_id=met.chat_id, player_id=met.player_id, name="pot_on", value=pot_on))

    def leave(self, place: int) -> None:
        """Be removed from a group."""
        now_of(LeaveGroup(**self.use("one"))(telegram_id=place))

    def join(self, place: int) -> None:
        """Be added to a group."""
        joined = Joined(
            place=Place(telegram_id=place, kind=ChatKind.GROUP, title="T"),
            language="en",
            bot_name="potluck_bot",
            is_admin=False,
            sees_all=False,
            cause=f"{place}:{self.clock.now()}",
        )
        now_of(JoinGroup(**self.use("one"))(joined))

    def merge(self, old: int, new: int) -> None:
        """Learn that a group became a supergroup."""
        now_of(MergeChats(db=self.db, stamps=self.stamps["one"])(old=old, new=new, title="T"))

    def run_timers(self, *, is_killed: bool) -> None:
        """Do what is due, or begin with it and be killed."""
        use = RunTimers(db=self.db, stamps=self.stamps["one"], jobs=JOBS)
        with suppress(Killed):
            now_of(use(limit=MANY, note=_die if is_killed else _go_on))


def _die(_: TimerRun) -> None:
    raise Killed


def _go_on(_: TimerRun) -> None:
    """Take note of nothing."""
