"""What a run leaves behind, in a form in which two runs can be compared: the books and what was said."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from bot.playground.journal import CallRecord
from bot.playground.models import User
from bot.playground.telegram import Telegram
from db.models.books import account, entry, hold, transfer
from db.models.chats import turn
from db.models.people import chat, player
from db.models.pots import pot, round_, ticket
from db.models.transport import inbox
from db.schema import blocking_engine
from services.audit import run_audit
from services.census import open_work

LOST = "timeout"
"""Why a turn is released whose worker died and whose time was up before another one took it over."""
STOP = "⏹ Stop"
"""The button under an answer that is still growing."""
_WAIT = re.compile(r"\d+ hours? and \d+ minutes?|\d\d:\d\d UTC")
_VARIES = re.compile(r"(rolled|Receipt) [\d,]+")

Row = tuple[object, ...]
Text = tuple[int, str]
Message = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """The books, with everything named as it is outside; numbers of rows are left out."""

    balances: Mapping[str, tuple[int, int]]
    turns: Counter[Row]
    tickets: Counter[Row]
    rounds: Counter[Row]
    entries: Counter[Row]
    holds: Counter[Row]

    @property
    def lost(self) -> frozenset[str]:
        """Return the texts of the turns that died with their worker and were given back."""
        return frozenset(str(row[1]) for row in self.turns if row[3] == LOST)


def read_books(url: str) -> Books:
    """Return the books, audited.

    Raises:
        AssertionError: the audit finds something, an update was parked, or work was left over.
    """
    engine = blocking_engine(url)
    try:
        with engine.connect() as tx:
            report = run_audit(tx)
            assert report.is_clean, [finding for finding in report.findings if not finding.holds]
            assert (left := open_work(tx)) == [], left
            assert set(tx.scalars(select(inbox.c.state).distinct())) <= {"done"}
            books = _read(tx)
            tx.rollback()
            return books
    finally:
        engine.dispose()


def _read(tx: Connection) -> Books:
    names = dict(_accounts(tx))
    paid_out, came_in = _sums(tx, transfer.c.debit_id), _sums(tx, transfer.c.credit_id)
    held = {row.id: row.held for row in tx.execute(select(account.c.id, account.c.held))}
    return Books(
        balances={
            name: (came_in.get(key, 0) - paid_out.get(key, 0), held[key]) for key, name in names.items()
        },
        turns=_rows(
            tx,
            select(
                player.c.telegram_id, turn.c.text, turn.c.state, turn.c.reason, turn.c.is_free, turn.c.price
            ).join_from(turn, player),
        ),
        tickets=_rows(
            tx,
            select(pot.c.chat_id, round_.c.k, ticket.c.n, player.c.telegram_id, ticket.c.price, ticket.c.won)
            .join_from(ticket, round_, ticket.c.round_id == round_.c.id)
            .join(pot, pot.c.id == round_.c.pot_id)
            .join(player, player.c.id == ticket.c.player_id),
        ),
        rounds=_rows(
            tx,
            select(
                pot.c.chat_id,
                round_.c.k,
                round_.c.tickets,
                round_.c.state,
                round_.c.outcome,
                round_.c.prize,
                round_.c.carried_in,
            ).join_from(round_, pot),
        ),
        entries=_rows(tx, select(entry.c.kind, player.c.telegram_id).join_from(entry, player, isouter=True)),
        holds=_rows(tx, select(hold.c.amount, hold.c.state)),
    )


def _rows(tx: Connection, statement: Any) -> Counter[Row]:
    return Counter(tuple(row) for row in tx.execute(statement))


def _sums(tx: Connection, side: Any) -> dict[int, int]:
    rows = tx.execute(
        select(side.label("account"), func.sum(transfer.c.amount).label("total")).group_by(side)
    )
    return {row.account: int(row.total) for row in rows}


def _accounts(tx: Connection) -> Iterator[tuple[int, str]]:
    players = {row.id: row.telegram_id for row in tx.execute(select(player.c.id, player.c.telegram_id))}
    chats = {row.id: row.telegram_id for row in tx.execute(select(chat.c.id, chat.c.telegram_id))}
    pots = {row.id: chats.get(row.chat_id, "all") for row in tx.execute(select(pot.c.id, pot.c.chat_id))}
    owners = {"player": players, "pot": pots}
    for row in tx.execute(select(account.c.id, account.c.kind, account.c.owner_id)):
        yield row.id, f"{row.kind} {owners[row.kind][row.owner_id] if row.kind in owners else ''}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run leaves behind: the books, and every message of the bot that Telegram took."""

    books: Books
    said: Mapping[Text, list[str]]
    """By chat and text, without what may differ from run to run: the texts as they were."""
    left: frozenset[Text] = frozenset()
    """What stands in the private chats, where that is looked at."""


def said(telegram: Telegram, *, after: int = 0) -> Mapping[Text, list[str]]:
    """Return what the bot's calls behind number ``after`` have said, without the beginnings of answers."""
    found: dict[Text, list[str]] = defaultdict(list)
    growing = set(grown(telegram))
    for call in telegram.calls_of("sendMessage", "editMessageText", ok=True):
        is_last = call.method == "sendMessage" or _message_of(call) in growing
        if call.n > after and is_last and not _is_growing(call):
            text = _WAIT.sub("a while", str(call.params["text"]))
            found[call.params["chat_id"], _VARIES.sub(r"\1 …", text)].append(text)
    return found


def standing(telegram: Telegram, users: Iterable[User]) -> frozenset[Text]:
    """Return what of the bot's stands in private chats, edited as it was by then."""
    texts = [(user.id, text) for user in users for text in telegram.texts(user)]
    return frozenset((chat, _VARIES.sub(r"\1 …", text)) for chat, text in texts)


def grown(telegram: Telegram, *, after: int = 0) -> list[Message]:
    """Return the messages in which the bot's calls behind number ``after`` have let an answer grow."""
    calls = telegram.calls_of("sendMessage", "editMessageText", ok=True)
    return [_message_of(call) for call in calls if call.n > after and _is_growing(call)]


def _is_growing(call: CallRecord) -> bool:
    return STOP in str(call.params.get("reply_markup"))


def _message_of(call: CallRecord) -> Message:
    return call.params["chat_id"], call.params.get("message_id") or call.result["message_id"]


def assert_same(found: Outcome, expected: Outcome, *, in_danger: Mapping[Text, int]) -> None:
    """Compare a run that crashed with one that didn't.

    Args:
        in_danger: what was said shortly before a crash, and before how many: it may have come as often again.
    """
    for name in Books.__slots__:
        assert getattr(found.books, name) == getattr(expected.books, name), name
    assert found.said.keys() == expected.said.keys(), "something else was said"
    assert found.left == expected.left, "something else stands there"
    for text, copies in found.said.items():
        times = len(expected.said[text])
        assert times <= len(copies) <= times + in_danger.get(text, 0), f"{len(copies)} times: {text}"
        assert len(set(copies)) <= times, f"not word for word: {copies}"
