"""Proofs of closed rounds, and what is public of the running one."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import Connection, Row

from db.models.people import ChatKind
from db.models.pots import RoundState
from db.queries import pots
from db.session import Database
from services.board import formers_of
from services.draw import TicketFacts
from services.errors import UserError
from services.people import chat_row
from services.pot import key_of_chat, pot_key
from services.proof import ClosedRound, DrawnTicket, build_proof, proof_file


class RoundUnknown(UserError):
    """The pot of this chat had no such round."""

    code: ClassVar[str] = "round_unknown"

    def __init__(self, *, round_no: int) -> None:
        super().__init__()
        self.round_no = round_no


class RoundRunning(UserError):
    """The round isn't closed; its seed is still secret."""

    code: ClassVar[str] = "round_running"

    def __init__(self, *, round_no: int) -> None:
        super().__init__()
        self.round_no = round_no


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofFile:
    """A proof as a file to be sent."""

    name: str
    content: bytes
    round_no: int
    tickets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadProof:
    """Make the proof of a closed round of a chat's pot."""

    db: Database

    async def __call__(self, *, chat_id: int, round_no: int, former: int | None = None) -> ProofFile:
        """Return the proof, of the chat's pot or of that of a chat that became part of it.

        Raises:
            PotUnknown: no such chat did.
            RoundUnknown: there was no such round.
            RoundRunning: it is not closed yet.
        """
        return await self.db.read(_proof, chat_id, round_no, former)


def _proof(tx: Connection, chat_id: int, round_no: int, former: int | None) -> ProofFile:
    key = _key(tx, chat_id, former)
    pot = tx.execute(pots.POT_OF_KEY, {"key": key}).first()
    row = tx.execute(pots.ROUND_OF_POT, {"pot_id": pot.id, "k": round_no}).first() if pot else None
    if row is None:
        raise RoundUnknown(round_no=round_no)
    if row.state == RoundState.OPEN:
        raise RoundRunning(round_no=round_no)
    closed = closed_round(key, row)
    content = proof_file(build_proof(closed, drawn_tickets(tx, row.id)))
    name = f"potluck-{key.replace(':', '')}-round-{round_no}.json"
    return ProofFile(name=name, content=content, round_no=round_no, tickets=row.tickets)


def _key(tx: Connection, chat_id: int, former: int | None) -> str:
    if former is None:
        return key_of_chat(chat_id, in_group=chat_row(tx, chat_id).kind == ChatKind.GROUP)
    formers_of(tx, chat_id, former)
    return pot_key(former)


def closed_round(key: str, row: Row[Any]) -> ClosedRound:
    """Return a closed round's row (with its chain's anchor) as its proof tells it."""
    return ClosedRound(
        pot_key=key,
        round_no=row.k,
        anchor=row.anchor,
        commitment=row.commitment,
        seed=row.secret,
        head=row.head,
        prize=row.prize,
    )


def drawn_tickets(tx: Connection, round_id: int) -> Iterator[DrawnTicket]:
    """Give the tickets of a round in the order of their numbers."""
    for row in tx.execute(pots.TICKETS_OF_ROUND, {"round_id": round_id}):
        facts = TicketFacts(
            chat_msg=row.chat_msg,
            date=row.date,
            n=row.n,
            ppm=row.ppm,
            price=row.price,
            seed=row.seed,
            user=row.pseudonym,
        )
        yield DrawnTicket(facts=facts, roll=row.roll, won=row.won)
