"""The start of a duel: a stake is held, a set is found or drawn, and the first question goes out. Once per press."""

from dataclasses import KW_ONLY, dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from sqlalchemy import Connection, Row

from db.models.people import ChatKind
from db.queries import duels
from db.session import announce
from services import limits, wallet
from services.breaks import check_break
from services.buttons import ExpiredButton
from services.debts import check_debt
from services.duels.challenges import accept_challenge
from services.duels.sets import Seat, draw_set, language_in, reading_language, take_seat
from services.duels.shown import shown_question
from services.errors import UserError
from services.events import Happened
from services.freezing import check_frozen
from services.outbox import Address, enqueue, language_for
from services.people import chat_row, player_row
from services.rules import GameRules
from services.stamp import Stamp

ACTION: Final = "duel"
"""The stake's button; its facts: ``category`` or ``challenge`` (a token), ``stake``, ``bounty``, ``thread``."""
QUESTION_TTL: Final = timedelta(minutes=2)
"""A first question that can't be sent within it isn't sent any more."""


class DuelsOff(UserError):
    """The operator switched duels off."""

    code: ClassVar[str] = "duels_off"


class TooYoung(UserError):
    """The account is too new for duels; ``wait`` is the time that is left."""

    code: ClassVar[str] = "duel_too_young"

    def __init__(self, *, wait: timedelta) -> None:
        super().__init__()
        self.wait = wait


class OpenDuel(UserError):
    """The player has a duel that hasn't ended."""

    code: ClassVar[str] = "open_duel"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a press asks for: a duel in a category, or one by a challenge; ``cause`` is unique for ever."""

    cause: str
    _: KW_ONLY
    category: str | None = None
    challenge: str | None = None
    """Its token."""


def start_duel(
    tx: Connection,
    player_id: int,
    chat_id: int,
    thread_id: int | None,
    wanted: Wanted,
    rules: GameRules,
    stamp: Stamp,
) -> int:
    """Hold the stake and send the first question; return the duel's id.

    Raises:
        DuelsOff, OnBreak, InDebt, PlayerFrozen, TooYoung, OpenDuel: the player can't duel (now).
        InsufficientFunds, DayLimitReached: the stake is too much for his wallet or his own limit.
        NoNewQuestions: the category has no questions for him.
        ChallengeOver, MetLately: the challenge can't be played (by him).
        ExpiredButton: it isn't his private chat.
    """
    if not rules.duels.enabled:
        raise DuelsOff
    chat = chat_row(tx, chat_id)
    if chat.kind != ChatKind.PRIVATE:
        raise ExpiredButton
    shown_in = language_for(player_row(tx, player_id), chat)
    language, seat = reading_language(shown_in), None
    if wanted.challenge is not None:
        seat = accept_challenge(tx, wanted.challenge, player_id, language, rules.duels, stamp)
    player = player_row(tx, player_id, lock=True)
    _check(tx, player, rules, stamp)
    if seat is None:
        seat = _find_seat(tx, player_id, wanted.category or "", language, rules, stamp)
    hold_id = wallet.place_hold(tx, player_id, rules.duels.stake, cause=f"duel:{wanted.cause}", now=stamp.now)
    address = Address(chat_id=chat.id, language=shown_in, thread_id=thread_id)
    return _add(tx, player_id, seat, hold_id, address, rules, stamp)


def _check(tx: Connection, player: Row[Any], rules: GameRules, stamp: Stamp) -> None:
    check_may_duel(player, rules, stamp.now)
    if tx.execute(duels.OPEN_DUEL, {"of_player": player.id}).first() is not None:
        raise OpenDuel
    limits.check_spending(tx, player, rules.duels.stake, rules, stamp)


def check_may_duel(player: Row[Any], rules: GameRules, now: datetime) -> None:
    """Refuse a player who can't stake anything now; what he holds is another matter.

    Raises:
        OnBreak, InDebt, PlayerFrozen, TooYoung: he can't.
    """
    check_break(player, now)
    check_debt(player)
    check_frozen(player)
    wait = player.created_at + rules.duels.min_age - now
    if wait > timedelta(0):
        raise TooYoung(wait=wait)


def _find_seat(
    tx: Connection, player_id: int, category: str, language: str, rules: GameRules, stamp: Stamp
) -> Seat:
    seat = take_seat(tx, player_id, category, language, rules.duels, stamp)
    if seat is None:
        drawn = draw_set(tx, player_id, category, language, rules.duels, stamp)
        seat = Seat(drawn.id, language_in(drawn.languages, language))
    return seat


def _add(
    tx: Connection,
    player_id: int,
    seat: Seat,
    hold_id: int,
    address: Address,
    rules: GameRules,
    stamp: Stamp,
) -> int:
    row = {
        "set_id": seat.set_id,
        "player_id": player_id,
        "chat_id": address.chat_id,
        "thread_id": address.thread_id,
        "language": seat.language,
        "stake": rules.duels.stake,
        "bounty": rules.duels.bounty,
        "hold_id": hold_id,
        "created_at": stamp.now,
    }
    duel_id = tx.scalar(duels.ADD_DUEL, row)
    if duel_id is None:
        raise OpenDuel
    question = shown_question(tx, duel_id, 0)
    facts = {**question.facts(), "stake": rules.duels.stake, "seconds": int(rules.duels.time.total_seconds())}
    enqueue(
        tx, address, "duel_question", facts, key=f"duel:{duel_id}:question", stamp=stamp, ttl=QUESTION_TTL
    )
    told = {"duel": duel_id, "player": player_id, "category": question.category, "stake": rules.duels.stake}
    announce(tx, Happened("duel_started", told))
    return int(duel_id)
