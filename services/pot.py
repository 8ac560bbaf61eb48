"""The pot: opened once, fed by messages and gifts, won by a ticket; its rounds are in ``services/rounds.py``."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row

from db.models.people import ChatKind
from db.models.pots import Outcome
from db.queries import pots
from services import draw, ledger, money, rounds
from services.entry_kinds import EntryKind
from services.ledger import Move, NewEntry
from services.pricing import chance_ppm
from services.rules import PotRules
from services.stamp import Stamp

GLOBAL_KEY = "global"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidMessage:
    """What a paid message brings into the draw; ``price`` in credits, ``date`` in Unix seconds."""

    player_id: int
    price: int
    chat_msg: int
    date: int
    seed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A ticket and what its roll brought; all amounts in credits, the chance in millionths."""

    round_id: int
    round_no: int
    ticket_no: int
    ppm: int
    roll: int
    head: bytes
    pseudonym: str
    won: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Payout:
    """A won pot: the prize, what is left as the next round's seed, and that round."""

    entry_id: int
    prize: int
    left: int
    balance: int
    next_round_no: int
    next_commitment: str
    new_anchor: str | None


def pot_key(chat_id: int) -> str:
    """Return the key of a group's pot, by our own chat key."""
    return f"g:{chat_id}"


def key_of_chat(chat_id: int, *, in_group: bool) -> str:
    """Return the key of the pot that a chat's messages feed."""
    return pot_key(chat_id) if in_group else GLOBAL_KEY


def pot_of(tx: Connection, chat_id: int, kind: ChatKind, stamp: Stamp) -> int:
    """Return the pot that a chat's messages feed: its own in a group, the global one in private."""
    key = key_of_chat(chat_id, in_group=kind is ChatKind.GROUP)
    row = tx.execute(pots.POT_OF_KEY, {"key": key}).first()
    if row is not None:
        return int(row.id)
    return open_pot(tx, key, None if kind is ChatKind.PRIVATE else chat_id, stamp)


def open_pot(tx: Connection, key: str, chat_id: int | None, stamp: Stamp) -> int:
    """Open an empty pot with its first chain and round, once per key, and return its id."""
    pot_id = tx.scalar(pots.ADD_POT, {"key": key, "chat_id": chat_id, "at": stamp.now})
    if pot_id is None:
        return int(tx.execute(pots.POT_OF_KEY, {"key": key}).one().id)
    ledger.open_account(tx, ledger.account_of_pot(pot_id))
    rounds.open_round(tx, pot_id, key, 1, carried_in=0, stamp=stamp)
    return int(pot_id)


def pot_moves(rules: PotRules, pot_id: int, player_id: int, price: int) -> list[Move]:
    """Return the transfers of a captured price: the house's share and the pot's, or all to the house."""
    wallet = ledger.wallet_of(player_id)
    if not rules.enabled:
        return [Move(wallet, ledger.HOUSE, price, from_hold=True)]
    split = money.split_price(money.Credits(price), house_divisor=rules.house_divisor)
    shares = ((ledger.account_of_pot(pot_id), split.pot), (ledger.HOUSE, split.house))
    return [Move(wallet, to, share, from_hold=True) for to, share in shares if share]


def next_ticket(tx: Connection, pot_id: int) -> Row[tuple[object, ...]]:
    """Number the next ticket of a pot's open round; the round is this transaction's until it ends.

    Raises:
        RoundMissing: the pot has no open round.
    """
    row = tx.execute(pots.NEXT_TICKET, {"of_pot": pot_id}).first()
    if row is None:
        raise rounds.RoundMissing
    return row


def draw_ticket(
    tx: Connection,
    row: Row[tuple[object, ...]],
    message: PaidMessage,
    entry_id: int,
    fed: int,
    rules: PotRules,
    stamp: Stamp,
) -> Drawn:
    """Write the numbered ticket with its head and roll, and count what its player put in."""
    pseudonym = feed_round(tx, row.id, message.player_id, tickets=1, fed=fed, stamp=stamp)
    ppm = chance_of(rules, message.price)
    facts = draw.TicketFacts(
        chat_msg=message.chat_msg,
        date=message.date,
        n=row.tickets,
        ppm=ppm,
        price=message.price,
        seed=message.seed,
        user=pseudonym,
    )
    head = draw.next_head(row.head, facts)
    roll = draw.roll(row.secret, head)
    won = draw.wins(roll, ppm)
    tx.execute(pots.ADVANCE_HEAD, {"round_id": row.id, "to_head": head})
    tx.execute(
        pots.ADD_TICKET,
        {
            "round_id": row.id,
            "n": row.tickets,
            "entry_id": entry_id,
            "player_id": message.player_id,
            "pseudonym": pseudonym,
            "chat_msg": message.chat_msg,
            "date": message.date,
            "ppm": ppm,
            "price": message.price,
            "seed": message.seed,
            "head": head,
            "roll": roll,
            "won": won,
        },
    )
    return Drawn(
        round_id=row.id,
        round_no=row.k,
        ticket_no=row.tickets,
        ppm=ppm,
        roll=roll,
        head=head,
        pseudonym=pseudonym,
        won=won,
    )


def chance_of(rules: PotRules, price: int) -> int:
    """Return the chance of a paid message in millionths; 0 where pots are switched off."""
    return chance_ppm(money.Credits(price), ppm_per_credit=rules.ppm_per_credit) if rules.enabled else 0


def feed_round(tx: Connection, round_id: int, player_id: int, *, tickets: int, fed: int, stamp: Stamp) -> str:
    """Count what a player put into a round and return his pseudonym in it."""
    pseudonym = "u" + stamp.random(f"pseudonym:{round_id}:{player_id}", 5).hex()
    facts = {"round_id": round_id, "player_id": player_id, "pseudonym": pseudonym}
    row = tx.execute(pots.FEED_ROUND, {**facts, "tickets": tickets, "fed": fed}).one()
    return str(row.pseudonym)


def pay_out(
    tx: Connection,
    pot_id: int,
    key: str,
    drawn: Drawn,
    player_id: int,
    pot_credits: int,
    rules: PotRules,
    stamp: Stamp,
) -> Payout:
    """Pay the prize of a won round, close it and open the next one with what is left."""
    prize = money.prize_of(
        money.Credits(pot_credits), share_bps=rules.prize_share_bps, cap=money.Credits(rules.prize_cap)
    )
    wallet, account = ledger.wallet_of(player_id), ledger.account_of_pot(pot_id)
    posted = ledger.post(
        tx,
        NewEntry(
            kind=EntryKind.WIN,
            cause=f"win:{drawn.round_id}",
            at=stamp.now,
            moves=[Move(account, wallet, prize)],
            player_id=player_id,
            round_id=drawn.round_id,
            facts={"round_no": drawn.round_no, "ticket_no": drawn.ticket_no, "pot": pot_credits},
        ),
    )
    left = posted.balances[account]
    opened = rounds.close_round(
        tx, pot_id, key, drawn.round_id, drawn.round_no, Outcome.WON, prize, left, stamp
    )
    return Payout(
        entry_id=posted.entry_id,
        prize=prize,
        left=left,
        balance=posted.balances[wallet],
        next_round_no=opened.round_no,
        next_commitment=opened.commitment.hex(),
        new_anchor=opened.new_anchor.hex() if opened.new_anchor else None,
    )


def unix_seconds(moment: datetime) -> int:
    """Return whole Unix seconds."""
    return int(moment.timestamp())


def open_global_pot(tx: Connection, stamp: Stamp) -> int:
    """Open the pot of all private chats at the first start, so that its anchor is public before any ticket."""
    return pot_of(tx, 0, ChatKind.PRIVATE, stamp)
