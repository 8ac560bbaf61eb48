"""One run: loaded and broken, healed, ended, then judged."""

import asyncio
import json
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bot.chaos import books
from bot.chaos.breaking import Counts
from bot.chaos.changes import LEAST_CHANGES, Changes
from bot.chaos.evidence import Evidence, Finding, Harm, lost, wrong
from bot.chaos.plan import WELCOME_CREDITS, Plan
from bot.chaos.rig import Rig, open_rig
from bot.chaos.verdict import judge
from services.census import Census

DIRECTORY_PREFIX = "potluck-chaos-"
LOOK_SECONDS = 0.25
QUIET_SECONDS = 120.0


@dataclass(slots=True, kw_only=True)
class Progress:
    """How far a run is; ``done`` is a part of 1."""

    counts: Counts
    phase: str = "starting"
    done: float = 0.0
    updates: int = 0


Tell = Callable[[Progress], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of a run.

    Attributes:
        updates: that people of the fake Telegram caused, deliveries of the same one again included.
        directory: where the logs are; None if the run was good.
    """

    plan: Plan
    counts: Counts
    updates: int
    load_seconds: float
    seconds: float
    is_audit_clean: bool
    findings: list[Finding] = field(default_factory=list)
    directory: Path | None = None

    def count(self, harm: Harm) -> int:
        """Return how many findings are of this kind."""
        return sum(finding.harm is harm for finding in self.findings)

    @property
    def is_good(self) -> bool:
        """Return whether every promise held."""
        return not self.findings


async def run(plan: Plan, tell: Tell = lambda _: None) -> Result:
    """Run a plan from an empty database to the verdict; the logs of a good run are removed.

    Raises:
        NoPostgres: the plan needs one, and its programs are missing.
    """
    directory = Path(tempfile.mkdtemp(prefix=DIRECTORY_PREFIX))
    is_kept = False
    try:
        async with open_rig(plan, directory) as rig:
            result = await Run(rig, tell)()
        is_kept = not result.is_good
        return result
    except Exception as error:
        is_kept = True
        error.add_note(f"the processes' logs are in {directory}")
        raise
    finally:
        if not is_kept:
            shutil.rmtree(directory, ignore_errors=True)


class Run:
    """The course of one run."""

    def __init__(self, rig: Rig, tell: Tell) -> None:
        self._rig = rig
        self._plan = rig.plan
        self._breaking = rig.breaking
        self._changes = Changes(rig.telegram, rig.players, rig.plan.seed, self._is_done)
        self._tell = tell
        self._progress = Progress(counts=rig.breaking.counts)
        self._began = time.monotonic()

    async def __call__(self) -> Result:
        """Load and break, heal, end, judge."""
        await self._load_and_break()
        load_seconds = time.monotonic() - self._began
        self._enter("finishing")
        await self._breaking.heal()
        findings = await self._finish()
        findings += await self._end()
        self._enter("judging")
        census, audit = await asyncio.to_thread(books.read, self._rig.database_url)
        evidence = self._evidence(census, audit)
        findings += judge(evidence)
        findings += map(wrong, self._accidents())
        self._keep(evidence, findings)
        return Result(
            plan=self._plan,
            counts=self._breaking.counts,
            updates=self._rig.players.sent,
            load_seconds=load_seconds,
            seconds=time.monotonic() - self._began,
            is_audit_clean=not audit,
            findings=findings,
            directory=self._rig.directory if findings else None,
        )

    def _enter(self, phase: str) -> None:
        self._progress.phase = phase
        self._tell(self._progress)

    # ---- the load, and what breaks it

    async def _load_and_break(self) -> None:
        breaking = asyncio.create_task(self._breaking.run())
        changing = asyncio.create_task(self._changes.run())
        try:
            await self._rig.players.play(lambda: breaking.done() or changing.done() or self._is_over())
        finally:
            self._breaking.finish()
            self._changes.finish()
            await asyncio.gather(breaking, changing)

    async def _is_done(self, chat: int, below: int) -> bool:
        return await asyncio.to_thread(books.is_done, self._rig.database_url, chat, below)

    def _is_over(self) -> bool:
        of_time = (time.monotonic() - self._began) / (self._plan.minutes * 60)
        parts = [
            done / planned if planned else 1.0
            for done, planned in (
                (self._breaking.counts.kills, self._plan.kills),
                (self._rig.players.sent, self._plan.updates),
                (self._changes.done, self._plan.updates and LEAST_CHANGES),
            )
            if planned is not None
        ]
        done = min(parts, default=of_time)
        self._progress.done, self._progress.updates = min(done, 1.0), self._rig.players.sent
        self._enter("running")
        return done >= 1 or of_time >= 1

    # ---- the end

    async def _finish(self) -> list[Finding]:
        """Wait until nothing is left to do; return what stays open all the same."""
        until = time.monotonic() + QUIET_SECONDS
        while True:
            pending = len(self._rig.telegram.updates)
            left = await asyncio.to_thread(books.open_work, self._rig.database_url)
            if not pending and not left:
                return []
            if time.monotonic() > until:
                break
            await asyncio.sleep(LOOK_SECONDS)
        stuck = [lost(f"still open after {QUIET_SECONDS:.0f} s: {row}") for row in left]
        if pending:
            why = self._rig.telegram.webhook.last_error
            stuck.append(lost(f"{pending} updates wait in Telegram; the webhook's last error: {why!r}"))
        return stuck

    async def _end(self) -> list[Finding]:
        codes = await asyncio.gather(*(child.end() for child in self._rig.children))
        return [
            wrong(f"{child.name} ended with code {code} on SIGTERM: {child.log}")
            for child, code in zip(self._rig.children, codes, strict=True)
            if code
        ]

    def _evidence(self, census: Census, audit: list[str]) -> Evidence:
        rig = self._rig
        return Evidence(
            diary=rig.players.diary,
            telegram=rig.telegram,
            census=census,
            audit=audit,
            first_update_id=rig.first_update_id,
            welcome_credits=WELCOME_CREDITS,
            admin=rig.players.admin.id,
        )

    def _accidents(self) -> list[str]:
        """Return what else should not have been: deaths of their own, bugs in the logs, too little done."""
        counts, plan, sent = self._breaking.counts, self._plan, self._rig.players.sent
        found = [
            *counts.accidents,
            *(f"a bug was logged: {line}" for line in books.bugs(self._rig.directory)),
        ]
        if plan.kills is not None and counts.kills < plan.kills:
            found.append(f"only {counts.kills} of {plan.kills} kills in {plan.minutes:g} minutes")
        if plan.updates is not None and sent < plan.updates:
            found.append(f"only {sent} of {plan.updates} updates in {plan.minutes:g} minutes")
        return found

    def _keep(self, evidence: Evidence, findings: list[Finding]) -> None:
        """Write down what a bad run is looked into by."""
        if findings:
            directory = self._rig.directory
            lines = [self._plan.command, *(f"{finding.harm}: {finding.about}" for finding in findings)]
            (directory / "findings.txt").write_text("\n".join(lines) + "\n")
            (directory / "books.json").write_text(json.dumps(asdict(evidence.census), default=str, indent=1))
            said = [asdict(one) for one in evidence.said]
            (directory / "said.json").write_text(json.dumps(said, indent=1, ensure_ascii=False))
