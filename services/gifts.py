"""Gifts to a pot: asked once more, then booked whole, without a ticket."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row

from db.models.people import ChatKind
from db.queries import people, pots
from db.session import Database, announce
from services import ledger, limits, pot
from services.breaks import check_break
from services.buttons import add_buttons
from services.debts import check_debt
from services.entry_kinds import EntryKind
from services.errors import UserError
from services.events import Happened
from services.freezing import check_frozen
from services.ledger import Move, NewEntry
from services.outbox import Address, enqueue, language_for
from services.people import chat_row, home_of, player_row
from services.rules import GameRules
from services.stamp import Stamp, Stamps


class PotsOff(UserError):
    """Pots are switched off: by the operator, or in this group by its admins."""

    code = "pots_off"


@dataclass(frozen=True, slots=True, kw_only=True)
class AskGift:
    """Ask a player by buttons whether he wants to put credits into the pot of the chat."""

    db: Database
    stamps: Stamps
    rules: GameRules

    async def __call__(
        self, *, player_id: int, chat_id: int, thread_id: int | None, message_id: int, credits: int
    ) -> None:
        """Write the question; nothing is held until it is answered.

        Raises:
            PotsOff: there are no pots here.
            InsufficientFunds: the player holds less.
            DayLimitReached: his own limit of credits a day would be passed.
            OnBreak: he takes a break.
            InDebt: he owes credits.
            PlayerFrozen: he is frozen.
        """
        where = _Where(chat_id, thread_id, message_id)
        await self.db.transact(_ask_gift, player_id, where, credits, self.rules, self.stamps.take())


@dataclass(frozen=True, slots=True)
class _Where:
    chat_id: int
    thread_id: int | None
    message_id: int


def _ask_gift(
    tx: Connection, player_id: int, where: _Where, credits: int, rules: GameRules, stamp: Stamp
) -> None:
    chat = chat_row(tx, where.chat_id)
    if not rules.in_chat(pot_on=chat.pot_on).pot.enabled:
        raise PotsOff
    player = player_row(tx, player_id, lock=True)
    _check_may(player, stamp.now)
    ledger.check_available(tx, ledger.wallet_of(player_id), credits)
    limits.check_spending(tx, player, credits, rules, stamp)
    label = f"gift:{where.chat_id}:{where.message_id}"
    tokens = add_buttons(
        tx,
        {key: {"credits": credits, "thread": where.thread_id} for key in ("gift", "keep")},
        player_id=player_id,
        chat_id=chat.id,
        ttl=rules.talk.confirm,
        stamp=stamp,
        label=label,
    )
    address = Address(
        chat_id=chat.id,
        language=language_for(player, chat),
        thread_id=where.thread_id,
        reply_to=where.message_id,
    )
    asked = {"credits": credits, "buttons": tokens, "in_group": chat.kind == ChatKind.GROUP}
    enqueue(tx, address, "gift_ask", asked, key=label, stamp=stamp)


def _check_may(player: Row[tuple[object, ...]], now: datetime) -> None:
    check_debt(player)
    check_break(player, now)
    check_frozen(player)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A booked gift: the credits, the pot and the balance after it, its receipt."""

    credits: int
    pot: int
    balance: int
    receipt: int


def give(
    tx: Connection,
    player_id: int,
    chat_id: int,
    credits: int,
    cause: str,
    rules: GameRules,
    stamp: Stamp,
    thread_id: int | None = None,
) -> Given:
    """Book a gift to the pot of the chat.

    Raises:
        PotsOff, InsufficientFunds, DayLimitReached, OnBreak, InDebt, PlayerFrozen: as when it was asked about.
        AlreadyPosted: it was booked before.
    """
    player = player_row(tx, player_id, lock=True)
    _check_may(player, stamp.now)
    chat_id = home_of(tx, chat_id).chat_id
    chat = chat_row(tx, chat_id)
    if not rules.in_chat(pot_on=chat.pot_on).pot.enabled:
        raise PotsOff
    limits.check_spending(tx, player, credits, rules, stamp)
    kind = ChatKind(chat.kind)
    pot_id = pot.pot_of(tx, chat_id, kind, stamp)
    wallet, account = ledger.wallet_of(player_id), ledger.account_of_pot(pot_id)
    posted = ledger.post(
        tx,
        NewEntry(
            kind=EntryKind.GIFT,
            cause=cause,
            at=stamp.now,
            moves=[Move(wallet, account, credits)],
            player_id=player_id,
            facts={"in_group": kind is ChatKind.GROUP},
        ),
    )
    round_id = tx.execute(pots.OPEN_ROUND, {"pot_id": pot_id}).one().id
    pot.feed_round(tx, round_id, player_id, tickets=0, fed=credits, stamp=stamp)
    tx.execute(people.COUNT_SPENT, {"player_id": player_id, "spent": credits})
    told = {
        "credits": credits,
        "pot": posted.balances[account],
        "balance": posted.balances[wallet],
        "receipt": posted.entry_id,
        "name": player.name,
        "in_group": kind is ChatKind.GROUP,
    }
    address = Address(chat_id=chat_id, language=language_for(player, chat), thread_id=thread_id)
    enqueue(tx, address, "gift_done", told, key=cause, stamp=stamp, is_money=True)
    key = pot.key_of_chat(chat_id, in_group=kind is ChatKind.GROUP)
    announce(
        tx,
        Happened("gift", {"pot": key, "player": player_id, "credits": credits, "receipt": posted.entry_id}),
    )
    return Given(
        credits=credits,
        pot=posted.balances[account],
        balance=posted.balances[wallet],
        receipt=posted.entry_id,
    )
