"""What a person sees of the rig: a bar while it runs, a table at the end, and what to do about a bad run."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from bot.chaos.evidence import Harm
from bot.chaos.plan import Plan
from bot.chaos.run import Progress as Course
from bot.chaos.run import Result, Tell

WIDTH_OF_FILES = 140
MOST_FINDINGS = 20
LONGEST_FINDING = 600


def open_console() -> Console:
    """Return a console for standard output, wide enough for the table where that is no terminal."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=WIDTH_OF_FILES)


@contextmanager
def watched(console: Console, plan: Plan) -> Iterator[Tell]:
    """Show how far a run is: a bar in a terminal, else a line at its beginning."""
    if not console.is_terminal:
        console.print(f"{plan.name}: {plan.command}")
        yield lambda _: None
        return
    columns = (
        SpinnerColumn(),
        TextColumn("[bold]{task.description}"),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[shown]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(plan.name, total=1.0, shown="starting")
        yield lambda course: _show(progress, task, course)


def _show(progress: Progress, task: TaskID, course: Course) -> None:
    counts = course.counts
    done = [f"{course.updates:,} updates", f"{counts.kills} kills"]
    done += [f"{counts.pauses} pauses"] if counts.pauses else []
    done += [f"{counts.ends} SIGTERMs"] if counts.ends else []
    done += [f"{counts.restarts} restarts"] if counts.restarts else []
    progress.update(task, completed=course.done, shown=f"{course.phase} · {' · '.join(done)}")


def show_results(console: Console, results: Sequence[Result]) -> None:
    """Print the table of all runs, then what was found wrong and how to look into it."""
    console.print(_table(results))
    for result in results:
        if not result.is_good:
            _show_findings(console, result)
    if all(result.is_good for result in results):
        updates, kills = (sum(one.updates for one in results), sum(one.counts.kills for one in results))
        console.print(f"[green]{updates:,} updates, {kills} kills: nothing lost, nothing twice[/green]")


def _table(results: Sequence[Result]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("run")
    for name in ("updates", "kills", "pauses", "SIGTERMs", "restarts", "updates/s", "lost", "twice", "wrong"):
        table.add_column(name, justify="right")
    table.add_column("audit")
    table.add_column("seconds", justify="right")
    for result in results:
        table.add_row(*_cells(result), style=None if result.is_good else "red")
    return table


def _cells(result: Result) -> list[str]:
    counts = result.counts
    return [
        result.plan.name,
        f"{result.updates:,}",
        *map(str, (counts.kills, counts.pauses, counts.ends, counts.restarts)),
        f"{result.updates / result.load_seconds:.0f}",
        *(str(result.count(harm)) for harm in (Harm.LOST, Harm.TWICE, Harm.WRONG)),
        "clean" if result.is_audit_clean else "BROKEN",
        f"{result.seconds:.0f}",
    ]


def _show_findings(console: Console, result: Result) -> None:
    console.print(f"\n[red bold]{result.plan.name}: {len(result.findings)} findings[/red bold]")
    for finding in result.findings[:MOST_FINDINGS]:
        about = (
            finding.about if len(finding.about) <= LONGEST_FINDING else finding.about[:LONGEST_FINDING] + " …"
        )
        console.print(f"  [bold]{finding.harm}[/bold]  {escape(about)}")
    if len(result.findings) > MOST_FINDINGS:
        console.print(f"  … and {len(result.findings) - MOST_FINDINGS} more")
    console.print(
        f"  everything is in {result.directory}: findings.txt, books.json, said.json, the processes' logs"
    )
    console.print(f"  again, with the same seed: {result.plan.command}")
