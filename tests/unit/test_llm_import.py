"""What a start imports: nothing of language models without one, else the library of its provider alone, at once."""

import json
import subprocess
import sys

import pytest

LIBRARIES = ("pydantic_ai", "openai", "anthropic", "google.genai", "httpx2")
SHOW = f"import json, sys; print(json.dumps([one for one in {LIBRARIES!r} if one in sys.modules]))"
BUILD = "import bot.commands.run; from bot.wiring import build; from bot.settings import load_settings"


def imported_by(*lines: str) -> list[str]:
    """Run a program and return which libraries it has imported at its end."""
    done = subprocess.run(
        [sys.executable, "-c", "\n".join((*lines, SHOW))], capture_output=True, text=True, check=True
    )
    found: list[str] = json.loads(done.stdout)
    return found


def build(tmp_path: object, **env: str) -> tuple[str, ...]:
    """Return a program that puts the parts together as a start does."""
    given = {"DATABASE_URL": f"sqlite:///{tmp_path}/x.db", **env}
    return (BUILD, f"build(load_settings({given!r}, None), token='1:x')")


def test_without_a_model_nothing_of_it_is_imported(tmp_path: object) -> None:
    assert imported_by(*build(tmp_path)) == []


@pytest.mark.parametrize(
    ("model", "library"),
    [
        ("google:x", "google.genai"),
        ("openai:x", "openai"),
        ("ollama:x", "openai"),
        ("anthropic:x", "anthropic"),
    ],
)
def test_with_a_model_its_library_is_there_before_the_first_message(
    tmp_path: object, model: str, library: str
) -> None:
    """Importing takes seconds: a player must not wait for it."""
    found = imported_by(*build(tmp_path, MODEL=model, MODEL_API_KEY="k"))
    assert set(found) == {"pydantic_ai", "httpx2", library}


def test_a_start_without_the_extra_is_one_clear_line(tmp_path: object) -> None:
    program = "import sys; sys.modules['pydantic_ai'] = None; from bot.main import main; main()"
    env = {
        "BOT_TOKEN": "1:x",
        "MODEL": "ollama:x",
        "DATABASE_URL": f"sqlite:///{tmp_path}/x.db",
        "LOG_LEVEL": "ERROR",
    }
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, env=env, cwd="."
    )
    assert done.returncode == 2
    assert done.stderr.startswith("MODEL is set, but the extra llm isn't installed")
    assert done.stderr.count("\n") == 1
