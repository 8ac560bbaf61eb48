"""The pace that all replicas keep together, in transactions: by the database's clock, one replica at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from db.queries import pace as queries
from services.pacing import (
    BOT,
    MINUTE_US,
    NEW,
    Ask,
    Limits,
    Pace,
    Reply,
    closed,
    decide,
    free_now,
    keys_of,
    spend,
)

KEEP_US = 60 * MINUTE_US


@dataclass(frozen=True, slots=True)
class Taken:
    """The answers to asks, and how many more sends that only the bot's budget limits were taken for soon."""

    replies: list[Reply]
    spare: int


def take_turns(
    tx: Connection, asks: Sequence[Ask], limits: Limits, *, spare: bool = False, now_us: int | None = None
) -> Taken:
    """Answer asks to send, those of other replicas counted in.

    Args:
        spare: take more turns than are asked for, if there are plenty.
        now_us: the time, where it isn't the database's.
    """
    now_us, paces = _read(tx, keys_of(asks, limits), now_us)
    replies, changed = decide(asks, limits, paces, now_us)
    bot = changed.get(BOT, paces.get(BOT, NEW))
    more = free_now(limits.bot, bot, now_us, most=limits.spare) if spare else 0
    if more:
        changed[BOT] = spend(limits.bot, bot, now_us, now_us, count=more)
    _write(tx, changed, now_us)
    return Taken(replies, more)


def close_chat(tx: Connection, ask: Ask, limits: Limits, pause_us: int, *, now_us: int | None = None) -> None:
    """Let nothing go to a chat for a while, from any replica."""
    limit = limits.of(ask)
    if limit is not None:
        now_us, paces = _read(tx, [ask.key], now_us)
        _write(tx, {ask.key: closed(limit, paces.get(ask.key, NEW), pause_us, now_us)}, now_us)


def forget_pace(tx: Connection, most: int) -> int:
    """Delete at most ``most`` budgets that nobody used for an hour of the database's clock; return how many."""
    if tx.dialect.name != "postgresql":
        return 0
    return tx.execute(queries.FORGET_PACE, {"keep_us": KEEP_US, "most": most}).rowcount


def _read(tx: Connection, keys: Sequence[str], now_us: int | None) -> tuple[int, dict[str, Pace]]:
    tx.execute(queries.PACE_LOCK)
    rows = tx.execute(queries.PACES, {"keys": list(keys)}).all()
    paces = {row.key: Pace(row.next_us, tuple(row.recent_us)) for row in rows if row.key is not None}
    return rows[0].now_us if now_us is None else now_us, paces


def _write(tx: Connection, changed: Mapping[str, Pace], now_us: int) -> None:
    minute_us = now_us - now_us % MINUTE_US  # changes seldom: an index holds it
    rows = [
        {"key": key, "next_us": one.next_us, "recent_us": list(one.recent_us), "seen_us": minute_us}
        for key, one in sorted(changed.items())
    ]
    if rows:
        tx.execute(queries.SET_PACE, rows)
