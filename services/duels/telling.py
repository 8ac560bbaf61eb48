"""What players are told of their duels by the outbox, each with its receipt; sentences are the catalogs'.

Facts of all: ``duel``, ``player``, ``category``, ``stake``, ``receipt`` (an entry's number, else ``D`` and the
duel's), ``balance`` (what is free). ``instead_of`` puts the first one after the last answer in the place of the
question.

- duel_waiting: ``answered``, ``total``, ``seconds`` to the latest end, ``is_paired`` (somebody plays the same set)
- duel_paired: somebody takes the other seat
- duel_won, duel_lost, duel_tie: ``right``, ``time_ms``, ``their_right``, ``their_time_ms``, ``total``, ``bounty``,
  ``rake``, ``returned``, ``other`` (``name``, ``is_alias``)
- duel_refunded: ``returned``, ``bonus``, ``why`` (of no bonus: none, unanswered, today, budget)
- duel_void: ``returned``, ``why`` (not_sent, down, doubt)
- duel_back: ``returned``; a question was bad, a lost stake comes back
- duel_result (in a challenge's group, without the facts of all): ``winner``, ``loser`` (each ``name``, ``is_alias``,
  ``right``, ``time_ms``; of a tie just both), ``category``, ``is_tie``, ``bounty``, ``total``,
  ``commitment``
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row

from services import ledger
from services.outbox import Address, enqueue, language_for
from services.people import chat_row, player_row
from services.stamp import Stamp


def tell(
    tx: Connection,
    duel: Row[Any],
    category: str,
    notice: str,
    facts: Mapping[str, object],
    stamp: Stamp,
    *,
    is_money: bool = True,
    instead: bool = False,
) -> None:
    """Tell a duel's player something, once.

    Args:
        instead: put it in the place of the question that he saw last.
    """
    player = player_row(tx, duel.player_id)
    if player.forgotten_hash is not None:
        return
    chat = chat_row(tx, duel.chat_id)
    told = {
        "duel": duel.id,
        "player": duel.player_id,
        "category": category,
        "stake": duel.stake,
        "receipt": f"D{duel.id}",
        "balance": ledger.available(tx, ledger.wallet_of(duel.player_id)),
        **facts,
    }
    if instead and duel.message_id is not None:
        told["instead_of"] = {"chat_id": chat.telegram_id, "message_id": duel.message_id}
    address = Address(chat_id=chat.id, language=language_for(player, chat), thread_id=duel.thread_id)
    enqueue(tx, address, notice, told, key=f"duel:{duel.id}:{notice}", stamp=stamp, is_money=is_money)
