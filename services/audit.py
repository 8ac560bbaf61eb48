"""The audit: proves on any database that the books add up and every draw was right. Read only."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from db.queries import audit
from services import draw
from services.duels import checks
from services.proof import build_proof
from services.proofs import closed_round, drawn_tickets
from services.verify_pot import verify

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One promise, whether it holds, and the first row that breaks it."""

    check: str
    row: Mapping[str, object] | None = None

    @property
    def holds(self) -> bool:
        """Return whether the promise holds."""
        return self.row is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All findings, how much was looked at, and the sums of credits by kind of account."""

    findings: tuple[Finding, ...]
    sums: Mapping[str, int]
    totals: Mapping[str, int]

    @property
    def is_clean(self) -> bool:
        """Return whether every promise holds."""
        return all(finding.holds for finding in self.findings)


def run_audit(tx: Connection, progress: Progress = lambda _: None) -> Report:
    """Look at everything on one snapshot and return what was found."""
    findings = []
    for name, statement in audit.CHECKS.items():
        progress(name)
        row = tx.execute(statement).mappings().first()
        findings.append(Finding(check=name, row=dict(row) if row is not None else None))
    totals = {row.kind: int(row.total) for row in tx.execute(audit.TOTALS)}
    progress("all accounts together are zero")
    total = sum(totals.values())
    findings.append(Finding(check="all accounts together are zero", row={"total": total} if total else None))
    progress("every draw can be computed again")
    findings.append(Finding(check="every draw can be computed again", row=_first_bad_round(tx)))
    for name, look in checks.CHECKS.items():
        progress(name)
        findings.append(Finding(check=name, row=look(tx)))
    sums = {name: int(value) for name, value in tx.execute(audit.SUMS).mappings().one().items()}
    return Report(findings=tuple(findings), sums=sums, totals=totals)


def _first_bad_round(tx: Connection) -> Mapping[str, object] | None:
    for row in tx.execute(audit.ROUNDS).all():
        problem = _problem_of_closed(tx, row) if row.state == "closed" else _problem_of_open(tx, row)
        if problem is not None:
            return {"pot": row.key, "round": row.k, "problem": problem}
    return None


def _problem_of_closed(tx: Connection, row: Row[Any]) -> str | None:
    """Judge a closed round as a player would, by its proof alone."""
    proof = build_proof(closed_round(row.key, row), drawn_tickets(tx, row.id))
    return verify(proof) or _problem_of_chain(row)


def _problem_of_chain(row: Row[Any]) -> str | None:
    if draw.anchor(row.top) != row.anchor or draw.round_secret(row.top, row.k) != row.secret:
        return "the seed is not of the chain"
    return "the commitment is not of the chain" if draw.commitment(row.top, row.k) != row.commitment else None


def _problem_of_open(tx: Connection, row: Row[Any]) -> str | None:
    head = draw.start_head(row.key, row.k)
    for ticket in drawn_tickets(tx, row.id):
        head = draw.next_head(head, ticket.facts)
        roll = draw.roll(row.secret, head)
        if (roll, draw.wins(roll, ticket.facts.ppm)) != (ticket.roll, ticket.won) or ticket.won:
            return f"the roll of ticket {ticket.facts.n} is wrong"
    if head != row.head:
        return "the head is wrong"
    return _problem_of_chain(row)
