"""Challenges are posted in groups, looked at by whoever follows their link, and expire."""

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Connection, Row

from db.queries import challenges
from db.session import Database, announce, unfinished
from services import ledger
from services.duels.challenges import ChallengeOver
from services.duels.sets import draw_set, reading_language
from services.duels.start import DuelsOff, check_may_duel
from services.errors import UserError
from services.events import Happened
from services.names import Shown, shown
from services.outbox import Address, enqueue, language_for
from services.people import chat_row, home_of, player_row
from services.ports import Clock
from services.rules import GameRules
from services.stamp import Stamp, Stamps
from services.timers import TimerKind, set_timer


class ChallengeOpen(UserError):
    """The player's last challenge still waits for somebody."""

    code: ClassVar[str] = "challenge_open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A challenge as its group sees it; the commitment is that of its set."""

    token: str
    who: Shown
    commitment: bytes
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PostChallenge:
    """Draw a set for a challenge in a group; nothing is held until somebody plays it."""

    db: Database
    stamps: Stamps
    rules: GameRules

    async def __call__(
        self, *, player_id: int, chat_id: int, thread_id: int | None, message_id: int, category: str
    ) -> Posted:
        """Return it.

        Args:
            message_id: Telegram's, of the message in which it is shown.

        Raises:
            DuelsOff, OnBreak, InDebt, PlayerFrozen, TooYoung, InsufficientFunds: the player can't duel (now).
            ChallengeOpen: another of his is open.
            NoNewQuestions: the category has no questions for him.
        """
        where = (chat_id, thread_id, message_id)
        with unfinished():  # it is shown behind the commit
            return await self.db.transact(_post, player_id, where, category, self.rules, self.stamps.take())


def _post(
    tx: Connection,
    player_id: int,
    where: tuple[int, int | None, int],
    category: str,
    rules: GameRules,
    stamp: Stamp,
) -> Posted:
    chat_id, thread_id, message_id = where
    chat, player = chat_row(tx, home_of(tx, chat_id).chat_id), player_row(tx, player_id, lock=True)
    _check(tx, player, rules, stamp)
    language = reading_language(language_for(player, chat))
    drawn = draw_set(tx, player_id, category, language, rules.duels, stamp, is_open=False)
    new = {
        "token": base64.urlsafe_b64encode(stamp.random(f"challenge:{drawn.id}", 16)).rstrip(b"=").decode(),
        "set_id": drawn.id,
        "chat_id": chat.id,
        "thread_id": thread_id,
        "player_id": player_id,
        "message_id": message_id,
        "created_at": stamp.now,
        "expires_at": stamp.now + rules.duels.pair_within,
    }
    challenge_id = tx.scalar(challenges.ADD, new)
    facts = {"challenge": challenge_id, "telegram_id": chat.telegram_id}
    cause = f"challenge:{challenge_id}"
    set_timer(tx, TimerKind.CHALLENGE, cause, new["expires_at"], chat_id=chat.id, facts=facts, stamp=stamp)
    told = {"challenge": challenge_id, "player": player_id, "chat": chat.id, "category": category}
    announce(tx, Happened("challenge_posted", told))
    return Posted(
        token=new["token"], who=shown(player), commitment=drawn.commitment, expires_at=new["expires_at"]
    )


def _check(tx: Connection, player: Row[Any], rules: GameRules, stamp: Stamp) -> None:
    if not rules.duels.enabled:
        raise DuelsOff
    check_may_duel(player, rules, stamp.now)
    ledger.check_available(tx, ledger.wallet_of(player.id), rules.duels.stake)
    if tx.scalar(challenges.UNANSWERED, {"of_player": player.id, "now": stamp.now}) is not None:
        raise ChallengeOpen


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """A challenge as one player sees it who followed its link."""

    category: str
    who: Shown
    is_own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadChallenge:
    """Show a challenge to whoever followed its link."""

    db: Database
    clock: Clock

    async def __call__(self, *, token: str, player_id: int) -> Invitation:
        """Return it; whether there is a seat is certain only when he stakes.

        Raises:
            ChallengeOver: there is none of this name (any more), or somebody else accepted it.
        """
        return await self.db.read(_invitation, token, player_id, self.clock.now())


def _invitation(tx: Connection, token: str, player_id: int, now: datetime) -> Invitation:
    row = tx.execute(challenges.OF_TOKEN, {"of_token": token[:32]}).first()
    if row is None or now >= row.expires_at:
        raise ChallengeOver
    if player_id != row.player_id and row.rival_id not in (None, player_id):
        raise ChallengeOver
    return Invitation(category=row.category, who=shown(row), is_own=player_id == row.player_id)


def expire_challenge(tx: Connection, timer: Row[Any], stamp: Stamp) -> bool:
    """Say in its group that nobody accepted a challenge, where it stood. A job of a timer."""
    row = tx.execute(challenges.OF_ID, {"of_challenge": timer.facts["challenge"]}).one()
    if row.rival_id is not None:
        return False
    chat, player = chat_row(tx, row.chat_id), player_row(tx, row.player_id)
    facts = {
        "telegram_id": timer.facts["telegram_id"],
        "edit": row.message_id,
        "who": shown(row).facts(),
        "category": row.category,
    }
    address = Address(chat_id=chat.id, language=language_for(player, chat))
    enqueue(tx, address, "challenge_expired", facts, key=f"challenge:{row.id}:expired", stamp=stamp)
    return False
