"""Sixteen players writing 200 messages each at once: exact books, prices, tickets, draws and answers."""

import asyncio
import json
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from bot.playground.models import Chat, User
from bot.playground.telegram import Telegram
from services import verify_pot
from services.ports import Question
from tests.app import Running, running

PLAYERS, MESSAGES = 16, 200
SCRIPT = Path(verify_pot.__file__)
FEWEST_WINS = 60
PATIENCE_SECONDS = 240
SETTINGS: dict[str, Any] = {
    "welcome_grant_credits": 110_000,
    "welcome_budget_credits": 10**9,
    "free_messages_per_day": 0,
    "guard_limit_credits": 10**6,
    "queue_length": 10_000,
    "messages_per_minute": 10**6,
    "group_messages_per_minute": 10**6,
    "price_cap": 5 * MESSAGES,
    "chance_ppm_per_credit": 100,
}


class Echo:
    """A model that says what it was asked, so that every answer can be told from the others."""

    async def reply(self, question: Question) -> AsyncIterator[str]:
        """Yield the question's text."""
        yield f"echo {question.text} end"


class Crowd:
    """Players who write in private and in three groups, in an order that is the same in every run."""

    def __init__(self) -> None:
        self.telegram = Telegram(limits=None)
        self.players = [self.telegram.add_user(f"Player {n}", language_code="en") for n in range(PLAYERS)]
        self.groups = [self.telegram.add_group(f"Group {n}", self.players) for n in range(3)]
        self.order = [(player, n) for player in self.players for n in range(1, MESSAGES)]
        random.Random(16).shuffle(self.order)

    async def agree(self, app: Running) -> None:
        """Let every player send his first message, about whose price he is asked."""
        for player in self.players:
            await app.say(player, player, text_of(player, 0))
            await app.press(player, player, app.last_id(player), "Pay 5 and send")

    async def rush(self, app: Running) -> float:
        """Let everybody write all the rest at once; return the seconds until all is answered."""
        began = time.perf_counter()
        for player, n in self.order:
            where = self.place_of(player, n)
            prefix = "" if where is player else "/ask "
            self.telegram.say(player, where, prefix + text_of(player, n))
        await self.telegram.drained(PATIENCE_SECONDS)
        await app.settled()
        return time.perf_counter() - began

    def place_of(self, player: User, n: int) -> Chat | User:
        """Return where a player writes his message ``n``: in private, or in one of the groups."""
        return player if n % 4 == 0 else self.groups[n % 4 - 1]

    def said(self) -> Iterator[str]:
        """Give all that the bot said, in every chat."""
        places: list[Chat | User] = [*self.players, *self.groups]
        for where in places:
            yield from self.telegram.texts(where)


def text_of(player: User, n: int) -> str:
    """Return the text of a player's message ``n``."""
    return f"message {player.id}-{n}"


@pytest.fixture
def crowd() -> Crowd:
    """Give the people of this test."""
    return Crowd()


@pytest.mark.timeout(PATIENCE_SECONDS + 120)
async def test_sixteen_players_writing_200_messages_each_at_once_leave_exact_books(
    database_url: str, crowd: Crowd, tmp_path: Path, record_property: Any
) -> None:
    """The audit at the end of ``running`` proves the books and every draw a second time."""
    async with running(database_url, telegram=crowd.telegram, model=Echo(), **SETTINGS) as app:
        await crowd.agree(app)
        seconds = await crowd.rush(app)
        rate = len(crowd.order) / seconds
        record_property("messages_per_second", round(rate))
        print(f"{database_url.split(':', maxsplit=1)[0]}: {rate:.0f} messages per second, {seconds:.1f} s")
        assert_every_answer_came_once(crowd)
        await app.parts.db.read(assert_prices_rise_step_by_step)
        await app.parts.db.read(assert_nobody_is_below_zero)
        await app.parts.db.read(assert_tickets_have_no_gaps)
        await check_proofs(app, crowd, tmp_path)


def assert_every_answer_came_once(crowd: Crowd) -> None:
    """Look for the answer to every message, with its receipt."""
    answers = Counter(said.split(" end")[0] for said in crowd.said() if said.startswith("echo "))
    expected = {f"echo {text_of(player, n)}" for player in crowd.players for n in range(MESSAGES)}
    assert answers == Counter(expected)
    assert len(answers) == PLAYERS * MESSAGES
    assert all("credits · ticket" in said for said in crowd.said() if said.startswith("echo "))


def assert_prices_rise_step_by_step(tx: Connection) -> None:
    """Read what every player paid, in the order in which it was booked."""
    paid: dict[int, list[int]] = {}
    query = (
        "SELECT e.player_id, SUM(t.amount) AS price FROM entry e JOIN transfer t ON t.entry_id = e.id "
        "WHERE e.kind = 'message' GROUP BY e.id, e.player_id ORDER BY e.id"
    )
    for row in tx.execute(text(query)):
        paid.setdefault(row.player_id, []).append(int(row.price))
    assert len(paid) == PLAYERS
    for prices in paid.values():
        assert prices == [5 * n for n in range(1, MESSAGES + 1)]


def assert_nobody_is_below_zero(tx: Connection) -> None:
    """Walk through every account of a player or pot, transfer by transfer."""
    balances: Counter[int] = Counter()
    cached = {row.id: row.balance for row in tx.execute(text("SELECT id, balance FROM account"))}
    for row in tx.execute(text("SELECT debit_id, credit_id, amount FROM transfer ORDER BY id")):
        balances[row.credit_id] += row.amount
        balances[row.debit_id] -= row.amount
        assert cached[row.debit_id] is None or balances[row.debit_id] >= 0
    assert all(balances[account] == kept for account, kept in cached.items() if kept is not None)
    assert sum(balances.values()) == 0


def assert_tickets_have_no_gaps(tx: Connection) -> None:
    """Read the tickets of every round: 1, 2, 3 …, one for each paid message, none behind the winner."""
    rounds: dict[int, list[int]] = {}
    for row in tx.execute(text("SELECT round_id, n FROM ticket ORDER BY round_id, n")):
        rounds.setdefault(row.round_id, []).append(row.n)
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in rounds.values())
    assert sum(map(len, rounds.values())) == PLAYERS * MESSAGES


async def check_proofs(app: Running, crowd: Crowd, directory: Path) -> None:
    """Verify the file of every closed round by the stand-alone script, as a player would."""
    closed = await app.parts.db.read(closed_rounds)
    assert len(closed) >= FEWEST_WINS
    assert len({chat_id for chat_id, _ in closed}) == 1 + len(crowd.groups)
    proof = None
    for chat_id, k in closed:
        proof = await app.parts.application.bot_data["services"].proof(chat_id=chat_id, round_no=k)
        said = await asyncio.to_thread(run_script, directory / proof.name, proof.content)
        assert said == (0, "OK: seed, tickets, rolls, winner")
    assert proof is not None
    changed = json.dumps(json.loads(proof.content) | {"count": 0}).encode()
    assert run_script(directory / "changed.json", changed)[0] == 1


def closed_rounds(tx: Connection) -> list[tuple[int, int]]:
    """Return (one of our chat keys of the pot, round) of all closed rounds."""
    query = (
        "SELECT COALESCE(p.chat_id, (SELECT MIN(id) FROM chat WHERE kind = 'private')) AS chat_id, r.k "
        "FROM round r JOIN pot p ON p.id = r.pot_id WHERE r.state = 'closed' ORDER BY r.id"
    )
    return [(row.chat_id, row.k) for row in tx.execute(text(query))]


def run_script(path: Path, proof: bytes) -> tuple[int, str]:
    """Run the stand-alone verifier on a proof and return its exit code and what it says."""
    path.write_bytes(proof)
    command = [sys.executable, "-I", str(SCRIPT), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout.strip()
