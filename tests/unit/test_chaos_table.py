"""What the rig of real kills shows: a table, what was found, where to look, and how to run it again."""

import io
from pathlib import Path

import httpx
import pytest
from rich.console import Console

from bot.chaos.breaking import Counts
from bot.chaos.children import Child, Front
from bot.chaos.evidence import lost, twice
from bot.chaos.plan import Plan
from bot.chaos.run import Result
from bot.chaos.table import MOST_FINDINGS, show_results, watched

GOOD = Result(
    plan=Plan(seed=5),
    counts=Counts(kills=75),
    updates=5_200,
    load_seconds=100,
    seconds=120,
    is_audit_clean=True,
)


def shown(*results: Result) -> str:
    console = Console(file=io.StringIO(), width=140)
    show_results(console, results)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_good_runs_end_with_what_was_not_lost() -> None:
    text = shown(GOOD, GOOD)
    assert text.count("polling, sqlite") == 2
    row = " ".join(text.splitlines()[1].split())
    assert row == "polling, sqlite 5,200 75 0 0 0 52 0 0 0 clean 120"
    assert text.endswith("10,400 updates, 150 kills: nothing lost, nothing twice\n")


def test_a_bad_run_says_what_was_found_where_to_look_and_how_to_run_it_again() -> None:
    findings = [lost("update 7 [bold]"), *(twice(f"entry {n}") for n in range(MOST_FINDINGS + 1))]
    bad = Result(
        plan=Plan(seed=6, stops=True),
        counts=Counts(),
        updates=10,
        load_seconds=1,
        seconds=2,
        is_audit_clean=False,
        findings=findings,
        directory=Path("/where/logs/are"),
    )
    text = shown(GOOD, bad)
    assert "lost  update 7 [bold]\n" in text
    assert "… and 2 more" in text
    assert "/where/logs/are" in text
    assert "BROKEN" in text
    assert "again, with the same seed: python bot.py chaos" in text
    assert text.rstrip().endswith("--stops --seed 6")
    assert "nothing lost" not in text


def test_where_there_is_no_terminal_a_run_begins_with_one_line() -> None:
    console = Console(file=io.StringIO(), width=140)
    with watched(console, Plan(seed=5)):
        pass
    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue() == f"polling, sqlite: {Plan(seed=5).command}\n"


async def test_posts_to_processes_of_which_none_lives_are_refused(tmp_path: Path) -> None:
    front = Front([Child("bot1", tmp_path, {}), Child("bot2", tmp_path, {})])
    async with httpx.AsyncClient(transport=front) as client:
        with pytest.raises(httpx.ConnectError, match="nobody listens"):
            await client.post("http://bot.rig/telegram")
