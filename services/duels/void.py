"""Void duels: what doesn't count through no fault of the players; stakes go back in full."""

from typing import Any

from sqlalchemy import Connection, Row

from db.models.duels import DuelState
from db.session import announce
from services import wallet
from services.duels.challenges import free_challenge
from services.duels.endings import end_duel
from services.duels.sets import Table, close_seat, offer_seat
from services.duels.telling import tell
from services.events import DuelEnded, Happened
from services.people import player_row
from services.stamp import Stamp

DOWN, NOT_SENT, DOUBT = "down", "not_sent", "doubt"


def void_all(tx: Connection, table: Table, why: str, stamp: Stamp) -> None:
    """End the duels on a set that are played or wait, so that both players have their stakes back.

    One whose first question is still on its way goes on with another opponent.
    """
    ends = [duel for duel in table.duels if duel.state in (DuelState.PLAYING, DuelState.WAITING)]
    for duel in sorted(ends, key=lambda one: int(one.player_id)):
        _void(tx, table, duel, why, stamp)
    is_left = any(duel.state == DuelState.SENDING for duel in table.duels)
    (offer_seat if is_left and why != DOUBT else close_seat)(tx, table)


def void_one(tx: Connection, table: Table, duel: Row[Any], why: str, stamp: Stamp) -> None:
    """End one duel; the other's goes on, and somebody else may join it."""
    _void(tx, table, duel, why, stamp)
    free_challenge(tx, table, duel.player_id)
    if table.other_than(duel.id) is not None:
        offer_seat(tx, table)
    else:
        close_seat(tx, table)


def _void(tx: Connection, table: Table, duel: Row[Any], why: str, stamp: Stamp) -> None:
    player_row(tx, duel.player_id, lock=True)
    wallet.release_hold(tx, duel.hold_id, now=stamp.now)
    end_duel(tx, duel, DuelState.VOID, stamp, returned=duel.stake, why=why)
    facts = {"returned": duel.stake, "why": why}
    tell(tx, duel, table.set.category, "duel_void", facts, stamp, instead=duel.state == DuelState.PLAYING)
    announce(tx, DuelEnded(duel.id))
    announce(tx, Happened("duel_void", {"duel": duel.id, "player": duel.player_id, "why": why}))
