"""Pressed buttons that act: what each action does, once, for its player."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from sqlalchemy import Connection

from db.session import Database, unfinished
from services import breaks, buttons, conversations, gifts, orders, reset, stopping
from services.cases import ACTION as CASE
from services.cases import Decision, decide
from services.confirm import cancel_turn, confirm_turn
from services.duels import reports, start
from services.forget import forget_player
from services.forgotten import ForgetKey
from services.paybacks import begin_payback
from services.retry import retry_turn
from services.rules import GameRules
from services.stamp import Stamp, Stamps


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """A press: whose, where, under which message, and whether he was found to be an admin there just now."""

    token: str
    player_id: int
    chat_id: int
    message_id: int = 0
    is_admin: bool = False
    operator_id: int | None = None
    """Telegram's id of who presses, if he is an operator and this is his private chat."""


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

    async def __call__(self, press: Press) -> Done:
        """Return what was done.

        Raises:
            ExpiredButton, UsedButton, NotYours: the press does nothing.
            ConfirmExpired: the message doesn't wait for an answer any more.
            NothingToRetry: it is not the player's last message here any more.
            NothingToStop: the answer has ended.
            InsufficientFunds, DayLimitReached, PotsOff: the gift can't be made, the message not be paid.
            OnBreak, InDebt, PlayerFrozen: nor before a break is over, a debt covered, or the player let go.
            NotAdmin: the button is for an admin's press; it can still be pressed.
            ResetToday, RoundOver, PaidLately: the pot can't be reset (so).
            DuelsOff, OpenDuel, TooYoung, InDebt, PlayerFrozen, NoNewQuestions: a duel can't be begun.
            ChallengeOver, MetLately: nor this challenge be played.
            ConversationGone: what was said in it is erased.
            StillAnswering, StillSubscribed: the player can't be forgotten yet; the button can still be pressed.
            NotRefundable: the purchase can't be given back, the case not be decided so.
            StarsOff, NoSuchPackage, OnBreak: it isn't sold, or not to him now.
        """
        with unfinished():  # the player hears of it behind the commit, if need be as "you have pressed it"
            return await self.db.transact(self._press, press, self.stamps.take())

    def _press(self, tx: Connection, press: Press, stamp: Stamp) -> Done:
        who = {"player_id": press.player_id, "chat_id": press.chat_id}
        pressed = buttons.press(tx, press.token, **who, stamp=stamp)
        deed = _DEEDS.get(pressed.action.partition(":")[0])
        case = _Case(press, pressed.action, pressed.facts, self.rules, self.key, stamp)
        told = deed(tx, case) if deed is not None else None
        return Done(action=pressed.action, facts=pressed.facts if told is None else told)


@dataclass(frozen=True, slots=True)
class _Case:
    """A press with all that an action may need."""

    press: Press
    action: str
    facts: Mapping[str, Any]
    rules: GameRules
    key: ForgetKey
    stamp: Stamp


def _pay(tx: Connection, case: _Case) -> None:
    confirm_turn(tx, case.facts["turn"], case.rules, case.stamp)


def _cancel(tx: Connection, case: _Case) -> None:
    cancel_turn(tx, case.facts["turn"], case.stamp)


def _retry(tx: Connection, case: _Case) -> None:
    press = case.press
    where = (press.player_id, press.chat_id, press.message_id)
    retry_turn(tx, case.facts["turn"], *where, case.rules, case.stamp)


def _stop(tx: Connection, case: _Case) -> None:
    stopping.stop_turn(tx, case.facts["turn"], case.stamp)


def _gift(tx: Connection, case: _Case) -> Mapping[str, object]:
    press, cause = case.press, f"gift:{case.press.token}"
    what = (press.player_id, press.chat_id, case.facts["credits"], cause)
    return asdict(gifts.give(tx, *what, case.rules, case.stamp, case.facts.get("thread")))


def _break(tx: Connection, case: _Case) -> Mapping[str, object]:
    return {"until": breaks.take_break(tx, case.press.player_id, case.facts["days"], case.stamp)}


def _forget(tx: Connection, case: _Case) -> None:
    forget_player(tx, case.press.player_id, case.key, case.stamp)


def _buy(tx: Connection, case: _Case) -> Mapping[str, object]:
    what = (case.press.player_id, case.press.chat_id, case.facts["stars"])
    order = orders.send_invoice(tx, *what, case.rules, case.stamp, case.facts["thread"])
    return {"credits": order.credits, "ttl": case.rules.purchases.order_ttl}


def _refund(tx: Connection, case: _Case) -> None:
    begin_payback(tx, case.facts["payment"], case.press.player_id, case.rules, case.stamp)


def _decide(tx: Connection, case: _Case) -> None:
    if case.press.operator_id is None:
        raise buttons.ExpiredButton
    how = Decision(case.action.removeprefix(CASE))
    decide(tx, how, case.facts["payment"], case.press.operator_id, case.rules, case.stamp)


def _reset(tx: Connection, case: _Case) -> None:
    press = case.press
    if not press.is_admin:
        raise reset.NotAdmin
    how = (case.action, case.facts["round_id"])
    reset.reset_pot(tx, press.player_id, press.chat_id, *how, case.rules, case.stamp)


def _duel(tx: Connection, case: _Case) -> Mapping[str, object]:
    press, facts, terms = case.press, case.facts, case.rules.duels
    if (facts["stake"], facts["bounty"]) != (terms.stake, terms.bounty):  # it says what it says
        raise buttons.ExpiredButton
    where = (press.player_id, press.chat_id, facts.get("thread"))
    what = start.Wanted(press.token, category=facts.get("category"), challenge=facts.get("challenge"))
    start.start_duel(tx, *where, what, case.rules, case.stamp)
    return {"stake": terms.stake}


def _restore(tx: Connection, case: _Case) -> None:
    conversations.restore(tx, case.press.player_id, case.press.chat_id, case.facts, case.stamp)


def _judge(tx: Connection, case: _Case) -> None:
    is_bad = case.action == reports.WITHDRAW
    reports.decide(tx, case.facts["question"], is_bad, case.press.player_id, case.rules, case.stamp)


_DEEDS: Final[Mapping[str, Callable[[Connection, _Case], Mapping[str, object] | None]]] = {
    "pay": _pay,
    "cancel": _cancel,
    "retry": _retry,
    stopping.ACTION: _stop,
    "gift": _gift,
    "break": _break,
    "forget": _forget,
    orders.ACTION: _buy,
    conversations.RESTORE: _restore,
    "refund": _refund,
    **{f"{CASE}{decision}": _decide for decision in Decision},
    start.ACTION: _duel,
    reports.WITHDRAW: _judge,
    reports.KEEP: _judge,
    reset.CARRY: _reset,
    reset.REFUND: _reset,
}
"""What each action does; one that isn't here only uses its buttons up."""
