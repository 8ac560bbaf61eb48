"""What a paid answer costs: its price captured and shared, its ticket drawn and perhaps paid out."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Row

from db.models.people import ChatKind
from db.queries import people, turns
from db.session import announce
from services import ledger, money, pot, wallet
from services.entry_kinds import EntryKind
from services.events import Happened, TurnReserved
from services.ledger import NewEntry, Posted
from services.pot import Drawn, PaidMessage, Payout
from services.rules import GameRules
from services.stamp import Stamp

AnyRow = Row[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Charged:
    """What a paid answer's receipt says, and what was drawn and won, if there is a pot."""

    receipt: Mapping[str, object]
    drawn: Drawn | None = None
    payout: Payout | None = None


def charge(
    tx: Connection, turn: TurnReserved, row: AnyRow, player: AnyRow, rules: GameRules, stamp: Stamp
) -> Charged:
    """Take the price that is held for a turn, share it, and draw its ticket."""
    rules = rules.in_chat(pot_on=row.seed is not None)  # as it was when the price was agreed to and held
    price = wallet.capture_hold(tx, row.hold_id, now=stamp.now)
    kind = ChatKind.GROUP if turn.in_group else ChatKind.PRIVATE
    pot_id = pot.pot_of(tx, turn.chat_id, kind, stamp) if rules.pot.enabled else 0
    posted = _post_price(tx, turn, pot_id, price, rules, stamp)
    tx.execute(turns.SET_ENTRY, {"turn_id": turn.turn_id, "to_entry_id": posted.entry_id})
    balance = posted.balances[ledger.wallet_of(turn.player_id)]
    announce(
        tx,
        Happened(
            "charged",
            {"turn": turn.turn_id, "player": turn.player_id, "price": price, "receipt": posted.entry_id},
        ),
    )
    receipt: dict[str, object] = {
        "kind": "paid",
        "price": price,
        "balance": balance,
        "receipt": posted.entry_id,
    }
    charged = Charged(receipt)
    if rules.pot.enabled:
        drawn, payout = _draw(tx, turn, row, pot_id, price, posted, rules, stamp)
        charged = Charged(receipt | _ticket_facts(drawn, payout, posted, pot_id), drawn, payout)
    tx.execute(
        people.COUNT_PAID,
        {
            "player_id": turn.player_id,
            "in_window": int(row.window_key == player.window_key),
            "today": int(row.day == player.day),
            "spent": price if row.day == player.day else 0,
            "won": int(charged.payout is not None),
        },
    )
    return charged


def _post_price(
    tx: Connection, turn: TurnReserved, pot_id: int, price: int, rules: GameRules, stamp: Stamp
) -> Posted:
    return ledger.post(
        tx,
        NewEntry(
            kind=EntryKind.MESSAGE,
            cause=f"turn:{turn.turn_id}",
            at=stamp.now,
            moves=pot.pot_moves(rules.pot, pot_id, turn.player_id, price),
            player_id=turn.player_id,
            facts={"in_group": turn.in_group},
        ),
    )


def _draw(
    tx: Connection,
    turn: TurnReserved,
    row: AnyRow,
    pot_id: int,
    price: int,
    posted: Posted,
    rules: GameRules,
    stamp: Stamp,
) -> tuple[Drawn, Payout | None]:
    message = PaidMessage(
        player_id=turn.player_id,
        price=price,
        chat_msg=turn.message_id,
        date=pot.unix_seconds(row.sent_at),
        seed=row.seed,
    )
    fed = money.split_price(price, house_divisor=rules.pot.house_divisor).pot
    drawn = pot.draw_ticket(tx, pot.next_ticket(tx, pot_id), message, posted.entry_id, fed, rules.pot, stamp)
    key = pot.key_of_chat(turn.chat_id, in_group=turn.in_group)
    announce(
        tx,
        Happened(
            "ticket",
            {"pot": key, "round": drawn.round_no, "n": drawn.ticket_no, "ppm": drawn.ppm, "roll": drawn.roll},
        ),
    )
    if not drawn.won:
        return drawn, None
    pot_credits = posted.balances[ledger.account_of_pot(pot_id)]
    payout = pot.pay_out(tx, pot_id, key, drawn, turn.player_id, pot_credits, rules.pot, stamp)
    announce(
        tx,
        Happened(
            "win",
            {
                "pot": key,
                "round": drawn.round_no,
                "n": drawn.ticket_no,
                "prize": payout.prize,
                "player": turn.player_id,
            },
        ),
    )
    return drawn, payout


def _ticket_facts(drawn: Drawn, payout: Payout | None, posted: Posted, pot_id: int) -> dict[str, object]:
    facts: dict[str, object] = {
        "ticket": drawn.ticket_no,
        "round": drawn.round_no,
        "ppm": drawn.ppm,
        "roll": drawn.roll,
        "head": drawn.head[:4].hex(),
        "won": drawn.won,
        "pot": posted.balances[ledger.account_of_pot(pot_id)],
    }
    if payout is not None:
        facts |= {"pot": payout.left, "balance": payout.balance}
    return facts
