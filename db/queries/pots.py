"""Statements of pots, rounds and tickets."""

from sqlalchemy import bindparam, func, insert, select, update

from db.models.books import AccountKind, account
from db.models.pots import RoundState, chain, pot, round_, round_player, ticket
from db.queries import upsert

ADD_POT = (
    upsert.insert(pot)
    .values(key=bindparam("key"), chat_id=bindparam("chat_id"), created_at=bindparam("at"))
    .on_conflict_do_nothing(index_elements=["key"])
    .returning(pot.c.id)
)
POT_OF_KEY = select(pot.c.id, pot.c.key).where(pot.c.key == bindparam("key"))
ADD_CHAIN = insert(chain).returning(chain.c.id)
LAST_CHAIN = (
    select(chain).where(chain.c.pot_id == bindparam("pot_id")).order_by(chain.c.number.desc()).limit(1)
)
ADD_ROUND = insert(round_).returning(round_.c.id)

OPEN_ROUND = select(round_).where(round_.c.pot_id == bindparam("pot_id"), round_.c.state == RoundState.OPEN)
NEXT_TICKET = (
    update(round_)
    .where(round_.c.pot_id == bindparam("of_pot"), round_.c.state == RoundState.OPEN)
    .values(tickets=round_.c.tickets + 1)
    .returning(round_.c.id, round_.c.k, round_.c.head, round_.c.secret, round_.c.tickets, round_.c.chain_id)
)
ADVANCE_HEAD = update(round_).where(round_.c.id == bindparam("round_id")).values(head=bindparam("to_head"))
CLOSE_ROUND = (
    update(round_)
    .where(round_.c.id == bindparam("round_id"), round_.c.state == RoundState.OPEN)
    .values(
        state=RoundState.CLOSED.value,
        outcome=bindparam("to_outcome"),
        prize=bindparam("to_prize"),
        closed_at=bindparam("at"),
    )
    .returning(round_.c.id)
)
_fed = upsert.insert(round_player).values(
    round_id=bindparam("round_id"),
    player_id=bindparam("player_id"),
    pseudonym=bindparam("pseudonym"),
    tickets=bindparam("tickets"),
    fed_credits=bindparam("fed"),
)
FEED_ROUND = _fed.on_conflict_do_update(
    index_elements=["round_id", "player_id"],
    set_={
        "tickets": round_player.c.tickets + _fed.excluded.tickets,
        "fed_credits": round_player.c.fed_credits + _fed.excluded.fed_credits,
    },
).returning(round_player.c.pseudonym, round_player.c.tickets)
ADD_TICKET = insert(ticket)

ROUND_OF_POT = (
    select(round_, chain.c.anchor)
    .join(chain, chain.c.id == round_.c.chain_id)
    .where(round_.c.pot_id == bindparam("pot_id"), round_.c.k == bindparam("k"))
)
TICKETS_OF_ROUND = select(ticket).where(ticket.c.round_id == bindparam("round_id")).order_by(ticket.c.n)
POT_VIEW = (
    select(
        pot.c.id.label("pot_id"),
        pot.c.key,
        account.c.balance,
        round_.c.id.label("round_id"),
        round_.c.k,
        round_.c.tickets,
        round_.c.commitment,
        chain.c.anchor,
        func.coalesce(round_player.c.tickets, 0).label("own_tickets"),
        round_player.c.pseudonym,
    )
    .join(account, (account.c.kind == AccountKind.POT) & (account.c.owner_id == pot.c.id))
    .join(round_, (round_.c.pot_id == pot.c.id) & (round_.c.state == RoundState.OPEN))
    .join(chain, chain.c.id == round_.c.chain_id)
    .outerjoin(
        round_player,
        (round_player.c.round_id == round_.c.id) & (round_player.c.player_id == bindparam("player_id")),
    )
    .where(pot.c.key == bindparam("key"))
)
LAST_WINS = (
    select(round_.c.k, round_.c.tickets, round_.c.prize, round_.c.closed_at)
    .where(round_.c.pot_id == bindparam("pot_id"), round_.c.outcome == "won")
    .order_by(round_.c.k.desc())
    .limit(bindparam("most"))
)
