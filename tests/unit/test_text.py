"""Names, log lines and graphemes."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.text import NOBODY, clean_name, graphemes, harmless, is_blank, utf16_len

FAMILY = "\N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL}\u200d\N{BOY}"
ENGLAND = "\U0001f3f4" + "".join(chr(0xE0000 + ord(letter)) for letter in "gbeng") + "\U000e007f"
RAINBOW = "\U0001f3f3\ufe0f\u200d\U0001f308"
ASTRONAUT = "\N{WOMAN}\U0001f3fd\u200d\N{ROCKET}"
SPAIN = "\U0001f1ea\U0001f1f8"
THUMB = "\N{THUMBS UP SIGN}\U0001f3fd"
ONE = "1\ufe0f\u20e3"

anything = st.text(st.characters(), max_size=200)
nasty = st.text(
    st.sampled_from(
        "ab 1\n\t\x00\x1b[m\u200b\u200d\u202e\u2066\u2069\ufeff\ufe0f\u0301\u2800\u3164\ud800"
        "\U0001f468\U0001f469\U0001f3fd\U0001f1ea\U0001f1f8\U0001f3f4\U000e0067\U000e007f\U0001f680"
    ),
    max_size=120,
)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ana", "Ana"),
        ("José Ñandú", "José Ñandú"),
        ("  two \n\n lines\t", "two lines"),
        ("\u202egnp.exe\u202c", "gnp.exe"),
        ("\u2066a\u2069\u200f\u061c", "a"),
        ("a\u200bb\u200cc\ufeffd\u2060e\u00ad", "abcde"),
        ("\x1b[31mred\x1b[0m \x1b]0;title\x07x\x9b1m", "red x"),
        ("a\x00b\x07c\x7f", "abc"),
        ("\ud83d lone", "lone"),
        ("<b>{0.__class__} %s & \"'*_`[", "<b>{0.__class__} %s & \"'*_`["),
        ("../../etc/passwd", "../../etc/passwd"),
        ("\N{COMBINING ACUTE ACCENT}a", "a"),
        ("z" + "\N{COMBINING ACUTE ACCENT}" * 500, "z" + "\N{COMBINING ACUTE ACCENT}" * 3),
        ("हिन्दी", "हिन्दी"),
        ("محمد", "محمد"),
        ("한글", "한글"),
    ],
)
def test_t32_a_hostile_name_is_shown_harmless(name: str, shown: str) -> None:
    assert clean_name(name) == shown


@pytest.mark.parametrize(
    "name", ["", " \n ", "\u200b\u200d\u2060", "\u2800\u3164", "\u202e", "\ufe0f\u0301", "\x00"]
)
def test_t32_a_name_without_anything_visible_becomes_a_symbol(name: str) -> None:
    assert clean_name(name) == NOBODY
    assert is_blank(name) or unicodedata.category(harmless(name)[0]) == "Mn"


@pytest.mark.parametrize("emoji", [FAMILY, ENGLAND, RAINBOW, ASTRONAUT, SPAIN, THUMB, ONE])
def test_t32_256_emoji_are_cut_between_whole_emoji(emoji: str) -> None:
    shown = clean_name(emoji * 256)
    assert shown == emoji * 31 + "…"
    assert clean_name(emoji) == emoji


def test_a_name_is_cut_only_when_it_is_too_long() -> None:
    assert clean_name("x" * 32) == "x" * 32
    assert clean_name("x" * 33) == "x" * 31 + "…"
    assert clean_name("Ana María", most=5) == "Ana…"


def test_an_endless_chain_of_joined_emoji_is_one_short_grapheme() -> None:
    assert clean_name("\u200d".join([FAMILY] * 100)) == "\N{MAN}"


@given(st.one_of(anything, nasty), st.integers(1, 40))
def test_t32_no_name_hides_reorders_or_breaks_a_line(name: str, most: int) -> None:
    shown = clean_name(name, most=most)
    joiners = shown.replace("\u200d", "").translate(dict.fromkeys(range(0xE0020, 0xE0080)))
    assert shown.strip() == shown != ""
    assert not any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") for char in joiners)
    assert len(list(graphemes(shown))) <= most
    assert utf16_len(shown) <= 32 * most


@given(st.one_of(anything, nasty))
def test_graphemes_lose_nothing(text: str) -> None:
    assert "".join(graphemes(text)) == text


@given(nasty)
def test_a_clean_name_is_clean_already(name: str) -> None:
    once = clean_name(name)
    assert clean_name(once) == once


@pytest.mark.parametrize(
    ("text", "units"), [("", 0), ("abc", 3), ("ñ", 1), ("\N{MAN}", 2), (FAMILY, 11), ("\ud800", 1)]
)
def test_length_is_counted_as_telegram_does(text: str, units: int) -> None:
    assert utf16_len(text) == units
