"""The verifier as a file: short, standard library only, run as a player would."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from services import verify_pot
from services.proof import proof_file
from tests.unit.rounds import won_round

SCRIPT = Path(verify_pot.__file__)


def run(path: Path) -> subprocess.CompletedProcess[str]:
    """Run the script as a player would, isolated from this project."""
    return subprocess.run(
        [sys.executable, "-I", "-S", "-W", "error", str(SCRIPT), str(path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
        cwd=path.parent,
    )


def test_the_verifier_is_a_script_of_under_30_lines() -> None:
    """Counting blank lines and docstrings, none of them longer than the others of this project."""
    lines = SCRIPT.read_text().splitlines()
    assert len(lines) < 30
    assert max(map(len, lines)) <= 110


def test_the_verifier_imports_nothing_but_the_standard_library() -> None:
    """So a player needs nothing but Python."""
    nodes = list(ast.walk(ast.parse(SCRIPT.read_text())))
    assert not [node for node in nodes if isinstance(node, ast.ImportFrom)]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    assert names
    assert names <= sys.stdlib_module_names
    assert not names & {"socket", "urllib", "http", "ssl", "subprocess", "os"}


def test_the_script_says_ok_for_a_right_file_without_anything_of_this_project(tmp_path: Path) -> None:
    """Run isolated, in another folder, without site packages."""
    path = tmp_path / "proof.json"
    path.write_bytes(proof_file(won_round()))
    done = run(path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("OK")
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (proof_file(won_round() | {"count": 4}), "count is wrong"),
        (proof_file(won_round() | {"scheme": "pot/v2"}), "scheme is wrong"),
        (b"\xff\xfe\x00", "this is not a proof"),
        (b"[" * 100_000, "this is not a proof"),
        (b"", "this is not a proof"),
    ],
    ids=["count", "scheme", "bytes", "deep", "empty"],
)
def test_the_script_says_what_is_wrong_and_exits_with_1(content: bytes, problem: str, tmp_path: Path) -> None:
    """One line, no traceback."""
    path = tmp_path / "proof.json"
    path.write_bytes(content)
    done = run(path)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (1, problem, "")
