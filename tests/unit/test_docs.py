"""The documents are true: events, commands, settings, links, targets and tests that they name exist."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from bot.events import Event
from bot.settings import Settings
from handlers import menus

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
RUNBOOK = ROOT / "docs/runbook.md"
PACKAGES = ("bot", "handlers", "services", "db", "tests")

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
_EVENT_ROW = re.compile(r"^\| `([a-z_]+)` \| ([a-z, ]+|the library's) \| (.*?) \|", re.MULTILINE)
_COMMAND_ROW = re.compile(r"^\| `/([a-z]+)", re.MULTILINE)
_SETTING = re.compile(r"\b[A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+\b")
_TARGET = re.compile(r"(?:^|`|# )make ([a-z]+)", re.MULTILINE)
_TEST = re.compile(r"`(test_[a-z0-9_]+)`")
_PATH = re.compile(r"`((?:bot|handlers|services|db|migrations|tests|docs)/[A-Za-z0-9_./-]*)`")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


@cache
def text_of(path: Path) -> str:
    """Return what stands in a document."""
    return path.read_text(encoding="utf-8")


def all_text() -> str:
    """Return all documents as one text."""
    return "\n\n".join(text_of(path) for path in DOCUMENTS)


def code_of(path: Path) -> str:
    """Return the code of a document: what stands in backticks and in blocks."""
    return "\n".join(_CODE.findall(text_of(path)))


@cache
def trees() -> dict[Path, ast.Module]:
    """Return all modules of the project, parsed."""
    files = [path for name in PACKAGES for path in sorted((ROOT / name).rglob("*.py"))]
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in files}


def test_the_runbook_lists_every_event_once_and_no_other() -> None:
    listed = [name for name, _, _ in _EVENT_ROW.findall(text_of(RUNBOOK))]
    assert sorted(listed) == sorted(Event)


def test_the_runbook_names_every_field_of_every_event() -> None:
    rows = {
        name: set(re.findall(r"`([a-z_]+)`", fields))
        for name, _, fields in _EVENT_ROW.findall(text_of(RUNBOOK))
    }
    missing = {name: fields - rows[name] for name, fields in logged_fields().items() if fields - rows[name]}
    assert missing == {}


def logged_fields() -> dict[str, set[str]]:
    """Return the fields that the code gives to each event, as far as they are written out."""
    found: dict[str, set[str]] = defaultdict(set)
    for path, tree in trees().items():
        if "tests" in path.relative_to(ROOT).parts:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                for name, fields in _fields_of(node):
                    found[name] |= fields
    return found


def _fields_of(call: ast.Call) -> Iterator[tuple[str, set[str]]]:
    """Give the event and the fields of ``log.info(Event.X, field=…)`` and ``Happened("x", {…})``."""
    match call:
        case ast.Call(args=[ast.Attribute(value=ast.Name(id="Event"), attr=name), *_]):
            named = {keyword.arg for keyword in call.keywords if keyword.arg} - {"exc_info"}
            yield Event[name].value, named
        case ast.Call(
            func=ast.Name(id="Happened"), args=[ast.Constant(value=str(name)), ast.Dict(keys=keys)]
        ):
            yield name, {str(key.value) for key in keys if isinstance(key, ast.Constant)}


def test_every_fact_that_services_announce_is_an_event() -> None:
    assert set(logged_fields()) <= set(Event)


def test_the_readme_lists_every_command_and_no_other() -> None:
    listed = _COMMAND_ROW.findall(text_of(ROOT / "README.md"))
    known = {*menus.PRIVATE, *menus.GROUP, *menus.ADMIN, *menus.OPERATOR}
    assert sorted(listed) == sorted(known)


def test_every_setting_that_a_document_names_exists() -> None:
    known = {name.upper() for name in Settings.model_fields} | constants()
    unknown = {
        (path.name, name)
        for path in DOCUMENTS
        for name in _SETTING.findall(code_of(path))
        if name not in known
    }
    assert unknown == set()


def test_the_settings_of_the_readme_have_the_defaults_that_it_says() -> None:
    section = text_of(ROOT / "README.md").partition("## Settings")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`[A-Z][^|]*) \| ([^|]+) \|", section, re.MULTILINE)
    assert rows
    for names, defaults in rows:
        shown = [text.strip("` ") for text in defaults.split(",")]
        for number, name in enumerate(re.findall(r"`([A-Z_]+)`", names)):
            value = getattr(Settings(), name.lower())
            expected = "none" if value in (None, ()) else str(value).lower().replace(" ", "")
            assert shown[min(number, len(shown) - 1)].lower() == expected, name


def constants() -> set[str]:
    """Return the constants at the top of all modules."""
    return {
        target.id
        for tree in trees().values()
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name) and target.id.isupper()
    }


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_link_is_broken(path: Path) -> None:
    links = [link for link in _LINK.findall(text_of(path)) if "://" not in link]
    broken = [link for link in links if not leads_somewhere(path, link)]
    assert broken == []


def leads_somewhere(source: Path, link: str) -> bool:
    """Return whether a link of a document leads to a file of ours, and to a heading of it if it names one."""
    name, _, anchor = link.partition("#")
    target = (source.parent / name).resolve() if name else source
    if not target.is_relative_to(ROOT) or not target.exists():
        return False
    return not anchor or anchor in [slug(heading) for heading in _HEADING.findall(text_of(target))]


def slug(heading: str) -> str:
    """Return the anchor of a heading."""
    return re.sub(r"[^a-z0-9 _-]", "", heading.lower()).replace(" ", "-")


def test_the_index_of_decisions_lists_every_decision() -> None:
    folder = ROOT / "docs/adr"
    pages = sorted(path.name for path in folder.glob("[0-9]*.md"))
    assert pages == sorted(_LINK.findall(text_of(folder / "README.md")))
    assert [name[:4] for name in pages] == [f"{number:04}" for number in range(1, len(pages) + 1)]


def test_every_decision_has_its_four_parts() -> None:
    parts = ["Context", "Decision", "Consequences", "Alternatives"]
    for path in (ROOT / "docs/adr").glob("[0-9]*.md"):
        assert _HEADING.findall(text_of(path))[1:] == parts, path.name


def test_every_make_target_that_a_document_names_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {name for path in DOCUMENTS for name in _TARGET.findall(text_of(path))}
    assert named
    assert named <= targets


def test_every_test_that_a_document_names_exists() -> None:
    known = {
        node.name
        for path, tree in trees().items()
        if path.is_relative_to(ROOT / "tests")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert set(_TEST.findall(all_text())) <= known


def test_every_path_that_a_document_names_exists() -> None:
    named = {name for name in _PATH.findall(all_text()) if not name.endswith("_")}
    assert {name for name in named if not (ROOT / name).exists()} == set()


def test_every_table_that_the_architecture_names_exists_and_none_is_left_out() -> None:
    from db.models import metadata

    section = text_of(ROOT / "docs/architecture.md").partition("## Tables")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`[^|]*) \|", section, re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"`([a-z_]+)`", row)} == set(metadata.tables)
