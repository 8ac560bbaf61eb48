"""Statements of the file that holds all about a player: each gives a page of rows, in the order of a key."""

from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, case, or_, select

from db.models.books import account, entry, hold
from db.models.chats import conversation, turn
from db.models.duels import DuelState, challenge, duel, duel_answer, question_set, rating
from db.models.groups import refund_due
from db.models.payments import payment, purchase
from db.models.people import ChatKind, chat, player
from db.models.pots import pot, round_, round_player, ticket
from db.models.questions import question_report

MOST = 500
_player_id: BindParameter[int] = bindparam("player_id")


def _page(statement: Select[Any], key: Any) -> Select[Any]:
    return statement.where(key > bindparam("after")).order_by(key).limit(MOST)


def _all(table: Any, *without: str) -> list[Any]:
    return [column for column in table.c if column.name not in without]


PROFILE = select(*_all(player, "forgotten_hash")).where(player.c.id == _player_id)
WALLET = select(account.c.balance, account.c.held).where(
    account.c.kind == "player", account.c.owner_id == _player_id
)
_private = (
    chat.c.telegram_id == select(player.c.telegram_id).where(player.c.id == _player_id).scalar_subquery()
) & (chat.c.kind == ChatKind.PRIVATE)
_spoke_in = select(turn.c.id).where(turn.c.chat_id == chat.c.id, turn.c.player_id == _player_id).exists()
_answer_number = duel_answer.c.duel_id * 8 + duel_answer.c.position


def _when_settled(column: Any) -> Any:
    """Return what a column says of a settled duel; of all others what was right stays secret."""
    return case((duel.c.state == DuelState.SETTLED, column))


_OF_CHATS = ("id", "telegram_id", "kind", "title", "language", "reach", "created_at")

SECTIONS: dict[str, Select[Any]] = {
    "entries": _page(
        select(
            *_all(entry, "player_id"),
            *(
                column.label(f"ticket_{column.name}")
                for column in _all(ticket, "player_id", "entry_id", "head")
            ),
            ticket.c.head.label("ticket_head"),
        )
        .outerjoin(ticket, ticket.c.entry_id == entry.c.id)
        .where(entry.c.player_id == _player_id),
        entry.c.id,
    ),
    "holds": _page(
        select(*_all(hold, "account_id"), turn.c.id.label("turn_id"), duel.c.id.label("duel_id"))
        .join(account, account.c.id == hold.c.account_id)
        .outerjoin(turn, turn.c.hold_id == hold.c.id)
        .outerjoin(duel, duel.c.hold_id == hold.c.id)
        .where(account.c.kind == "player", account.c.owner_id == _player_id),
        hold.c.id,
    ),
    "duels": _page(
        select(
            *_all(duel, "player_id", "opponent_id", "shown_by", "score"),
            _when_settled(duel.c.score).label("score"),
            question_set.c.category,
            question_set.c.commitment,
        )
        .join(question_set, question_set.c.id == duel.c.set_id)
        .where(duel.c.player_id == _player_id),
        duel.c.id,
    ),
    "duel_answers": _page(
        select(
            _answer_number.label("number"),
            *_all(duel_answer, "is_right"),
            _when_settled(duel_answer.c.is_right).label("is_right"),
        )
        .join(duel, duel.c.id == duel_answer.c.duel_id)
        .where(duel.c.player_id == _player_id),
        _answer_number,
    ),
    "challenges": _page(
        select(*_all(challenge, "player_id", "rival_id")).where(challenge.c.player_id == _player_id),
        challenge.c.id,
    ),
    "ratings": _page(select(rating).where(rating.c.player_id == _player_id), rating.c.player_id),
    "question_reports": _page(
        select(*_all(question_report, "player_id")).where(question_report.c.player_id == _player_id),
        question_report.c.id,
    ),
    "purchases": _page(
        select(*_all(purchase, "player_id")).where(purchase.c.player_id == _player_id), purchase.c.id
    ),
    "payments": _page(
        select(*_all(payment, "player_id")).where(payment.c.player_id == _player_id), payment.c.id
    ),
    "rounds": _page(
        select(
            *_all(round_player, "player_id"),
            pot.c.key.label("pot"),
            round_.c.k.label("round_no"),
            refund_due.c.amount.label("refund_credits"),
            refund_due.c.entry_id.label("refund_entry_id"),
        )
        .join(round_, round_.c.id == round_player.c.round_id)
        .join(pot, pot.c.id == round_.c.pot_id)
        .outerjoin(
            refund_due,
            (refund_due.c.round_id == round_player.c.round_id)
            & (refund_due.c.player_id == round_player.c.player_id),
        )
        .where(round_player.c.player_id == _player_id),
        round_player.c.round_id,
    ),
    "chats": _page(select(*(chat.c[name] for name in _OF_CHATS)).where(or_(_private, _spoke_in)), chat.c.id),
    "conversations": _page(
        select(*_all(conversation)).join(chat, chat.c.id == conversation.c.chat_id).where(_private),
        conversation.c.id,
    ),
    "turns": _page(
        select(*_all(turn, "player_id", "lease_owner", "lease_token", "lease_until")).where(
            turn.c.player_id == _player_id
        ),
        turn.c.id,
    ),
}
KEYS = {"rounds": "round_id", "duel_answers": "number", "ratings": "player_id"}
"""By what the next page goes on; by ``id`` where nothing is said."""
