"""What a chat looks like to one player: price, chance, pot, round. Read only, for screens and character."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection

from db.models.books import AccountKind
from db.models.people import ChatKind
from db.queries import books, pots, turns
from db.session import Database
from services.counters import counters_of
from services.money import Credits, prize_of
from services.people import chat_row, player_row
from services.ports import Clock
from services.pot import chance_of, key_of_chat
from services.premium import rules_for
from services.reserve import free_used, next_price
from services.rules import GameRules, PotRules


@dataclass(frozen=True, slots=True, kw_only=True)
class Win:
    """One won pot, as told to everybody: no name, no id."""

    round_no: int
    ticket_no: int
    prize: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PotView:
    """The pot that messages of a chat feed; ``None`` stands in its place where pots are switched off."""

    key: str
    balance: int
    prize: int
    round_no: int
    tickets: int
    own_tickets: int
    pseudonym: str | None
    commitment: bytes
    anchor: bytes
    last_wins: tuple[Win, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Everything a player may know of the game at one moment in one chat.

    Prices and balances are whole credits; ``chance_ppm`` is in millionths and belongs to ``next_price``.
    """

    next_price: int
    chance_ppm: int
    base: int
    step: int
    cap: int
    window: str
    balance: int
    held: int
    free_left: int
    free_per_day: int
    paid_today: int
    paid_total: int
    wins: int
    in_group: bool
    stars_enabled: bool
    duels_enabled: bool
    pot: PotView | None


class ReadOverview(Protocol):
    """Reads the overview of one player in one chat."""

    async def __call__(self, *, player_id: int, chat_id: int) -> Overview:
        """Return the overview as of now."""


LAST_WINS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewReader:
    """Reads overviews from the database."""

    db: Database
    clock: Clock
    rules: GameRules

    async def __call__(self, *, player_id: int, chat_id: int) -> Overview:
        """Return the overview of one player in one chat as of now."""
        return await self.db.read(_overview, player_id, chat_id, self.rules, self.clock.now())


def _overview(tx: Connection, player_id: int, chat_id: int, rules: GameRules, now: datetime) -> Overview:
    player, chat = player_row(tx, player_id), chat_row(tx, chat_id)
    rules = rules_for(player, rules.in_chat(pot_on=chat.pot_on), now)
    counters = counters_of(player, rules.price.window, now)
    wallet = tx.execute(books.FIND_ACCOUNT, {"of_kind": AccountKind.PLAYER, "of_owner": player_id}).one()
    # A message that is being answered counts as paid: the next one comes after it.
    under_way = tx.scalar(turns.PAID_UNDER_WAY, {"player_id": player_id, "window_key": counters.window_key})
    price = next_price(rules, counters.paid_in_window + (under_way or 0))
    in_group = chat.kind == ChatKind.GROUP
    return Overview(
        next_price=price,
        chance_ppm=chance_of(rules.pot, price),
        base=rules.price.base,
        step=rules.price.step,
        cap=rules.price.cap,
        window=rules.price.window,
        balance=wallet.balance,
        held=wallet.held,
        free_left=max(0, rules.talk.free_per_day - free_used(tx, player_id, counters)),
        free_per_day=rules.talk.free_per_day,
        paid_today=counters.paid_today,
        paid_total=player.paid_total,
        wins=player.wins,
        in_group=in_group,
        stars_enabled=rules.purchases.enabled,
        duels_enabled=rules.duels.enabled,
        pot=_pot_view(tx, key_of_chat(chat.id, in_group=in_group), player_id, rules.pot),
    )


def _pot_view(tx: Connection, key: str, player_id: int, rules: PotRules) -> PotView | None:
    row = tx.execute(pots.POT_VIEW, {"key": key, "player_id": player_id}).first() if rules.enabled else None
    if row is None:
        return None
    wins = tx.execute(pots.LAST_WINS, {"pot_id": row.pot_id, "most": LAST_WINS})
    prize = prize_of(Credits(row.balance), share_bps=rules.prize_share_bps, cap=Credits(rules.prize_cap))
    return PotView(
        key=row.key,
        balance=row.balance,
        prize=prize,
        round_no=row.k,
        tickets=row.tickets,
        own_tickets=row.own_tickets,
        pseudonym=row.pseudonym,
        commitment=row.commitment,
        anchor=row.anchor,
        last_wins=tuple(
            Win(round_no=win.k, ticket_no=win.tickets, prize=win.prize, at=win.closed_at) for win in wins
        ),
    )
