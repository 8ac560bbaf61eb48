"""Challenges in groups: a set of their own, played by who posted them and by the first who accepts."""

from collections.abc import Mapping
from typing import Any, ClassVar

from sqlalchemy import Connection, Row

from db.models.duels import DuelState, Outcome
from db.queries import duels
from services.duels.sets import Seat, Table, has_played, language_in, lock_table
from services.errors import UserError
from services.outbox import Address, enqueue, language_for
from services.people import chat_row, player_row
from services.rules import DuelRules
from services.stamp import Stamp


class ChallengeOver(UserError):
    """The challenge is unknown, too old, or somebody else accepted it."""

    code: ClassVar[str] = "challenge_over"


class MetLately(UserError):
    """The two players met a short while ago, or had these questions before."""

    code: ClassVar[str] = "met_lately"


def accept_challenge(
    tx: Connection, token: str, player_id: int, language: str, rules: DuelRules, stamp: Stamp
) -> Seat:
    """Return the seat of a player in a challenge: of who posted it, or of the first other who comes.

    Its set is locked from here on, before the player.

    Raises:
        ChallengeOver: there is no seat for him (any more).
        MetLately: he and the other one can't be paired now.
    """
    found = tx.execute(duels.CHALLENGE, {"of_token": token[:32]}).first()
    if found is None:
        raise ChallengeOver
    table = lock_table(tx, found.set_id)
    challenge = tx.execute(duels.CHALLENGE, {"of_token": found.token}).one()
    if not _has_room(challenge, table, player_id, rules, stamp):
        raise ChallengeOver
    if player_id != challenge.player_id:
        _check_pair(tx, challenge, table, player_id, rules, stamp)
        tx.execute(duels.ACCEPT_CHALLENGE, {"of_challenge": challenge.id, "to_rival_id": player_id})
    return Seat(table.set.id, language_in(table.set.languages, language))


def _has_room(challenge: Row[Any], table: Table, player_id: int, rules: DuelRules, stamp: Stamp) -> bool:
    """Return whether a player may sit down: the other one, if he is there, has enough of his time left."""
    if stamp.now >= challenge.expires_at:
        return False
    if player_id != challenge.player_id and challenge.rival_id not in (None, player_id):
        return False
    mine = [duel for duel in table.duels if duel.player_id == player_id]
    others = [duel for duel in table.duels if duel.player_id != player_id and duel.state != DuelState.VOID]
    return all(one.state in duels.OPEN for one in mine) and all(_waits(one, rules, stamp) for one in others)


def _waits(duel: Row[Any], rules: DuelRules, stamp: Stamp) -> bool:
    began = duel.started_at or duel.created_at
    same = (duel.stake, duel.bounty) == (rules.stake, rules.bounty)
    return duel.state in duels.OPEN and same and not duel.was_down and began >= stamp.now - rules.room_within


def _check_pair(
    tx: Connection, challenge: Row[Any], table: Table, player_id: int, rules: DuelRules, stamp: Stamp
) -> None:
    met = {
        "of_player": player_id,
        "of_other": challenge.player_id,
        "met_after": stamp.now - rules.again_after,
    }
    if tx.scalar(duels.MET_SINCE, met) is not None or has_played(tx, player_id, table.set.content):
        raise MetLately


def free_challenge(tx: Connection, table: Table, player_id: int) -> None:
    """Let somebody else accept a challenge whose rival's duel doesn't count."""
    tx.execute(duels.FREE_CHALLENGE, {"of_set": table.set.id, "of_rival": player_id})


def announce_result(
    tx: Connection,
    table: Table,
    pair: tuple[Row[Any], Row[Any]],
    outcome: Outcome,
    names: Mapping[int, Mapping[str, object]],
    stamp: Stamp,
) -> None:
    """Tell the group how its challenge ended.

    Args:
        outcome: for the first of the pair.
        names: how both are shown, by the ids of their duels.
    """
    challenge = tx.execute(duels.CHALLENGE_OF_SET, {"of_set": table.set.id}).first()
    if challenge is None:
        return
    chat = chat_row(tx, challenge.chat_id)
    winner, loser = pair if outcome is not Outcome.LOST else (pair[1], pair[0])
    facts = {
        "winner": _side(winner, names),
        "loser": _side(loser, names),
        "is_tie": outcome is Outcome.TIE,
        "bounty": winner.bounty,
        "total": len(table.set.question_ids),
        "category": table.set.category,
        "commitment": table.set.commitment.hex(),
    }
    player = player_row(tx, challenge.player_id)
    address = Address(chat_id=chat.id, language=language_for(player, chat), thread_id=challenge.thread_id)
    enqueue(tx, address, "duel_result", facts, key=f"challenge:{challenge.id}:result", stamp=stamp)


def _side(duel: Row[Any], names: Mapping[int, Mapping[str, object]]) -> dict[str, object]:
    return {**names[duel.id], "right": duel.score, "time_ms": duel.time_ms}
