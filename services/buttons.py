"""Buttons that act: random tokens bound to a player, a chat and an action, which expire and work once."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from sqlalchemy import Connection

from db.queries import turns
from db.session import Database, unfinished
from services.errors import UserError
from services.people import chat_row
from services.rules import GameRules
from services.stamp import Stamp, Stamps

_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,32}")


class ExpiredButton(UserError):
    """The button is unknown, too old, or was changed."""

    code: ClassVar[str] = "expired_button"


class UsedButton(UserError):
    """The button, or the one beside it, was pressed before."""

    code: ClassVar[str] = "used_button"

    def __init__(self, *, pressed: str) -> None:
        super().__init__()
        self.pressed = pressed


class NotYours(UserError):
    """The button belongs to another player."""

    code: ClassVar[str] = "not_yours"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """A button that was pressed for the first time: its action and facts."""

    action: str
    facts: Mapping[str, object]


def add_buttons(
    tx: Connection,
    actions: Mapping[str, Mapping[str, object]],
    *,
    player_id: int,
    chat_id: int,
    ttl: timedelta,
    stamp: Stamp,
    label: str,
) -> dict[str, str]:
    """Write buttons of which one may be pressed, once; return the token of each action.

    Args:
        actions: the facts of each action.
        label: tells these buttons from others of the same transaction.
    """
    tokens = {action: token_of(action, label, stamp) for action in actions}
    sibling = _token(stamp.random(f"buttons:{label}", 16))
    row = {"player_id": player_id, "chat_id": chat_id, "sibling": sibling, "expires_at": stamp.now + ttl}
    rows = [
        {**row, "token": tokens[action], "action": action, "facts": dict(facts)}
        for action, facts in actions.items()
    ]
    tx.execute(turns.ADD_BUTTONS, rows)
    return tokens


def token_of(action: str, label: str, stamp: Stamp) -> str:
    """Return the token that a button has, or will have once it is written with this stamp."""
    return _token(stamp.random(f"button:{label}:{action}", 16))


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferButtons:
    """Write the buttons of a screen that asks something."""

    db: Database
    stamps: Stamps
    rules: GameRules

    async def __call__(
        self, *, player_id: int, chat_id: int, actions: Mapping[str, Mapping[str, object]]
    ) -> dict[str, str]:
        """Return the token of each action; one of them may be pressed, once, by that player."""
        with unfinished():  # the screen itself comes behind the commit
            where = (player_id, chat_id)
            return await self.db.transact(_offer, where, actions, self.rules, self.stamps.take())


def _offer(
    tx: Connection,
    where: tuple[int, int],
    actions: Mapping[str, Mapping[str, object]],
    rules: GameRules,
    stamp: Stamp,
) -> dict[str, str]:
    player_id, chat_id = where
    label, ttl = f"screen:{player_id}:{stamp.token}", rules.talk.confirm
    return add_buttons(tx, actions, player_id=player_id, chat_id=chat_id, ttl=ttl, stamp=stamp, label=label)


def _token(random: bytes) -> str:
    return base64.urlsafe_b64encode(random).rstrip(b"=").decode()


def press(tx: Connection, token: str, *, player_id: int, chat_id: int, stamp: Stamp) -> Pressed:
    """Use a button up.

    Raises:
        ExpiredButton: there is no such button in this chat, or its time is over.
        NotYours: it belongs to another player.
        UsedButton: it was used before.
    """
    if _TOKEN.fullmatch(token) is None:  # invented; not every text can be looked up
        raise ExpiredButton
    row = tx.execute(turns.BUTTON, {"of_token": token}).first()
    if row is None:
        raise ExpiredButton
    if row.chat_id != chat_id and row.chat_id != chat_row(tx, chat_id).id:
        raise ExpiredButton
    if row.player_id != player_id:
        raise NotYours
    if row.used_at is not None:
        raise UsedButton(pressed=row.pressed)
    if row.expires_at <= stamp.now:
        raise ExpiredButton
    used = {"of_sibling": row.sibling, "at": stamp.now, "to_pressed": row.action}
    if tx.execute(turns.USE_BUTTONS, used).first() is None:
        raise UsedButton(pressed=row.action)
    return Pressed(action=row.action, facts=row.facts)
