"""The verifier of duels: right proofs pass, changed ones do not, garbage is no traceback; a short script."""

import ast
import copy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.verify import run_verify
from services import verify_duel
from services.duels.draw import SCHEME, commitment, draw, pool_digest
from services.proof import proof_file
from services.questions.pools import wording_digest
from services.verify_duel import verify

SCRIPT = Path(verify_duel.__file__)
WORDS = {"language": "en", "options": ["a", "b", "c", "d"], "question": "Which one?", "right": 2}
HASH = wording_digest("en", "Which one?", ["a", "b", "c", "d"], 2)


def proof_of(seed: bytes = bytes(range(32)), *, size: int = 12, asked: int = 5) -> dict[str, Any]:
    """Return the proof of a set drawn by the rules' own draw; every question has the same words."""
    pool = [(f"science-{n:03}", HASH) for n in range(size)]
    drawn = draw(seed, pool_size=size, questions=asked)
    pairs = zip(drawn.questions, drawn.orders, strict=True)
    return {
        "scheme": SCHEME,
        "set": 1,
        "category": "science",
        "commitment": commitment(pool_digest(pool), seed).hex(),
        "seed": seed.hex(),
        "pool": [[key, wording.hex()] for key, wording in pool],
        "questions": [{"key": pool[n][0], "order": list(order), "words": WORDS} for n, order in pairs],
    }


@given(seed=st.binary(min_size=32, max_size=32), size=st.integers(min_value=5, max_value=80))
def test_every_set_that_the_rules_draw_passes(seed: bytes, size: int) -> None:
    proof = proof_of(seed, size=size)
    before = copy.deepcopy(proof)
    assert verify(proof) is None
    assert verify(proof_file(proof)) is None
    assert proof == before


def test_a_proof_without_words_passes_as_well() -> None:
    proof = proof_of()
    for one in proof["questions"]:
        one["words"] = None
    assert verify(proof) is None


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("scheme",), "duel/v2", "scheme is wrong"),
        (("seed",), "00" * 32, "commitment is wrong"),
        (("commitment",), "00" * 32, "commitment is wrong"),
        (("pool", 0, 1), "00" * 32, "commitment is wrong"),
        (("questions", 0, "key"), "science-999", "#"),
        (("questions", 4, "order"), [0, 0, 0, 0], "#"),
        (("questions", 2, "words", "right"), 1, "#"),
        (("questions", 2, "words", "question"), "Which other one?", "#"),
        (("questions", 2), None, "this is not a proof"),
        (("pool",), [], "this is not a proof"),
    ],
)
def test_whatever_is_changed_is_found(path: tuple[Any, ...], value: object, said: str) -> None:
    proof = copy.deepcopy(proof_of())
    inner: Any = proof
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    assert (verify(proof) or "").startswith(said)


def test_questions_that_are_named_like_parts_of_the_proof_hide_nothing() -> None:
    proof = proof_of()
    proof["pool"] = [["commitment", HASH.hex()], ["scheme", HASH.hex()], *proof["pool"][2:]]
    assert verify(proof) == "commitment is wrong"


@given(st.binary() | st.text() | st.none() | st.dictionaries(st.text(), st.integers()))
def test_garbage_is_no_proof(garbage: object) -> None:
    assert verify(garbage) == "this is not a proof"


def test_the_verifier_is_a_script_of_under_30_lines_of_the_standard_library() -> None:
    lines = SCRIPT.read_text().splitlines()
    assert len(lines) < 30
    assert max(map(len, lines)) <= 110
    nodes = list(ast.walk(ast.parse(SCRIPT.read_text())))
    assert not [node for node in nodes if isinstance(node, ast.ImportFrom)]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    assert names <= sys.stdlib_module_names


@pytest.mark.parametrize(("seed", "code"), [(None, 0), ("00" * 32, 1)])
def test_the_script_says_whether_a_file_holds(tmp_path: Path, seed: str | None, code: int) -> None:
    path = tmp_path / "proof.json"
    path.write_bytes(proof_file(proof_of() | ({"seed": seed} if seed else {})))
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-W", "error", str(SCRIPT), str(path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
        cwd=tmp_path,
    )
    assert (done.returncode, done.stderr) == (code, "")
    assert done.stdout.startswith("OK" if code == 0 else "commitment is wrong")


def test_the_command_takes_proofs_of_duels_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "proof.json"
    path.write_bytes(proof_file(proof_of()))
    assert run_verify(path) == 0
    path.write_bytes(proof_file(proof_of() | {"seed": "00" * 32}))
    assert run_verify(path) == 1
    assert capsys.readouterr().out.splitlines() == [
        "OK: commitment, questions and options are as the proof says",
        "commitment is wrong",
    ]
