"""What stands in the books, read row by row and brought into the shapes of the model."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select, text

from db.models.chats import button
from services.audit import run_audit
from services.ledger import CACHED
from services.overview import Overview, OverviewReader
from tests.reliability.books_messages import Key
from tests.reliability.books_world import World, now_of

ACCOUNTS = text("SELECT id, kind, owner_id, balance, held FROM account")
TRANSFERS = text("SELECT debit_id, credit_id, amount FROM transfer")
HOLDS = text("SELECT account_id, amount FROM hold WHERE state = 'placed'")
PLAYERS = text(
    "SELECT id, telegram_id, day, paid_today, paid_total, spent_today, wins, daily_streak FROM player"
)
TURNS = text("SELECT id, telegram_chat_id, message_id, player_id, state, price, is_free FROM turn")
ROUNDS = text(
    "SELECT r.id, r.k, r.state, r.outcome, r.prize, r.tickets, r.carried_in, p.id AS pot_id, c.telegram_id AS place "
    "FROM round r JOIN pot p ON p.id = r.pot_id LEFT JOIN chat c ON c.id = p.chat_id ORDER BY p.id, r.k"
)
TICKETS = text("SELECT round_id, n, player_id, won FROM ticket ORDER BY round_id, n")
FED = text("SELECT round_id, player_id, fed_credits FROM round_player WHERE fed_credits > 0")
BUDGETS = text("SELECT kind, day, spent FROM budget WHERE spent > 0")
ENTRIES = text("SELECT COUNT(*) FROM entry")
DUES = text("SELECT round_id, player_id, amount, entry_id FROM refund_due")
PAID_BACK = text(
    "SELECT e.round_id, e.player_id, SUM(t.amount) AS credits, COUNT(*) AS times FROM entry e "
    "JOIN transfer t ON t.entry_id = e.id WHERE e.kind = 'refund' GROUP BY e.round_id, e.player_id"
)
CHATS = text("SELECT id, telegram_id FROM chat")
QUESTIONS = select(button).where(button.c.action != "retry")
"""Nobody tries again here: that is one message more."""
COUNT_BUTTONS = text("SELECT COUNT(*) FROM button WHERE action <> 'retry'")
ROLL = text(
    "SELECT k.roll FROM turn t JOIN ticket k ON k.entry_id = t.entry_id "
    "WHERE t.telegram_chat_id = :place AND t.message_id = :number"
)


@dataclass(frozen=True, kw_only=True)
class Question:
    """Buttons as they stand in the database; ``key`` names the message that they are about, if any."""

    player: int
    place: int
    credits: int
    until: datetime
    key: Key | None
    tokens: Mapping[str, str]
    """By what each does."""


@dataclass(frozen=True, kw_only=True)
class Stand:
    """Everything that is compared after a step."""

    money: Mapping[str, object]
    counters: Mapping[int, tuple[object, ...]]
    messages: Mapping[Key, tuple[object, ...]]


class Reader:
    """Reads the books of a world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._seen: set[str] = set()

    def _read(self, what: Any, *facts: Any) -> Any:
        return now_of(self._world.db.read(what, *facts))

    def stand(self) -> Stand:
        """Return everything; whatever the books say twice must be the same."""
        stand: Stand = self._read(_stand)
        return stand

    def roll(self, key: Key) -> int:
        """Return the roll of an answered message's ticket."""
        return int(self._read(lambda tx: tx.scalar(ROLL, {"place": key[0], "number": key[1]})))

    def new_questions(self) -> list[Question]:
        """Return the questions that stand there since the last time."""
        if self._read(lambda tx: tx.scalar(COUNT_BUTTONS)) == len(self._seen):
            return []
        places = dict(self._read(_places))
        players = {key: number for number, key in self._world.players.items()}
        found: dict[str, list[Any]] = defaultdict(list)
        for row in self._read(lambda tx: tx.execute(QUESTIONS).all()):
            if row.token not in self._seen:
                found[row.sibling].append(row)
        self._seen |= {row.token for rows in found.values() for row in rows}
        keys, rounds = self._read(_keys), self._read(_round_numbers)
        return [
            Question(
                player=players[rows[0].player_id],
                place=places[rows[0].chat_id],
                credits=_credits(rows, rounds),
                until=rows[0].expires_at,
                key=keys.get(rows[0].facts.get("turn")),
                tokens={row.action: row.token for row in rows},
            )
            for rows in found.values()
        ]

    def overview(self, player: int, place: int) -> Overview:
        """Return what the player is shown in a chat."""
        world, met = self._world, self._world.met[player, place]
        read = OverviewReader(db=world.db, clock=world.clock, rules=world.rules)
        return now_of(read(player_id=met.player_id, chat_id=met.chat_id))

    def audit(self) -> list[object]:
        """Return what the audit finds wrong."""
        report = self._read(run_audit)
        return [finding for finding in report.findings if not finding.holds]


def _keys(tx: Connection) -> dict[int, Key]:
    return {row.id: (row.telegram_chat_id, row.message_id) for row in tx.execute(TURNS)}


def _places(tx: Connection) -> dict[int, int]:
    return {row.id: row.telegram_id for row in tx.execute(CHATS)}


def _round_numbers(tx: Connection) -> dict[int, int]:
    return {row.id: row.k for row in tx.execute(ROUNDS)}


def _credits(rows: Sequence[Any], rounds: Mapping[int, int]) -> int:
    """Return the price or the gift that buttons are about, or the number of the round."""
    facts: Mapping[str, Any] = next((row.facts for row in rows if row.facts), {})
    return int(facts.get("price") or facts.get("credits") or rounds[facts["round_id"]])


def _stand(tx: Connection) -> Stand:
    players = {row.id: row for row in tx.execute(PLAYERS)}
    numbers = {key: row.telegram_id for key, row in players.items()}
    turns = tx.execute(TURNS).all()
    busy = Counter(row.player_id for row in turns if row.state == "reserved")
    assert all(count == 1 for count in busy.values()), "a player has two turns under way"
    return Stand(
        money=_money(tx, numbers),
        counters={
            row.telegram_id: (
                date.fromisoformat(row.day),
                row.paid_today,
                row.paid_total,
                row.spent_today,
                row.wins,
                row.daily_streak,
            )
            for row in players.values()
        },
        messages={
            (row.telegram_chat_id, row.message_id): (row.state, row.price, bool(row.is_free)) for row in turns
        },
    )


def _money(tx: Connection, numbers: Mapping[int, int]) -> dict[str, object]:
    moved: Counter[int] = Counter()
    for row in tx.execute(TRANSFERS):
        moved[row.debit_id] -= row.amount
        moved[row.credit_id] += row.amount
    holds: Counter[int] = Counter()
    for row in tx.execute(HOLDS):
        holds[row.account_id] += row.amount
    balances = {}
    wallets: dict[int, tuple[int, int]] = {}
    for row in tx.execute(ACCOUNTS):
        if row.kind in CACHED:
            assert 0 <= row.held <= row.balance, "an account is below zero"
            assert row.balance == moved[row.id], "a balance isn't the sum of its transfers"
            assert row.held == holds[row.id], "what is held isn't the sum of the open holds"
        balances[row.kind, row.owner_id] = moved[row.id] if row.balance is None else row.balance
        if row.kind == "player":
            wallets[numbers[row.owner_id]] = (row.balance, row.held)
    assert sum(balances.values()) == 0, "the accounts don't add up to zero"
    pots, closed = _pots(tx, numbers, {owner: at for (kind, owner), at in balances.items() if kind == "pot"})
    return {
        "wallets": wallets,
        "pots": pots,
        "closed rounds": closed,
        "dues": _dues(tx, numbers),
        "owed": balances["refund", None],
        "house": balances["house", None],
        "promo": balances["promo", None],
        "budgets": {(row.kind, date.fromisoformat(row.day)): row.spent for row in tx.execute(BUDGETS)},
        "entries": tx.scalar(ENTRIES),
    }


def _pots(
    tx: Connection, numbers: Mapping[int, int], balances: Mapping[int, int]
) -> tuple[dict[int, Any], dict[int, list[Any]]]:
    tickets: dict[int, list[int]] = defaultdict(list)
    fed: dict[int, dict[int, int]] = defaultdict(dict)
    for row in tx.execute(TICKETS):
        tickets[row.round_id].append(numbers[row.player_id])
        assert row.n == len(tickets[row.round_id]), "the tickets of a round have gaps"
    for row in tx.execute(FED):
        fed[row.round_id][numbers[row.player_id]] = row.fed_credits
    pots: dict[int, Any] = {}
    closed: dict[int, list[Any]] = defaultdict(list)
    for row in tx.execute(ROUNDS):
        place, found = row.place or 0, tickets[row.id]
        assert row.tickets == len(found), "a round doesn't have the tickets that it counts"
        assert row.k == len(closed[place]) + 1, "the rounds of a pot have gaps"
        if row.state == "open":
            pots[place] = (balances[row.pot_id], row.carried_in, found, fed[row.id])
        else:
            closed[place].append((len(found), row.outcome, row.prize))
    return pots, {place: closed[place] for place in pots}


def _dues(tx: Connection, numbers: Mapping[int, int]) -> dict[tuple[int, int], dict[int, tuple[int, bool]]]:
    rounds = {row.id: (row.place or 0, row.k) for row in tx.execute(ROUNDS)}
    put_in = {(row.round_id, row.player_id): row.fed_credits for row in tx.execute(FED)}
    paid = {(row.round_id, row.player_id): row for row in tx.execute(PAID_BACK)}
    dues: dict[tuple[int, int], dict[int, tuple[int, bool]]] = defaultdict(dict)
    for row in tx.execute(DUES):
        whose = row.round_id, row.player_id
        assert row.amount == put_in[whose], "a player is owed something else than what he put in"
        dues[rounds[row.round_id]][numbers[row.player_id]] = row.amount, row.entry_id is not None
        assert (row.entry_id is not None) == (whose in paid), "a refund isn't booked as it is marked"
    for whose, back in paid.items():
        assert (back.credits, back.times) == (put_in.get(whose), 1), (
            "a refund was paid twice, or not what was put in"
        )
    return dict(dues)
