"""Statements of what reports and charts show of a group's pot, of its leaderboards, and of samples."""

from typing import Any

from sqlalchemy import ColumnElement, bindparam, cast, delete, desc, func, literal_column, or_, select, update

from db.models.books import AccountKind, account, entry, transfer
from db.models.groups import pot_sample, timer
from db.models.people import chat, player
from db.models.pots import Outcome, RoundState, pot, round_, round_player, ticket
from db.queries import upsert

WAITING_REPORTS = (
    delete(timer)
    .where(
        timer.c.kind == bindparam("of_kind"),
        timer.c.chat_id == bindparam("of_chat"),
        timer.c.done_at.is_(None),
        timer.c.cause != bindparam("but_cause"),
    )
    .returning(timer.c.facts)
)
"""Deletes them: their hour isn't the group's any more."""
FORMER_CHATS = (
    select(pot.c.chat_id)
    .join(chat, chat.c.id == pot.c.chat_id)
    .where(
        chat.c.merged_into == bindparam("of_chat"),
        select(round_.c.id).where(round_.c.pot_id == pot.c.id, round_.c.closed_at.is_not(None)).exists(),
    )
    .order_by(pot.c.id)
)
"""Chats that became part of a chat, if their pot had a round."""
TIMER_OF_CAUSE = select(timer.c.id).where(timer.c.cause == bindparam("of_cause"))
POT_OF_CHAT = (
    select(pot.c.id, account.c.balance)
    .join(account, (account.c.kind == AccountKind.POT) & (account.c.owner_id == pot.c.id))
    .where(pot.c.chat_id == bindparam("chat_id"))
)

_since, _until = bindparam("since", type_=entry.c.at.type), bindparam("until", type_=entry.c.at.type)
_in_time = (entry.c.at >= _since) & (entry.c.at < _until)
_tickets = ticket.join(
    round_,
    (round_.c.id == ticket.c.round_id)
    & (round_.c.pot_id == bindparam("of_pot"))
    & or_(round_.c.closed_at.is_(None), round_.c.closed_at >= _since),
).join(entry, (entry.c.id == ticket.c.entry_id) & _in_time)
TICKETS_SINCE = select(
    func.count().label("tickets"),
    func.count(ticket.c.player_id.distinct()).label("players"),
).select_from(_tickets)
HOUSE_SINCE = (
    select(func.coalesce(func.sum(transfer.c.amount), 0))
    .select_from(_tickets.join(transfer, transfer.c.entry_id == entry.c.id))
    .join(account, (account.c.id == transfer.c.credit_id) & (account.c.kind == AccountKind.HOUSE))
)
WINS_SINCE = (
    select(
        round_.c.k,
        round_.c.prize,
        round_.c.closed_at,
        ticket.c.n,
        entry.c.facts,
        player.c.name,
        player.c.alias,
        player.c.hidden,
    )
    .join(ticket, (ticket.c.round_id == round_.c.id) & ticket.c.won)
    .join(entry, (entry.c.round_id == round_.c.id) & (entry.c.kind == "win"))
    .join(player, player.c.id == ticket.c.player_id)
    .where(
        round_.c.pot_id == bindparam("of_pot"),
        round_.c.outcome == Outcome.WON,
        round_.c.closed_at >= _since,
        round_.c.closed_at < _until,
    )
    .order_by(round_.c.k.desc())
    .limit(bindparam("most"))
)
SAMPLES_SINCE = (
    select(pot_sample.c.at, pot_sample.c.balance)
    .where(pot_sample.c.pot_id == bindparam("of_pot"), pot_sample.c.at >= bindparam("begin"))
    .order_by(pot_sample.c.at.desc())
    .limit(bindparam("most"))
)
SAMPLE_BEFORE = (
    select(pot_sample.c.balance)
    .where(pot_sample.c.pot_id == bindparam("of_pot"), pot_sample.c.at < bindparam("begin"))
    .order_by(pot_sample.c.at.desc())
    .limit(1)
)

_last = (
    select(pot_sample.c.balance)
    .where(pot_sample.c.pot_id == account.c.owner_id)
    .order_by(pot_sample.c.at.desc())
    .limit(1)
    .scalar_subquery()
)
_changed = (
    select(
        account.c.owner_id,
        cast(bindparam("at", type_=pot_sample.c.at.type), pot_sample.c.at.type),
        account.c.balance,
    )
    .where(
        account.c.kind == AccountKind.POT,
        account.c.balance != func.coalesce(_last, 0),
        ~select(pot_sample.c.pot_id)
        .where(pot_sample.c.pot_id == account.c.owner_id, pot_sample.c.at >= bindparam("at"))
        .exists(),
    )
    .order_by(account.c.owner_id)
    .limit(bindparam("most"))
)
ADD_SAMPLES = (
    upsert.insert(pot_sample)
    .from_select(["pot_id", "at", "balance"], _changed)
    .on_conflict_do_nothing(index_elements=["pot_id", "at"])
    .returning(pot_sample.c.pot_id)
)
"""None behind one that a clock of the future wrote."""
FORGET_SAMPLES = delete(pot_sample).where(pot_sample.c.at < bindparam("before"))

BOARD_OF_ROUND = (
    select(
        player.c.name,
        player.c.alias,
        player.c.hidden,
        round_player.c.player_id.label("player_id"),
        round_player.c.tickets.label("board_tickets"),
        round_player.c.fed_credits.label("board_credits"),
    )
    .join(round_, (round_.c.id == round_player.c.round_id) & (round_.c.state == RoundState.OPEN))
    .join(player, player.c.id == round_player.c.player_id)
    .where(round_.c.pot_id == bindparam("of_pot"))
)
BOARD_SINCE = (
    select(
        ticket.c.player_id,
        player.c.name,
        player.c.alias,
        player.c.hidden,
        func.count().label("board_tickets"),
        func.sum(ticket.c.price).label("board_credits"),
    )
    .select_from(_tickets)
    .join(player, player.c.id == ticket.c.player_id)
    .group_by(ticket.c.player_id, player.c.name, player.c.alias, player.c.hidden)
)
ROUNDS_OF_POT = (
    select(round_.c.k, round_.c.outcome, round_.c.tickets, round_.c.prize, round_.c.closed_at)
    .where(round_.c.pot_id == bindparam("of_pot"), round_.c.state == RoundState.CLOSED)
    .order_by(round_.c.k.desc())
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)
COUNT_ROUNDS = (
    select(func.count())
    .select_from(round_)
    .where(round_.c.pot_id == bindparam("of_pot"), round_.c.state == RoundState.CLOSED)
)


def _shown(name: str) -> ColumnElement[Any]:
    """Return a column of a leaderboard by its name there."""
    return literal_column(f'"{name}"')


BOARDS = {
    (period, order): statement.order_by(
        desc(_shown(f"board_{order}")), desc(_shown(f"board_{other}")), statement.selected_columns.player_id
    ).limit(bindparam("most"))
    for period, statement in (("round", BOARD_OF_ROUND), ("week", BOARD_SINCE))
    for order, other in (("credits", "tickets"), ("tickets", "credits"))
}
SET_ALIAS = (
    update(player)
    .where(player.c.id == bindparam("of_player"), player.c.forgotten_hash.is_(None))
    .values(alias=bindparam("to_alias"), hidden=bindparam("to_hidden"))
)
