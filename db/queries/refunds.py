"""Statements of refunds: what a round owes to whom, who is paid next, whether anybody has paid of late."""

from sqlalchemy import Integer, Select, bindparam, func, insert, literal_column, select, update

from db.models.books import AccountKind, account, entry, transfer
from db.models.groups import refund_due
from db.models.people import ChatKind, Reach, chat, player
from db.models.pots import pot, round_, round_player

ROUND_WITH_POT = (
    select(
        round_.c.id,
        round_.c.k,
        pot.c.key,
        pot.c.chat_id,
        func.coalesce(chat.c.title, pot.c.key).label("title"),
    )
    .join(pot, pot.c.id == round_.c.pot_id)
    .outerjoin(chat, chat.c.id == pot.c.chat_id)
    .where(round_.c.id == bindparam("round_id"))
)
PUT_IN = select(
    func.coalesce(func.sum(round_player.c.fed_credits), 0).label("credits"), func.count().label("players")
).where(round_player.c.round_id == bindparam("round_id"), round_player.c.fed_credits > 0)
ADD_DUES = insert(refund_due).from_select(
    ["round_id", "player_id", "amount"],
    select(round_player.c.round_id, round_player.c.player_id, round_player.c.fed_credits).where(
        round_player.c.round_id == bindparam("round_id"), round_player.c.fed_credits > 0
    ),
)
_dues = refund_due.c.round_id == bindparam("round_id")
OWED = select(
    func.coalesce(func.sum(refund_due.c.amount), 0).label("credits"), func.count().label("players")
).where(_dues)
NEXT_DUES = (
    select(
        refund_due.c.player_id,
        refund_due.c.amount,
        player.c.language,
        player.c.telegram_language,
        chat.c.id.label("chat_id"),
    )
    .join(player, player.c.id == refund_due.c.player_id)
    .outerjoin(
        chat,
        (chat.c.telegram_id == player.c.telegram_id)
        & player.c.forgotten_hash.is_(None)
        & (chat.c.kind == ChatKind.PRIVATE)
        & (chat.c.reach == Reach.OK),
    )
    .where(_dues, refund_due.c.entry_id.is_(None))
    .order_by(refund_due.c.player_id)
    .limit(bindparam("most"))
)
MARK_PAID = (
    update(refund_due)
    .where(
        refund_due.c.round_id == bindparam("of_round"),
        refund_due.c.player_id == bindparam("of_player"),
        refund_due.c.entry_id.is_(None),
    )
    .values(entry_id=bindparam("to_entry_id"))
    .returning(refund_due.c.player_id)
)
PAID_SINCE: Select[tuple[int]] = (
    select(literal_column("1", Integer))
    .select_from(round_player)
    .join(entry, entry.c.player_id == round_player.c.player_id)
    .join(transfer, transfer.c.entry_id == entry.c.id)
    .join(account, account.c.id == transfer.c.credit_id)
    .where(
        round_player.c.round_id == bindparam("round_id"),
        entry.c.at > bindparam("since"),
        account.c.kind == AccountKind.POT,
        account.c.owner_id == bindparam("pot_id"),
    )
    .limit(1)
)
"""Whether a player of the round has put anything into its pot since then, as a message or a gift."""
