"""Real kills, in short: the rig runs the real program, kills it under load, and finds nothing lost or twice."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot.chaos.cluster import find_binaries
from bot.chaos.plan import DatabaseKind, Mode, Plan
from bot.chaos.run import run

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 400


@pytest.mark.timeout(PATIENCE_SECONDS)
def test_t59_a_polling_bot_on_sqlite_that_is_killed_under_load_loses_nothing_and_does_nothing_twice() -> None:
    command = [sys.executable, "bot.py", "chaos", "--kills", "4", "--updates", "200", "--seed", "59"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "4 kills: nothing lost, nothing twice" in done.stdout


@pytest.mark.timeout(PATIENCE_SECONDS)
@pytest.mark.skipif(find_binaries() is None, reason="no Postgres here: initdb and pg_ctl are missing")
async def test_t60_two_replicas_behind_a_webhook_killed_paused_and_cut_off_lose_nothing_and_do_nothing_twice() -> (
    None
):
    plan = Plan(
        mode=Mode.WEBHOOK,
        database=DatabaseKind.POSTGRES,
        replicas=2,
        kills=4,
        updates=200,
        stops=True,
        restarts=True,
        seed=60,
    )
    result = await run(plan)
    assert result.findings == []
    assert result.counts.kills == 4
    assert result.updates >= 200


@pytest.mark.parametrize("arguments", [("--replicas", "2", "--mode", "polling"), ("--kills", "many")])
def test_a_plan_that_makes_no_sense_is_refused_with_exit_code_two(arguments: tuple[str, ...]) -> None:
    command = [sys.executable, "bot.py", "chaos", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert arguments[0] in done.stderr


def test_without_postgres_one_line_says_what_is_missing(tmp_path: Path) -> None:
    script = "import sys; from bot.chaos import cluster; from pathlib import Path; import bot.commands.chaos as c; "
    script += "from bot.chaos.plan import plan_of; c.find_binaries = lambda: None; "
    script += "sys.exit(c.run_chaos([plan_of(replicas=2, seed=1)]))"
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert "apt-get install postgresql" in done.stderr
