"""The books as the rules of the game tell them: plain Python without a database, and nothing of the product in it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

ONE_DAY = timedelta(days=1)
MILLION = 1_000_000
EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Figures:
    """The figures of a small game in which money is short, prices soon reach the cap and many tickets win."""

    welcome: int = 300
    welcome_budget: int = 700
    daily_base: int = 50
    daily_extra: int = 10
    daily_most: int = 60
    daily_below: int = 290
    daily_budget: int = 160
    free_per_day: int = 2
    per_minute: int = 8
    queue_length: int = 2
    guard: int = 25
    base: int = 5
    step: int = 5
    cap: int = 40
    ppm_per_credit: int = 20_000
    prize_cap: int = 60
    confirm: timedelta = timedelta(minutes=10)
    old_message: timedelta = timedelta(minutes=10)
    deadline: timedelta = timedelta(seconds=60)
    beyond: timedelta = timedelta(seconds=30)
    """What a worker is given beyond the deadline of an answer."""
    stalled_after: timedelta = timedelta(seconds=3)
    refund_after: timedelta = timedelta(days=7)
    sleep: timedelta = timedelta(days=7)
    batch: int = 2
    """How many are paid back at once."""


class Refused(Exception):
    """The rules forbid it; nothing has changed."""


@dataclass(kw_only=True)
class Player:
    """What the books know of a player; the window of his price is the day."""

    day: date
    balance: int = 0
    held: int = 0
    is_welcomed: bool = False
    paid_today: int = 0
    paid_total: int = 0
    spent_today: int = 0
    wins: int = 0
    daily_day: date | None = None
    streak: int = 0
    minute_from: datetime | None = None
    minute_count: int = 0

    def paid_on(self, day: date) -> int:
        """Return how many paid messages count for the price on a day."""
        return self.paid_today if day == self.day else 0

    def begin_day(self, now: datetime) -> None:
        """Go on to the day of ``now``, never back."""
        if now.date() > self.day:
            self.day, self.paid_today, self.spent_today = now.date(), 0, 0


@dataclass(kw_only=True)
class Pot:
    """A pot and its open round."""

    opened_at: datetime
    balance: int = 0
    carried_in: int = 0
    fed: Counter[int] = field(default_factory=Counter)
    tickets: list[int] = field(default_factory=list)
    """Whose ticket each is: the first is number 1."""
    closed: list[tuple[int, str, int | None]] = field(default_factory=list)
    """The rounds before: how many tickets, what became of each, its prize."""
    dues: dict[int, dict[int, tuple[int, bool]]] = field(default_factory=dict)
    """By refunded round and player: what he had put in, and whether he was paid."""
    paid_at: dict[int, datetime] = field(default_factory=dict)
    """When a player has put something in, at the latest."""

    @property
    def k(self) -> int:
        """Return the number of the open round."""
        return len(self.closed) + 1

    @property
    def is_live(self) -> bool:
        """Return whether there is anything in the open round."""
        return self.balance > 0 or bool(self.tickets)

    def prize(self, figures: Figures) -> int:
        """Return what a win would pay now: 90 %, at least one credit of any, at most the cap."""
        return min(max(self.balance * 9 // 10, min(self.balance, 1)), figures.prize_cap)

    def feed(self, player: int, credits: int, now: datetime) -> None:
        """Take credits in."""
        self.balance += credits
        self.fed[player] += credits
        self.paid_at[player] = max(now, self.paid_at.get(player, now))

    def close(self, outcome: str, prize: int | None, now: datetime) -> None:
        """Close the round and begin the next with what is left."""
        self.closed.append((len(self.tickets), outcome, prize))
        self.balance -= prize or 0
        self.carried_in, self.opened_at = self.balance, now
        self.fed, self.tickets = Counter(), []


class Purse:
    """Players, grants, gifts and pots; what may become of groups, and messages, are modelled beside this."""

    def __init__(self, figures: Figures) -> None:
        self.figures = figures
        self.players: dict[int, Player] = {}
        self.pots: dict[int, Pot] = {0: Pot(opened_at=EVER)}
        """By the Telegram id of the group; 0 is the pot of all private chats."""
        self.house = 0
        self.promo = 0
        self.budgets: Counter[tuple[str, date]] = Counter()
        self.causes: set[str] = set()
        """One for each entry: nothing is booked twice."""

    def meet(self, number: int, now: datetime) -> bool:
        """See a player; return whether he is new."""
        is_new = number not in self.players
        player = self.players.setdefault(number, Player(day=now.date()))
        if not player.is_welcomed and self._spend(
            "welcome", self.figures.welcome, self.figures.welcome_budget, now
        ):
            player.is_welcomed = True
            self._give(player, self.figures.welcome, f"welcome:{number}")
        return is_new

    def grant(self, number: int, credits: int, cause: str) -> int:
        """Give a player credits in an operator's name and return his balance."""
        player = self.players.get(number)
        if player is None:
            raise Refused("no_such_player")
        self._give(player, credits, cause)
        return player.balance

    def daily(self, number: int, now: datetime) -> tuple[int, int, int]:
        """Give a player the day's credits; return them, the days in a row and his balance."""
        figures, player = self.figures, self.players[number]
        today = max(now.date(), player.day)
        if player.daily_day is not None and player.daily_day >= today:
            raise Refused("daily_taken")
        if player.balance >= figures.daily_below:
            raise Refused("daily_too_rich")
        streak = player.streak + 1 if player.daily_day == today - ONE_DAY else 1
        given = min(figures.daily_base + figures.daily_extra * (streak - 1), figures.daily_most)
        if not self._spend("daily", given, figures.daily_budget, now):
            raise Refused("budget_spent")
        player.daily_day, player.streak = today, streak
        self._give(player, given, f"daily:{number}:{today}")
        return given, streak, player.balance

    def _spend(self, kind: str, credits: int, most: int, now: datetime) -> bool:
        if self.budgets[kind, now.date()] + credits > most:
            return False
        self.budgets[kind, now.date()] += credits
        return True

    def _give(self, player: Player, credits: int, cause: str) -> None:
        self.book(cause)
        player.balance += credits
        self.promo -= credits

    def book(self, cause: str) -> None:
        """Remember an entry's cause."""
        if cause in self.causes:
            raise Refused("already_posted")
        self.causes.add(cause)

    def need(self, number: int, credits: int) -> Player:
        """Return a player who has so much that isn't held."""
        player = self.players[number]
        if player.balance - player.held < credits:
            raise Refused("insufficient_funds")
        return player

    def gift(self, number: int, place: int, credits: int, cause: str, now: datetime) -> None:
        """Put a player's credits into the pot of a chat."""
        player = self.need(number, credits)
        self.book(cause)
        player.begin_day(now)
        player.balance -= credits
        player.spent_today += credits
        self.pot_of(place).feed(number, credits, now)

    def pot_of(self, place: int) -> Pot:
        """Return the pot that messages in a chat feed."""
        return self.pots[min(place, 0)]

    def money(self) -> Mapping[str, object]:
        """Return all that must stand in the books about money."""
        return {
            "wallets": {number: (one.balance, one.held) for number, one in self.players.items()},
            "pots": {
                place: (one.balance, one.carried_in, one.tickets, dict(+one.fed))
                for place, one in self.pots.items()
            },
            "closed rounds": {place: one.closed for place, one in self.pots.items()},
            "dues": {(place, k): dues for place, one in self.pots.items() for k, dues in one.dues.items()},
            "owed": sum(
                amount
                for one in self.pots.values()
                for dues in one.dues.values()
                for amount, is_paid in dues.values()
                if not is_paid
            ),
            "house": self.house,
            "promo": self.promo,
            "budgets": dict(self.budgets),
            "entries": len(self.causes),
        }

    def counters(self) -> Mapping[int, tuple[object, ...]]:
        """Return what is counted for each player."""
        return {
            number: (one.day, one.paid_today, one.paid_total, one.spent_today, one.wins, one.streak)
            for number, one in self.players.items()
        }
