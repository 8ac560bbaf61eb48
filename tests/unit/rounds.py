"""Rounds played by the rules alone, with fixed seeds: what the tests of draw, proof and verifier look at."""

from services.draw import TicketFacts, anchor, commitment, next_head, roll, round_secret, start_head, wins
from services.proof import ClosedRound, DrawnTicket, build_proof

TOP = bytes(range(100, 132))
POT = "g:12"


def facts_of(n: int, *, ppm: int = 2_000) -> TicketFacts:
    """Return the facts of ticket ``n`` as in the check values of the rules."""
    return TicketFacts(
        chat_msg=100 + n, date=1_795_190_000 + n, n=n, ppm=ppm, price=10 + n, seed="abc", user=f"u{n}"
    )


def play(
    *, round_no: int, chances_ppm: list[int], prize: int | None, numbers: list[int] | None = None
) -> dict[str, object]:
    """Return the proof of a round with one ticket per chance, numbered 1, 2, 3… unless told otherwise."""
    head, tickets = start_head(POT, round_no), []
    secret = round_secret(TOP, round_no)
    for n, ppm in zip(numbers or range(1, len(chances_ppm) + 1), chances_ppm, strict=True):
        facts = facts_of(n, ppm=ppm)
        head = next_head(head, facts)
        rolled = roll(secret, head)
        tickets.append(DrawnTicket(facts=facts, roll=rolled, won=wins(rolled, ppm)))
    closed = ClosedRound(
        pot_key=POT,
        round_no=round_no,
        anchor=anchor(TOP),
        commitment=commitment(TOP, round_no),
        seed=secret,
        head=head,
        prize=prize,
    )
    return build_proof(closed, tickets)


def won_round(round_no: int = 7) -> dict[str, object]:
    """Return the proof of a round whose third ticket wins."""
    return play(round_no=round_no, chances_ppm=[0, 0, 1_000_000], prize=900)
