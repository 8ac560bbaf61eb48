"""The command line: fast help, one line for a wrong setting, exit codes; and the scripts around it."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from bot.instance_lock import InstanceLock

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
    assert all(name in shown for name in ("run", "playground", "audit", "verify", "reconcile", "questions"))
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


def test_questions_are_checked_and_imported_by_command(tmp_path: Path) -> None:
    packs = [str(ROOT / "services" / "packs" / language / "arts.yaml") for language in ("es", "en")]
    books = {"DATABASE_URL": f"sqlite:///{tmp_path / 'books.db'}"}
    bad = tmp_path / "bad.yaml"
    bad.write_text("category: arts\nquestions: []\n", "utf-8")
    checked = bot("questions", "check", *packs)
    assert (checked.returncode, checked.stdout.count("questions, arts")) == (0, 2)
    refused = bot("questions", "import", *packs, str(bad), **books)
    assert (refused.returncode, refused.stderr) == (1, "nothing was imported\n")
    assert [line.split(": ", 1)[1] for line in refused.stdout.splitlines()] == [
        "Line 1: language is missing",
        "Line 1: licence is missing",
        "Line 2: there are no questions",
    ]
    done = bot("questions", "import", *packs, **books)
    assert (done.returncode, done.stderr) == (0, "")
    assert "New: 60." in done.stdout
    assert "Translated: 16." in done.stdout


def test_questions_cannot_be_imported_into_the_books_of_a_running_bot(tmp_path: Path) -> None:
    books = tmp_path / "books.db"
    pack = str(ROOT / "services" / "packs" / "en" / "arts.yaml")
    with InstanceLock(books):
        done = bot("questions", "import", pack, DATABASE_URL=f"sqlite:///{books}")
    assert (done.returncode, done.stdout) == (2, "")
    assert "another process uses" in done.stderr


def test_a_file_of_questions_that_is_not_there_is_told(tmp_path: Path) -> None:
    done = bot("questions", "check", str(tmp_path / "none.yaml"))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith("none.yaml' can't be read: No such file or directory\n")


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
