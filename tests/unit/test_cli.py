"""The command line: fast help, one line for a wrong setting, exit codes; and the scripts around it."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HELP_LIMIT_SECONDS = 0.5


def run(*command: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the project with nothing in its environment but PATH and ``env``."""
    environment = {"PATH": os.environ["PATH"], **env}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def bot(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return run(sys.executable, "bot.py", *arguments, **env)


def test_help_names_every_command_within_half_a_second() -> None:
    shown = bot("--help").stdout
    assert all(name in shown for name in ("run", "playground", "audit", "verify", "reconcile"))
    assert "..." not in shown.partition("Commands:")[2]
    assert min(_seconds_of_help() for _ in range(5)) < HELP_LIMIT_SECONDS


@pytest.mark.parametrize("arguments", [(), ("run",), ("playground",), ("audit",), ("reconcile",)])
def test_a_wrong_setting_is_one_line_and_exit_code_two(arguments: tuple[str, ...]) -> None:
    done = bot(*arguments, PRICE_BASE="many", BOT_TOKEN="1:x")
    expected = "PRICE_BASE is 'many'; expected a whole number from 1 to 1000000\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", expected)


def test_the_command_line_imports_nothing_heavy_for_help() -> None:
    script = (
        "import bot.main, sys; print(*{'pydantic', 'telegram', 'sqlalchemy', 'structlog'} & set(sys.modules))"
    )
    assert run(sys.executable, "-c", script).stdout.strip() == ""


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff\xfe", b'{"scheme": "pot/v1"}', b"[" * 100_000])
def test_what_is_no_proof_does_not_hold(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "proof.json"
    file.write_bytes(content)
    done = bot("verify", str(file))
    assert (done.returncode, done.stderr) == (1, "")
    assert len(done.stdout.splitlines()) == 1


def test_a_proof_that_is_not_there_is_told(tmp_path: Path) -> None:
    done = bot("verify", str(tmp_path / "new\nline"))
    assert done.returncode == 2
    assert done.stderr.endswith("can't be read: No such file or directory\n")
    assert len(done.stderr.splitlines()) == 1


def test_the_script_of_ci_is_sound_bash_and_can_be_run() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert run("bash", "-n", str(script)).returncode == 0


def test_make_lists_what_the_habits_promise() -> None:
    listed = {line.split()[0] for line in run("make", "help").stdout.splitlines()}
    assert listed >= {"setup", "run", "test", "check", "fmt", "lint", "types", "cov", "migrate", "clean"}


def _seconds_of_help() -> float:
    """Return the processor time of the command: what it takes where nothing else runs."""
    began = _processor_seconds()
    assert bot("--help").returncode == 0
    return _processor_seconds() - began


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
