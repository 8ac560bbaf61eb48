"""The proof of a closed round as a JSON file, from what was published and drawn. Pure; see ``verify_pot``."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from services.draw import SCHEME, TicketFacts, start_head


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnTicket:
    """A ticket with its result."""

    facts: TicketFacts
    roll: int
    won: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedRound:
    """A closed round as it was recorded and published, in raw bytes; nothing of it is computed again."""

    pot_key: str
    round_no: int
    anchor: bytes
    commitment: bytes
    seed: bytes
    head: bytes
    """The head after the last ticket."""
    prize: int | None
    """What the last ticket won; None if the round closed without a win."""


def build_proof(closed: ClosedRound, tickets: Iterable[DrawnTicket]) -> dict[str, object]:
    """Return the proof of a round; ``tickets`` come in the order of their numbers."""
    rows = [asdict(ticket.facts) | {"roll": ticket.roll, "won": ticket.won} for ticket in tickets]
    return {
        "scheme": SCHEME,
        "pot": closed.pot_key,
        "round": closed.round_no,
        "anchor": closed.anchor.hex(),
        "commitment": closed.commitment.hex(),
        "seed": closed.seed.hex(),
        "start": start_head(closed.pot_key, closed.round_no).hex(),
        "tickets": rows,
        "count": len(rows),
        "head": closed.head.hex(),
        "prize": closed.prize,
    }


def proof_file(proof: dict[str, object]) -> bytes:
    """Return the bytes of the file that players get: JSON in ASCII, one value per line."""
    return json.dumps(proof, indent=1).encode("ascii")
