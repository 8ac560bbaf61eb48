"""Packs of questions: every rule has a file that breaks it, and no file breaks the reader."""

import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers import words
from services.questions.alike import Alike
from services.questions.built_in import FOLDER
from services.questions.packs import LANGUAGES, QUESTIONS_MOST, Category, Difficulty, Pack, Wrong
from services.questions.reading import read_pack
from tests.packs import pack, pack_text, problems_of, question

OWN = sorted(FOLDER.glob("*/*.yaml"))
AIR = ("air", "Which gas makes up most of the air?", "Nitrogen")
MANY_WORDS = " ".join(chr(0x4E00 + number) for number in range(140))
LONG_SECONDS = 20.0
"""Far more than the longest file takes, on a machine that does a dozen things."""


def own(language: str) -> dict[str, Pack]:
    """Return the packs of ours in a language, by category."""
    return {path.stem: read_pack(path.read_bytes()) for path in OWN if path.parent.name == language}


def wrong(text: str | bytes) -> list[tuple[int, str]]:
    """Return lines and kinds of what is wrong with a file."""
    return [(one.line, str(one.wrong)) for one in problems_of(text)]


@pytest.mark.parametrize("path", OWN, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_our_packs_are_in_order_and_named_after_what_they_hold(path: Path) -> None:
    found = read_pack(path.read_bytes())
    assert (found.language, found.category) == (path.parent.name, path.stem)


def test_there_are_enough_questions_in_every_category() -> None:
    english, spanish = own("en"), own("es")
    assert set(english) == set(spanish) == set(Category)
    assert len(english) == 8
    assert sum(len(one.questions) for one in english.values()) >= 480
    assert sum(len(one.questions) for one in spanish.values()) >= 120
    keys = Counter(one.key for found in english.values() for one in found.questions)
    assert set(keys.values()) == {1}


@pytest.mark.parametrize("category", Category)
def test_our_translations_keep_the_order_of_the_originals(category: Category) -> None:
    originals = {one.key: one for one in own("en")[category].questions}
    for one in own("es")[category].questions:
        assert one.right == originals[one.key].right, one.key
        assert one.difficulty == originals[one.key].difficulty, one.key


@pytest.mark.parametrize("category", Category)
def test_the_right_option_of_our_questions_stands_anywhere(category: Category) -> None:
    found = own("en")[category].questions
    places = Counter(one.right for one in found)
    assert min(places[place] for place in range(4)) >= len(found) // 6
    assert {one.difficulty for one in found} == set(Difficulty)


def test_questions_are_read_in_the_languages_that_the_bot_speaks() -> None:
    assert LANGUAGES == words.LANGUAGES


def test_a_pack_in_order_is_read_whole() -> None:
    found = pack()
    first = found.questions[0]
    assert (found.category, found.language, found.licence, len(found.questions)) == (
        "science",
        "en",
        "CC0-1.0",
        8,
    )
    assert (first.key, first.options[first.right], first.line) == ("air", "Nitrogen", 6)


def test_accents_are_composed_and_a_byte_order_mark_and_windows_lines_do_no_harm() -> None:
    text = pack_text(question("air", "Que\u0301 gas es el mas comun?", "A\u0301tomo"), language="es")
    found = read_pack(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()).questions[0]
    assert (found.text[:3], found.options[found.right], found.line) == ("Qu\u00e9", "\u00c1tomo", 6)


@pytest.mark.parametrize(
    ("changes", "line", "kind"),
    [
        ({"id": "Air"}, 6, Wrong.KEY),
        ({"id": "ai"}, 6, Wrong.KEY),
        ({"id": "a" * 65}, 6, Wrong.KEY),
        ({"id": "17"}, 6, Wrong.NO_TEXT),
        ({"id": ""}, 6, Wrong.MISSING),
        ({"question": "Is it so?"}, 7, Wrong.TOO_SHORT),
        ({"question": f'"{"x" * 140}?"'}, 7, Wrong.TOO_LONG),
        ({"question": "Tell me what it is."}, 7, Wrong.NO_QUESTION),
        ({"question": '"What is  in the air?"'}, 7, Wrong.SPACES),
        ({"question": '" What is in the air?"'}, 7, Wrong.SPACES),
        ({"question": '"What is in\\tthe air?"'}, 7, Wrong.BAD_SIGN),
        ({"question": '"What is in\\nthe air?"'}, 7, Wrong.BAD_SIGN),
        ({"question": '"What is in\\u202ethe air?"'}, 7, Wrong.BAD_SIGN),
        ({"question": "What is in\u200bthe air?"}, 7, Wrong.BAD_SIGN),
        ({"question": '"What is in\\0the air?"'}, 7, Wrong.BAD_SIGN),
        ({"question": "What is in the ai\u0336r?"}, 7, Wrong.BAD_SIGN),
        ({"question": "What is in the air \u2764\ufe0f?"}, 7, Wrong.BAD_SIGN),
        ({"question": "What is in \u3164 the air?"}, 7, Wrong.BAD_SIGN),
        ({"question": '"What is in\\u00a0the air?"'}, 7, Wrong.SPACES),
        ({"question": "What is <b>in</b> the air?"}, 7, Wrong.MARKUP),
        ({"question": '"What is &lt; in the air?"'}, 7, Wrong.MARKUP),
        ({"question": "What is **in** the air?"}, 7, Wrong.MARKUP),
        ({"question": "What is in the [air](x)?"}, 7, Wrong.MARKUP),
        ({"question": '"What is at https://a.b/?"'}, 7, Wrong.MARKUP),
        ({"question": "What is in the 🌍 air?"}, 7, Wrong.MARKUP),
        ({"question": "[What, is it?]"}, 7, Wrong.NO_TEXT),
        ({"question": ""}, 6, Wrong.MISSING),
        ({"options": "[A, Nitrogen, C]"}, 8, Wrong.OPTIONS),
        ({"options": "[A, Nitrogen, C, D, E]"}, 8, Wrong.OPTIONS),
        ({"options": "[A, Nitrogen, C, a]"}, 8, Wrong.SAME_OPTIONS),
        ({"options": "[ﬁve, Nitrogen, C, FIVE]"}, 8, Wrong.SAME_OPTIONS),
        ({"options": f"[{'A' * 33}, Nitrogen, C, D]"}, 8, Wrong.TOO_LONG),
        ({"options": "[A, Nitrogen, C, '']"}, 8, Wrong.SPACES),
        ({"options": "[A, Nitrogen, C, <i>]"}, 8, Wrong.MARKUP),
        ({"options": "[A, Nitrogen, C, 1969]"}, 8, Wrong.NO_TEXT),
        ({"options": "[A, Nitrogen, C, yes]"}, 8, Wrong.NO_TEXT),
        ({"options": "[A, Nitrogen, C, 12:30]"}, 8, Wrong.NO_TEXT),
        ({"options": "[A, Nitrogen, C, 2026-01-01]"}, 8, Wrong.NO_TEXT),
        ({"options": "[A, Nitrogen, C, [D]]"}, 8, Wrong.TOO_DEEP),
        ({"options": "[A, Nitrogen, C, ~]"}, 8, Wrong.NO_TEXT),
        ({"options": "Nitrogen"}, 8, Wrong.NO_LIST),
        ({"options": "{a: b}"}, 8, Wrong.NO_LIST),
        ({"right": "nitrogen"}, 9, Wrong.NO_RIGHT),
        ({"right": "Hydrogen"}, 9, Wrong.NO_RIGHT),
        ({"right": ""}, 6, Wrong.MISSING),
        ({"difficulty": "tough"}, 10, Wrong.DIFFICULTY),
        ({"source": "http://example.org/"}, 11, Wrong.SOURCE),
        ({"source": "https://user@example.org/"}, 11, Wrong.SOURCE),
        ({"source": "https://example.org:8443/"}, 11, Wrong.SOURCE),
        ({"source": "https://[::1/"}, 11, Wrong.SOURCE),
        ({"source": "https://localhost/"}, 11, Wrong.SOURCE),
        ({"source": "https://example.org/<b>"}, 11, Wrong.SOURCE),
        ({"source": "https://example.org/á"}, 11, Wrong.SOURCE),
        ({"source": f"https://example.org/{'a' * 300}"}, 11, Wrong.SOURCE),
        ({"source": "javascript:alert(1)"}, 11, Wrong.SOURCE),
        ({"answer": "Nitrogen"}, 12, Wrong.UNKNOWN),
        ({"source": "https://example.org/\n    right: Nitrogen"}, 12, Wrong.TWICE),
        ({"right": "&a Nitrogen"}, 9, Wrong.REFERENCE),
        ({"right": "!!str Nitrogen"}, 9, Wrong.REFERENCE),
        ({"right": "!!python/object/apply:os.system [ls]"}, 9, Wrong.REFERENCE),
        ({"right": "*a"}, 9, Wrong.REFERENCE),
    ],
)
def test_t71_whatever_is_wrong_with_a_question_is_named_with_its_line(
    changes: dict[str, str], line: int, kind: Wrong
) -> None:
    assert wrong(pack_text(question(*AIR, **changes))) == [(line, kind)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (pack_text(category="sport"), [(1, Wrong.CATEGORY)]),
        (pack_text(language="xx"), [(2, Wrong.LANGUAGE)]),
        (pack_text(licence="all mine"), [(3, Wrong.LICENCE)]),
        ("category: science\nlanguage: en\nlicence: CC0\nquestions: []", [(4, Wrong.EMPTY)]),
        ("category: science\nlanguage: en\nlicence: CC0\nquestions: none", [(4, Wrong.NO_LIST)]),
        ("category: science\nlanguage: en\nlicence: CC0\nquestions: [one]", [(4, Wrong.NO_FIELDS)]),
        ("", [(1, Wrong.MISSING)] * 4),
        ("# nothing", [(1, Wrong.MISSING)] * 4),
        ("just words", [(1, Wrong.NO_FIELDS)]),
        (pack_text() + "\n---\na: b\n", [(62, Wrong.TWO_PARTS)]),
        (pack_text() + "\n\tx: [", [(62, Wrong.NO_YAML)]),
        (pack_text(question(*AIR), question(*AIR)), [(13, Wrong.KEY_TWICE), (14, Wrong.ALIKE)]),
        (b"category: \xff", [(1, Wrong.ENCODING)]),
        (b"category: science\nlanguage: \xc3", [(2, Wrong.ENCODING)]),
        ("category: a\x00b", [(1, Wrong.NO_YAML)]),
        ("category: \ud800".encode("utf-8", "surrogatepass"), [(1, Wrong.ENCODING)]),
    ],
)
def test_t71_whatever_is_wrong_with_a_file_is_named_with_its_line(
    text: str | bytes, expected: list[tuple[int, str]]
) -> None:
    assert wrong(text) == expected


def test_t71_all_that_is_wrong_is_named_at_once_in_the_order_of_the_lines() -> None:
    bad = [question("Air", "Which gas is it?", "B", options="[A, B, b, C]"), question("urine", "Is it?", "X")]
    assert wrong(pack_text(*bad, category="sport")) == [
        (1, Wrong.CATEGORY),
        (6, Wrong.KEY),
        (8, Wrong.SAME_OPTIONS),
        (14, Wrong.TOO_SHORT),
    ]


def test_t71_a_file_over_a_mebibyte_is_not_even_parsed() -> None:
    text = pack_text() + "#" * 2**20
    assert wrong(text) == [(1, Wrong.TOO_BIG)]


def test_t71_more_questions_than_are_read_are_refused() -> None:
    rows = "".join(f"\n  - {{id: q{number}}}" for number in range(QUESTIONS_MOST + 1))
    found = problems_of(pack_text(rows))
    assert [(one.line, one.wrong) for one in found] == [(6 + QUESTIONS_MOST, Wrong.TOO_MUCH)]


@pytest.mark.parametrize(
    "text",
    [
        "- a\n" * 2**18,
        "- " * 2**19,
        "[" * 2**20,
        "{a: [" * 150_000,
        "[a: " * 200_000,
        "? " * 2**19,
        "---\n" * 2**18,
        "[" + "a," * 500_000 + "]",
        "&a [" * 100_000,
        "a: " * 300_000,
        '"' + "\\" * (2**20 - 1),
        "%YAML 1.1\n" * 100_000,
        pack_text("\n  - [" + "x," * 500_000 + "]"),
        pack_text("\n  - {" + "x, " * 300_000 + "}"),
        pack_text(question("air", "What is it?", "x", options="[" + "x," * 500_000 + "]")),
        pack_text("".join("\n  - a" for _ in range(10**6 // 8))),
        pack_text(question("air", " ".join(f"{number:x}" for number in range(150_000)), "x")),
        pack_text(question("air", "a\u0327\u0301" * 200_000, "x")),
        pack_text(question("air", "What is it?", "x", right="a\u0327\u0301" * 200_000)),
        pack_text(question("air", "What is it?", "x", options="[" + "\u0327\u0301" * 200_000 + ", x, y, z]")),
        pack_text(*(question(f"q{number}", MANY_WORDS, "x") for number in range(2_000))),
    ],
    ids=range(21),
)
def test_t71_files_made_to_hurt_are_refused_soon(text: str) -> None:
    began = time.process_time()
    assert wrong(text)
    assert time.process_time() - began < LONG_SECONDS


def test_t71_the_longest_file_that_is_in_order_is_read_in_time() -> None:
    letters = "abcdefghij"
    names = ["".join(letters[int(digit)] for digit in f"{number:04}") for number in range(QUESTIONS_MOST)]
    options = '["A", "B", "C", "D"]'
    text = pack_text(
        *(
            question(f"q-{name}", f"What is {name}?", "B", options=options, source="https://a.bc/")
            for name in names
        )
    )
    began = time.process_time()
    assert len(read_pack(text.encode()).questions) == QUESTIONS_MOST
    assert time.process_time() - began < LONG_SECONDS


@given(st.binary(max_size=400))
def test_t71_no_bytes_break_the_reader(content: bytes) -> None:
    assert problems_of(content)


@given(st.data())
def test_t71_no_change_of_a_good_file_breaks_the_reader(data: st.DataObject) -> None:
    text = pack_text()
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    signs = st.sampled_from("\x00\t\n -:[]{}&*!|>\"'%@`#,?é\u202e\U0001f600")
    put = data.draw(st.text(signs | st.characters(codec="utf-8"), max_size=20))
    lines = text.count("\n") + put.count("\n") + 1
    assert all(1 <= one.line <= lines + 1 for one in problems_of(text[:start] + put + text[end:]))


@pytest.mark.parametrize(
    ("first", "second", "is_alike"),
    [
        (("Which gas is most of the air?", "A"), ("What gas is most of air?", "A"), True),
        (("Who painted the ceiling?", "A"), ("The ceiling: who painted it?", "B"), True),
        (("Which old king built it?", "A"), ("Which king built it?", "A"), False),
        (
            ("Which old king of Spain built the long wall?", "A"),
            ("Which king of Spain built the long wall?", "A"),
            True,
        ),
        (
            ("Which king of Spain built the long wall?", "A"),
            ("Which old king of Spain built the long wall?", "A"),
            True,
        ),
        (
            ("Which king of Spain built the long wall?", "A"),
            ("Which old king of Spain built the long wall?", "B"),
            False,
        ),
        (("What is the capital of France?", "A"), ("What is the capital of Spain?", "A"), False),
        (("How many strings has a violin?", "A"), ("How many strings has a cello?", "A"), False),
    ],
)
def test_nearly_the_same_question_is_found_by_the_words_that_matter(
    first: tuple[str, str], second: tuple[str, str], is_alike: bool
) -> None:
    alike = Alike("en")
    assert alike.add(*first, name="first") is None
    assert alike.add(*second, name="second") == ("first" if is_alike else None)


def test_accents_do_not_make_another_question() -> None:
    alike = Alike("es")
    alike.add("¿Qué río cruza París?", "A", name="first")
    assert alike.add("¿Que rio cruza Paris?", "A", name="second") == "first"
