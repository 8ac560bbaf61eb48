"""The model of groups: their pots reset, paid back, asleep, switched off, joined when one becomes a supergroup."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from tests.reliability.books_model import Figures, Pot, Purse, Refused

CARRY, REFUND, KEEP = "reset_carry", "reset_refund", "reset_keep"


@dataclass(kw_only=True)
class Group:
    """What is known of a group beside its pot."""

    pot_on: bool = True
    removed_at: datetime | None = None
    reset_day: date | None = None


@dataclass(kw_only=True, eq=False)
class Timer:
    """What is to be done at a time; ``run`` returns whether there is more to do."""

    due_at: datetime
    run: Callable[[datetime], bool]
    group: Group | None = None
    """Whose sleep it ends."""
    is_done: bool = False


class Groups(Purse):
    """Players, grants, gifts and pots, and what may become of a group."""

    def __init__(self, figures: Figures) -> None:
        super().__init__(figures)
        self.groups: dict[int, Group] = {}
        self.homes: dict[int, int] = {}
        """By the former Telegram id of a group: the one that it has now."""
        self.timers: list[Timer] = []

    def home(self, place: int) -> int:
        """Return the Telegram id that a chat has now."""
        return self.homes.get(place, place)

    def pot_of(self, place: int) -> Pot:
        """Return the pot that messages in a chat feed."""
        return super().pot_of(self.home(place))

    def visit(self, place: int, now: datetime) -> None:
        """See a chat; a new group gets its pot."""
        if place < 0 and place not in self.groups and place not in self.homes:
            self.groups[place], self.pots[place] = Group(), Pot(opened_at=now)

    def is_pot_on(self, place: int) -> bool:
        """Return whether messages in a chat feed a pot."""
        return place >= 0 or self.groups[self.home(place)].pot_on

    def switch(self, place: int, *, pot_on: bool) -> None:
        """Switch the pot of a group off or on."""
        self.groups[self.home(place)].pot_on = pot_on

    def ways_to_reset(self, place: int, now: datetime) -> tuple[str, ...]:
        """Return in which ways an admin may reset a group's pot now."""
        self._check_reset(place, now)
        return (CARRY, REFUND) if self._may_refund(self.pot_of(place), now) else (CARRY,)

    def _check_reset(self, place: int, now: datetime) -> None:
        last = self.groups[self.home(place)].reset_day
        if last is not None and last >= now.date():
            raise Refused("reset_today")

    def _may_refund(self, pot: Pot, now: datetime) -> bool:
        paid = [pot.paid_at[number] for number in pot.fed]
        return bool(paid) and max(paid) <= now - self.figures.refund_after

    def reset(self, place: int, how: str, k: int, now: datetime) -> None:
        """Close the round that was asked about, at most once a day."""
        self._check_reset(place, now)
        pot = self.pot_of(place)
        if k != pot.k:
            raise Refused("round_over")
        if how == REFUND and not self._may_refund(pot, now):
            raise Refused("paid_lately")
        self.groups[self.home(place)].reset_day = now.date()
        if how == REFUND:
            self._refund(pot, now)
        else:
            pot.close("carried", None, now)

    def _refund(self, pot: Pot, now: datetime) -> None:
        """Take out what was put in, to be paid back; what was carried in stays."""
        k, owed = pot.k, dict(pot.fed)
        self.book(f"refund:{id(pot)}:{k}")
        pot.balance -= sum(owed.values())
        pot.close("refunded", None, now)
        pot.dues[k] = {number: (amount, False) for number, amount in owed.items()}
        self.timers.append(Timer(due_at=now, run=lambda _: self._pay_batch(pot, k)))

    def _pay_batch(self, pot: Pot, k: int) -> bool:
        dues = pot.dues[k]
        batch = [number for number in self.players if number in dues and not dues[number][1]]
        for number in batch[: self.figures.batch]:
            amount, _ = dues[number]
            self.book(f"refund:{id(pot)}:{k}:{number}")
            self.players[number].balance += amount
            dues[number] = amount, True
        return len(batch) >= self.figures.batch

    def leave(self, place: int, now: datetime) -> None:
        """Let a group's round sleep, since the bot was removed."""
        group = self.groups.get(place)
        if group is None or group.removed_at is not None:
            return
        group.removed_at = now
        sleep = Timer(due_at=now + self.figures.sleep, run=lambda at: self._end_sleep(place, at), group=group)
        self.timers.append(sleep)

    def _end_sleep(self, place: int, now: datetime) -> bool:
        pot = self.pot_of(place)
        if pot.fed:
            self._refund(pot, now)
        return False

    def join(self, place: int, now: datetime) -> None:
        """Be added to a group, or be back in it."""
        self.visit(place, now)
        self.wake(self.home(place), now)

    def wake(self, place: int, now: datetime) -> None:
        """Let a group's round go on, if the bot is back in time; else pay it back, if that isn't done."""
        group = self.groups[place]
        for timer in self.timers:
            if timer.group is group and not timer.is_done:
                timer.is_done = True
                if now >= timer.due_at:
                    timer.run(now)
        group.removed_at = None

    def run_timers(self, now: datetime, *, is_killed: bool) -> None:
        """Do what is due, all of it or only the first thing."""
        while due := [timer for timer in self.timers if not timer.is_done and timer.due_at <= now]:
            timer = min(due, key=lambda one: one.due_at)
            timer.is_done = not timer.run(now)
            if is_killed:
                return

    def merge(self, old: int, new: int, now: datetime) -> None:
        """Make one group of a group and the supergroup that it became; the older live round goes on."""
        if old in self.homes:
            return
        first, second = self.pots.pop(old, None), self.pots.pop(new, None)
        if second is not None and second.is_live:
            is_first = first is not None and first.is_live and first.opened_at <= second.opened_at
            stays, goes = (first, second) if is_first else (second, first)
        else:
            stays, goes = first, second
        if stays is not None and goes is not None and goes.is_live:
            self.book(f"merge:{old}")
            stays.balance, stays.carried_in = stays.balance + goes.balance, stays.carried_in + goes.balance
            goes.balance = 0
            goes.close("carried", None, now)
        self.pots |= {new: stays or Pot(opened_at=now)} | ({old: goes} if goes is not None else {})
        self._join(old, new)

    def _join(self, old: int, new: int) -> None:
        """Keep what was chosen in either group; an absence from the new one goes on, and ends this round too."""
        gone, group = self.groups.pop(old, Group()), self.groups.setdefault(new, Group())
        group.pot_on = group.pot_on and gone.pot_on
        group.reset_day = max(filter(None, (group.reset_day, gone.reset_day)), default=None)
        self.homes[old] = new
        for timer in self.timers:
            if timer.group is gone:
                timer.is_done = True
            elif timer.group is group and group.removed_at == timer.due_at - self.figures.sleep:
                timer.is_done = False
