"""How a forgotten player is known again: a keyed hash of his Telegram id, and a number in its place."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar, Final

from sqlalchemy import Connection, Row

from db.queries import forget
from db.session import announce
from services.errors import TransientError, UserError
from services.events import Happened
from services.stamp import Stamp

SENT_AGAIN_WITHIN: Final = timedelta(days=1)
"""Telegram keeps updates for as long: younger messages must be known again, so that none is taken twice."""
_LABEL: Final = b"potluck/forget/v1"
_NO_TELEGRAM_ID: Final = -(2**62)


class Forgotten(UserError):
    """The player was forgotten; only a message of his brings him back."""

    code: ClassVar[str] = "forgotten"


class StalePlayer(TransientError):
    """The player was forgotten since this process met him; it must meet him anew."""

    code: ClassVar[str] = "stale_player"

    def __init__(self, *, player_id: int) -> None:
        super().__init__()
        self.player_id = player_id


@dataclass(frozen=True, slots=True)
class ForgetKey:
    """The secret without which nobody can tell who a forgotten player was."""

    key: bytes = field(repr=False)

    def hash_of(self, telegram_id: int) -> bytes:
        """Return by what a Telegram id is known again."""
        return hmac.digest(self.key, str(telegram_id).encode(), hashlib.sha256)


def forget_key(own: str | None, token: str) -> ForgetKey:
    """Return the key that the operator chose, or one that is made of the bot's token."""
    return ForgetKey(own.encode() if own else hmac.digest(token.encode(), _LABEL, hashlib.sha256))


def number_of(player_id: int) -> int:
    """Return what stands in the place of a forgotten player's Telegram id; no chat of Telegram's has it."""
    return _NO_TELEGRAM_ID - player_id


def check_known(player: Row[tuple[object, ...]]) -> None:
    """Make sure that a player was not forgotten since he was met.

    Raises:
        StalePlayer: he was.
    """
    if player.forgotten_hash is not None:
        raise StalePlayer(player_id=player.id)


def come_back(
    tx: Connection, telegram_id: int, names: Mapping[str, str | None], key: ForgetKey, stamp: Stamp
) -> Row[Any] | None:
    """Give a forgotten player who writes again his ids back, with all that was kept; None if it is nobody's hash."""
    found = {"of_hash": key.hash_of(telegram_id), "to_telegram_id": telegram_id}
    row = tx.execute(
        forget.BRING_BACK, found | {f"to_{name}": value for name, value in names.items()}
    ).first()
    if row is None:
        return None
    moved = {"of_telegram_id": number_of(row.id), "to_telegram_id": telegram_id}
    chat_id = tx.scalar(forget.RENUMBER_CHAT, moved)
    if chat_id is not None:
        since = stamp.now - SENT_AGAIN_WITHIN
        tx.execute(forget.RENUMBER_TURNS, {"of_chat": chat_id, "since": since, "to_telegram_id": telegram_id})
    announce(tx, Happened("player_returned", {"player": row.id}))
    return row


def is_forgotten(tx: Connection, telegram_id: int, key: ForgetKey) -> bool:
    """Return whether the player of a Telegram id was forgotten."""
    return tx.scalar(forget.FORGOTTEN, {"of_hash": key.hash_of(telegram_id)}) is not None
