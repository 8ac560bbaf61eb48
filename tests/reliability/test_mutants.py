"""Mistakes that must turn the suite red: each is made in a copy of the sources, where chosen tests then fail."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.reliability.mutants import MUTANTS, Mutant

ROOT = Path(__file__).parents[2]
DIRECTORIES = ("bot", "db", "handlers", "services", "migrations", "tests")
FILES = ("bot.py", "pytest.ini")
PASSED, FAILED = 0, 1
PATIENCE_SECONDS = 100
NO_JUDGE = "def judge_journal(_: object) -> list[str]:\n    return []\n"
"""Takes the place of the judge of calls to Telegram: no chosen test asks it, and its models load for seconds."""


@dataclass(frozen=True, kw_only=True)
class Copy:
    """A copy of the sources, in which mistakes are made and made good again, with compiled files of its own."""

    root: Path
    compiled: Path

    def change(self, file: str, text: str, instead: str) -> None:
        """Replace a text that is there once."""
        path = self.root / file
        source = path.read_text()
        assert source.count(text) == 1, f"{file} doesn't have once: {text}"
        path.write_text(source.replace(text, instead))

    def restore(self, file: str) -> None:
        """Bring a file back, with its old time: by that Python knows that it must be compiled again."""
        shutil.copy2(ROOT / file, self.root / file)

    def run(self, tests: tuple[str, ...]) -> tuple[int, str]:
        """Run tests on SQLite and return pytest's exit code and words."""
        how = ("-x", "-q", "--tb=line", "-k", "not postgres", "-p", "no:xdist", "-p", "no:cacheprovider")
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *how, *tests],
            cwd=self.root,
            env={"PATH": os.environ["PATH"], "PYTHONPYCACHEPREFIX": str(self.compiled)},
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """Give a copy of the sources in which all the chosen tests pass."""
    root = tmp_path_factory.mktemp("sources")
    for name in DIRECTORIES:
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy2(ROOT / name, root / name)
    (root / "tests/judge.py").write_text(NO_JUDGE)
    copy = Copy(root=root, compiled=tmp_path_factory.mktemp("compiled"))
    code, said = copy.run(tuple(dict.fromkeys(test for mutant in MUTANTS for test in mutant.tests)))
    assert code == PASSED, said
    return copy


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name.replace(" ", "-"))
def test_suite_turns_red_when(mutant: Mutant, sources: Copy) -> None:
    try:
        for file, text, instead in mutant.changes:
            sources.change(file, text, instead)
        code, said = sources.run(mutant.tests)
    finally:
        for file, *_ in mutant.changes:
            sources.restore(file)
    assert code == FAILED, said
    assert re.search(r"\d+ failed", said.splitlines()[-1]), said
    assert "ERROR at setup" not in said, said
