"""Who plays and where: players and chats under our own keys, and the welcome grant at the first contact."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row

from db.models.people import ChatKind, Reach
from db.queries import moves, people
from db.session import Database, unfenced
from services import ledger
from services.errors import InvariantError
from services.events import ChatMoved, Forgot
from services.forgotten import ForgetKey, Forgotten, come_back, is_forgotten
from services.grants import give_welcome
from services.pot import open_pot, pot_key
from services.rules import GameRules
from services.stamp import Stamp, Stamps

CACHE_SIZE = 10_000
GROUP_TTL = timedelta(seconds=60)
NEW_FOR = timedelta(hours=1)
"""So long a group counts as new: what is done for new ones may have failed, or a crash may have come before it."""
"""How long another replica may not know that a group became a supergroup."""
DECLINED_EVERY = timedelta(minutes=1)


class UnknownPlayer(InvariantError):
    """A player's or chat's row that must be there isn't."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """A person as Telegram shows him; the name is cleaned, the language a code or None."""

    telegram_id: int
    name: str
    username: str | None
    language: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A chat as Telegram shows it; the title is cleaned."""

    telegram_id: int
    kind: ChatKind
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """A player and a chat that have rows of their own; ``is_new``: just now; ``is_new_chat``: lately."""

    player_id: int
    chat_id: int
    is_new: bool = False
    is_new_chat: bool = False


@dataclass(slots=True, kw_only=True)
class Meet:
    """Find or make the rows of a player and a chat, with the welcome grant and the chat's pot.

    Known pairs are remembered, so that a usual message costs no look-up. A forgotten player is known again by
    the hash of his Telegram id.
    """

    db: Database
    stamps: Stamps
    rules: GameRules
    key: ForgetKey
    _known: OrderedDict[tuple[Sender, Place], tuple[Met, datetime]] = field(default_factory=OrderedDict)

    async def __call__(self, *, sender: Sender, place: Place, may_return: bool = True) -> Met:
        """Return the keys of both.

        Args:
            may_return: whether this brings a forgotten player back: he wrote, and didn't only press a button.

        Raises:
            Forgotten: he was forgotten, and this doesn't bring him back.
        """
        known = self._known.get((sender, place))
        if known is not None and (place.kind is ChatKind.PRIVATE or self._is_fresh(known[1])):
            self._known.move_to_end((sender, place))
            return known[0]
        with unfenced():  # a crash behind this must not lose the message
            stamp = self.stamps.take()
            met, is_welcomed = await self.db.transact(self._meet, sender, place, may_return, stamp)
        if is_welcomed:
            met_again = Met(player_id=met.player_id, chat_id=met.chat_id)
            self._known[sender, place] = met_again, stamp.now
            if len(self._known) > CACHE_SIZE:
                self._known.popitem(last=False)
        return met

    def _is_fresh(self, known_at: datetime) -> bool:
        return timedelta(0) <= self.stamps.clock.now() - known_at < GROUP_TTL

    def on_commit(self, event: object) -> None:
        """Drop the chats of a group that became a supergroup, and a player who was forgotten."""
        if isinstance(event, ChatMoved):
            gone = {event.chat_id, event.former_id}
            self._drop(lambda met: met.chat_id in gone)
        elif isinstance(event, Forgot):
            self.drop(event.player_id)

    def drop(self, player_id: int) -> None:
        """Remember nothing of a player, so that he is looked up when he comes next."""
        self._drop(lambda met: met.player_id == player_id)

    def _drop(self, is_gone: Callable[[Met], bool]) -> None:
        for key in [key for key, (met, _) in self._known.items() if is_gone(met)]:
            del self._known[key]

    def _meet(
        self, tx: Connection, sender: Sender, place: Place, may_return: bool, stamp: Stamp
    ) -> tuple[Met, bool]:
        player_id, is_new, is_welcomed = self._meet_player(tx, sender, may_return, stamp)
        chat_id, is_new_chat = _visit(tx, place, stamp)
        met = Met(player_id=player_id, chat_id=chat_id, is_new=is_new, is_new_chat=is_new_chat)
        return met, is_welcomed

    def _meet_player(
        self, tx: Connection, sender: Sender, may_return: bool, stamp: Stamp
    ) -> tuple[int, bool, bool]:
        names = {"name": sender.name, "username": sender.username, "telegram_language": sender.language}
        row = tx.execute(people.PLAYER_OF_TELEGRAM, {"telegram_id": sender.telegram_id}).first()
        if row is None and not may_return and is_forgotten(tx, sender.telegram_id, self.key):
            raise Forgotten
        if row is None:
            row = come_back(tx, sender.telegram_id, names, self.key, stamp)
        elif (row.name, row.username, row.telegram_language) != tuple(names.values()):
            tx.execute(people.RENAME_PLAYER, {"player_id": row.id, **names})
        if row is not None:
            return row.id, False, row.welcomed or give_welcome(tx, row.id, self.rules.grants, stamp)
        player_id = _add_player(tx, sender, names, stamp)
        if player_id is None:  # another replica was quicker
            return self._meet_player(tx, sender, may_return, stamp)
        return player_id, True, give_welcome(tx, player_id, self.rules.grants, stamp)


def _add_player(tx: Connection, sender: Sender, names: Mapping[str, str | None], stamp: Stamp) -> int | None:
    new = {"telegram_id": sender.telegram_id, "at": stamp.now, "day": stamp.now.date()}
    player_id = tx.scalar(people.ADD_PLAYER, {**new, **names})
    if player_id is not None:
        ledger.open_account(tx, ledger.wallet_of(player_id))
    return player_id


def visit(tx: Connection, place: Place, stamp: Stamp) -> int:
    """Return the key of a chat; a new one gets its row and, where it has one, its pot.

    A former id leads to the chat that it is now. That the bot is back in a group is not for any message to say.
    """
    return _visit(tx, place, stamp)[0]


def _visit(tx: Connection, place: Place, stamp: Stamp) -> tuple[int, bool]:
    row = tx.execute(people.CHAT_OF_TELEGRAM, {"telegram_id": place.telegram_id}).first()
    if row is not None:
        if row.merged_into is not None:
            return int(row.merged_into), False
        if row.title != place.title:
            renamed = {"chat_id": row.id, "of_telegram_id": place.telegram_id, "to_title": place.title}
            tx.execute(people.RETITLE_CHAT, renamed)
        if row.reach != Reach.OK and row.removed_at is None:
            tx.execute(people.SET_REACH, {"chat_id": row.id, "to_reach": Reach.OK})
        return int(row.id), place.kind is ChatKind.GROUP and stamp.now - row.created_at < NEW_FOR
    chat_id = tx.scalar(
        people.ADD_CHAT,
        {"telegram_id": place.telegram_id, "kind": place.kind, "title": place.title, "at": stamp.now},
    )
    if chat_id is None:
        return _visit(tx, place, stamp)
    if place.kind is ChatKind.GROUP:
        open_pot(tx, pot_key(chat_id), chat_id, stamp)
    return int(chat_id), True


def player_row(tx: Connection, player_id: int, *, lock: bool = False) -> Row[tuple[object, ...]]:
    """Return a player's row; with ``lock`` nobody else changes it before this transaction ends.

    Raises:
        UnknownPlayer: there is none.
    """
    row = tx.execute(people.LOCK_PLAYER if lock else people.PLAYER, {"player_id": player_id}).first()
    if row is None:
        raise UnknownPlayer
    return row


def chat_row(tx: Connection, chat_id: int) -> Row[tuple[object, ...]]:
    """Return a chat's row, or that of the chat that it was merged into.

    Raises:
        UnknownPlayer: there is none.
    """
    row = tx.execute(people.CHAT, {"chat_id": chat_id}).first()
    if row is None:
        raise UnknownPlayer
    return row if row.merged_into is None else chat_row(tx, row.merged_into)


@dataclass(frozen=True, slots=True)
class Home:
    """The chat that something belongs to, and whether it happened under a former Telegram id of it."""

    chat_id: int
    is_former: bool


def home_of(tx: Connection, chat_id: int, telegram_id: int = 0) -> Home:
    """Return the chat that a chat is now; before this transaction ends it is merged into no other.

    Whoever feeds a group's pot asks this first.

    Raises:
        UnknownPlayer: there is no such chat.
    """
    row = tx.execute(moves.HOME, {"chat_id": chat_id, "telegram_id": telegram_id}).first()
    if row is None:
        raise UnknownPlayer
    if row.merged_into is not None:
        return home_of(tx, row.merged_into, telegram_id)
    return Home(int(row.id), bool(row.is_former))


def may_decline(tx: Connection, chat_id: int, stamp: Stamp) -> bool:
    """Return whether a group has heard for a minute of no message that was declined; more words would flood it."""
    facts = {"chat_id": chat_id, "before": stamp.now - DECLINED_EVERY, "at": stamp.now}
    return tx.scalar(people.MARK_DECLINED, facts) is not None


def set_reach(tx: Connection, chat_id: int, reach: Reach) -> None:
    """Remember whether messages arrive in a chat."""
    tx.execute(people.SET_REACH, {"chat_id": chat_id, "to_reach": reach})
