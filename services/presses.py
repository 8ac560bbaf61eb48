"""Pressed buttons that act: pay or cancel a message, give or keep a gift. Each works once, for its player."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection

from db.session import Database, unfinished
from services import buttons, gifts
from services.reserve import cancel_turn, confirm_turn
from services.rules import GameRules
from services.stamp import Stamp, Stamps


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a press did: the action, and facts that its words mention."""

    action: str
    facts: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class PressButton:
    """Do what a button stands for."""

    db: Database
    stamps: Stamps
    rules: GameRules

    async def __call__(self, *, token: str, player_id: int, chat_id: int) -> Done:
        """Return what was done.

        Raises:
            ExpiredButton, UsedButton, NotYours: the press does nothing.
            ConfirmExpired: the message doesn't wait for an answer any more.
            InsufficientFunds, DayLimitReached, PotsOff: the gift can't be made.
        """
        with unfinished():  # the player hears of it behind the commit, if need be as "you have pressed it"
            return await self.db.transact(_press, token, player_id, chat_id, self.rules, self.stamps.take())


def _press(tx: Connection, token: str, player_id: int, chat_id: int, rules: GameRules, stamp: Stamp) -> Done:
    pressed = buttons.press(tx, token, player_id=player_id, chat_id=chat_id, stamp=stamp)
    facts: Mapping[str, Any] = pressed.facts
    if pressed.action == "pay":
        confirm_turn(tx, facts["turn"], rules, stamp)
    elif pressed.action == "cancel":
        cancel_turn(tx, facts["turn"], stamp)
    elif pressed.action == "gift":
        given = gifts.give(tx, player_id, chat_id, facts["credits"], f"gift:{token}", rules, stamp)
        return Done(action="gift", facts=asdict(given))
    return Done(action=pressed.action, facts=facts)
