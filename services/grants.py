"""Credits that the house gives away: welcome and daily, within their budgets. They pay off no debt."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from sqlalchemy import Connection

from db.queries import books, people
from db.session import Database, announce
from services import days, ledger
from services.debts import check_debt
from services.entry_kinds import EntryKind
from services.errors import UserError
from services.events import Happened
from services.ledger import Move, NewEntry
from services.outbox import Address, enqueue, language_for
from services.rules import GrantRules
from services.stamp import Stamp, Stamps


class DailyTaken(UserError):
    """Today's credits were taken before; ``wait`` is the time to the next UTC day."""

    code: ClassVar[str] = "daily_taken"

    def __init__(self, *, wait: timedelta) -> None:
        super().__init__()
        self.wait = wait


class TooRich(UserError):
    """The daily credits are only for players who hold less than ``below``."""

    code: ClassVar[str] = "daily_too_rich"

    def __init__(self, *, below: int, balance: int) -> None:
        super().__init__()
        self.below = below
        self.balance = balance


class BudgetSpent(UserError):
    """What can be given away today has been; grants wait for the next UTC day."""

    code: ClassVar[str] = "budget_spent"

    def __init__(self, *, wait: timedelta) -> None:
        super().__init__()
        self.wait = wait


def spend_budget(tx: Connection, kind: str, amount: int, most: int, now: datetime) -> bool:
    """Take ``amount`` credits (above 0) from what can be given away today; return False if too little is left."""
    if amount > most:
        return False
    facts = {"kind": kind, "day": now.date(), "amount": amount, "most": most}
    return tx.scalar(books.SPEND_BUDGET, facts) is not None


def give_welcome(tx: Connection, player_id: int, rules: GrantRules, stamp: Stamp) -> bool:
    """Give a player his first credits, once; return False while the day's budget is spent."""
    if rules.welcome == 0 or tx.execute(people.LOCK_PLAYER, {"player_id": player_id}).one().welcomed:
        return True
    if not spend_budget(tx, "welcome", rules.welcome, rules.welcome_budget, stamp.now):
        announce(tx, Happened("budget_spent", {"budget": "welcome"}))
        return False
    tx.execute(people.MARK_WELCOMED, {"player_id": player_id})
    _give(tx, EntryKind.WELCOME, f"welcome:{player_id}", player_id, rules.welcome, stamp.now)
    return True


def _give(
    tx: Connection, kind: EntryKind, cause: str, player_id: int, amount: int, now: datetime, **facts: object
) -> ledger.Posted:
    moves = [Move(ledger.PROMO, ledger.wallet_of(player_id), amount)]
    new = NewEntry(kind=kind, cause=cause, at=now, moves=moves, player_id=player_id, facts=facts)
    posted = ledger.post(tx, new)
    announce(tx, Happened("grant", {"kind": kind, "player": player_id, "credits": amount, **facts}))
    return posted


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyGiven:
    """The day's credits: how many, the days in a row, and the balance after."""

    credits: int
    streak: int
    balance: int
    receipt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeDaily:
    """Give a player the day's credits, once per UTC day."""

    db: Database
    stamps: Stamps
    rules: GrantRules

    async def __call__(self, *, player_id: int, chat_id: int, thread_id: int | None = None) -> DailyGiven:
        """Return what was given; the player is told in the chat, or its topic, by the outbox.

        Raises:
            DailyTaken: today's were taken before.
            TooRich: the player holds enough.
            BudgetSpent: nothing is left to give today.
            InDebt: the player owes credits.
        """
        where = (chat_id, thread_id)
        return await self.db.transact(take_daily, player_id, where, self.rules, self.stamps.take())


def take_daily(
    tx: Connection, player_id: int, where: tuple[int, int | None], rules: GrantRules, stamp: Stamp
) -> DailyGiven:
    """Give the day's credits in this transaction; see ``TakeDaily``."""
    player = tx.execute(people.LOCK_PLAYER, {"player_id": player_id}).one()
    check_debt(player)
    today = days.day_of(stamp.now, last_day=player.day)
    wait = days.next_midnight(stamp.now) - stamp.now
    if player.daily_day is not None and player.daily_day >= today:
        raise DailyTaken(wait=wait)
    wallet = tx.execute(books.FIND_ACCOUNT, {"of_kind": "player", "of_owner": player_id}).one()
    if wallet.balance >= rules.daily_below:
        raise TooRich(below=rules.daily_below, balance=wallet.balance)
    streak = days.streak_after(player.daily_day, player.daily_streak, today)
    amount = days.daily_grant(streak, base=rules.daily_base, extra=rules.daily_extra, most=rules.daily_most)
    if not spend_budget(tx, "daily", amount, rules.daily_budget, stamp.now):
        raise BudgetSpent(wait=wait)
    tx.execute(people.CLAIM_DAILY, {"of_player": player_id, "today": today, "streak": streak})
    cause = f"daily:{player_id}:{today}"
    posted = _give(tx, EntryKind.DAILY, cause, player_id, amount, stamp.now)
    given = DailyGiven(
        credits=amount,
        streak=streak,
        balance=posted.balances[ledger.wallet_of(player_id)],
        receipt=posted.entry_id,
    )
    address = Address(chat_id=where[0], thread_id=where[1], language=language_for(player))
    told = asdict(given) | {"wait_seconds": int(wait.total_seconds())}
    enqueue(tx, address, "daily", told, key=cause, stamp=stamp, is_money=True)
    return given
