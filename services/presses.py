"""Pressed buttons that act: pay, give a gift, reset a pot, take a break. Each works once, for its player."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection

from db.session import Database, unfinished
from services import breaks, buttons, gifts, reset
from services.confirm import cancel_turn, confirm_turn
from services.forget import forget_player
from services.forgotten import ForgetKey
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
    key: ForgetKey

    async def __call__(self, *, token: str, player_id: int, chat_id: int, is_admin: bool = False) -> Done:
        """Return what was done.

        Args:
            is_admin: whether the player was found to be an admin of the chat just now.

        Raises:
            ExpiredButton, UsedButton, NotYours: the press does nothing.
            ConfirmExpired: the message doesn't wait for an answer any more.
            InsufficientFunds, DayLimitReached, PotsOff, OnBreak: the gift can't be made, the message not be paid.
            NotAdmin: the button is for an admin's press; it can still be pressed.
            ResetToday, RoundOver, PaidLately: the pot can't be reset (so).
            StillAnswering: the player can't be forgotten yet; the button can still be pressed.
        """
        with unfinished():  # the player hears of it behind the commit, if need be as "you have pressed it"
            stamp = self.stamps.take()
            return await self.db.transact(self._press, token, player_id, chat_id, is_admin, stamp)

    def _press(
        self, tx: Connection, token: str, player_id: int, chat_id: int, is_admin: bool, stamp: Stamp
    ) -> Done:
        done = _press(tx, token, player_id, chat_id, is_admin, self.rules, stamp)
        if done.action == "forget":
            forget_player(tx, player_id, self.key, stamp)
        return done


def _press(
    tx: Connection, token: str, player_id: int, chat_id: int, is_admin: bool, rules: GameRules, stamp: Stamp
) -> Done:
    pressed = buttons.press(tx, token, player_id=player_id, chat_id=chat_id, stamp=stamp)
    facts: Mapping[str, Any] = pressed.facts
    if pressed.action == "pay":
        confirm_turn(tx, facts["turn"], rules, stamp)
    elif pressed.action == "cancel":
        cancel_turn(tx, facts["turn"], stamp)
    elif pressed.action == "gift":
        cause, thread = f"gift:{token}", facts.get("thread")
        given = gifts.give(tx, player_id, chat_id, facts["credits"], cause, rules, stamp, thread)
        return Done(action="gift", facts=asdict(given))
    elif pressed.action == "break":
        return Done(action="break", facts={"until": breaks.take_break(tx, player_id, facts["days"], stamp)})
    elif pressed.action in reset.ACTIONS:
        if not is_admin:
            raise reset.NotAdmin
        reset.reset_pot(tx, player_id, chat_id, pressed.action, facts["round_id"], rules, stamp)
    return Done(action=pressed.action, facts=facts)
